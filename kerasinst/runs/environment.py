"""What a run was made with."""

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

HERE = Path(__file__).resolve().parent
PACKAGES = (
    "tensorflow", "jax", "torch", "keras", "keras-tuner", "numpy", "scipy", "librosa", "scikit-learn", "soundfile",
    "tensorflow-model-optimization", "tf-keras", "ai-edge-litert", "ai-edge-quantizer",
)  # fmt: skip


def made_with(split_seed: int, training_seeds: list[int]) -> dict[str, Any]:
    """Versions, backend, seeds, hardware, command and commit, as `environment.json` holds them."""
    import kerasinst

    backend = devices = None
    if "keras" in sys.modules:  # TFLite models are evaluated without it
        from kerasinst.core.distribution import devices as of_backend

        backend, devices = sys.modules["keras"].backend.backend(), of_backend()
    commit = None
    with contextlib.suppress(OSError, subprocess.CalledProcessError):
        asked = ["git", "-C", str(HERE), "rev-parse", "HEAD"]
        commit = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
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
        "commit": commit,
        "started": datetime.now(timezone.utc).isoformat(timespec="seconds"),
    }


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _command() -> list[str]:
    """What was typed; a verb's file stands for `python -m kerasinst.<verb>`."""
    program, *arguments = sys.argv
    if Path(program).resolve().parent == HERE:
        return ["python", "-m", f"kerasinst.{Path(program).stem}", *arguments]
    return sys.argv
