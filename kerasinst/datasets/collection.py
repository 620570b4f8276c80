"""A data set as it really is: clips that decode, how long they are, what is wrong with the others, and what leaks."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from kerasinst.core.errors import BadInput, suggest
from kerasinst.core.progress import Progress, silent
from kerasinst.datasets import leaks
from kerasinst.datasets.audio_cache import DecodedClips, Facts, decode
from kerasinst.datasets.clip import Clip
from kerasinst.datasets.labels import refuse_unusable, twins


@dataclass(frozen=True)
class Collection:
    """The usable clips of a data set.

    Attributes:
        clips: that decode, are not silent and have a wanted label; groups that share a recording are joined.
        decoded: their waveforms and facts.
        labels: in the order of scores.
        audit: what was counted and found, ready for `audit.json`.
    """

    clips: list[Clip]
    decoded: DecodedClips
    labels: list[str]
    audit: dict[str, Any]


def collect(
    found: Sequence[Clip],
    labels: list[str] | None = None,
    *,
    min_seconds: float = 0.0,
    sample_rate: int = 22050,
    by: Literal["group", "session", "segment"] = "group",
    session_gap: int = 1000,
    held_out: float = 0.36,
    overlooked: Sequence[str] = (),
    progress: Progress = silent,
) -> Collection:
    """Decodes every wanted clip once, sorts out what cannot be used, and joins the groups of what belongs together.

    Args:
        found: what `datasets.read` gave.
        labels: the wanted labels in the order of scores; None takes all, sorted.
        min_seconds: shorter clips are left out.
        sample_rate: that clips are decoded to, in Hz.
        by: "session" joins sessions into one group, too.
        session_gap: see `leaks.find`.
        held_out: share of validation and test together, for the number of pairs that a random split would leak.
        overlooked: what `datasets.overlooked` says, for the remarks of the audit.
        progress: is told of clips that are decoded and compared.

    Raises:
        BadInput: if a wanted label does not occur, or no clip can be used.

    Example:
        >>> collect(read("folder", "~/recordings"), min_seconds=1.0).audit["labels"]
        {'cello': {'clips': 15, 'groups': 15, 'hours': 0.0421}, ...}
    """
    labels = _check_labels(labels, {label for clip in found for label in clip.labels})
    wanted = [clip for clip in found if set(clip.labels) <= set(labels)]
    decoded = decode([clip for clip in wanted if not clip.problem], sample_rate, progress=progress)
    facts = [(clip, Facts(problem=clip.problem) if clip.problem else decoded.facts[clip.name]) for clip in wanted]
    broken = [(clip, fact) for clip, fact in facts if fact.problem]
    silent = [clip.name for clip, fact in facts if fact.silent]
    whole = [(clip, fact) for clip, fact in facts if not fact.problem and not fact.silent]
    usable = [(clip, fact) for clip, fact in whole if fact.seconds >= min_seconds]
    if not wanted:
        raise BadInput(
            f"none of {len(found)} clips has wanted labels alone ({', '.join(labels)}); check dataset.labels"
        )
    if not usable:
        why = f"{len(broken)} broken, {len(silent)} silent, {len(whole)} shorter than {min_seconds} s"
        first = f"; the first broken one, {broken[0][0].name}: {broken[0][1].problem}" if broken else ""
        raise BadInput(f"none of {len(wanted)} clips can be used: {why}{first}")
    clips = [clip for clip, _ in usable]
    together = leaks.find(clips, decoded, session_gap=session_gap, progress=progress)
    sets = together.duplicates + together.near_duplicates + (together.sessions if by == "session" else [])
    joined = leaks.join(clips, sets)
    usable = [(clip, fact) for clip, (_, fact) in zip(joined, usable, strict=True)]
    audit = {
        "clips": len(usable),
        "groups": len({clip.group for clip in joined}),
        "hours": round(sum(fact.seconds for _, fact in usable) / 3600, 4),
        "shortest_seconds": round(min(fact.seconds for _, fact in usable), 3),
        "longest_seconds": round(max(fact.seconds for _, fact in usable), 3),
        "sample_rates": {str(rate): n for rate, n in Counter(fact.sample_rate for _, fact in usable).most_common()},
        "labels": {label: _count(label, usable) for label in labels},
        "other_labels": len(found) - len(wanted),
        "too_short": len(whole) - len(usable),
        "broken": [{"clip": clip.name, "problem": fact.problem} for clip, fact in broken],
        "silent": silent,
        "clipped": [clip.name for clip, fact in usable if fact.clipped],
        "remarks": [
            *overlooked,
            *twins(labels),
            *(f"{clip.name}: {remark}" for clip, fact in usable for remark in fact.remarks),
        ],
        **leaks.describe(clips, together, held_out=held_out),
    }
    return Collection(joined, decoded, labels, audit)


def _check_labels(labels: list[str] | None, known: set[str]) -> list[str]:
    for label in labels or ():
        if label not in known:
            raise BadInput(f"dataset.labels: the data set has no label '{label}'; {suggest(label, known)}")
    refuse_unusable(labels or sorted(known))
    return labels or sorted(known)


def _count(label: str, usable: list[tuple[Clip, Facts]]) -> dict[str, Any]:
    of_label = [(clip, fact) for clip, fact in usable if label in clip.labels]
    return {
        "clips": len(of_label),
        "groups": len({clip.group for clip, _ in of_label}),
        "hours": round(sum(fact.seconds for _, fact in of_label) / 3600, 4),
    }
