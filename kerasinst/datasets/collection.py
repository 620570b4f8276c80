"""A data set as it really is: clips that decode, how long they are, and what is wrong with the others."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kerasinst import audio
from kerasinst.console import track
from kerasinst.datasets.clip import Clip
from kerasinst.errors import AudioError, BadInput, suggest
from kerasinst.parallel import in_order

RESERVED = ("clip", "group", "labels", "split")
"""Columns of the tables of results, which also have a column for each label."""


@dataclass(frozen=True)
class Collection:
    """The usable clips of a data set.

    Attributes:
        clips: that decode, are not silent and have a wanted label.
        seconds: length of each clip, by its name.
        labels: in the order of scores.
        audit: what was counted and found, ready for `audit.json`.
    """

    clips: list[Clip]
    seconds: dict[str, float]
    labels: list[str]
    audit: dict[str, Any]


@dataclass(frozen=True)
class _Facts:
    seconds: float = 0.0
    sample_rate: int = 0
    problem: str | None = None


def collect(found: Sequence[Clip], labels: list[str] | None = None, min_seconds: float = 0.0) -> Collection:
    """Decodes every wanted clip once and sorts out what cannot be used.

    Args:
        found: what `datasets.read` gave.
        labels: the wanted labels in the order of scores; None takes all, sorted.
        min_seconds: shorter clips are left out.

    Raises:
        BadInput: if a wanted label does not occur, or no clip can be used.

    Example:
        >>> collect(read("folder", "~/recordings"), min_seconds=1.0).audit["labels"]
        {'cello': {'clips': 15, 'groups': 15, 'hours': 0.0421}, ...}
    """
    known = {label for clip in found for label in clip.labels}
    for label in labels or ():
        if label not in known:
            raise BadInput(f"dataset.labels: the data set has no label '{label}'; {suggest(label, known)}")
    labels = labels or sorted(known)
    for label in labels:
        if "|" in label or label in RESERVED:
            raise BadInput(f"a label cannot be called '{label}', since tables of results use that; rename it")
    wanted = [clip for clip in found if set(clip.labels) <= set(labels)]
    facts = _inspect(wanted)
    broken = [(clip, fact) for clip, fact in zip(wanted, facts, strict=True) if fact.problem]
    whole = [(clip, fact) for clip, fact in zip(wanted, facts, strict=True) if not fact.problem]
    usable = [(clip, fact) for clip, fact in whole if fact.seconds >= min_seconds]
    if not usable:
        first = f"; the first says: {broken[0][1].problem}" if broken else f" of at least {min_seconds} s"
        raise BadInput(f"none of {len(wanted)} clips can be used{first}")
    audit = {
        "clips": len(usable),
        "groups": len({clip.group for clip, _ in usable}),
        "hours": round(sum(fact.seconds for _, fact in usable) / 3600, 4),
        "shortest_seconds": round(min(fact.seconds for _, fact in usable), 3),
        "longest_seconds": round(max(fact.seconds for _, fact in usable), 3),
        "sample_rates": {str(rate): n for rate, n in Counter(fact.sample_rate for _, fact in usable).most_common()},
        "labels": {label: _count(label, usable) for label in labels},
        "other_labels": len(found) - len(wanted),
        "too_short": len(whole) - len(usable),
        "broken": [{"clip": clip.name, "problem": fact.problem} for clip, fact in broken],
    }
    seconds = {clip.name: fact.seconds for clip, fact in usable}
    return Collection([clip for clip, _ in usable], seconds, labels, audit)


def _count(label: str, usable: list[tuple[Clip, _Facts]]) -> dict[str, Any]:
    of_label = [(clip, fact) for clip, fact in usable if label in clip.labels]
    return {
        "clips": len(of_label),
        "groups": len({clip.group for clip, _ in of_label}),
        "hours": round(sum(fact.seconds for _, fact in of_label) / 3600, 4),
    }


def _inspect(clips: list[Clip]) -> list[_Facts]:
    return list(track(in_order(_facts, clips), "reading audio", total=len(clips)))


def _facts(clip: Clip) -> _Facts:
    try:
        waveform, sample_rate = audio.read(clip.path, clip.start, clip.end)
    except AudioError as error:
        return _Facts(problem=str(error).removeprefix(f"{clip.path}: "))
    if np.abs(waveform).max() < audio.SILENCE:
        return _Facts(problem="silent")
    return _Facts(seconds=len(waveform) / sample_rate, sample_rate=sample_rate)
