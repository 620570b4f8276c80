"""Audio and small data sets that tests render themselves."""

import atexit
import contextlib
import ctypes
import gc
import hashlib
import importlib.metadata
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Workers share the cores already, and tiny networks gain nothing from several threads.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")

import librosa
import numpy as np
import pytest
import soundfile
import yaml
from hypothesis import HealthCheck, settings
from signals import RATE, SAMPLES

from kerasinst import datasets
from kerasinst.core import console
from kerasinst.experiment import Experiment

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None


@contextlib.contextmanager
def alone(lock: Path):
    """Lets one process at a time into the block."""
    with open(lock, "w") as file:
        if fcntl:
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def compiled() -> str:
    """A folder with what librosa compiles, which takes half a minute once; a copy, as two that write to one can crash.

    What is compiled is of these versions; where they lie and when they were installed counts for numba, too.
    """
    versions = [sys.version.split()[0], *(importlib.metadata.version(name) for name in ("numba", "librosa"))]
    source = Path(librosa.__file__)
    name = hashlib.sha256(repr((versions, str(source), source.stat().st_mtime_ns)).encode()).hexdigest()[:12]
    folder = Path(__file__).parents[1] / ".pytest_cache" / f"numba-{name}"
    folder.parent.mkdir(exist_ok=True)
    own = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, own, ignore_errors=True)
    with alone(folder.with_suffix(".lock")):
        if not folder.exists():
            environment = {**os.environ, "NUMBA_CACHE_DIR": own}
            subprocess.run([sys.executable, "-W", "ignore", "-c", TO_COMPILE], env=environment, check=True)
            shutil.copytree(own, folder.with_suffix(".new"), dirs_exist_ok=True)
            folder.with_suffix(".new").rename(folder)
    return shutil.copytree(folder, own, dirs_exist_ok=True)


TO_COMPILE = """
import librosa, numpy
y = librosa.chirp(fmin=100, fmax=1000, sr=8000, length=16000).astype("float32")
mel = librosa.feature.melspectrogram(y=y, sr=8000)
librosa.pcen(mel), librosa.feature.chroma_stft(y=y, sr=8000), librosa.yin(y, fmin=100, fmax=1000, sr=8000)
librosa.feature.delta(mel), librosa.cqt(y, sr=8000, n_bins=24), librosa.hz_to_midi(440.0)
"""
os.environ["NUMBA_CACHE_DIR"] = compiled()

# No test depends on how busy the machine is.
settings.register_profile("no clock", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("no clock")


FIRST = (
    "test_manual",
    "test_compress",
    "test_several_labels",
    "test_frontends",
    "test_verbs",
    "test_seeds",
    "test_conversion",
    "test_bridge",
)
"""Files that take longest; a worker that began one of them last would leave the others idle."""


def pytest_collection_modifyitems(items):
    """Lets the longest files begin first."""
    places = {name: place for place, name in enumerate(FIRST)}
    items.sort(key=lambda item: places.get(item.path.stem, len(FIRST)))


def pytest_collection_finish():
    """Spares the garbage collector what all the imports made, which is most of what it would look through."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="module", autouse=True)
def memory():
    """Gives back what a file's networks held: they lie in circles, with all that was traced for them."""
    yield
    if "keras" in sys.modules:
        sys.modules["keras"].utils.clear_session(free_memory=True)
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):  # where the C library has no such function
        ctypes.CDLL(None).malloc_trim(0)


def few(values, fast):
    """Parameters of a sweep: those that `fast` names stay in the default run, the others take long together."""
    return [value if value in fast else pytest.param(value, marks=pytest.mark.slow) for value in values]


@pytest.fixture(scope="session")
def shared(tmp_path_factory):
    """A folder that all workers of a session share; where files cannot be locked, each has one of its own."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if fcntl and os.environ.get("PYTEST_XDIST_WORKER") else base


@pytest.fixture(scope="session", autouse=True)
def cache(shared):
    """A cache of the tests' own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KERASINST_CACHE", str(shared / "cache"))
        yield


@pytest.fixture(autouse=True)
def console_of_its_own(monkeypatch):
    """What one test silences, or has said once, is heard in the next."""
    monkeypatch.setattr(console.remarks, "quiet", False)
    monkeypatch.setattr(console, "_said", set())


@pytest.fixture(scope="session")
def phrases(cache):
    """Rendered phrases, two of each maker: `(waveform, sample_rate)`."""
    clips = datasets.read("soundfont", makers_per_instrument=4, clips_per_group=2)
    return [soundfile.read(clip.path, dtype="float32") for clip in clips]


