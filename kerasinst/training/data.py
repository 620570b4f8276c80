"""What a training needs of its data: segments of each split, and their features, computed once and cached."""

import hashlib
import inspect
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import keras
import numpy as np

from kerasinst import audio, datasets, files
from kerasinst.console import track
from kerasinst.datasets import Clip, Collection, Segment
from kerasinst.errors import AudioError, BadInput
from kerasinst.experiment import AudioSection, Experiment
from kerasinst.frontends import framing, picture_shape
from kerasinst.parallel import in_order

BATCH = 64
"""Segments that the front end computes at once."""


@dataclass(frozen=True)
class Data:
    """A data set cut and split as an experiment says.

    Attributes:
        collection: usable clips, their labels and what was found about them.
        segments: of each split, clip by clip.
    """

    collection: Collection
    segments: dict[str, list[Segment]]

    @property
    def labels(self) -> list[str]:
        """In the order of scores."""
        return self.collection.labels

    def targets(self, split: str) -> np.ndarray:
        """One-hot rows of shape `(segments, labels)`."""
        rows = np.array([self.labels.index(segment.labels[0]) for segment in self.segments[split]], int)
        return np.eye(len(self.labels), dtype="float32")[rows]


def prepare(experiment: Experiment) -> Data:
    """Reads the data set, sorts out what cannot be used, splits it and cuts it into segments.

    Raises:
        BadInput: if the data set cannot be read or split as asked.
    """
    section, cut = experiment.dataset, experiment.audio
    found = datasets.read(section.reader, section.path, **section.options)
    collection = datasets.collect(found, section.labels, section.min_seconds)
    for label, count in collection.audit["labels"].items():
        if not count["clips"]:
            raise BadInput(
                f"label '{label}': none of its clips can be used; mend them, or leave it out of dataset.labels"
            )
    longest = max(collection.seconds.values())
    if cut.segment_seconds > longest:
        raise BadInput(
            f"audio.segment_seconds: {cut.segment_seconds} s is longer than every clip (the longest has "
            f"{longest:.2f} s): make it shorter"
        )
    split = experiment.split
    shares = dict(validation=split.validation, test=split.test, seed=split.seed, by=split.by)
    if split.by == "segment":
        parts = datasets.split(_segments(collection, collection.clips, cut, cut.segments, split.seed), **shares)
    else:
        train, *held_out = datasets.split(collection.clips, **shares)
        drawn = cut.segments and max(1, round(cut.segments * len(train) / len(collection.clips)))
        parts = [_segments(collection, train, cut, drawn, split.seed)]
        parts += [_segments(collection, clips, cut, None, split.seed) for clips in held_out]
    return Data(collection, dict(zip(datasets.SPLITS, parts, strict=True)))


def cover(clips: Sequence[Clip], seconds: dict[str, float], cut: AudioSection) -> list[Segment]:
    """Segments that cover the clips from start to end."""
    return [
        Segment(clip, int(start))
        for clip in clips
        for start in audio.starts(round(seconds[clip.name] * cut.sample_rate), cut.segment_samples, cut.hop_samples)
    ]


def features(segments: Sequence[Segment], cut: AudioSection, frontend: keras.layers.Layer, what: str) -> np.ndarray:
    """Pictures of the segments, computed once and then read from the cache.

    The cache is keyed by the audio files (name, size, time of change), the segments, and the front end's settings and
    code.

    Args:
        segments: clip by clip.
        cut: sample rate and length of a segment.
        frontend: layer from waveform to picture.
        what: name of the progress bar.

    Returns:
        A memory-mapped array of shape `(segments, frames, bins, channels)`.

    Raises:
        BadInput: if the front end cannot take segments of this length, or a file can no longer be decoded.
    """
    shape = (len(segments), *picture_shape(frontend, cut.segment_samples))
    path = files.cache_folder("features", f"{_key(segments, cut, frontend)}.npy")
    if not path.is_file():
        # Plain writes, not a memory map: on a full disk a map kills the process, and a write raises an error.
        header = {"descr": np.lib.format.dtype_to_descr(np.dtype("float32")), "fortran_order": False, "shape": shape}
        with files.replacing(path) as temporary, open(temporary, "wb") as file:
            np.lib.format.write_array_header_1_0(file, header)
            for batch in track(_batches(segments, cut), what, total=-(-len(segments) // BATCH)):
                file.write(np.ascontiguousarray(keras.ops.convert_to_numpy(frontend(batch)), "float32").data)
    return np.load(path, mmap_mode="r")


def waveforms(segments: Sequence[Segment], cut: AudioSection) -> Iterator[np.ndarray]:
    """Decodes clips over all cores and yields the segments of one clip at a time, `(segments, samples)`."""
    by_clip = [list(group) for _, group in groupby(segments, key=lambda segment: segment.clip)]
    return in_order(lambda of_clip: _cut(of_clip, cut), by_clip)


def _cut(segments: list[Segment], cut: AudioSection) -> np.ndarray:
    clip = segments[0].clip
    waveform = audio.load(clip.path, cut.sample_rate, clip.start, clip.end)
    return audio.cut(waveform, np.array([segment.start for segment in segments]), cut.segment_samples)


def _batches(segments: Sequence[Segment], cut: AudioSection) -> Iterator[np.ndarray]:
    """The segments in batches of one size, so that a front end is compiled once."""
    waiting = np.zeros((0, cut.segment_samples), np.float32)
    for of_clip in waveforms(segments, cut):
        waiting = np.concatenate([waiting, of_clip])
        while len(waiting) >= BATCH:
            yield waiting[:BATCH]
            waiting = waiting[BATCH:]
    if len(waiting):
        yield waiting


def _segments(
    collection: Collection, clips: Sequence[Clip], cut: AudioSection, count: int | None, seed: int
) -> list[Segment]:
    """`count` random segments, or those that cover the clips if `count` is None."""
    if count is None:
        return cover(clips, collection.seconds, cut)
    random = np.random.default_rng(seed)
    of_label = {label: [clip for clip in clips if label in clip.labels] for label in collection.labels}
    drawn = []
    for index in range(count):
        choices = clips if count >= len(clips) > index else of_label[collection.labels[random.integers(len(of_label))]]
        clip = choices[index] if choices is clips else choices[random.integers(len(choices))]
        room = max(0, round(collection.seconds[clip.name] * cut.sample_rate) - cut.segment_samples)
        drawn.append(Segment(clip, int(random.integers(room + 1))))
    return sorted(drawn, key=lambda segment: (segment.clip.name, segment.start))


def _key(segments: Sequence[Segment], cut: AudioSection, frontend: keras.layers.Layer) -> str:
    config = {key: value for key, value in frontend.get_config().items() if key != "name"}
    code = [inspect.getsource(module) for module in (inspect.getmodule(type(frontend)), framing)]
    described = [type(frontend).__name__, config, code, keras.__version__, keras.backend.backend()]
    described += [cut.sample_rate, cut.segment_samples]
    digest = hashlib.sha256(json.dumps(described, sort_keys=True, default=str).encode())
    stamps: dict[Path, str] = {}
    for segment in segments:
        clip = segment.clip
        if clip.path not in stamps:
            try:
                stat = clip.path.stat()
            except OSError:
                raise AudioError(f"{clip.path}: the file has gone since the data set was read") from None
            stamps[clip.path] = f"{stat.st_size}:{stat.st_mtime_ns}"
        digest.update(f"{clip.path}:{stamps[clip.path]}:{clip.start}:{clip.end}:{segment.start}\n".encode())
    return digest.hexdigest()[:24]
