"""Clips decoded, mixed down and resampled once, a shard of clips at a time, and kept in the cache.

A shard is the unit of work, of caching and of a cluster's tasks. Where one ends depends on names alone, so that a new
clip changes one shard and no other.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
import soxr

from kerasinst import audio
from kerasinst.core import files
from kerasinst.core.errors import AudioError, printable
from kerasinst.core.parallel import in_order
from kerasinst.core.progress import Progress, silent
from kerasinst.datasets import fingerprint
from kerasinst.datasets.clip import Clip

VERSION = 3
"""Counted up when what a shard holds changes, so that no cache serves what an older version wrote."""

CLIPS_OF_A_SHARD = 32
"""On average; at most four times as many."""
MANY, LARGEST = 3, 2**26
"""So many parts of a file in a shard, and bytes of it at most, for which it is decoded as a whole."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What decoding a clip told; `problem` says why it cannot be used.

    Attributes:
        seconds: its length.
        sample_rate: of the file, in Hz.
        samples: at the sample rate of the shard.
        digest: of the decoded audio; the same audio has the same one.
        silent: never louder than -80 dB of full scale.
        clipped: whether its peaks are cut off at full scale, three samples or more at a time.
        problem: in words, or None.
        remarks: what is odd about it, though it can be used.
    """

    seconds: float = 0.0
    sample_rate: int = 0
    samples: int = 0
    digest: str = ""
    silent: bool = False
    clipped: bool = False
    problem: str | None = None
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shard:
    """Some clips, and the cache folder that holds their waveforms, facts and fingerprints."""

    clips: tuple[Clip, ...]
    folder: Path
    sample_rate: int

    @property
    def key(self) -> str:
        """Depends on the files (path, size, times of change), the parts of them and the sample rate."""
        return self.folder.name

    @cached_property
    def facts(self) -> list[Facts]:
        """Of each clip."""
        return [Facts(**row) for row in json.loads((self.folder / "facts.json").read_text(encoding="utf-8"))]

    @cached_property
    def _first_sample(self) -> dict[str, int]:
        ends = np.cumsum([fact.samples for fact in self.facts]).tolist()
        return {clip.name: end - fact.samples for clip, fact, end in zip(self.clips, self.facts, ends, strict=True)}

    def waveform(self, clip: Clip, start: int = 0, *, length: int = -1) -> np.ndarray:
        """Float32 samples of a clip, from `start` on, or `length` of them."""
        index = next(index for index, own in enumerate(self.clips) if own.name == clip.name)
        left = max(0, self.facts[index].samples - start)
        count = left if length < 0 else min(length, left)
        offset = 4 * (self._first_sample[clip.name] + start)
        return np.fromfile(self.folder / "waveforms.f32", np.float32, count, offset=offset)

    def landmarks(self) -> list[np.ndarray]:
        """Of each clip; see `fingerprint`."""
        with np.load(self.folder / "fingerprints.npz") as found:
            return np.split(found["landmarks"], found["ends"][:-1])

    def backgrounds(self) -> np.ndarray:
        """Of each clip, `(clips, fingerprint.BANDS)`."""
        with np.load(self.folder / "fingerprints.npz") as found:
            return found["backgrounds"]


@dataclass(frozen=True)
class DecodedClips:
    """DecodedClips clips: `shards` in the order of the clips' names, and the sample rate of the waveforms, in Hz."""

    shards: list[Shard]
    sample_rate: int

    @cached_property
    def shard_of(self) -> dict[str, Shard]:
        """The shard of each clip, by its name."""
        return {clip.name: shard for shard in self.shards for clip in shard.clips}

    @cached_property
    def facts(self) -> dict[str, Facts]:
        """By the clip's name."""
        return {clip.name: fact for shard in self.shards for clip, fact in zip(shard.clips, shard.facts, strict=True)}

    def waveform(self, clip: Clip) -> np.ndarray:
        """Float32 samples of a clip."""
        return self.shard_of[clip.name].waveform(clip)


def decode(clips: Sequence[Clip], sample_rate: int, *, progress: Progress = silent) -> DecodedClips:
    """Decodes clips over all cores, or finds them in the cache.

    Args:
        clips: in any order; their names are unique.
        sample_rate: that waveforms are resampled to (soxr, high quality), in Hz.
        progress: is told of clips that are decoded.

    Example:
        >>> decoded = decode(datasets.read("folder", "~/recordings"), sample_rate=22050)
        >>> decoded.facts["cello/1.wav"].seconds
        3.5
    """
    shards = [_shard(part, sample_rate) for part in _parts(sorted(clips, key=lambda clip: clip.name))]
    missing = [shard for shard in shards if not shard.folder.is_dir()]
    if missing:
        with progress("decoding audio", sum(len(shard.clips) for shard in missing)) as advance:
            for n_clips in in_order(_write, missing):
                advance(n_clips)
    return DecodedClips(shards, sample_rate)


