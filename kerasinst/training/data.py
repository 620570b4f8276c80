"""What a training needs of its data: segments of each split, and their features, computed once and cached."""

import hashlib
import inspect
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path

import keras
import numpy as np

from kerasinst import audio, console, datasets, files
from kerasinst.datasets import Clip, Collection, Decoded, Segment, Shard
from kerasinst.errors import BadInput
from kerasinst.experiment import AudioSection, Experiment
from kerasinst.frontends import framing, picture_shape
from kerasinst.parallel import in_order
from kerasinst.training.sharded import Sharded

BATCH = 64
"""Segments that the front end computes at once."""
MULTIPLE = 8
"""Batches are filled up to a multiple of this, so that compilers see few shapes."""


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
        """One-hot rows of shape `(segments, labels)`.

        Raises:
            BadInput: if a clip has not exactly one label.
        """
        for segment in self.segments[split]:
            if len(segment.labels) != 1:
                named = ", ".join(segment.labels) or "none"
                raise BadInput(
                    f"task: single-label needs one label a clip, but {segment.clip.name} has {len(segment.labels)} "
                    f"({named}); leave such clips out with dataset.labels or dataset.label_map"
                )
        rows = np.array([self.labels.index(segment.labels[0]) for segment in self.segments[split]], int)
        return np.eye(len(self.labels), dtype="float32")[rows]


def prepare(experiment: Experiment) -> Data:
    """Reads the data set, sorts out what cannot be used, splits it and cuts it into segments.

    Raises:
        BadInput: if the data set cannot be read or split as asked.
    """
    section, cut, split = experiment.dataset, experiment.audio, experiment.split
    collection = datasets.collect(
        datasets.read_section(section),
        section.labels,
        section.min_seconds,
        cut.sample_rate,
        split.by,
        split.session_gap,
        split.validation + split.test,
    )
    for label, count in collection.audit["labels"].items():
        if not count["clips"]:
            raise BadInput(
                f"label '{label}': none of its clips can be used; mend them, or leave it out of dataset.labels"
            )
    longest = collection.audit["longest_seconds"]
    if cut.segment_seconds > longest:
        raise BadInput(
            f"audio.segment_seconds: {cut.segment_seconds} s is longer than every clip (the longest has "
            f"{longest:.2f} s): make it shorter"
        )
    shares = dict(validation=split.validation, test=split.test, seed=split.seed)
    if split.by == "segment":
        drawn = _segments(collection, collection.clips, cut, cut.segments, split.seed)
        parts = datasets.split(drawn, **shares, by="segment")
    else:
        train, *held_out = datasets.split(collection.clips, **shares, published=split.published)
        drawn = cut.segments and max(1, round(cut.segments * len(train) / len(collection.clips)))
        parts = [_segments(collection, train, cut, drawn, split.seed)]
        parts += [_segments(collection, clips, cut, None, split.seed) for clips in held_out]
    return Data(collection, dict(zip(datasets.SPLITS, parts, strict=True)))


def cover(clips: Sequence[Clip], decoded: Decoded, cut: AudioSection) -> list[Segment]:
    """Segments that cover the clips from start to end."""
    return [
        Segment(clip, int(start))
        for clip in clips
        for start in audio.starts(decoded.facts[clip.name].samples, cut.segment_samples, cut.hop_samples)
    ]


