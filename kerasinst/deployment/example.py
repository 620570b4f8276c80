"""Names the instruments in audio files without kerasinst: python example.py RECORDING.wav ...

Needs: pip install ai-edge-litert numpy soundfile soxr
Beside this file: model.tflite (from waveforms to scores), labels.txt (one label per line, in the order of scores),
export.json (sample rate, length of segments, and how scores become labels) and decide.py (the latter in Python).
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
from decide import of_recording

HERE = Path(__file__).parent


def starts_and_segments(waveform: np.ndarray, hears: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Cuts a waveform `(samples,)` into overlapping segments `(segments, samples)`, as in training, without silence."""
    length, hop = hears["segment_samples"], hears["hop_samples"]
    if hears["frame_seconds"]:
        starts = np.arange(0, len(waveform), hop)
        padded = np.pad(waveform, (0, length))
        return starts, np.stack([padded[start : start + length] for start in starts])
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
    return starts, np.stack(found).astype("float32")


def joined(scores: np.ndarray, starts: np.ndarray, *, hears: dict[str, Any]) -> np.ndarray:
    """Joins the frames of segments, `(segments, frames, labels)`, and averages them where segments overlap."""
    first = np.rint(starts / hears["sample_rate"] / hears["frame_seconds"]).astype(int)
    sums, counts = np.zeros((first[-1] + scores.shape[1], scores.shape[2])), 0.0
    for frame, of_segment in zip(first, scores, strict=True):
        sums[frame : frame + len(of_segment)] += of_segment
        counts = counts + ((np.arange(len(sums)) >= frame) & (np.arange(len(sums)) < frame + len(of_segment)))
    return sums / np.maximum(1, counts)[:, None]


def main(paths: Sequence[str]) -> None:
    """Prints the labels of each file, and their scores."""
    labels = (HERE / "labels.txt").read_text(encoding="utf-8").splitlines()
    hears = json.loads((HERE / "export.json").read_text(encoding="utf-8"))["hears"]
    interpreter = Interpreter(model_path=str(HERE / "model.tflite"), num_threads=1)
    run = interpreter.get_signature_runner()
    for path in paths:
        waveform, rate = soundfile.read(path, dtype="float32", always_2d=True)
        waveform = soxr.resample(waveform.mean(axis=1), rate, hears["sample_rate"])
        starts, segments = starts_and_segments(waveform, hears)
        scores = np.stack([run(waveform=segment[None])["scores"][0] for segment in segments])
        if hears["frame_seconds"]:
            total = -(-len(waveform) // round(hears["frame_seconds"] * hears["sample_rate"]))
            scores = joined(scores, starts, hears=hears)[:total]
        mean = scores.mean(axis=0)
        sounding = np.flatnonzero(of_recording(scores, hears["decision"]))
        named = ", ".join(f"{labels[index]} ({mean[index]:.2f})" for index in sounding)
        print(f"{path}: {named or 'nothing'}")


if __name__ == "__main__":
    main(sys.argv[1:])
