"""Names the instruments in audio files without kerasinst: python example.py RECORDING.wav ...

Without a recording, it compares its scores of the files in test_vectors with those that are written there.

Needs: pip install ai-edge-litert numpy soundfile soxr
Beside this file: model.tflite (from waveforms to scores), labels.txt (one label per line, in the order of scores),
export.json (sample rate, length of segments, and how scores become labels) and decide.py (the latter in Python).
"""

import hashlib
import json
import re
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
LIMIT = 0.02
"""Largest difference from the expected scores, since processors round differently."""


def starts_and_segments(waveform: np.ndarray, hears: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Cuts a waveform `(samples,)` into overlapping segments `(segments, samples)`, as in training, without silence."""
    length, hop = hears["segment_samples"], hears["hop_samples"]
    levels, first, end = np.abs(waveform), 0, len(waveform)
    if hears["frame_seconds"]:
        starts = np.arange(0, end, hop)
    else:
        if hears["trim_db"] is not None:
            loud = np.flatnonzero(levels >= levels.max() * 10 ** (-hears["trim_db"] / 20))
            first, end = loud[0], loud[-1] + 1
        last = max(0, end - first - length)
        starts = first + np.minimum(np.arange(0, last + hop, hop), last)  # the last one ends with the recording
        if hears["quiet_db"] is not None:
            peaks = np.array([levels[start : start + length].max() for start in starts])
            starts = starts[peaks >= peaks.max() * 10 ** (-hears["quiet_db"] / 20)]
    padded = np.pad(waveform, (0, length))
    return starts, np.stack([padded[start : start + length] for start in starts]).astype("float32")


def joined(scores: np.ndarray, starts: np.ndarray, *, hears: dict[str, Any]) -> np.ndarray:
    """Joins the frames of segments, `(segments, frames, labels)`, and averages them where segments overlap."""
    first = np.rint(starts / hears["sample_rate"] / hears["frame_seconds"]).astype(int)
    sums, counts = np.zeros((first[-1] + scores.shape[1], scores.shape[2])), 0.0
    for frame, of_segment in zip(first, scores, strict=True):
        sums[frame : frame + len(of_segment)] += of_segment
        counts = counts + ((np.arange(len(sums)) >= frame) & (np.arange(len(sums)) < frame + len(of_segment)))
    return sums / np.maximum(1, counts)[:, None]


class Model:
    """The model beside this file."""

    def __init__(self) -> None:
        content = (HERE / "model.tflite").read_bytes()
        checksum = re.search(rb'"checksum":"([0-9a-f]{64})"', content)
        whole = content.replace(checksum.group(1), b"0" * 64) if checksum else b""
        if not checksum or hashlib.sha256(whole).hexdigest().encode() != checksum.group(1):
            sys.exit("model.tflite: damaged: its checksum differs; copy it again")
        self.labels = (HERE / "labels.txt").read_text(encoding="utf-8").splitlines()
        self.hears = json.loads((HERE / "export.json").read_text(encoding="utf-8"))["hears"]
        self.run = Interpreter(model_content=content, num_threads=1).get_signature_runner()

    def load(self, path: Path) -> np.ndarray:
        """Loads a recording at the sample rate of the model; raises ValueError if there is nothing to hear."""
        try:
            waveform, rate = soundfile.read(path, dtype="float32", always_2d=True)
        except (soundfile.SoundFileError, OSError) as error:
            raise ValueError(f"cannot be read: {error}") from None
        waveform = soxr.resample(waveform.mean(axis=1), rate, self.hears["sample_rate"])
        if not len(waveform) or not np.isfinite(waveform).all():
            raise ValueError("holds no samples, or samples that are NaN or infinite")
        if np.ptp(waveform) < 2e-4:
            raise ValueError("silent")
        if np.abs(waveform).max() > 8:
            raise ValueError("far beyond full scale; divide its samples by that of the integers that they were")
        return waveform

    def score(self, waveform: np.ndarray) -> np.ndarray:
        """Scores the segments of a waveform, `(segments, labels)`, or its frames if the model scores these."""
        starts, segments = starts_and_segments(waveform, self.hears)
        scores = np.stack([self.run(waveform=segment[None])["scores"][0] for segment in segments])
        if self.hears["frame_seconds"]:
            total = -(-len(waveform) // round(self.hears["frame_seconds"] * self.hears["sample_rate"]))
            scores = joined(scores, starts, hears=self.hears)[:total]
        return scores


def main(paths: Sequence[str]) -> int:
    """Prints the labels of each file, and their scores; a file that cannot be used is a line on stderr."""
    model, broken = Model(), 0
    for path in paths:
        try:
            scores = model.score(model.load(Path(path)))
        except ValueError as error:
            print(f"{path}: {error}; skipped", file=sys.stderr)
            broken += 1
            continue
        mean = scores.mean(axis=0)
        sounding = np.flatnonzero(of_recording(scores, model.hears["decision"]))
        named = ", ".join(f"{model.labels[index]} ({mean[index]:.2f})" for index in sounding)
        print(f"{path}: {named or 'nothing'}")
    return 1 if broken else 0


def test() -> int:
    """Compares what it says of the files in test_vectors with what is written there."""
    model, right = Model(), True
    expected = json.loads((HERE / "test_vectors" / "expected.json").read_text(encoding="utf-8"))
    for name, values in expected.items():
        waveform = model.load(HERE / "test_vectors" / name)
        starts, segments = starts_and_segments(waveform, model.hears)
        scores = np.stack([model.run(waveform=segment[None])["scores"][0] for segment in segments])
        told = np.array(values["segments"])
        difference = float(np.abs(scores - told).max()) if scores.shape == told.shape else 1.0
        reported = of_recording(model.score(waveform), model.hears["decision"])
        labels = [label for label, there in zip(model.labels, reported, strict=True) if there]
        ok = starts.tolist() == values["starts"] and labels == values["labels"] and difference < LIMIT
        print(f"{name}: {'ok' if ok else 'FAILED'}: scores differ by at most {difference:.6f} ({LIMIT} allowed)")
        right = right and ok
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]) if sys.argv[1:] else test())
