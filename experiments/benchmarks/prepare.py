"""How fast clips become features, against a plain librosa loop over the same files, and how memory grows with them.

    python -m experiments.benchmarks.prepare                              clips per second, on one core and on two
    python -m experiments.benchmarks.prepare --memory 1000 10000 100000   peak memory of preparing so many short clips

Every figure is measured in a process of its own, imports left out, with the files in the system's cache; the median of
`--rounds` counts. The loop is `librosa.load` and `librosa.feature.mfcc` at 22,050 Hz. kerasinst's `mfcc` has the same
frames (2,048 samples every 512), 128 bands and 20 coefficients; no such front end can do without one `scipy.fft.rfft`
of the frames and one matrix product. `log_mel` has 1,024 samples every 512 and 64 bands.
"""

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import joblib
import numpy as np

from kerasinst import datasets
from kerasinst.core import console, files
from kerasinst.core.errors import BadInput

RATE = 22050
FRONTENDS = {
    "mfcc": {"n_fft": 2048, "win_length": 2048, "hop_length": 512, "n_mels": 128, "n_mfcc": 20},
    "log_mel": {"n_fft": 1024, "hop_length": 512, "n_mels": 64},
}


def loop(folder: Path, cores: int) -> float:
    """Clips per second of the plain loop, one process a core."""
    import librosa

    def one(path: Path) -> np.ndarray:
        waveform, sample_rate = librosa.load(path, sr=RATE)
        return librosa.feature.mfcc(y=waveform, sr=sample_rate)

    paths = [clip.path for clip in datasets.read("manifest", folder)]
    with joblib.Parallel(n_jobs=cores) as workers:
        workers(joblib.delayed(one)(path) for path in paths[: 2 * cores])
        with _timed() as seconds:
            workers(joblib.delayed(one)(path) for path in paths)
    return len(paths) / seconds()


def decoding(folder: Path, cores: int) -> float:
    """Clips per second of reading the samples alone, in threads."""
    import soundfile

    paths = [clip.path for clip in datasets.read("manifest", folder)]
    with joblib.Parallel(n_jobs=cores, prefer="threads") as workers, _timed() as seconds:
        workers(joblib.delayed(soundfile.read)(path, dtype="float32") for path in paths)
    return len(paths) / seconds()


def floor(folder: Path, cores: int) -> float:
    """Clips per second of the Fourier transform and one matrix product alone, on decoded audio in memory."""
    import scipy.fft
    from threadpoolctl import threadpool_limits

    clips = np.random.default_rng(1).standard_normal((64, 2 * RATE)).astype(np.float32)
    matrix = np.ones((1025, 128), np.float32)

    def one(clip: np.ndarray) -> np.ndarray:
        frames = np.lib.stride_tricks.sliding_window_view(np.pad(clip, 1024), 2048)[::512]
        return np.abs(scipy.fft.rfft(frames)) @ matrix

    with threadpool_limits(1), joblib.Parallel(n_jobs=cores, prefer="threads") as workers:  # BLAS has threads, too
        workers(joblib.delayed(one)(clip) for clip in clips)
        with _timed() as seconds:
            workers(joblib.delayed(one)(clip) for clip in [*clips] * 4)
    return 4 * len(clips) / seconds()


def first(folder: Path, cores: int) -> float:
    """Clips per second of kerasinst with an empty cache: decode, resample, audit and features."""
    return _prepare(folder, "mfcc", warm=())


def decoded_mfcc(folder: Path, cores: int) -> float:
    """With decoded audio in the cache, for a front end that is new."""
    return _prepare(folder, "mfcc", warm=("waveforms",))


def decoded_log_mel(folder: Path, cores: int) -> float:
    """The same with the log-mel front end."""
    return _prepare(folder, "log_mel", warm=("waveforms",))


def cached(folder: Path, cores: int) -> float:
    """With everything in the cache."""
    return _prepare(folder, "mfcc", warm=("waveforms", "features"))


MEASURES: dict[str, Callable[[Path, int], float]] = {
    "librosa loop": loop,
    "decoding alone": decoding,
    "rfft and matrix product alone": floor,
    "kerasinst, first time": first,
    "decoded audio cached, mfcc": decoded_mfcc,
    "decoded audio cached, log_mel": decoded_log_mel,
    "features cached": cached,
}


