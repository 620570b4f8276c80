"""Splits a data set into training, validation and test by whole groups, so that every label occurs in each."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal, TypeVar

from kerasinst.core.errors import BadInput
from kerasinst.datasets.clip import Clip, Segment

SPLITS = ("train", "validation", "test")
"""Names of the splits."""

Item = TypeVar("Item", Clip, Segment)


def split(
    items: Sequence[Item],
    validation: float = 0.16,
    *,
    test: float = 0.2,
    seed: int = 1,
    by: Literal["group", "segment"] = "group",
    published: bool = True,
) -> tuple[list[Item], list[Item], list[Item]]:
    """Splits clips or segments so that every label has its share of groups in each split.

    The order of groups depends only on the seed and on their names. The first groups of each label become test, the
    next ones validation, and all others are trained on. So further clips of one group do not move other groups. Labels
    with the fewest groups are dealt first. A group with several labels counts for all of them. Groups without labels,
    in which nothing sounds, are dealt in the same way, or trained on if there are fewer than three.

    Clips that the publishers of the data set assigned to a split stay there. A group that they divided goes to test as
    a whole, or to validation if none of it is in test. Nothing is added to a split that they made. If they made no
    validation split, it is taken from their training clips.

    Args:
        items: clips or segments.
        validation: share of each label's groups that validate; 0 leaves the validation split empty.
        test: share of each label's groups that test; 0 leaves the test split empty.
        seed: seed of the order of groups.
        by: "group", or "segment" to treat each item as a group of its own (the leaky protocol of some papers).
        published: whether to keep the split of the data set's publishers.

    Returns:
        `(train, validation, test)`, each in the order of `items`.

    Raises:
        BadInput: if there is only one label, or a label has fewer groups than there are splits.

    Example:
        >>> train, validation, test = split(clips, validation=0.16, test=0.2, seed=1)
    """
    keys, groups_of = _groups(items, seed, by)
    split_of = _published(items, keys) if published and by == "group" else {}
    made = set(split_of.values())
    shares = {"test": test, "validation": validation}
    shares = {name: 0.0 if name in made else share for name, share in shares.items()}
    split_of = {key: name for key, name in split_of.items() if name != "train"}
    pinned = set(split_of)
    needed = ["train"]  # a published split may lack rare labels in the others
    if not split_of:
        needed += [name for name, share in (("validation", validation), ("test", test)) if share > 0]
        _refuse_hopeless(groups_of, needed, by)
    kept_apart = {key for key, name in split_of.items() if name == "test"}
    for _, groups in sorted(groups_of.items(), key=lambda entry: (len(entry[1]), entry[0])):
        _deal([group for group in groups if group not in kept_apart], split_of, shares)
    silent = [group for group in _silent(keys, groups_of, seed) if group not in kept_apart]
    _deal(silent, split_of, shares if len(silent) >= len(SPLITS) else {})
    for label, groups in sorted(groups_of.items()):
        for name in needed:
            if all(split_of[group] != name for group in groups) and not _mend(
                name, [group for group in groups if group not in pinned], groups_of, split_of, needed
            ):
                raise BadInput(
                    f"label '{label}': none of its {len(groups)} groups is left for {name} (some hold other labels, or "
                    "the data set's publishers put them elsewhere): add recordings, or leave the label out"
                )
    parts: dict[str, list[Item]] = {name: [] for name in SPLITS}
    for key, item in zip(keys, items, strict=True):
        parts[split_of.get(key, "train")].append(item)
    return parts["train"], parts["validation"], parts["test"]


def folds(
    items: Sequence[Item], n_folds: int = 5, *, seed: int = 1, by: Literal["group", "segment"] = "group"
) -> list[tuple[list[Item], list[Item]]]:
    """Divides clips or segments into the folds of a cross-validation; groups stay whole.

    Groups are ordered as in `split`, and each goes to the fold that has the fewest groups of its label.

    Args:
        items: clips or segments.
        n_folds: number of folds, at least 2.
        seed: seed of the order of groups.
        by: "group", or "segment" to treat each item as a group of its own.

    Returns:
        `n_folds` pairs of (train, test); each item is in one of the test parts.

    Raises:
        BadInput: if there is only one label, or a label has fewer groups than there are folds.

    Example:
        >>> for train, test in folds(clips, n_folds=5, seed=1):
        ...     ...
    """
    if n_folds < 2:
        raise BadInput(f"n_folds={n_folds}: use 2 or more")
    keys, groups_of = _groups(items, seed, by)
    _refuse_hopeless(groups_of, [f"{n_folds} folds"] * n_folds, by)
    fold_of: dict[str, int] = {}
    total: Counter[int] = Counter()
    in_order: list[list[str]] = [
        groups for _, groups in sorted(groups_of.items(), key=lambda entry: (len(entry[1]), entry[0]))
    ]
    for groups in [*in_order, _silent(keys, groups_of, seed)]:
        dealt = Counter(fold_of[group] for group in groups if group in fold_of)
        for group in groups:
            if group not in fold_of:
                fold = min(range(n_folds), key=lambda fold: (dealt[fold], total[fold], fold))
                fold_of[group] = fold
                dealt[fold] += 1
                total[fold] += 1
    return [
        (
            [item for key, item in zip(keys, items, strict=True) if fold_of.get(key, 0) != fold],
            [item for key, item in zip(keys, items, strict=True) if fold_of.get(key, 0) == fold],
        )
        for fold in range(n_folds)
    ]


def _groups(items: Sequence[Item], seed: int, by: str) -> tuple[list[str], dict[str, list[str]]]:
    """Gives the group of each item, and the groups of each label in the order of the seed."""
    keys = [item.group if by == "group" else f"{index}" for index, item in enumerate(items)]
    labels_of: dict[str, set[str]] = {}
    for key, item in zip(keys, items, strict=True):
        labels_of.setdefault(key, set()).update(item.labels)
    groups_of: dict[str, list[str]] = {}
    for key in _shuffled(labels_of, seed):
        for label in labels_of[key]:
            groups_of.setdefault(label, []).append(key)
    return keys, groups_of


def _silent(keys: Sequence[str], groups_of: dict[str, list[str]], seed: int) -> list[str]:
    """Lists the groups without labels in the order of the seed."""
    return _shuffled(set(keys).difference(*groups_of.values()), seed)


def _shuffled(keys: Iterable[str], seed: int) -> list[str]:
    """Orders groups by the seed and their names alone."""
    return sorted(keys, key=lambda key: hashlib.sha256(f"{seed}:{key}".encode()).digest())


def _published(items: Sequence[Item], keys: list[str]) -> dict[str, str]:
    """Gives the published split of each group that has one."""
    split_of: dict[str, str] = {}
    for key, item in zip(keys, items, strict=True):
        published = item.clip.split if isinstance(item, Segment) else item.split
        if published:
            split_of[key] = max(published, split_of.get(key, "train"), key=SPLITS.index)
    return split_of


def _deal(groups: list[str], split_of: dict[str, str], shares: dict[str, float]) -> None:
    """Assigns the groups of one label that have no split yet, in place."""
    dealt = Counter(split_of[group] for group in groups if group in split_of)
    free = [group for group in groups if group not in split_of]
    held_back = 1 if len(groups) > 1 and not dealt["train"] else 0
    for name, share in shares.items():
        quota = max(1, round(share * len(groups))) - dealt[name] if share else 0
        take = min(max(0, quota), max(0, len(free) - held_back))
        split_of.update(dict.fromkeys(free[:take], name))
        free = free[take:]
    split_of.update(dict.fromkeys(free, "train"))


def _mend(
    name: str, free: list[str], groups_of: dict[str, list[str]], split_of: dict[str, str], needed: list[str]
) -> bool:
    """Moves a group with several labels into a split that lacks one, if no other label then lacks the old one."""
    for group in free:
        of_label = [groups for groups in groups_of.values() if group in groups]
        old = split_of[group]
        if old not in needed or all(sum(split_of[other] == old for other in groups) > 1 for groups in of_label):
            split_of[group] = name
            return True
    return False


def _refuse_hopeless(groups_of: dict[str, list[str]], wanted: list[str], by: str) -> None:
    """Refuses a single label, and labels with fewer groups than are wanted."""
    if len(groups_of) < 2:
        only = next(iter(groups_of), "none")
        raise BadInput(f"one label only ('{only}'): a classifier needs at least two; check dataset.path and labels")
    for label, groups in sorted(groups_of.items()):
        if len(groups) < len(wanted):
            advice = " or set split.test to 0" if "test" in wanted else ""
            raise BadInput(
                f"label '{label}' has {len(groups)} {by}{'s' * (len(groups) != 1)}, but {', '.join(wanted)} need one "
                f"each: add recordings, leave the label out of dataset.labels{advice}"
            )