def _parts(clips: Sequence[Clip]) -> list[list[Clip]]:
    parts: list[list[Clip]] = []
    for clip in clips:
        ends = (
            int.from_bytes(hashlib.blake2b(clip.name.encode(), digest_size=4).digest(), "big") % CLIPS_OF_A_SHARD == 0
        )
        if not parts or ends or len(parts[-1]) >= 4 * CLIPS_OF_A_SHARD:
            parts.append([])
        parts[-1].append(clip)
    return parts


def _shard(clips: list[Clip], sample_rate: int) -> Shard:
    described = [(str(clip.path), _stamp(clip.path), clip.start, clip.end) for clip in clips]
    text = json.dumps([VERSION, sample_rate, described])
    key = hashlib.sha256(text.encode()).hexdigest()[:24]
    return Shard(tuple(clips), files.cache_folder("waveforms", key), sample_rate)


def _stamp(path: Path) -> str:
    try:
        stat = path.stat()
    except (OSError, ValueError):  # a name that no file can have
        return "missing"
    return f"{stat.st_size}:{stat.st_mtime_ns}:{stat.st_ctime_ns}"  # the last one nobody can set back


def _write(shard: Shard) -> int:
    """Decodes a shard into the cache and returns the number of its clips."""
    with files.replacing(shard.folder, keeps=True) as temporary:
        temporary.mkdir(parents=True)
        facts, fingerprints = [], []
        read = _reader(shard.clips)
        with open(temporary / "waveforms.f32", "wb") as file:
            for clip in shard.clips:
                fact, waveform, low = _decode(clip, shard.sample_rate, read)
                file.write(waveform.data)
                facts.append(asdict(fact))
                fingerprints.append(fingerprint.take(low))
        marks, backgrounds = zip(*fingerprints, strict=True)
        np.savez(
            temporary / "fingerprints.npz",
            landmarks=np.concatenate(marks),
            ends=np.cumsum([len(found) for found in marks]),
            backgrounds=np.stack(backgrounds),
        )
        files.write_json(temporary / "facts.json", facts)
    return len(shard.clips)


Recording = tuple[np.ndarray, int, tuple[str, ...]]
"""A waveform, its sample rate in Hz, and remarks."""


def _reader(clips: Sequence[Clip]) -> Callable[[Clip], Recording]:
    """A function that decodes a clip; a file with many parts is decoded once, since a late part takes as long."""
    parts = Counter(clip.path for clip in clips)

    @lru_cache(maxsize=1)
    def part(path: Path, start: float | None = None, end: float | None = None) -> Recording:
        remarks: list[str] = []
        return *audio.read(path, start, end=end, on_remark=remarks.append), tuple(remarks)

    def read(clip: Clip) -> Recording:
        if parts[clip.path] < MANY or _bytes(clip.path) > LARGEST:
            return part(clip.path, clip.start, clip.end)
        waveform, rate, remarks = part(clip.path)
        start = clip.start or 0.0
        waveform = waveform[round(start * rate) : None if clip.end is None else round(clip.end * rate)]
        if not len(waveform):
            raise AudioError(f"{clip.path}: holds no samples from {start:g} s on")
        return waveform, rate, remarks

    return read


def _bytes(path: Path) -> int:
    try:
        return path.stat().st_size
    except (OSError, ValueError):  # decoding it will say so
        return 0


def _decode(clip: Clip, sample_rate: int, read: Callable[[Clip], Recording]) -> tuple[Facts, np.ndarray, np.ndarray]:
    """Facts, the waveform at `sample_rate`, and the one that fingerprints are taken from."""
    nothing = np.zeros(0, np.float32)
    try:
        waveform, original, remarks = read(clip)
    except AudioError as error:
        return Facts(problem=str(error).removeprefix(f"{printable(str(clip.path))}: ")), nothing, nothing
    resampled = np.ascontiguousarray(
        waveform if original == sample_rate else soxr.resample(waveform, original, sample_rate), np.float32
    )
    if not len(resampled):  # a sample or two at a high rate
        return Facts(problem=f"holds no samples at {sample_rate} Hz"), nothing, nothing
    facts = Facts(
        seconds=len(waveform) / original,
        sample_rate=original,
        samples=len(resampled),
        digest=hashlib.blake2b(np.ascontiguousarray(waveform).data, digest_size=16).hexdigest(),
        silent=audio.is_silent(waveform),
        clipped=_is_clipped(waveform),
        remarks=remarks,
    )
    return facts, resampled, fingerprint.low(waveform, original)


def _is_clipped(waveform: np.ndarray) -> bool:
    full = np.abs(waveform) >= 0.999
    return bool((full[:-2] & full[1:-1] & full[2:]).any())