def _prepare(folder: Path, name: str, warm: tuple[str, ...]) -> float:
    from kerasinst import frontends
    from kerasinst.experiment.audio import AudioSection
    from kerasinst.features import cover_clips
    from kerasinst.features.extraction import extract

    clips = datasets.read("manifest", folder)
    cut = AudioSection(sample_rate=RATE, segment_seconds=2.0)
    layer = frontends.create(name, sample_rate=RATE, **FRONTENDS[name])

    def work() -> None:
        found = datasets.collect(clips, sample_rate=RATE)
        pictures = extract(cover_clips(found.clips, found.decoded, cut=cut), found.decoded, cut=cut, frontend=layer)
        for start in range(0, len(pictures), 1024):
            pictures[start : start + 1024].sum()

    with tempfile.TemporaryDirectory() as cache:
        os.environ["KERASINST_CACHE"] = cache
        if warm:
            work()
        if warm == ("waveforms",):
            for path in (Path(cache) / "features").iterdir():
                path.unlink()
        with _timed() as seconds:
            work()
    return len(clips) / seconds()


@contextmanager
def _timed() -> Iterator[Callable[[], float]]:
    began, ended = time.perf_counter(), []
    yield lambda: ended[0] - began
    ended.append(time.perf_counter())


def child(name: str, folder: Path, cores: int) -> float:
    """Runs one measure in a process of its own, on the first cores that this one may use."""
    allowed = sorted(os.sched_getaffinity(0))[:cores]
    command = [sys.executable, "-m", "experiments.benchmarks.prepare", "--child", name, str(folder)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, preexec_fn=lambda: os.sched_setaffinity(0, allowed)
    )
    return float(done.stdout.split()[-1])


def write_short_clips(folder: Path, count: int) -> Path:
    """Decaying tones of a quarter of a second at 8 kHz, in four labels, and their manifest."""
    import soundfile

    random = np.random.default_rng(1)
    seconds = np.arange(2000) / 8000
    rows = ["path,label"]
    for index in range(count):
        name = f"{index // 1000:03d}/{index:06d}.wav"
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        partials = np.sin(2 * np.pi * random.uniform(100, 3000, 4)[:, None] * seconds) * random.uniform(0, 0.2, (4, 1))
        soundfile.write(folder / name, partials.sum(axis=0) * np.exp(-random.uniform(0, 9) * seconds), 8000)
        rows.append(f"{name},{'abcd'[index % 4]}")
    files.write_text(folder / "manifest.csv", "\n".join(rows))
    return folder


def memory(count: int) -> tuple[float, float]:
    """Peak memory in MiB of `kerasinst.prepare` on so many short clips, and its seconds."""
    with tempfile.TemporaryDirectory() as folder:
        data = write_short_clips(Path(folder) / "data", count)
        changes = ["dataset.reader=manifest", "audio.segment_seconds=0.25"]
        command = [sys.executable, "-m", "kerasinst.prepare", "--quiet", "--data", str(data), "--run", f"{folder}/run"]
        began = time.perf_counter()
        done = subprocess.run(
            [*command, *(part for change in changes for part in ("--set", change))],
            capture_output=True,
            text=True,
            env={**os.environ, "KERASINST_CACHE": f"{folder}/cache"},
        )
        if done.returncode:
            raise BadInput(done.stderr)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, time.perf_counter() - began


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory", type=int, nargs="+", metavar="CLIPS", help="measure memory instead, in this order")
    parser.add_argument("--child", nargs=2, metavar=("MEASURE", "FOLDER"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    console.remarks.quiet = True
    if arguments.child:
        name, folder = arguments.child
        print(json.dumps(MEASURES[name](Path(folder), joblib.cpu_count())))
        return
    print(
        f"{platform.processor() or platform.machine()}, {joblib.cpu_count()} cores, Python {platform.python_version()}"
    )
    if arguments.memory:
        rows = [(f"{count:,}", *(f"{figure:.0f}" for figure in memory(count))) for count in sorted(arguments.memory)]
        console.show_table("preparing short clips", ["clips", "peak MiB", "seconds"], rows=rows)
        return
    clips = datasets.read("soundfont", makers_per_instrument=19, clips_per_group=4, seconds=2.0, sample_rate=44100)
    folder = clips[0].path.parent.parent
    rows = []
    for cores in (1, 2):
        rates = {
            name: statistics.median(child(name, folder, cores) for _ in range(arguments.rounds)) for name in MEASURES
        }
        rows += [(name, cores, f"{rate:.0f}", f"{rate / rates['librosa loop']:.2f}") for name, rate in rates.items()]
    title = f"{len(clips)} wav files of 2 s at 44.1 kHz, median of {arguments.rounds} rounds"
    console.show_table(title, ["", "cores", "clips a second", "times the loop"], rows=rows)


if __name__ == "__main__":
    main()
