"""Names the instruments in audio files of any length and sample rate."""

from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

import numpy as np
import soxr

from kerasinst import audio, decisions
from kerasinst.core import console
from kerasinst.core.errors import AudioError, printable
from kerasinst.experiment.locations import EXPERIMENTS
from kerasinst.models import load
from kerasinst.models.tflite_model import TFLiteModel
from kerasinst.models.timeline import Timeline

PACKAGED = EXPERIMENTS / "timeline.tflite"
"""The tagger that comes with kerasinst; `experiments/tagger.py` makes it."""


class TaggedSegment(TypedDict):
    """The labels of one segment.

    Attributes:
        start: beginning in seconds.
        end: end in seconds.
        label: label with the best score.
        score: its score.
        labels: labels that the model's decision reports.
    """

    start: float
    end: float
    label: str
    score: float
    labels: list[str]


@dataclass(frozen=True)
class Tag:
    """The labels of one file.

    Attributes:
        file: path as it was given, or None for a waveform.
        label: label with the best score.
        labels: labels that the model's decision reports: the best one of a single-label model, and any number of a
            multi-label model.
        scores: score of each label, which is the mean over all segments.
        timeline: start and end in seconds, best label and its score, and labels of each segment.
        needs_review: whether someone should check the labels: nothing is reported, or with low scores alone.
    """

    file: str | None
    label: str
    labels: list[str]
    scores: dict[str, float]
    timeline: list[TaggedSegment]
    needs_review: bool


