"""The leak audit: finds clips that belong together although the data set does not say so.

Exact duplicates have the same decoded audio. Near duplicates hold the same recording, trimmed, resampled, re-encoded or
louder. A session is what one person recorded in one go, with the same instrument, room and microphone. If the data set
numbers its uploads, clips with near numbers are a session, otherwise clips of one label whose long-term spectra are
alike.
"""

import hashlib
import inspect
import itertools
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from sklearn.neighbors import NearestNeighbors

from kerasinst.core import files
from kerasinst.core.progress import Progress, silent, track
from kerasinst.datasets import fingerprint
from kerasinst.datasets.audio_cache import DecodedClips
from kerasinst.datasets.clip import Clip

ALIKE = 12.0
"""Largest Euclidean distance in dB of the backgrounds of two clips that are likely of one session."""

Sets = list[list[str]]
"""Sets of names of clips."""


@dataclass(frozen=True)
class Leaks:
    """Sets of names of clips that belong together; a clip is in at most one set of each kind.

    Attributes:
        duplicates: clips with the same decoded audio.
        near_duplicates: clips of different groups that hold the same recording.
        sessions: clips that were likely recorded in one go.
        sessions_by: "number" if sessions were found by the serial numbers of clips, or "sound".
    """

    duplicates: Sets
    near_duplicates: Sets
    sessions: Sets
    sessions_by: Literal["number", "sound"]


def find(
    clips: Sequence[Clip], decoded: DecodedClips, *, session_gap: int = 1000, progress: Progress = silent
) -> Leaks:
    """Compares all clips with each other, and keeps the result in the cache.

    Args:
        clips: clips that can be decoded.
        decoded: the decoded clips.
        session_gap: largest difference of the serial numbers of two neighbouring clips of one session.
        progress: shows how many pairs of recordings are compared.

    Example:
        >>> find(clips, decode(clips, 22050)).near_duplicates
        [['kick-a.wav', 'kick-b.mp3']]
    """
    path = files.cache_folder("leaks", f"{_key(clips, decoded, session_gap)}.json")
    if not path.is_file():
        files.write_json(path, asdict(_compare(clips, decoded, session_gap, progress)))
    return Leaks(**json.loads(path.read_text(encoding="utf-8")))


def join(clips: Sequence[Clip], sets: Iterable[Sequence[str]]) -> list[Clip]:
    """Joins the groups of clips wherever a set holds clips of several groups.

    Args:
        clips: clips of a data set.
        sets: sets of names of clips.

    Returns:
        The clips in the same order; a joined group has the first of the names of its groups.

    Example:
        >>> [clip.group for clip in join([a, b, c], [["b.wav", "c.wav"]])]
        ['a.wav', 'b.wav', 'b.wav']
    """
    number = {group: index for index, group in enumerate(sorted({clip.group for clip in clips}))}
    group_of = {clip.name: number[clip.group] for clip in clips}
    edges = [(group_of[names[0]], group_of[name]) for names in sets for name in names[1:]]
    component = _components(len(number), edges)
    first = dict(zip(reversed(component.tolist()), reversed(list(number)), strict=True))
    groups = [first[component[number[clip.group]]] for clip in clips]
    return [
        clip if group == clip.group else replace(clip, group=group) for clip, group in zip(clips, groups, strict=True)
    ]


