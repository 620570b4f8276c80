"""Cuts clips into segments, from start to end or drawn at random."""

from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np

from kerasinst import audio, datasets
from kerasinst.datasets import Clip, Collection, DecodedClips, Segment
from kerasinst.experiment.audio import AudioSection


def cover_clips(clips: Sequence[Clip], decoded: DecodedClips, *, cut: AudioSection) -> list[Segment]:
    """Covers clips with segments from start to end, except where the experiment leaves out what is too quiet.

    Args:
        clips: the clips, in any order.
        decoded: the decoded clips.
        cut: section of the experiment that gives the length of segments, their distance and the quiet parts to leave
            out.

    Returns:
        Segments in the order of the clips and of time.
    """
    length, hop = cut.segment_samples, cut.hop_samples

    def starts(clip: Clip) -> np.ndarray:
        if cut.frame_seconds:
            return np.arange(0, decoded.facts[clip.name].samples, hop)
        if cut.trim_db is None and cut.quiet_db is None:
            return audio.starts(decoded.facts[clip.name].samples, length, hop=hop)  # without reading the waveform
        return audio.starts_in(decoded.waveform(clip), length, hop=hop, trim_db=cut.trim_db, quiet_db=cut.quiet_db)

    return [segment for clip in clips for segment in _labelled(clip, starts(clip), cut)]


def _labelled(clip: Clip, starts: np.ndarray, cut: AudioSection) -> list[Segment]:
    """Makes the segments of a clip that begin at samples `starts`, with the labels that sound in each."""
    if not clip.notes:
        return [Segment(clip, int(start)) for start in starts]
    shares = sounding_shares(clip, starts, labels=clip.labels, cut=cut)
    sounds = (shares.max(axis=1) if shares.ndim == 3 else shares) > 0
    named = [tuple(label for label, heard in zip(clip.labels, row, strict=True) if heard) for row in sounds]
    return [Segment(clip, int(start), labels) for start, labels in zip(starts, named, strict=True)]


def sounding_shares(clip: Clip, starts: np.ndarray, *, labels: Sequence[str], cut: AudioSection) -> np.ndarray:
    """Finds in which share of the labelled part of each segment each label sounds.

    Args:
        clip: clip with notes.
        starts: first sample of each segment, `(segments,)`.
        labels: labels in the order of columns.
        cut: section of the experiment that says which part of a segment is labelled.

    Returns:
        Shares from 0 to 1, `(segments, labels)`, or `(segments, frames, labels)` of the frames that a network scores.
    """
    if cut.frame_seconds and cut.n_frames:
        frames = (starts[:, None] / cut.sample_rate + cut.frame_seconds * np.arange(cut.n_frames)).ravel()
        found = datasets.shares(clip.notes, labels, starts=frames, seconds=cut.frame_seconds)
        return found.reshape(len(starts), cut.n_frames, len(labels))
    offset, seconds = cut.labelled
    return datasets.shares(clip.notes, labels, starts=starts / cut.sample_rate + offset, seconds=seconds)


def draw_segments(
    collection: Collection, clips: Sequence[Clip], *, cut: AudioSection, count: int | None, seed: int
) -> list[Segment]:
    """Draws random segments of clips, or covers the clips with segments.

    Each clip is drawn once if there are at least as many segments as clips; the segments beyond that are drawn so that
    labels come equally often.

    Args:
        collection: collection to which the clips belong.
        clips: clips of the collection.
        cut: section of the experiment that gives the length of segments and the silence to leave out.
        count: number of segments; None covers the clips from start to end.
        seed: seed of the drawing.

    Returns:
        Segments in the order of clips and time.
    """
    if count is None:
        return cover_clips(clips, collection.decoded, cut=cut)
    random = np.random.default_rng(seed)
    of_label = {label: [clip for clip in clips if label in clip.labels] for label in collection.labels}
    decoded = collection.decoded
    sounding = {clip.name: (0, decoded.facts[clip.name].samples) for clip in clips}
    if cut.trim_db is not None:
        sounding = {clip.name: audio.sounding(decoded.waveform(clip), cut.trim_db) for clip in clips}
    drawn = []
    for index in range(count):
        if count >= len(clips) > index:
            clip = clips[index]
        else:
            choices = of_label[collection.labels[int(random.integers(len(of_label)))]]
            clip = choices[int(random.integers(len(choices)))]
        first, end = sounding[clip.name]
        room = max(0, end - first - cut.segment_samples)
        drawn += _labelled(clip, np.array([first + int(random.integers(room + 1))]), cut)
    return sorted(drawn, key=lambda segment: (segment.clip.name, segment.start))


def segment_waveforms(segments: Sequence[Segment], decoded: DecodedClips, *, cut: AudioSection) -> Iterator[np.ndarray]:
    """Yields the waveforms of segments, those of one clip at a time.

    Args:
        segments: segments of one clip after the other.
        decoded: the decoded clips.
        cut: section of the experiment that gives the length of a segment.

    Yields:
        Waveforms of shape `(segments of the clip, samples)`, floats in [-1, 1].
    """
    for clip, of_clip in groupby(segments, key=lambda segment: segment.clip):
        starts = np.array([segment.start for segment in of_clip])
        yield audio.cut(decoded.waveform(clip), starts, length=cut.segment_samples)


def label_balanced_order(targets: np.ndarray, seed: int) -> np.ndarray:
    """Orders rows so that labels take turns, and even the first few rows hold all labels equally often.

    Args:
        targets: targets of shape `(rows, labels)` or `(rows, frames, labels)`; rows without a label come last.
        seed: seed of the order among rows with the same label.

    Returns:
        Indices of all rows.

    Example:
        >>> label_balanced_order(np.array([[1, 0], [1, 0], [1, 0], [0, 1]]), seed=1)[:2]
        array([0, 3])
    """
    random = np.random.default_rng(seed)
    shares = np.nan_to_num(targets)
    columns = ((shares.max(axis=1) if shares.ndim == 3 else shares) > 0).T
    of_label = [random.permutation(np.flatnonzero(column)) for column in columns]
    turns = [rows[turn] for turn in range(max(map(len, of_label))) for rows in of_label if turn < len(rows)]
    return np.array(list(dict.fromkeys([*turns, *random.permutation(len(targets))])), dtype=int)
