"""Prepares data sets: reads them, splits them, and cuts them into segments as an experiment says."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

import numpy as np

from kerasinst import datasets
from kerasinst.core.errors import BadInput
from kerasinst.core.progress import Progress, silent
from kerasinst.datasets import Clip, Collection, Segment
from kerasinst.datasets.labels import refuse_unknown_kinds
from kerasinst.experiment import Experiment
from kerasinst.experiment.audio import AudioSection
from kerasinst.experiment.split import SplitSection
from kerasinst.features.segmentation import cover_clips, draw_segments, sounding_shares

_last: dict[str, "PreparedData"] = {}
"""Data that this process prepared last, by the sections that say how."""


@dataclass(frozen=True)
class PreparedData:
    """A data set that is split and cut into segments.

    Attributes:
        collection: usable clips, with their labels and an audit of the data set.
        segments: segments of each split by the split's name; those of one clip follow each other.
        cut: section of the experiment that says how clips became segments.
    """

    collection: Collection
    segments: dict[str, list[Segment]]
    cut: AudioSection

    @property
    def labels(self) -> list[str]:
        """Names of the labels, in the order of a network's scores."""
        return self.collection.labels

    def fold(
        self, number: int, n_folds: int, *, seed: int, by: Literal["group", "segment"] = "group"
    ) -> "PreparedData":
        """Divides the training and validation segments anew, and leaves the test segments as they are.

        Args:
            number: number of the fold that validates, counted from 0.
            n_folds: number of folds.
            seed: seed of the order of groups.
            by: "group", or "segment" to treat each segment as a group of its own.

        Raises:
            BadInput: if a label has fewer groups than there are folds.
        """
        both = [*self.segments["train"], *self.segments["validation"]]
        train, validation = datasets.folds(both, n_folds, seed=seed, by=by)[number]
        return replace(self, segments={**self.segments, "train": train, "validation": validation})

    def __str__(self) -> str:
        """Says how many clips, labels, groups and segments there are.

        Example:
            >>> str(prepare_data(experiment))
            '1,800 clips of 10 labels in 360 groups: segments to train 1,000, validate 350, test 450'
        """
        clips = self.collection.clips
        parts = zip(("train", "validate", "test"), datasets.SPLITS, strict=True)
        counts = ", ".join(f"{name} {len(self.segments[split]):,}" for name, split in parts)
        groups = len({clip.group for clip in clips})
        return f"{len(clips):,} clips of {len(self.labels)} labels in {groups:,} groups: segments to {counts}"

    def targets(self, split: str, task: str = "single-label") -> np.ndarray:
        """Gives the targets of a split.

        Args:
            split: name of the split.
            task: "single-label" or "multi-label".

        Returns:
            Targets of shape `(segments, labels)`, with a 1 for each label that a segment has, or the share of time in
            which it sounds if the experiment asks for soft labels; NaN for labels that nobody judged. If frames are
            scored one by one, `(segments, frames, labels)`.

        Raises:
            BadInput: if the task is single-label and a clip has not exactly one label.
        """
        for segment in self.segments[split]:
            if task == "single-label" and len(segment.labels) != 1:
                named = ", ".join(segment.labels) or "none"
                raise BadInput(
                    f"task: single-label needs one label a clip, but {segment.clip.name} has {len(segment.labels)} "
                    f"({named}); leave such clips out with dataset.labels or dataset.label_map, or say "
                    "task: multi-label"
                )
        column = {label: index for index, label in enumerate(self.labels)}
        targets: np.ndarray = np.zeros((len(self.segments[split]), len(self.labels)), np.float32)
        for row, segment in zip(targets, self.segments[split], strict=True):
            row[[column[label] for label in segment.clip.unknown if label in column]] = np.nan
            row[[column[label] for label in segment.labels]] = 1
        if self.cut.n_frames:
            targets = np.repeat(targets[:, None], self.cut.n_frames, axis=1)
        if self.cut.n_frames or self.cut.soft_labels:
            self._look_up(targets, self.segments[split])
        return targets

    def _look_up(self, targets: np.ndarray, segments: Sequence[Segment]) -> None:
        """Replaces the targets of segments whose clips have notes by what sounds in them, or by its share of time."""
        first = 0
        for clip, of_clip in groupby(segments, key=lambda segment: segment.clip):
            starts = np.array([segment.start for segment in of_clip])
            if clip.notes:
                rows = slice(first, first + len(starts))
                shares = sounding_shares(clip, starts, labels=self.labels, cut=self.cut)
                targets[rows] = shares if self.cut.soft_labels else shares > 0
            first += len(starts)