def describe(clips: Sequence[Clip], leaks: Leaks, *, held_out: float) -> dict[str, Any]:
    """Describes the findings of the audit, as `audit.json` holds them.

    A pair leaks in a random split of clips if one clip is trained on and the other is held out. Of n pairs,
    `n * 2 * held_out * (1 - held_out)` leak on average.

    Args:
        clips: clips with the groups that their reader gave.
        leaks: sets of clips that belong together.
        held_out: share of validation and test together.
    """
    labels = {clip.name: set(clip.labels) for clip in clips}
    groups: dict[str, list[str]] = {}
    for clip in clips:
        groups.setdefault(clip.group, []).append(clip.name)
    kinds = {
        "group": list(groups.values()),
        "duplicates": leaks.duplicates,
        "near_duplicates": leaks.near_duplicates,
        "sessions": leaks.sessions,
    }
    pairs = {kind: sum(len(names) * (len(names) - 1) // 2 for names in sets) for kind, sets in kinds.items()}
    same = leaks.duplicates + leaks.near_duplicates
    return {
        "duplicates": leaks.duplicates,
        "near_duplicates": leaks.near_duplicates,
        "same_audio_other_labels": [names for names in same if any(labels[name] != labels[names[0]] for name in names)],
        "sessions_by": leaks.sessions_by,
        "sessions": leaks.sessions,
        "pairs": pairs,
        "pairs_leaked_by_a_random_split": {
            kind: round(count * 2 * held_out * (1 - held_out)) for kind, count in pairs.items()
        },
    }


def _key(clips: Sequence[Clip], decoded: DecodedClips, session_gap: int) -> str:
    """Describes the clips, and the code that compares them, for the cache."""
    described: list[object] = [inspect.getsource(module) for module in (fingerprint, sys.modules[__name__])]
    described += [shard.key for shard in decoded.shards]
    described += [[clip.name, clip.group, clip.labels, clip.serial] for clip in clips]
    return hashlib.sha256(json.dumps([*described, session_gap]).encode()).hexdigest()[:24]


def _compare(clips: Sequence[Clip], decoded: DecodedClips, session_gap: int, progress: Progress) -> Leaks:
    """Finds duplicates, near duplicates and sessions."""
    of_digest: dict[str, list[int]] = {}
    for index, clip in enumerate(clips):
        of_digest.setdefault(decoded.facts[clip.name].digest, []).append(index)
    duplicates = [members for members in of_digest.values() if len(members) > 1]
    numbered = any(clip.serial is not None for clip in clips)
    first = [same[0] for same in of_digest.values()]
    near_duplicates = _near_duplicates(clips, decoded, first, progress)
    sessions = _by_number(clips, session_gap) if numbered else _by_sound(clips, decoded)
    return Leaks(
        duplicates=_named(clips, duplicates),
        near_duplicates=_named(clips, near_duplicates),
        sessions=_named(clips, sessions),
        sessions_by="number" if numbered else "sound",
    )


def _near_duplicates(
    clips: Sequence[Clip], decoded: DecodedClips, chosen: list[int], progress: Progress
) -> list[list[int]]:
    """Finds near duplicates among chosen clips: the first one of each set of exact duplicates."""
    of_clip = {
        clip.name: marks for shard in decoded.shards for clip, marks in zip(shard.clips, shard.landmarks(), strict=True)
    }
    pairs = fingerprint.candidates([of_clip[clips[index].name] for index in chosen])
    apart = [
        (chosen[one], chosen[other], offset)
        for one, other, offset in pairs
        if clips[chosen[one]].group != clips[chosen[other]].group
    ]
    same: list[tuple[int, int]] = []
    low = lru_cache(maxsize=64)(lambda index: fingerprint.low(decoded.waveform(clips[index]), decoded.sample_rate))
    for one, other, offset in track(sorted(apart), "comparing recordings", progress=progress) if apart else ():
        if fingerprint.is_same(low(one), low(other), offset=offset):
            same.append((one, other))
    return _sets(_components(len(clips), same))


def _by_number(clips: Sequence[Clip], gap: int) -> list[list[int]]:
    """Finds sessions of clips whose serial numbers are near."""
    numbered = [(clip.serial, index) for index, clip in enumerate(clips) if clip.serial is not None]
    near = [
        (index, after)
        for (serial, index), (serial_after, after) in itertools.pairwise(sorted(numbered))
        if serial_after - serial <= gap
    ]
    return _sets(_components(len(clips), near))


def _by_sound(clips: Sequence[Clip], decoded: DecodedClips) -> list[list[int]]:
    """Finds sessions of clips of one label whose backgrounds are alike."""
    of_clip = {
        clip.name: row for shard in decoded.shards for clip, row in zip(shard.clips, shard.backgrounds(), strict=True)
    }
    backgrounds = np.stack([of_clip[clip.name] for clip in clips])
    near: list[tuple[int, int]] = []
    for labels in {clip.labels for clip in clips}:
        members = np.array([index for index, clip in enumerate(clips) if clip.labels == labels])
        graph = NearestNeighbors(radius=ALIKE, algorithm="brute").fit(backgrounds[members]).radius_neighbors_graph()
        near.extend(zip(*(members[side].tolist() for side in graph.nonzero()), strict=True))
    return _sets(_components(len(clips), near))


def _components(n: int, edges: Sequence[tuple[int, int]]) -> np.ndarray:
    """Numbers the connected components of a graph, shape `(n,)`."""
    one, other = zip(*edges, strict=True) if edges else ((), ())
    return connected_components(coo_array((np.ones(len(one)), (one, other)), shape=(n, n)), directed=False)[1]


def _sets(component: np.ndarray) -> list[list[int]]:
    """Lists the members of each component that has several."""
    members: dict[int, list[int]] = {}
    for index, number in enumerate(component.tolist()):
        members.setdefault(number, []).append(index)
    return [found for found in members.values() if len(found) > 1]


def _named(clips: Sequence[Clip], sets: list[list[int]]) -> Sets:
    """Gives sorted names of clips in place of their numbers."""
    return sorted(sorted(clips[index].name for index in members) for members in sets)
