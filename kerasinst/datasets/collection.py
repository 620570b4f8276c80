"""Collects the usable clips of a data set, and audits it: lengths, broken clips, and clips that leak between splits."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from kerasinst.core.errors import BadInput, suggest
from kerasinst.core.progress import Progress, silent
from kerasinst.datasets import leaks
from kerasinst.datasets.audio_cache import DecodedClips, Facts, decode
from kerasinst.datasets.clip import Clip
from kerasinst.datasets.labels import refuse_unusable, twins
from kerasinst.datasets.pitches import are_pitches, sort_pitches

LATE = 0.1
"""Time in seconds after the end of a clip up to which notes may sound without a remark."""


@dataclass(frozen=True)
class Collection:
    """The usable clips of a data set.

    Attributes:
        clips: clips that can be decoded, are not silent and have wanted labels. Groups that share a recording are
            joined.
        decoded: waveforms of the clips, and facts about them.
        labels: labels in the order of scores.
        audit: findings about the data set, as `audit.json` holds them.
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
    """Decodes every wanted clip once, leaves out what cannot be used, and joins groups of clips that belong together.

    Args:
        found: clips as `datasets.read` gives them.
        labels: wanted labels in the order of scores; None takes all, sorted by name, or by pitch if they are pitches.
        min_seconds: clips shorter than this are left out.
        sample_rate: sample rate in Hz to which clips are decoded.
        by: kind of the split, "group", "session" or "segment"; "session" also joins the groups of each session.
        session_gap: largest difference of the serial numbers of two clips of one session.
        held_out: share of validation and test together, from which the pairs that a random split leaks are estimated.
        overlooked: sentences of `datasets.overlooked`, for the remarks of the audit.
        progress: shows how many clips are decoded and compared.

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
    if not wanted:
        raise BadInput(
            f"none of {len(found)} clips has wanted labels alone ({', '.join(labels)}); check dataset.labels"
        )
    whole = [(clip, fact) for clip, fact in facts if not fact.problem and not fact.silent]
    usable = [(_within(clip, fact), fact) for clip, fact in whole if fact.seconds >= min_seconds]
    broken = [(clip, fact) for clip, fact in facts if fact.problem]
    silenced = [clip.name for clip, fact in facts if fact.silent]
    if not usable:
        why = f"{len(broken)} broken, {len(silenced)} silent, {len(whole)} shorter than {min_seconds} s"
        first = f"; the first broken one, {broken[0][0].name}: {broken[0][1].problem}" if broken else ""
        raise BadInput(f"none of {len(wanted)} clips can be used: {why}{first}")
    clips = [clip for clip, _ in usable]
    together = leaks.find(clips, decoded, session_gap=session_gap, progress=progress)
    sets = together.duplicates + together.near_duplicates + (together.sessions if by == "session" else [])
    joined = leaks.join(clips, sets)
    audit = {
        **_totals([(clip, fact) for clip, (_, fact) in zip(joined, usable, strict=True)], labels),
        "other_labels": len(found) - len(wanted),
        "too_short": len(whole) - len(usable),
        "broken": [{"clip": clip.name, "problem": fact.problem} for clip, fact in broken],
        "silent": silenced,
        "clipped": [clip.name for clip, fact in usable if fact.clipped],
        "remarks": [
            *overlooked,
            *twins(labels),
            *(f"{clip.name}: {remark}" for clip, fact in usable for remark in fact.remarks),
            *(remark for clip, fact in usable for remark in _beyond(clip, fact)),
        ],
        **leaks.describe(clips, together, held_out=held_out),
    }
    return Collection(joined, decoded, labels, audit)


def _within(clip: Clip, fact: Facts) -> Clip:
    """Leaves out labels of a clip that sound only beyond its end."""
    late = {note.label for note in clip.notes} - {note.label for note in clip.notes if note.start < fact.seconds}
    return replace(clip, labels=tuple(label for label in clip.labels if label not in late)) if late else clip


def _beyond(clip: Clip, fact: Facts) -> list[str]:
    """Remarks on labels that sound beyond the end of a clip."""
    late = sum(note.end > fact.seconds + LATE for note in clip.notes)
    if not late:
        return []
    last = max(note.end for note in clip.notes)
    return [
        f"{clip.name}: {late} of {len(clip.notes)} notes end after the audio ({fact.seconds:.2f} s), up to {last:.2f} s"
    ]


def _totals(usable: list[tuple[Clip, Facts]], labels: list[str]) -> dict[str, Any]:
    """Counts the usable clips, their groups, their length, their sample rates, and the clips of each label."""
    return {
        "clips": len(usable),
        "groups": len({clip.group for clip, _ in usable}),
        "hours": round(sum(fact.seconds for _, fact in usable) / 3600, 4),
        "shortest_seconds": round(min(fact.seconds for _, fact in usable), 3),
        "longest_seconds": round(max(fact.seconds for _, fact in usable), 3),
        "sample_rates": {str(rate): n for rate, n in Counter(fact.sample_rate for _, fact in usable).most_common()},
        "labels": {label: _count(label, usable) for label in labels},
    }


def _check_labels(labels: list[str] | None, known: set[str]) -> list[str]:
    """Gives the wanted labels, or all that are known; refuses those that do not occur or cannot be used."""
    for label in labels or ():
        if label not in known:
            raise BadInput(f"dataset.labels: the data set has no label '{label}'; {suggest(label, known)}")
    refuse_unusable(labels or known)
    return labels or (sort_pitches(known) if are_pitches(sorted(known)) else sorted(known))


def _count(label: str, usable: list[tuple[Clip, Facts]]) -> dict[str, Any]:
    """Counts the clips, groups and hours of a label."""
    of_label = [(clip, fact) for clip, fact in usable if label in clip.labels]
    return {
        "clips": len(of_label),
        "groups": len({clip.group for clip, _ in of_label}),
        "hours": round(sum(fact.seconds for _, fact in of_label) / 3600, 4),
    }
