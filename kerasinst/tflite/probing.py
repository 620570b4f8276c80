"""Runs any TFLite file in a process of its own, since a broken one can end the process: `python -m` with its path."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

SECONDS = 120
"""Longest time that a file may take to be loaded and run twice."""
LOUD = 1e6
"""Amplitude of noise, far above full scale, of which scores must still be numbers."""


@dataclass(frozen=True)
class Probe:
    """What a file did.

    Attributes:
        problem: why it does not run, or None.
        on_silence: whether its outputs are finite numbers when its inputs are zero.
        on_noise: whether they are when its inputs are noise of an amplitude of a million.
    """

    problem: str | None = None
    on_silence: bool = False
    on_noise: bool = False


def probe(path: str | Path) -> Probe:
    """Loads a file and runs it on silence and on very loud noise.

    Args:
        path: path of a `.tflite` file of any origin.
    """
    command = [sys.executable, "-m", "kerasinst.tflite.probing", str(path)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, errors="replace")
    except subprocess.TimeoutExpired:
        return Probe(f"it took more than {SECONDS} s")
    if done.returncode < 0:
        return Probe(f"it ends the program that loads it (signal {-done.returncode})")
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines:
        said = done.stderr.strip().splitlines() or ["for no reason that it gives"]
        return Probe(f"it does not run: {said[-1][:200]}")
    return Probe(**json.loads(lines[-1]))


def _run(path: str) -> Probe:
    """Runs a file in this process."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=path, num_threads=1)
    interpreter.allocate_tensors()
    random = np.random.default_rng(0)
    finite = []
    for loudness in (0.0, LOUD):
        for each in interpreter.get_input_details():
            noise = loudness * random.uniform(-1, 1, each["shape"])
            if np.issubdtype(each["dtype"], np.integer):
                limits = np.iinfo(each["dtype"])
                noise = np.clip(noise, limits.min, limits.max)
            interpreter.set_tensor(each["index"], noise.astype(each["dtype"]))
        interpreter.invoke()
        outputs = [interpreter.get_tensor(each["index"]) for each in interpreter.get_output_details()]
        finite.append(all(np.isfinite(each.astype(np.float64)).all() for each in outputs))
    return Probe(None, *finite)


if __name__ == "__main__":
    print(json.dumps(vars(_run(sys.argv[1]))))
