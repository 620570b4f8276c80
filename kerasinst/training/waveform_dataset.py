"""Training segments as waveforms, which are augmented anew in each epoch, or as copies that are cached."""

import hashlib
import inspect
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from kerasinst import frontends
from kerasinst.core import files
from kerasinst.core.parallel import in_order
from kerasinst.core.progress import Progress, silent, track
from kerasinst.datasets import DecodedClips, Segment
from kerasinst.experiment.audio import AudioSection
from kerasinst.features.extraction import compute_features, frontend_key
from kerasinst.features.sharded_array import ShardedArray
from kerasinst.frontends.dsp.frontend import FrontEnd
from kerasinst.training.waveform_augmentation import Sample, WaveformAugmentation

CHUNK = 64
"""Number of segments that are augmented as one piece of work."""


class WaveformDataset:
    """The waveforms of segments, which are read where they are asked for.

    Args:
        segments: segments in the order of `targets`.
        targets: targets of shape `(segments, labels)`.
        decoded: the decoded clips of the segments.
        cut: section of the experiment that gives the length of a segment and the sample rate.
        chain: augmentations, which are applied in order.

    Attributes:
        shape: number of segments, and samples of each.
    """

    def __init__(
        self,
        segments: Sequence[Segment],
        targets: np.ndarray,
        *,
        decoded: DecodedClips,
        cut: AudioSection,
        chain: Sequence[WaveformAugmentation],
    ) -> None:
        self.segments = segments
        self.targets = targets
        self.decoded = decoded
        self.cut = cut
        self.chain = list(chain)
        self.shape = (len(segments), cut.segment_samples)

    def __len__(self) -> int:
        """Gives the number of segments."""
        return len(self.segments)

    def sample(self, row: int) -> Sample:
        """Gives a segment as it was recorded, followed by silence if its clip is too short, and its target."""
        segment = self.segments[row]
        waveform = np.zeros(self.cut.segment_samples, np.float32)
        piece = self.decoded.shard_of[segment.clip.name].waveform(segment.clip, segment.start, length=len(waveform))
        waveform[: len(piece)] = piece
        return waveform, self.targets[row]

    def augmented(self, rows: np.ndarray, *key: int) -> tuple[np.ndarray, np.ndarray]:
        """Augments waveforms.

        Args:
            rows: indices of the segments, `(n,)`.
            *key: numbers that decide the augmentation; the same rows and key give the same waveforms.

        Returns:
            Waveforms `(n, samples)` and their targets `(n, labels)`.
        """
        changed = [self._change(int(row), key) for row in rows]
        waveforms, targets = zip(*changed, strict=True)
        return np.stack(waveforms), np.stack(targets)

    def _change(self, row: int, key: tuple[int, ...]) -> Sample:
        """Augments one waveform."""
        random = np.random.default_rng([row, *key])
        waveform, target = self.sample(row)
        for augment in self.chain:
            waveform, target = augment(
                waveform, target, self.cut.sample_rate, random, lambda: self.sample(int(random.integers(len(self))))
            )
        return waveform, target


TrainingFeatures = np.ndarray | ShardedArray | WaveformDataset
"""Features `(n, frames, bins, channels)` in memory or on disk, or waveforms `(n, samples)` that become features."""


def augmented_copies(
    waveforms: WaveformDataset, count: int, *, frontend: FrontEnd, progress: Progress = silent
) -> tuple[ShardedArray, np.ndarray]:
    """Computes the features and targets of augmented copies of all segments, or reads them from the cache.

    Args:
        waveforms: segments with their augmentations.
        count: number of copies.
        frontend: layer from waveforms to features.
        progress: shows how many pieces of the work are done.

    Returns:
        Features of shape `(count * segments, frames, bins, channels)`, and targets `(count * segments, labels)`.
    """
    length = waveforms.cut.segment_samples
    front = frontend_key(frontend, length)
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
    """Writes an array to the cache."""
    with files.replacing(path) as temporary, open(temporary, "wb") as file:
        np.save(file, array)


def _key(waveforms: WaveformDataset, front: str) -> str:
    """Gives a key of everything that decides the copies; mixes may hold any segment, so all are part of it."""
    everything = [
        [(waveforms.decoded.shard_of[each.clip.name].key, each.clip.name, each.start) for each in waveforms.segments],
        hashlib.sha256(waveforms.targets.tobytes()).hexdigest(),
        [(inspect.getsource(type(augment)), augment.get_config()) for augment in waveforms.chain],
        front,
    ]
    return hashlib.sha256(json.dumps(everything, default=str).encode()).hexdigest()[:24]
