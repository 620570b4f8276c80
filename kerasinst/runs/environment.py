"""Records the software, hardware and command that a run is made with."""

import contextlib
import importlib.metadata
import os
import platform
import shlex
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).resolve().parents[1]
"""Folder of the package kerasinst."""
PACKAGES = (
    "tensorflow", "jax", "torch", "keras", "keras-tuner", "numpy", "scipy", "librosa", "scikit-learn", "soundfile",
    "tensorflow-model-optimization", "tf-keras", "ai-edge-litert", "litert-quantizer",
)  # fmt: skip
"""Packages whose versions are recorded, if they are installed."""


def made_with(split_seed: int, training_seeds: list[int]) -> dict[str, Any]:
    """Collects versions, backend, seeds, hardware, command and commit, as `environment.json` holds them.

    Args:
        split_seed: seed of the split.
        training_seeds: seeds of the training.
    """
    import kerasinst

    backend = devices = None
    if "keras" in sys.modules:  # TFLite models are evaluated without Keras
        from kerasinst.core.distribution import devices as of_backend

        backend, devices = sys.modules["keras"].backend.backend(), of_backend()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else None
    return {
        "kerasinst": kerasinst.__version__,
        "python": platform.python_version(),
        "packages": {name: version for name in PACKAGES if (version := _version(name))},
        "backend": backend,
        "seeds": {"split": split_seed, "training": training_seeds},
        "hardware": {
            "system": platform.platform(),
            "processor": platform.machine(),
            "cores": os.cpu_count(),
            "memory_bytes": memory,
            "devices": devices,
        },
        "command": shlex.join(_command()),
        "commit": _commit(),
        "started": datetime.now(timezone.utc).isoformat(timespec="seconds"),
    }


def _version(package: str) -> str | None:
    """Returns the version of a package, or None if it is not installed."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _commit() -> str | None:
    """Returns the commit of a checkout of kerasinst, or None if kerasinst does not run from a checkout of its own."""
    asked = ["git", "-C", str(PACKAGE.parent), "rev-parse", "--show-toplevel", "HEAD"]
    with contextlib.suppress(OSError, subprocess.CalledProcessError):
        top, commit = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.splitlines()
        return commit if Path(top) == PACKAGE.parent else None
    return None


def _command() -> list[str]:
    """Returns the words of the command as it was typed, such as `kerasinst VERB` or `python -m kerasinst.VERB`."""
    program, *arguments = sys.argv
    path = Path(program)
    if path.name in ("kerasinst", "kerasinst.exe") or path.resolve() == PACKAGE / "__main__.py":
        return ["kerasinst", *arguments]
    if path.resolve().parent == PACKAGE:
        return ["python", "-m", f"kerasinst.{path.stem}", *arguments]
    return sys.argv