class Tagger:
    """Loads a model once and tags any number of files with the labels that the model's decision reports.

    A `.tflite` file is run by LiteRT alone: neither TensorFlow nor Keras is imported.

    Args:
        path: run directory, a `model.keras`, or a `.tflite` file that kerasinst wrote; None is the tagger that comes
            with kerasinst, which names eleven orchestral instruments.
        review_below: files whose best score is below this need review; None takes the value that belongs to the model,
            or 0.5.

    Attributes:
        model: the model.
        labels: labels in the order of scores.
        sample_rate: sample rate that the model hears in Hz.
        review_below: files whose best score is below this need review.

    Raises:
        BadInput: if there is no model that can be loaded.

    Example:
        >>> tagger = Tagger("runs/quickstart")
        >>> tagger("song.wav").label
        'guitar'
    """

    def __init__(self, path: str | Path | None = None, *, review_below: float | None = None):
        path = PACKAGED if path is None else Path(path).expanduser()
        file = _model_of_run(path) if path.is_dir() else path
        self.model = load(file)
        self.labels = list(self.model.labels)
        self.sample_rate = self.model.sample_rate
        if review_below is None and isinstance(self.model, TFLiteModel):
            review_below = self.model.review_below
        elif review_below is None:
            review_below = _review_below(file.parent)
        self.review_below = 0.5 if review_below is None else review_below

    def __call__(self, source: str | Path | np.ndarray, sample_rate: int | None = None) -> Tag:
        """Tags a file or a waveform; remarks on files are printed on stderr.

        Args:
            source: path of an audio file, or a waveform of shape `(samples,)`: floats in [-1, 1], or integers, which
                are divided by the full scale of their type.
            sample_rate: sample rate of the waveform in Hz; not needed for files.

        Raises:
            AudioError: if the audio cannot be decoded, is empty, silent, or far louder than full scale.

        Example:
            >>> rate, waveform = scipy.io.wavfile.read("song.wav")  # int16
            >>> tagger(waveform, rate).label
            'guitar'
        """
        return self._tagged(*self._loaded(source, sample_rate))[0]

    def listen(self, source: str | Path | np.ndarray, sample_rate: int | None = None) -> tuple[Tag, Timeline]:
        """Tags a file or a waveform, and tells what sounds when.

        Args:
            source: see `__call__`.
            sample_rate: see `__call__`.

        Returns:
            The tag, and the scores and labels of each segment, or of each frame if the model scores these.

        Raises:
            AudioError: as `__call__` does.
        """
        return self._tagged(*self._loaded(source, sample_rate))

    def _loaded(self, source: str | Path | np.ndarray, sample_rate: int | None) -> tuple[str | None, np.ndarray]:
        """Loads a file or a waveform at the sample rate of the model, with its name."""
        name = printable(str(source)) if isinstance(source, str | Path) else None
        if isinstance(source, str | Path):
            waveform = audio.load(source, self.sample_rate, on_remark=lambda text: console.say_once(f"{name}: {text}"))
        else:
            waveform = soxr.resample(_checked(source, sample_rate), sample_rate, self.sample_rate)
        if not len(waveform) or not np.isfinite(waveform).all():
            raise AudioError(f"{name or 'waveform'}: holds no samples, or samples that are NaN or infinite")
        if audio.is_silent(waveform):
            raise AudioError(f"{name or 'waveform'}: silent")
        return name, waveform

    def _tagged(self, name: str | None, waveform: np.ndarray) -> tuple[Tag, Timeline]:
        """Tags a waveform at the sample rate of the model."""
        length = self.model.segment_samples
        starts = self.model.starts(waveform)
        scores = self.score(audio.cut(waveform, starts, length=length))
        if self.model.frame_seconds:
            length = round(self.model.frame_seconds * self.sample_rate)
            total = -(-len(waveform) // length)
            scores = audio.stitch(scores, np.rint(starts / length).astype(int), total=total)
            starts = length * np.arange(total)
        elif self.model.label_seconds:
            stands_for = max(round(self.model.label_seconds * self.sample_rate), self.model.hop_samples)
            middle = starts + (length - stands_for) // 2
            starts, length = np.where(middle < len(waveform), np.maximum(middle, 0), 0), stands_for
        mean = scores.mean(axis=0)
        decision = self.model.decision or decisions.create("argmax")
        reported, sounding = decision.of_recording(scores), decision(scores)
        sure = scores.max(axis=0) if decision.by_frame else mean
        ends = np.minimum(starts + length, len(waveform))
        found = Timeline(self.labels, starts / self.sample_rate, ends / self.sample_rate, scores, sounding)
        timeline: list[TaggedSegment] = [
            {
                "start": round(float(start), 3),
                "end": round(float(end), 3),
                "label": self.labels[int(row.argmax())],
                "score": round(float(row.max()), 6),
                "labels": self._named(heard),
            }
            for start, end, row, heard in zip(found.starts, found.ends, scores, sounding, strict=True)
        ]
        tag = Tag(
            file=name,
            label=self.labels[int(mean.argmax())],
            labels=self._named(reported),
            scores={label: round(float(score), 6) for label, score in zip(self.labels, mean, strict=True)},
            timeline=timeline,
            needs_review=not reported.any() or bool(sure[reported].max() < self.review_below),
        )
        return tag, found

    def _named(self, reported: np.ndarray) -> list[str]:
        """Names the labels that are reported."""
        return [label for label, there in zip(self.labels, reported, strict=True) if there]

    def score(self, segments: np.ndarray) -> np.ndarray:
        """Scores segments.

        Args:
            segments: floats in [-1, 1] of shape `(segments, segment_samples)`, at the sample rate of the model.

        Returns:
            Scores of shape `(segments, labels)`.
        """
        return self.model.score(segments)


def _checked(waveform: np.ndarray, sample_rate: int | None) -> np.ndarray:
    """Converts a waveform to floats in full scale, and refuses what is none."""
    waveform = np.asarray(waveform)
    if sample_rate is None or waveform.ndim != 1 or not len(waveform):
        raise AudioError("a waveform must have shape (samples,), not be empty, and come with its sample_rate")
    if waveform.dtype.kind not in "iuf" or (waveform.dtype.itemsize > 4 and waveform.dtype.kind != "f"):
        raise AudioError(
            f"a waveform must hold floats, or integers of 8, 16 or 32 bits; this one holds {waveform.dtype}"
        )
    waveform = audio.as_floats(waveform)
    if audio.is_too_loud(waveform):
        raise AudioError(
            f"a waveform of floats must lie within [-1, 1], and this one reaches {np.abs(waveform).max():.0f}: divide "
            "it by the full scale of the integers that it was read from (32768 for 16 bits), or give the integers"
        )
    return waveform


def _model_of_run(path: Path) -> Path:
    """Finds the Keras model of a run."""
    from kerasinst.runs import Run

    return Run.open(path).model_file


def _review_below(folder: Path) -> float | None:
    """Reads the threshold of the run in which a Keras model lies; None if it lies in none."""
    from kerasinst.runs import Run

    return Run(folder).review_below() if Run(folder).has("experiment") else None
