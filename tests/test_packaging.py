"""The wheel: what it installs, and that it works in folders that know nothing of this project."""

import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import numpy as np
import pytest
import soundfile

import kerasinst
from kerasinst.datasets.readers import musicnet
from kerasinst.experiment import PROJECT

pytestmark = pytest.mark.slow
TFLITE = Path(__file__).parent / "data" / "version-0.1" / "run" / "compressed" / "int8" / "model.tflite"
HEAVY = ("tensorflow", "keras", "sklearn", "scipy", "pandas", "matplotlib", "librosa")
"""Packages that tagging does without."""
MOST_BYTES = 200e6


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    _check(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, PROJECT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    """A short file, in a folder of its own."""
    path = tmp_path_factory.mktemp("audio") / "tone.wav"
    soundfile.write(path, 0.3 * np.sin(2 * np.pi * 220 * np.arange(8000) / 8000), 8000)
    return path


def _run(*command, cwd: Path | None = None) -> subprocess.CompletedProcess:
    alone = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, cwd=cwd, env=alone)


def _check(*command, cwd: Path | None = None) -> subprocess.CompletedProcess:
    done = _run(*command, cwd=cwd)
    assert done.returncode == 0, done.stderr[-3000:]
    return done


def _environment(folder: Path, *requirements: str) -> Path:
    """An environment that holds nothing but these; gives its folder of programs."""
    venv.create(folder, with_pip=False, symlinks=True)
    programs = folder / ("Scripts" if sys.platform == "win32" else "bin")
    pip = [sys.executable, "-m", "pip", "--python", programs / "python", "install", "--quiet"]
    _check(*pip, "--disable-pip-version-check", "--no-compile", *requirements)
    return programs


def test_the_wheel_holds_every_experiment_and_space(wheel):
    held = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("experiments", "search_spaces"):
        files = [path for path in (PROJECT / folder).iterdir() if path.suffix in (".yaml", ".npz", ".tflite")]
        names = {f"kerasinst/packaged/{folder}/{path.name}" for path in files}
        assert names and names <= held


def test_the_bare_package_tags_a_file(wheel, recording, tmp_path):
    programs = _environment(tmp_path / "bare", wheel)
    size = sum(path.lstat().st_size for path in (tmp_path / "bare").rglob("*"))
    assert size <= MOST_BYTES, f"{size / 1e6:.0f} MB"
    done = _check(programs / "kerasinst", "predict", TFLITE, recording, "--json", "--quiet", cwd=tmp_path)
    assert json.loads(done.stdout)["label"] in ("high", "low")
    done = _check(programs / "kerasinst", "predict", recording, "--json", "--quiet", cwd=tmp_path)
    assert set(json.loads(done.stdout)["scores"]) == set(musicnet.INSTRUMENTS.values())
    code = f"import importlib.util as u; print([name for name in {HEAVY} if u.find_spec(name)])"
    assert _check(programs / "python", "-c", code, cwd=tmp_path).stdout.strip() == "[]"
    version = _check(programs / "kerasinst", "--version", cwd=tmp_path).stdout.strip()
    assert version == f"kerasinst {kerasinst.__version__}"
    for verb in ("prepare", "search", "train", "evaluate", "baselines", "ablate", "explain", "compress", "report"):
        for command in ([programs / "kerasinst", verb], [programs / "python", "-m", f"kerasinst.{verb}"]):
            done = _run(*command, cwd=tmp_path)
            line = done.stderr.splitlines()[-1]
            assert done.returncode == 2 and "pip install 'kerasinst[train]'" in line and "Traceback" not in done.stderr


def test_the_training_half_works_in_a_folder_elsewhere(wheel, recording, tmp_path):
    programs = _environment(tmp_path / "trains", f"{wheel}[train]", "-c", PROJECT / "requirements.txt")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    _check("git", "init", "--quiet", elsewhere)  # a repository that kerasinst is not of
    small = ("dataset.clips_per_group=4", "search.trials=2", "search.epochs=1", "training.epochs=2")
    settings = [part for setting in small for part in ("--set", setting)]
    _check(programs / "kerasinst", "search", "--run", "run", "--quiet", *settings, cwd=elsewhere)
    assert json.loads((elsewhere / "run" / "environment.json").read_text())["commit"] is None
    done = _check(programs / "kerasinst", "predict", "run", recording, "--quiet", cwd=elsewhere)
    assert "tone.wav" in done.stdout
    named = ("prepare", "best", "--data", "run/examples", "--set", "dataset.reader=folder", "--split-only")
    done = _run(programs / "kerasinst", *named, cwd=elsewhere)
    assert done.returncode == 2 and "one sub-folder with recordings for each label" in done.stderr  # best was found
