"""Names the instrument in audio files without kerasinst: python example.py RECORDING.wav ...

Needs: pip install ai-edge-litert numpy soundfile soxr
Beside this file: model.tflite (from waveforms to scores), labels.txt (one label per line, in the order of scores) and
export.json (sample rate and length of segments).
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import soxr
from ai_edge_litert.interpreter import Interpreter

HERE = Path(__file__).parent


def segments_of(waveform: np.ndarray, hears: dict[str, Any]) -> np.ndarray:
    """Cuts a waveform `(samples,)` into overlapping segments `(segments, samples)`, as in training, without silence."""
    length, hop = hears["segment_samples"], hears["hop_samples"]
    levels = np.abs(waveform)
    if hears["trim_db"] is not None:
        loud = np.flatnonzero(levels >= levels.max() * 10 ** (-hears["trim_db"] / 20))
        waveform = waveform[loud[0] : loud[-1] + 1]
    last = max(0, len(waveform) - length)
    starts = np.minimum(np.arange(0, last + hop, hop), last)  # the last one ends with the recording
    found = [np.pad(waveform[start : start + length], (0, max(0, length - len(waveform)))) for start in starts]
    if hears["quiet_db"] is not None:
        peaks = np.array([np.abs(segment).max() for segment in found])
        found = [found[index] for index in np.flatnonzero(peaks >= peaks.max() * 10 ** (-hears["quiet_db"] / 20))]
    return np.stack(found).astype("float32")


def main(paths: Sequence[str]) -> None:
    """Prints the best label of each file, and its score."""
    labels = (HERE / "labels.txt").read_text(encoding="utf-8").splitlines()
    hears = json.loads((HERE / "export.json").read_text(encoding="utf-8"))["hears"]
    interpreter = Interpreter(model_path=str(HERE / "model.tflite"), num_threads=1)
    run = interpreter.get_signature_runner()
    for path in paths:
        waveform, rate = soundfile.read(path, dtype="float32", always_2d=True)
        waveform = soxr.resample(waveform.mean(axis=1), rate, hears["sample_rate"])
        scores = np.mean([run(waveform=segment[None])["scores"][0] for segment in segments_of(waveform, hears)], axis=0)
        print(f"{path}: {labels[int(scores.argmax())]} ({scores.max():.2f})")


if __name__ == "__main__":
    main(sys.argv[1:])