@pytest.fixture(scope="session")
def waveforms(phrases):
    """Two seconds each of noise, a sweep, silence, a click, a pure tone and instruments, by name."""
    seconds = np.arange(SAMPLES) / RATE
    made = {
        "noise": 0.1 * np.random.default_rng(0).standard_normal(SAMPLES),
        "sweep": 0.5 * librosa.chirp(fmin=50, fmax=10000, sr=RATE, length=SAMPLES),
        "silence": np.zeros(SAMPLES),
        "click": np.eye(1, SAMPLES, 20000)[0],
        "tone": 0.5 * np.sin(2 * np.pi * 440 * seconds),
        **{f"instrument {index}": waveform[:SAMPLES] for index, (waveform, _) in enumerate(phrases[::9])},
    }
    return {name: np.pad(waveform, (0, SAMPLES - len(waveform))).astype("float32") for name, waveform in made.items()}


@pytest.fixture(scope="session")
def batch(waveforms):
    """All of them, `(n, samples)`."""
    return np.stack(list(waveforms.values()))


def tone(frequency: float, seconds: float = 1.0, sample_rate: int = 8000, harmonics: int = 1, seed: int = 0):
    """A decaying tone with harmonics and a little noise."""
    time = np.arange(round(seconds * sample_rate)) / sample_rate
    partials = sum(np.sin(2 * np.pi * frequency * k * time) / k for k in range(1, harmonics + 1))
    noise = np.random.default_rng(seed).standard_normal(len(time))
    return (0.3 * partials * np.exp(-2 * time) + 0.003 * noise).astype(np.float32)


def make_recordings(folder: Path, each: int = 8, seconds: float = 1.0) -> Path:
    """Two labels that are easy to tell apart, at 8 kHz."""
    for label, frequency, harmonics in (("low", 150, 8), ("high", 900, 1)):
        (folder / label).mkdir(parents=True)
        for index in range(each):
            waveform = tone(frequency * (1 + index / 20), seconds, harmonics=harmonics, seed=index)
            soundfile.write(folder / label / f"{index}.wav", waveform, 8000)
    return folder


def make_content(recordings: Path) -> dict:
    """An experiment on `make_recordings` that trains in seconds, as the content of its file."""
    return {
        "name": "tiny",
        "dataset": {"reader": "folder", "path": str(recordings)},
        "audio": {"sample_rate": 8000, "segment_seconds": 0.5},
        "split": {"validation": 0.25, "test": 0.25, "seed": 1},
        "frontend": {"name": "log_mel", "n_fft": 256, "hop_length": 128, "n_mels": 16},
        "network": {"name": "separable", "filters": [4, 8], "blocks": 1},
        "training": {"epochs": 3, "batch_size": 8, "learning_rate": 0.02, "augment": ["cutmix"], "seeds": [1]},
        "search": {"space": {"network.dropout": {"choice": [0.0, 0.1, 0.2, 0.3]}}, "trials": 2, "measure": False},
    }


@pytest.fixture
def recordings(tmp_path):
    """A folder of recordings, eight of each label."""
    return make_recordings(tmp_path / "recordings")


@pytest.fixture
def content(recordings):
    """The content of an experiment file on `recordings`."""
    return make_content(recordings)


@pytest.fixture
def experiment_file(content, tmp_path):
    """The experiment as a YAML file."""
    path = tmp_path / "tiny.yaml"
    path.write_text(yaml.safe_dump(content))
    return path


@pytest.fixture
def experiment(experiment_file):
    """The experiment."""
    return Experiment.from_yaml(experiment_file)


@pytest.fixture(scope="session")
def finished(cache, shared):
    """A finished search that no test may change; the worker that needs it first makes it for all."""
    from kerasinst.runs import Run
    from kerasinst.search import search

    folder = shared / "finished"
    run = Run(folder / "run")
    with alone(shared / "finished.lock"):
        if not run.file("report").is_file():  # which is written last
            shutil.rmtree(folder, ignore_errors=True)
            content = make_content(make_recordings(folder / "recordings"))
            content["network"]["dropout"] = 0.0
            content["training"] |= {"epochs": 12, "augment": []}
            (folder / "tiny.yaml").write_text(yaml.safe_dump(content))
            search(Experiment.from_yaml(folder / "tiny.yaml"), run.path)
    return run


@pytest.fixture
def run_verb(monkeypatch, capsys):
    """Runs a verb as from the command line; gives its exit code, stdout and stderr."""
    from kerasinst.core import cli

    def run(verb, *arguments):
        monkeypatch.setattr(sys, "argv", [f"kerasinst/{verb.__name__.rpartition('.')[2]}.py", *map(str, arguments)])
        code = 0
        capsys.readouterr()
        try:
            cli.command(verb.main)
        except SystemExit as stop:
            code = stop.code
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run
