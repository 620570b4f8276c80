"""Features: features of segments, computed once, a shard of clips at a time, and kept in the cache."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import groupby, islice
from pathlib import Path

import keras
import numpy as np

from kerasinst import frontends
from kerasinst.core import files
from kerasinst.core.distribution import worth_compiling
from kerasinst.core.parallel import in_order
from kerasinst.core.progress import Progress, silent
from kerasinst.datasets import Clip, DecodedClips, Segment, Shard
from kerasinst.experiment.audio import AudioSection
from kerasinst.features.sharded_array import ShardedArray

Work = tuple[Shard, list[tuple[Clip, int]], Path]
"""A shard, the clips and first samples of segments in it, and the file for their features."""

BATCH = 16
"""Segments that the front end computes at once; more of them leave the processor's cache."""
MULTIPLE = 8
"""Batches are filled up to a multiple of this, so that compilers see few shapes."""

_models: dict[str, keras.Model] = {}
"""The front end that this process computed with last, compiled, by what describes it."""


def extract(
    segments: Sequence[Segment],
    decoded: DecodedClips,
    *,
    cut: AudioSection,
    frontend: keras.layers.Layer,
    description: str = "features",
    progress: Progress = silent,
) -> ShardedArray:
    """Features of the segments, computed once, a shard of clips at a time, and then read from the cache.

    The cache is keyed by the audio files (path, size, times of change), the segments, and the front end's settings and
    code.

    Args:
        segments: clip by clip, in the order of the clips' names.
        decoded: their clips.
        cut: length of a segment.
        frontend: layer from waveform to picture.
        description: of the work.
        progress: is told of each segment.

    Returns:
        An array of shape `(segments, frames, bins, channels)` that stays on disk.

    Raises:
        BadInput: if the front end cannot take segments of this length.
    """
    shape = frontends.features_shape(frontend, cut.segment_samples)
    by_shard = [
        (shard, [(segment.clip, segment.start) for segment in of_shard])
        for shard, of_shard in groupby(segments, key=lambda segment: decoded.shard_of[segment.clip.name])
    ]
    front = describe(frontend, cut.segment_samples)
    paths = [_path(shard, of_shard, front) for shard, of_shard in by_shard]
    missing = [(*work, path) for work, path in zip(by_shard, paths, strict=True) if not path.is_file()]
    if missing:
        _compiled(frontend, front, cut.segment_samples)  # once, before threads ask for it
        work = partial(_write, frontend=frontend, front=front, length=cut.segment_samples)
        with progress(description, sum(len(of_shard) for _, of_shard, _ in missing)) as advance:
            for n_segments in in_order(work, missing):
                advance(n_segments)
    return ShardedArray(paths, [len(of_shard) for _, of_shard in by_shard], row_shape=shape)


def _write(
    work: tuple[Shard, list[tuple[Clip, int]], Path], frontend: keras.layers.Layer, front: str, length: int
) -> int:
    """Writes the features of some segments of a shard and returns their number."""
    shard, chosen, path = work
    waveforms = (shard.waveform(clip, start, length=length) for clip, start in chosen)
    with files.replacing(path) as temporary, open(temporary, "wb") as file:
        np.save(file, compute_features(waveforms, frontend, front=front, length=length))
    return len(chosen)


def compute_features(
    waveforms: Iterable[np.ndarray], frontend: keras.layers.Layer, *, front: str, length: int
) -> np.ndarray:
    """Features of waveforms, `(n, frames, bins, channels)`, with only a few waveforms in memory at once.

    Args:
        waveforms: each of at most `length` samples; silence follows what is shorter.
        frontend: layer from waveform to picture.
        front: what `describe` says of it.
        length: of a segment, in samples.
    """
    compute = _compiled(frontend, front, length).predict_on_batch
    features, waveforms = [], iter(waveforms)
    while part := list(islice(waveforms, BATCH)):
        batch = np.zeros((-(-len(part) // MULTIPLE) * MULTIPLE, length), np.float32)
        for row, waveform in zip(batch, part, strict=False):
            row[: len(waveform)] = waveform
        features.append(compute(batch).astype("float32")[: len(part)])
    return np.concatenate(features)


def _compiled(frontend: keras.layers.Layer, front: str, length: int) -> keras.Model:
    """The front end as a compiled model; a cluster's worker, which gets a new layer with each shard, keeps it too."""
    if front not in _models:
        model = keras.Sequential([keras.Input((length,)), frontend])
        model.compile(jit_compile=worth_compiling())
        _models.clear()
        _models[front] = model
    return _models[front]


def describe(frontend: keras.layers.Layer, length: int) -> str:
    """Everything that decides the features of a waveform."""
    config = {key: value for key, value in frontend.get_config().items() if key != "name"}
    code = [file.read_text(encoding="utf-8") for file in sorted(Path(frontends.__file__).parent.rglob("*.py"))]
    described = [type(frontend).__name__, config, code, keras.__version__, keras.backend.backend(), length]
    return json.dumps(described, sort_keys=True, default=str)


def _path(shard: Shard, chosen: list[tuple[Clip, int]], front: str) -> Path:
    text = json.dumps([shard.key, [(clip.name, start) for clip, start in chosen], front])
    return files.cache_folder("features", f"{hashlib.sha256(text.encode()).hexdigest()[:24]}.npy")
