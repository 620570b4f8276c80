"""Decodes, mixes down and resamples clips once, a shard of clips at a time, and keeps them in the cache.

A shard is the unit of work, of caching and of a cluster's tasks. The names of clips alone decide where a shard ends, so
that a new clip changes one shard and no other.
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
"""Version of the content of shards. It is raised when that changes, so that older caches are not used."""

CLIPS_OF_A_SHARD = 32
"""Average number of clips in a shard; there are at most four times as many."""
MANY, LARGEST = 3, 2**26
"""A file is decoded as a whole if a shard holds this many parts of it or more, and it has at most this many bytes."""
Recording = tuple[np.ndarray, int, tuple[str, ...]]
"""A waveform, its sample rate in Hz, and remarks."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts about a clip that its decoding revealed.

    Attributes:
        seconds: length in seconds.
        sample_rate: sample rate of the file in Hz.
        samples: number of samples at the sample rate of the shard.
        digest: hash of the decoded audio; the same audio has the same digest.
        silent: whether it is never louder than -80 dB of full scale.
        clipped: whether peaks are cut off at full scale for three samples or more.
        problem: why the clip cannot be used, or None.
        remarks: what is odd about a clip that can be used.
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
    """Some clips, and the cache folder that holds their waveforms, facts and fingerprints.

    Attributes:
        clips: clips in the order of their names.
        folder: folder of the cache.
        sample_rate: sample rate of the waveforms in Hz.
    """

    clips: tuple[Clip, ...]
    folder: Path
    sample_rate: int

    @property
    def key(self) -> str:
        """Key, which depends on the files of the shard (path, size, times of change), their parts and sample rate."""
        return self.folder.name

    @cached_property
    def facts(self) -> list[Facts]:
        """Facts about each clip."""
        return [Facts(**row) for row in json.loads((self.folder / "facts.json").read_text(encoding="utf-8"))]

    @cached_property
    def _first_sample(self) -> dict[str, int]:
        ends = np.cumsum([fact.samples for fact in self.facts]).tolist()
        return {clip.name: end - fact.samples for clip, fact, end in zip(self.clips, self.facts, ends, strict=True)}

    def waveform(self, clip: Clip, start: int = 0, *, length: int = -1) -> np.ndarray:
        """Reads the waveform of a clip, or a part of it.

        Args:
            clip: one of the clips.
            start: first sample of the part.
            length: number of samples; -1 reads all that are left.

        Returns:
            Float32 samples of shape `(samples,)`; fewer than `length` if the clip ends earlier.
        """
        index = next(index for index, own in enumerate(self.clips) if own.name == clip.name)
        left = max(0, self.facts[index].samples - start)
        count = left if length < 0 else min(length, left)
        offset = 4 * (self._first_sample[clip.name] + start)
        return np.fromfile(self.folder / "waveforms.f32", np.float32, count, offset=offset)

    def landmarks(self) -> list[np.ndarray]:
        """Reads the landmarks of each clip; see `fingerprint.landmarks`."""
        with np.load(self.folder / "fingerprints.npz") as found:
            return np.split(found["landmarks"], found["ends"][:-1])

    def backgrounds(self) -> np.ndarray:
        """Reads the backgrounds of the clips, shape `(clips, fingerprint.BANDS)`; see `fingerprint.background`."""
        with np.load(self.folder / "fingerprints.npz") as found:
            return found["backgrounds"]


@dataclass(frozen=True)
class DecodedClips:
    """The decoded clips of a data set.

    Attributes:
        shards: shards in the order of the clips' names.
        sample_rate: sample rate of the waveforms in Hz.
    """

    shards: list[Shard]
    sample_rate: int

    @cached_property
    def shard_of(self) -> dict[str, Shard]:
        """The shard of each clip, by the clip's name."""
        return {clip.name: shard for shard in self.shards for clip in shard.clips}

    @cached_property
    def facts(self) -> dict[str, Facts]:
        """Facts about each clip, by the clip's name."""
        return {clip.name: fact for shard in self.shards for clip, fact in zip(shard.clips, shard.facts, strict=True)}

    def waveform(self, clip: Clip) -> np.ndarray:
        """Reads the waveform of a clip: float32 samples of shape `(samples,)`."""
        return self.shard_of[clip.name].waveform(clip)


def decode(clips: Sequence[Clip], sample_rate: int, *, progress: Progress = silent) -> DecodedClips:
    """Decodes clips on all cores, unless the cache holds them already.

    Args:
        clips: clips with unique names, in any order.
        sample_rate: sample rate in Hz to which waveforms are resampled (soxr, high quality).
        progress: shows how many clips are decoded.

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
    """Divides clips into those of each shard, by the hashes of their names."""
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
    """Makes the shard of some clips, whose key describes their files."""
    described = [(str(clip.path), _stamp(clip.path), clip.start, clip.end) for clip in clips]
    text = json.dumps([VERSION, sample_rate, described])
    key = hashlib.sha256(text.encode()).hexdigest()[:24]
    return Shard(tuple(clips), files.cache_folder("waveforms", key), sample_rate)


def _stamp(path: Path) -> str:
    """Describes the state of a file by its size and times of change."""
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


def _reader(clips: Sequence[Clip]) -> Callable[[Clip], Recording]:
    """Makes a function that decodes a clip. A file with many parts is decoded once, since a late part takes as long."""
    parts = Counter(clip.path for clip in clips)

    @lru_cache(maxsize=1)
    def part(path: Path, start: float | None = None, *, end: float | None = None) -> Recording:
        remarks: list[str] = []
        return *audio.read(path, start, end=end, on_remark=remarks.append), tuple(remarks)

    def read(clip: Clip) -> Recording:
        if parts[clip.path] < MANY or _bytes(clip.path) > LARGEST:
            return part(clip.path, clip.start, end=clip.end)
        waveform, rate, remarks = part(clip.path)
        start = clip.start or 0.0
        waveform = waveform[round(start * rate) : None if clip.end is None else round(clip.end * rate)]
        if not len(waveform):
            raise AudioError(f"{clip.path}: holds no samples from {start:g} s on")
        return waveform, rate, remarks

    return read


def _bytes(path: Path) -> int:
    """Gives the size of a file, or 0 if there is none."""
    try:
        return path.stat().st_size
    except (OSError, ValueError):  # decoding it will say so
        return 0


def _decode(clip: Clip, sample_rate: int, read: Callable[[Clip], Recording]) -> tuple[Facts, np.ndarray, np.ndarray]:
    """Gives facts about a clip, its waveform at `sample_rate`, and the waveform that fingerprints are taken from."""
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
    """Tells whether three samples in a row are at full scale."""
    full = np.abs(waveform) >= 0.999
    return bool((full[:-2] & full[1:-1] & full[2:]).any())
