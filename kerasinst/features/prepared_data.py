"""What a training needs of its data: segments of each split."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np

from kerasinst import audio, datasets
from kerasinst.core.errors import BadInput
from kerasinst.datasets import Clip, Collection, DecodedClips, Segment
from kerasinst.experiment import Experiment
from kerasinst.experiment.audio import AudioSection


@dataclass(frozen=True)
class Data:
    """A data set cut and split as an experiment says.

    Attributes:
        collection: usable clips, their labels and what was found about them.
        segments: of each split, clip by clip.
    """

    collection: Collection
    segments: dict[str, list[Segment]]

    @property
    def labels(self) -> list[str]:
        """In the order of scores."""
        return self.collection.labels

    def __str__(self):
        """How much there is of everything.

        Example:
            >>> str(prepare(experiment))
            '1,800 clips of 10 labels in 360 groups: segments to train 1,000, validate 350, test 450'
        """
        clips = self.collection.clips
        parts = zip(("train", "validate", "test"), datasets.SPLITS, strict=True)
        counts = ", ".join(f"{name} {len(self.segments[split]):,}" for name, split in parts)
        groups = len({clip.group for clip in clips})
        return f"{len(clips):,} clips of {len(self.labels)} labels in {groups:,} groups: segments to {counts}"

    def targets(self, split: str, task: str = "single-label") -> np.ndarray:
        """Rows of shape `(segments, labels)` with a 1 for each label that a segment has.

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
        targets = np.zeros((len(self.segments[split]), len(self.labels)), np.float32)
        for row, segment in zip(targets, self.segments[split], strict=True):
            row[[column[label] for label in segment.labels]] = 1
        return targets


def label_balanced_order(targets: np.ndarray, seed: int) -> np.ndarray:
    """Rows in an order by the seed in which labels take turns, so that the first few hold all labels alike.

    Args:
        targets: `(rows, labels)`; rows without a label come last.
        seed: of the order.

    Example:
        >>> label_balanced_order(np.array([[1, 0], [1, 0], [1, 0], [0, 1]]), seed=1)[:2]
        array([0, 3])
    """
    random = np.random.default_rng(seed)
    of_label = [random.permutation(np.flatnonzero(column)) for column in targets.T]
    turns = [rows[turn] for turn in range(max(map(len, of_label))) for rows in of_label if turn < len(rows)]
    return np.array(list(dict.fromkeys([*turns, *random.permutation(len(targets))])), dtype=int)


def prepare(experiment: Experiment) -> Data:
    """Reads the data set, sorts out what cannot be used, splits it and cuts it into segments.

    Raises:
        BadInput: if the data set cannot be read or split as asked.
    """
    section, cut, split = experiment.dataset, experiment.audio, experiment.split
    collection = datasets.collect(
        datasets.read_section(section),
        section.labels,
        min_seconds=section.min_seconds,
        sample_rate=cut.sample_rate,
        by=split.by,
        session_gap=split.session_gap,
        held_out=split.validation + split.test,
        overlooked=datasets.overlooked(section),
    )
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
    shares = dict(validation=split.validation, test=split.test, seed=split.seed)
    if split.by == "segment":
        drawn = segments_of(collection, collection.clips, cut, cut.segments, split.seed)
        parts = datasets.split(drawn, **shares, by="segment")
    else:
        train, *held_out = _split(collection, split.published, shares)
        drawn = cut.segments and max(1, round(cut.segments * len(train) / len(collection.clips)))
        parts = [segments_of(collection, train, cut, drawn, split.seed)]
        parts += [segments_of(collection, clips, cut, None, split.seed) for clips in held_out]
    return Data(collection, dict(zip(datasets.SPLITS, parts, strict=True)))


def _split(collection: Collection, published: bool, shares: dict[str, Any]) -> tuple[list[Clip], ...]:
    """Splits the clips, and remarks on those that publishers put elsewhere.

    Raises:
        BadInput: as `datasets.split`, with the first broken clip, which may be what lacks.
    """
    try:
        parts = datasets.split(collection.clips, **shares, published=published)
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


def cover(clips: Sequence[Clip], decoded: DecodedClips, cut: AudioSection) -> list[Segment]:
    """Segments that cover the clips from start to end, but for what the experiment leaves out."""
    length, hop = cut.segment_samples, cut.hop_samples

    def starts(clip: Clip) -> np.ndarray:
        if cut.trim_db is None and cut.quiet_db is None:
            return audio.starts(decoded.facts[clip.name].samples, length, hop)  # without reading the waveform
        return audio.starts_in(decoded.waveform(clip), length, hop, cut.trim_db, cut.quiet_db)

    return [Segment(clip, int(start)) for clip in clips for start in starts(clip)]


def waveforms(segments: Sequence[Segment], decoded: DecodedClips, cut: AudioSection) -> Iterator[np.ndarray]:
    """The segments of one clip at a time, `(segments, samples)`."""
    for clip, of_clip in groupby(segments, key=lambda segment: segment.clip):
        starts = np.array([segment.start for segment in of_clip])
        yield audio.cut(decoded.waveform(clip), starts, cut.segment_samples)


def segments_of(
    collection: Collection, clips: Sequence[Clip], cut: AudioSection, count: int | None, seed: int
) -> list[Segment]:
    """So many random segments of the clips, or, if `count` is None, those that cover them."""
    if count is None:
        return cover(clips, collection.decoded, cut)
    random = np.random.default_rng(seed)
    of_label = {label: [clip for clip in clips if label in clip.labels] for label in collection.labels}
    decoded = collection.decoded
    sounding = {clip.name: (0, decoded.facts[clip.name].samples) for clip in clips}
    if cut.trim_db is not None:
        sounding = {clip.name: audio.sounding(decoded.waveform(clip), cut.trim_db) for clip in clips}
    drawn = []
    for index in range(count):
        choices = clips if count >= len(clips) > index else of_label[collection.labels[random.integers(len(of_label))]]
        clip = choices[index] if choices is clips else choices[random.integers(len(choices))]
        first, end = sounding[clip.name]
        room = max(0, end - first - cut.segment_samples)
        drawn.append(Segment(clip, first + int(random.integers(room + 1))))
    return sorted(drawn, key=lambda segment: (segment.clip.name, segment.start))
