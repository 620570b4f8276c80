"""Computes features once, a shard of clips at a time, and keeps them in the cache."""

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
from kerasinst.frontends.dsp.frontend import FrontEnd

Work = tuple[Shard, list[tuple[Clip, int]], Path]
"""A shard, the clip and first sample of each chosen segment in it, and the file for their features."""

BATCH = 16
"""Number of segments that the front end computes at once; more of them do not fit into the processor's cache."""
MULTIPLE = 8
"""Batches are filled up to a multiple of this number, so that compilers see few shapes."""

_models: dict[str, keras.Model] = {}
"""The compiled front end that this process used last, by its description."""


def extract(
    segments: Sequence[Segment],
    decoded: DecodedClips,
    *,
    cut: AudioSection,
    frontend: FrontEnd,
    description: str = "features",
    progress: Progress = silent,
) -> ShardedArray:
    """Computes the features of segments, a shard of clips at a time, or reads them from the cache.

    The cache is keyed by the audio files (path, size, times of change), the segments, and the front end's settings and
    code.

    Args:
        segments: segments of one clip after the other, in the order of the clips' names.
        decoded: the decoded clips of the segments.
        cut: section of the experiment that gives the length of a segment.
        frontend: layer from waveforms to features.
        description: name of the work, for the progress bar.
        progress: shows how many segments are done.

    Returns:
        Features of shape `(segments, frames, bins, channels)`, which stay on disk.

    Raises:
        BadInput: if the front end cannot take segments of this length.
    """
    shape = frontends.features_shape(frontend, cut.segment_samples)
    by_shard = [
        (shard, [(segment.clip, segment.start) for segment in of_shard])
        for shard, of_shard in groupby(segments, key=lambda segment: decoded.shard_of[segment.clip.name])
    ]
    front = frontend_key(frontend, cut.segment_samples)
    paths = [_path(shard, of_shard, front) for shard, of_shard in by_shard]
    missing = [(*work, path) for work, path in zip(by_shard, paths, strict=True) if not path.is_file()]
    if missing:
        _compiled(frontend, front, cut.segment_samples)  # before several threads need it at once
        work = partial(_write, frontend=frontend, front=front, length=cut.segment_samples)
        with progress(description, sum(len(of_shard) for _, of_shard, _ in missing)) as advance:
            for n_segments in in_order(work, missing):
                advance(n_segments)
    return ShardedArray(paths, [len(of_shard) for _, of_shard in by_shard], row_shape=shape)


def _write(work: Work, frontend: FrontEnd, front: str, length: int) -> int:
    """Writes the features of some segments of a shard and gives their number."""
    shard, chosen, path = work
    waveforms = (shard.waveform(clip, start, length=length) for clip, start in chosen)
    with files.replacing(path) as temporary, open(temporary, "wb") as file:
        np.save(file, compute_features(waveforms, frontend, front=front, length=length))
    return len(chosen)


def compute_features(waveforms: Iterable[np.ndarray], frontend: FrontEnd, *, front: str, length: int) -> np.ndarray:
    """Computes the features of waveforms, of which only a few are in memory at once.

    Args:
        waveforms: n waveforms of at most `length` samples each; silence follows the shorter ones.
        frontend: layer from waveforms to features.
        front: description of the front end by `frontend_key`, under which it is kept compiled.
        length: length of a segment, in samples.

    Returns:
        Features of shape `(n, frames, bins, channels)`, in float32.
    """
    compute = _compiled(frontend, front, length).predict_on_batch
    features, waveforms = [], iter(waveforms)
    while part := list(islice(waveforms, BATCH)):
        batch = np.zeros((-(-len(part) // MULTIPLE) * MULTIPLE, length), np.float32)
        for row, waveform in zip(batch, part, strict=False):
            row[: len(waveform)] = waveform
        features.append(compute(batch).astype("float32")[: len(part)])
    return np.concatenate(features)


def _compiled(frontend: FrontEnd, front: str, length: int) -> keras.Model:
    """Compiles the front end once per process; a cluster's worker gets a new layer with each shard."""
    if front not in _models:
        model = keras.Sequential([keras.Input((length,)), frontend])
        model.compile(jit_compile=worth_compiling())
        _models.clear()
        _models[front] = model
    return _models[front]


def frontend_key(frontend: FrontEnd, length: int) -> str:
    """Describes everything that decides the features of a waveform, as JSON.

    Args:
        frontend: layer from waveforms to features.
        length: length of the waveform, in samples.
    """
    config = {key: value for key, value in frontend.get_config().items() if key != "name"}
    code = [file.read_text(encoding="utf-8") for file in sorted(Path(frontends.__file__).parent.rglob("*.py"))]
    facts = [type(frontend).__name__, config, code, keras.__version__, keras.backend.backend(), length]
    return json.dumps(facts, sort_keys=True, default=str)


def _path(shard: Shard, chosen: list[tuple[Clip, int]], front: str) -> Path:
    """Gives the file in the cache for the features of some segments of a shard."""
    text = json.dumps([shard.key, [(clip.name, start) for clip, start in chosen], front])
    return files.cache_folder("features", f"{hashlib.sha256(text.encode()).hexdigest()[:24]}.npy")
