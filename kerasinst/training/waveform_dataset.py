"""Training segments as waveforms that augmentations change: anew in each epoch, or as copies that are cached."""

import hashlib
import inspect
import json
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np

from kerasinst import frontends
from kerasinst.core import files
from kerasinst.core.parallel import in_order
from kerasinst.core.progress import Progress, silent, track
from kerasinst.datasets import DecodedClips, Segment
from kerasinst.experiment.audio import AudioSection
from kerasinst.features.extraction import compute_features, describe
from kerasinst.features.sharded_array import ShardedArray
from kerasinst.training.augmentations.waveforms import Sample, WaveformAugmentation

CHUNK = 64
"""Segments that one piece of work augments."""


class WaveformDataset:
    """The waveforms of segments, read as they are asked for.

    Args:
        segments: in the order of `targets`.
        targets: `(segments, labels)`.
        decoded: the segments' clips.
        cut: length of a segment, and the sample rate.
        chain: augmentations, applied in order.
    """

    def __init__(
        self,
        segments: Sequence[Segment],
        targets: np.ndarray,
        *,
        decoded: DecodedClips,
        cut: AudioSection,
        chain: Sequence[WaveformAugmentation],
    ):
        self.segments = segments
        self.targets = targets
        self.decoded = decoded
        self.cut = cut
        self.chain = list(chain)
        self.shape = (len(segments), cut.segment_samples)

    def __len__(self) -> int:
        """How many segments."""
        return len(self.segments)

    def sample(self, row: int) -> Sample:
        """A segment as it was recorded, followed by silence if its clip is too short."""
        segment = self.segments[row]
        waveform = np.zeros(self.cut.segment_samples, np.float32)
        piece = self.decoded.shard_of[segment.clip.name].waveform(segment.clip, segment.start, length=len(waveform))
        waveform[: len(piece)] = piece
        return waveform, self.targets[row]

    def augmented(self, rows: np.ndarray, *key: int) -> tuple[np.ndarray, np.ndarray]:
        """Augmented waveforms and their targets; the same rows and key give the same."""
        changed = [self._change(int(row), key) for row in rows]
        waveforms, targets = zip(*changed, strict=True)
        return np.stack(waveforms), np.stack(targets)

    def _change(self, row: int, key: tuple[int, ...]) -> Sample:
        random = np.random.default_rng([row, *key])
        waveform, target = self.sample(row)
        for augment in self.chain:
            waveform, target = augment(
                waveform, target, self.cut.sample_rate, random, lambda: self.sample(int(random.integers(len(self))))
            )
        return waveform, target


def augmented_copies(
    waveforms: WaveformDataset, count: int, *, frontend: keras.layers.Layer, progress: Progress = silent
) -> tuple[ShardedArray, np.ndarray]:
    """Features and targets of augmented copies of all segments, computed once and then read from the cache.

    Args:
        waveforms: with their augmentations.
        count: of copies.
        frontend: layer from waveform to features.
        progress: is told of each chunk of segments.

    Returns:
        Features of shape `(count * segments, frames, bins, channels)`, and targets.
    """
    length = waveforms.cut.segment_samples
    front = describe(frontend, length)
    key = _key(waveforms, front)
    rows = np.arange(len(waveforms))
    chunks = [(copy, rows[first : first + CHUNK]) for copy in range(count) for first in range(0, len(waveforms), CHUNK)]
    stems = [f"{key}-{copy}-{of_chunk[0]}" for copy, of_chunk in chunks]
    features = [files.cache_folder("features", f"{stem}.npy") for stem in stems]
    targets = [files.cache_folder("features", f"{stem}-targets.npy") for stem in stems]

    def write(index: int) -> None:
        copy, of_chunk = chunks[index]
        changed, mixed = waveforms.augmented(of_chunk, copy)
        _save(targets[index], mixed)
        _save(
            features[index], compute_features(changed, frontend, front=front, length=length)
        )  # last: it says that both are there

    missing = [index for index, path in enumerate(features) if not path.is_file()]
    for _ in track(in_order(write, missing), "augmented copies", progress=progress, total=len(missing)):
        pass
    shape = frontends.features_shape(frontend, length)
    array = ShardedArray(features, [len(of_chunk) for _, of_chunk in chunks], row_shape=shape)
    return array, np.concatenate([np.load(path) for path in targets])


def _save(path: Path, array: np.ndarray) -> None:
    with files.replacing(path) as temporary, open(temporary, "wb") as file:
        np.save(file, array)


def _key(waveforms: WaveformDataset, front: str) -> str:
    """Of everything that decides the copies: mixes may hold any segment, so all of them are part of it."""
    everything = [
        [(waveforms.decoded.shard_of[each.clip.name].key, each.clip.name, each.start) for each in waveforms.segments],
        hashlib.sha256(waveforms.targets.tobytes()).hexdigest(),
        [(inspect.getsource(type(augment)), augment.get_config()) for augment in waveforms.chain],
        front,
    ]
    return hashlib.sha256(json.dumps(everything, default=str).encode()).hexdigest()[:24]
