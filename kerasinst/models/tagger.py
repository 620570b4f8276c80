"""Names the instruments in audio files of any length and sample rate."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

import numpy as np
import soxr

from kerasinst import audio, decisions
from kerasinst.core import console
from kerasinst.core.errors import AudioError, BadInput, printable
from kerasinst.decisions import Decision
from kerasinst.experiment.locations import EXPERIMENTS
from kerasinst.models import RecordingModel, load
from kerasinst.models.tflite_model import TFLiteModel
from kerasinst.models.timeline import Skipped, Timeline

PACKAGED = EXPERIMENTS / "timeline.tflite"
"""The tagger that comes with kerasinst; `experiments/tagger.py` makes it."""
SHORTEST_HOP, LONGEST_HOP = 0.01, 3600.0
"""Limits of the distance from one segment to the next in seconds."""
SAMPLES = 2**21
"""Number of samples whose segments are scored at once."""


class TaggedSegment(TypedDict):
    """The labels of one segment, or a span between segments that is not scored.

    Attributes:
        start: beginning in seconds.
        end: end in seconds.
        label: label with the best score, or None if it is not scored.
        score: its score, or None.
        labels: labels that the model's decision reports.
        skipped: why it is not scored: "silent", "quiet" (far below the peak of the recording) or "between" (segments
            are further apart than they are long); None if it is scored.
    """

    start: float
    end: float
    label: str | None
    score: float | None
    labels: list[str]
    skipped: str | None


@dataclass(frozen=True)
class Tag:
    """The labels of one file.

    Attributes:
        file: path as it was given, or None for a waveform.
        label: label with the best score.
        labels: labels that the model's decision reports: the best one of a single-label model, and any number of a
            multi-label model.
        scores: score of each label, which is the mean over all segments.
        timeline: start and end in seconds, best label and its score, and labels of each segment, and the spans that
            are not scored.
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
        top: number of labels that are reported of each recording, the best ones by their mean score; None leaves that
            to the decision of the model.
        threshold: score from which labels are reported, in place of the decision of the model.
        hop_seconds: distance in seconds from one segment to the next; None is that of the model.

    Attributes:
        model: the model.
        labels: labels in the order of scores.
        sample_rate: sample rate that the model hears in Hz.
        review_below: files whose best score is below this need review.
        decision: decision from scores to labels.
        digest: SHA-256 of the model's file.

    Raises:
        BadInput: if there is no model that can be loaded, or an option does not suit it.

    Example:
        >>> tagger = Tagger("runs/quickstart")
        >>> tagger("song.wav").label
        'guitar'
    """

    def __init__(
        self,
        path: str | Path | None = None,
        *,
        review_below: float | None = None,
        top: int | None = None,
        threshold: float | None = None,
        hop_seconds: float | None = None,
    ):
        path = PACKAGED if path is None else Path(path).expanduser()
        file = _model_of_run(path) if path.is_dir() else path
        self.model = load(file)
        self.digest = hashlib.sha256(file.read_bytes()).hexdigest()
        self.labels = list(self.model.labels)
        self.sample_rate = self.model.sample_rate
        if review_below is None and isinstance(self.model, TFLiteModel):
            review_below = self.model.review_below
        elif review_below is None:
            review_below = _review_below(file.parent)
        self.review_below = 0.5 if review_below is None else review_below
        self.decision = _decision(self.model, top=top, threshold=threshold)
        if hop_seconds is not None:
            self.model.hop_samples = _hop_samples(self.model, hop_seconds)
            if not self.model.frame_seconds:
                self.decision = self.decision.changed(hop_seconds=self.model.hop_samples / self.sample_rate)

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

    def listen(
        self, source: str | Path | np.ndarray, sample_rate: int | None = None, *, name: str | None = None
    ) -> tuple[Tag, Timeline]:
        """Tags a file or a waveform, and tells what sounds when.

        Args:
            source: see `__call__`.
            sample_rate: see `__call__`.
            name: name of the file in the tag and in remarks; None is its path.

        Returns:
            The tag, and the scores and labels of each segment, or of each frame if the model scores these.

        Raises:
            AudioError: as `__call__` does.
        """
        return self._tagged(*self._loaded(source, sample_rate, name))

    def _loaded(
        self, source: str | Path | np.ndarray, sample_rate: int | None, name: str | None = None
    ) -> tuple[str | None, np.ndarray | audio.Recording]:
        """Loads a file or a waveform at the sample rate of the model, with its name."""
        if name is None and isinstance(source, str | Path):
            name = printable(str(source))
        waveform: np.ndarray | audio.Recording
        if isinstance(source, str | Path):
            waveform = audio.record(
                source, self.sample_rate, on_remark=lambda text: console.say_once(f"{name}: {text}")
            )
        else:
            given = soxr.resample(_checked(source, sample_rate), sample_rate, self.sample_rate)
            if not np.isfinite(given).all():
                raise AudioError("a waveform must not hold samples that are NaN or infinite")
            waveform = given
        if not len(waveform):
            raise AudioError(f"{name or 'waveform'}: holds no samples")
        if audio.is_silent(waveform):
            raise AudioError(f"{name or 'waveform'}: silent")
        return name, waveform

    def _tagged(self, name: str | None, waveform: np.ndarray | audio.Recording) -> tuple[Tag, Timeline]:
        """Tags a waveform at the sample rate of the model."""
        length = self.model.segment_samples
        starts = self.model.starts(waveform)
        scores = self._scores(waveform, starts)
        skipped = list(self._skipped(waveform, starts))
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
        reported, sounding = self.decision.of_recording(scores), self.decision(scores)
        sure = scores.max(axis=0) if self.decision.by_frame else mean
        ends = np.minimum(starts + length, len(waveform))
        found = Timeline(
            self.labels, starts / self.sample_rate, ends / self.sample_rate, scores, sounding, skipped=skipped
        )
        tag = Tag(
            file=name,
            label=self.labels[int(mean.argmax())],
            labels=self._named(reported),
            scores={label: round(float(score), 6) for label, score in zip(self.labels, mean, strict=True)},
            timeline=self._segments(found),
            needs_review=not reported.any() or bool(sure[reported].max() < self.review_below),
        )
        return tag, found

    def _segments(self, found: Timeline) -> list[TaggedSegment]:
        """Lists segments, and the spans between them that are not scored, in the order of time."""
        scored: list[TaggedSegment] = [
            {
                "start": round(float(start), 3),
                "end": round(float(end), 3),
                "label": self.labels[int(row.argmax())],
                "score": round(float(row.max()), 6),
                "labels": self._named(heard),
                "skipped": None,
            }
            for start, end, row, heard in zip(found.starts, found.ends, found.scores, found.sounding, strict=True)
        ]
        skipped: list[TaggedSegment] = [
            {
                "start": round(each.start, 3),
                "end": round(each.end, 3),
                "label": None,
                "score": None,
                "labels": [],
                "skipped": each.reason,
            }
            for each in found.skipped
        ]
        return sorted(scored + skipped, key=lambda each: each["start"])

    def _scores(self, waveform: np.ndarray | audio.Recording, starts: np.ndarray) -> np.ndarray:
        """Scores the segments of a waveform, with few of them in memory at once."""
        length = self.model.segment_samples
        at_once = max(1, SAMPLES // length)
        parts = [starts[first : first + at_once] for first in range(0, len(starts), at_once)]
        return np.concatenate([self.score(audio.cut(waveform, part, length=length)) for part in parts])

    def _skipped(self, waveform: np.ndarray | audio.Recording, starts: np.ndarray) -> Iterator[Skipped]:
        """Yields the spans that no segment covers."""
        length, rate, known = self.model.segment_samples, self.sample_rate, 0
        apart = self.model.hop_samples > length
        for start in (*starts, len(waveform)):
            if start > known:
                loudness = audio.peak(waveform, known, last=int(start))
                reason = "silent" if loudness < audio.SILENCE else "between" if apart else "quiet"
                yield Skipped(known / rate, int(start) / rate, reason)
            known = max(known, int(start) + length)

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


def _decision(model: RecordingModel, *, top: int | None, threshold: float | None) -> Decision:
    """Gives the decision of a model, or what is asked for in place of its rule; its other steps stay."""
    if top is not None and threshold is not None:
        raise BadInput("--top and --threshold: give one of them")
    decision = model.decision or decisions.create("argmax", labels=model.labels)
    if top is not None:
        return decision.changed({"top_n": {"n": min(top, len(model.labels))}}, by_frame=False)
    if threshold is not None:
        return decision.changed({"threshold": {"value": threshold}})
    return decision


def _hop_samples(model: RecordingModel, seconds: float) -> int:
    """Converts the distance between segments to samples; of models that score frames, it is a number of frames."""
    if not SHORTEST_HOP <= seconds <= LONGEST_HOP:
        raise BadInput(f"--hop {seconds:g}: expected {SHORTEST_HOP:g} to {LONGEST_HOP:g} seconds")
    if not model.frame_seconds:
        return max(1, round(seconds * model.sample_rate))
    if round(seconds * model.sample_rate) > model.segment_samples:
        longest = model.segment_samples / model.sample_rate
        raise BadInput(f"--hop {seconds:g}: this model scores all frames; its hop is at most {longest:g} s")
    return max(1, round(seconds / model.frame_seconds)) * round(model.frame_seconds * model.sample_rate)


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