def features(
    segments: Sequence[Segment], decoded: Decoded, cut: AudioSection, frontend: keras.layers.Layer, what: str
) -> Sharded:
    """Pictures of the segments, computed once, a shard of clips at a time, and then read from the cache.

    The cache is keyed by the audio files (path, size, time of change), the segments, and the front end's settings and
    code.

    Args:
        segments: clip by clip, in the order of the clips' names.
        decoded: their clips.
        cut: length of a segment.
        frontend: layer from waveform to picture.
        what: name of the progress bar.

    Returns:
        An array of shape `(segments, frames, bins, channels)` that stays on disk.

    Raises:
        BadInput: if the front end cannot take segments of this length.
    """
    shape = picture_shape(frontend, cut.segment_samples)
    by_shard = [
        (shard, [(segment.clip, segment.start) for segment in of_shard])
        for shard, of_shard in groupby(segments, key=lambda segment: decoded.shard_of[segment.clip.name])
    ]
    front = _describe(frontend)
    paths = [_path(shard, of_shard, cut.segment_samples, front) for shard, of_shard in by_shard]
    missing = [(*work, path) for work, path in zip(by_shard, paths, strict=True) if not path.is_file()]
    if missing:
        with console.progress() as bars:
            task = bars.add_task(what, total=sum(len(of_shard) for _, of_shard, _ in missing), note="")
            for n_segments in in_order(partial(_draw, frontend=frontend, length=cut.segment_samples), missing):
                bars.advance(task, n_segments)
    return Sharded(paths, [len(of_shard) for _, of_shard in by_shard], shape)


def waveforms(segments: Sequence[Segment], decoded: Decoded, cut: AudioSection) -> Iterator[np.ndarray]:
    """The segments of one clip at a time, `(segments, samples)`."""
    for clip, of_clip in groupby(segments, key=lambda segment: segment.clip):
        starts = np.array([segment.start for segment in of_clip])
        yield audio.cut(decoded.waveform(clip), starts, cut.segment_samples)


def _draw(work: tuple[Shard, list[tuple[Clip, int]], Path], frontend: keras.layers.Layer, length: int) -> int:
    """Writes the pictures of some segments of a shard and returns their number."""
    shard, chosen, path = work
    pictures = []
    for first in range(0, len(chosen), BATCH):
        part = chosen[first : first + BATCH]
        batch = np.zeros((-(-len(part) // MULTIPLE) * MULTIPLE, length), np.float32)
        for row, (clip, start) in zip(batch, part, strict=False):
            piece = shard.waveform(clip, start, length)
            row[: len(piece)] = piece
        pictures.append(keras.ops.convert_to_numpy(frontend(batch)).astype("float32")[: len(part)])
    with files.replacing(path) as temporary, open(temporary, "wb") as file:
        np.save(file, np.concatenate(pictures))
    return len(chosen)


def _segments(
    collection: Collection, clips: Sequence[Clip], cut: AudioSection, count: int | None, seed: int
) -> list[Segment]:
    """`count` random segments, or those that cover the clips if `count` is None."""
    if count is None:
        return cover(clips, collection.decoded, cut)
    random = np.random.default_rng(seed)
    of_label = {label: [clip for clip in clips if label in clip.labels] for label in collection.labels}
    drawn = []
    for index in range(count):
        choices = clips if count >= len(clips) > index else of_label[collection.labels[random.integers(len(of_label))]]
        clip = choices[index] if choices is clips else choices[random.integers(len(choices))]
        room = max(0, collection.decoded.facts[clip.name].samples - cut.segment_samples)
        drawn.append(Segment(clip, int(random.integers(room + 1))))
    return sorted(drawn, key=lambda segment: (segment.clip.name, segment.start))


def _describe(frontend: keras.layers.Layer) -> str:
    """Everything that decides the pictures of a waveform."""
    config = {key: value for key, value in frontend.get_config().items() if key != "name"}
    code = [inspect.getsource(module) for module in (inspect.getmodule(type(frontend)), framing)]
    described = [type(frontend).__name__, config, code, keras.__version__, keras.backend.backend()]
    return json.dumps(described, sort_keys=True, default=str)


def _path(shard: Shard, chosen: list[tuple[Clip, int]], length: int, front: str) -> Path:
    text = json.dumps([shard.key, [(clip.name, start) for clip, start in chosen], length, front])
    return files.cache_folder("features", f"{hashlib.sha256(text.encode()).hexdigest()[:24]}.npy")