def prepare_data(experiment: Experiment, *, progress: Progress = silent) -> PreparedData:
    """Reads a data set, leaves out what cannot be used, splits it and cuts it into segments.

    Args:
        experiment: experiment whose sections dataset, audio and split say how.
        progress: shows the work that takes long.

    Raises:
        BadInput: if the data set cannot be read or split as asked.
    """
    section, cut, split = experiment.dataset, experiment.audio, experiment.split
    collection = datasets.collect(
        datasets.read_section(section, progress=progress),
        section.labels,
        min_seconds=section.min_seconds,
        sample_rate=cut.sample_rate,
        by=split.by,
        session_gap=split.session_gap,
        held_out=split.validation + split.test,
        overlooked=datasets.overlooked(section),
        progress=progress,
    )
    refuse_unknown_kinds(section.coarse_labels, collection.labels)
    _check(collection, cut)
    return PreparedData(collection, dict(zip(datasets.SPLITS, _segments(collection, cut, split), strict=True)), cut)


def prepare_data_once(experiment: Experiment, *, progress: Progress = silent) -> PreparedData:
    """Prepares data as `prepare_data` does, unless this process prepared the same data last.

    Args:
        experiment: experiment whose sections dataset, audio and split say how.
        progress: shows the work that takes long.

    Raises:
        BadInput: if the data set cannot be read or split as asked.
    """
    sections = experiment.model_dump_json(include={"dataset", "audio", "split"})
    if sections not in _last:
        _last.clear()
        _last[sections] = prepare_data(experiment, progress=progress)
    return _last[sections]


def _check(collection: Collection, cut: AudioSection) -> None:
    """Refuses labels without usable clips, and segments that are longer than all clips."""
    for label, count in collection.audit["labels"].items():
        if not count["clips"]:
            raise BadInput(
                f"label '{label}': none of its clips can be used; mend them, or leave it out of dataset.labels"
            )
    longest = collection.audit["longest_seconds"]
    if cut.segment_seconds > longest:
        raise BadInput(
            f"audio.segment_seconds: {cut.segment_seconds} s is longer than every clip (the longest has "
            f"{longest:.2f} s): make it shorter"
        )


def _segments(collection: Collection, cut: AudioSection, section: SplitSection) -> list[list[Segment]]:
    """Splits the clips and cuts them into segments, or the other way round; gives the segments of each split."""
    if section.by == "segment":
        drawn = draw_segments(collection, collection.clips, cut=cut, count=cut.segments, seed=section.seed)
        parts = datasets.split(drawn, section.validation, test=section.test, seed=section.seed, by="segment")
        return list(parts)
    train, *held_out = _split(collection, section)
    count = None if cut.segments is None else max(1, round(cut.segments * len(train) / len(collection.clips)))
    trained = draw_segments(collection, train, cut=cut, count=count, seed=section.seed)
    return [trained, *(cover_clips(clips, collection.decoded, cut=cut) for clips in held_out)]


def _split(collection: Collection, section: SplitSection) -> tuple[list[Clip], ...]:
    """Splits the clips, and remarks on those that their publishers put into another split.

    Raises:
        BadInput: as `datasets.split` does, naming the first broken clip, which may be the one that is missing.
    """
    published = section.published
    try:
        parts = datasets.split(
            collection.clips, section.validation, test=section.test, seed=section.seed, published=published
        )
    except BadInput as error:
        broken = collection.audit["broken"]
        if not broken:
            raise
        first = f"{broken[0]['clip']}: {broken[0]['problem']}"
        raise BadInput(f"{error} ({len(broken)} clips cannot be used, the first is {first})") from None
    if published:
        made = {clip.split for clip in collection.clips}
        moved = [
            f"{clip.name} (published as {clip.split}, now {name})"
            for name, part in zip(datasets.SPLITS, parts, strict=True)
            for clip in part
            if clip.split not in (None, name) and (name != "validation" or "validation" in made)
        ]
        if moved:
            collection.audit["remarks"].append(
                f"{len(moved)} clips are in another part than published, since their groups lie in several: {moved[0]}"
                + ", ..." * (len(moved) > 1)
            )
    return parts
