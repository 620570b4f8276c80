"""Models beside each other: figures with intervals, and which differ by more than chance."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kerasinst import evaluation
from kerasinst.reporting.findings import Entry

ALPHA = 0.05
"""P-values below it are called a difference."""


@dataclass(frozen=True)
class Comparison:
    """Models with the same labels and protocol, best first.

    Attributes:
        entries: in the order of the table.
        table: a row for each, in numbers. `p_accuracy` and `p_f1` compare it with the best on the same clips,
            Holm-corrected over the table; they are missing where it was tested on other clips.
        best: what the others are compared with: of those tested on the most common clips, the most accurate.
    """

    entries: list[Entry]
    table: pd.DataFrame
    best: Entry

    @property
    def protocol(self) -> str:
        """Either "group" or "segment" (leaky)."""
        return self.best.metrics["protocol"]

    def alike(self) -> list[Entry]:
        """Models whose accuracy and F1 do not differ from the best's by more than chance."""
        apart = self.table[["p_accuracy", "p_f1"]]
        rows = self.table.p_accuracy.notna() & ~(apart < ALPHA).any(axis=1)
        return [entry for entry, row in zip(self.entries, rows, strict=True) if row]


def compare(entries: Iterable[Entry]) -> list[Comparison]:
    """One comparison for each set of labels and protocol: grouped ones first, larger ones first.

    Args:
        entries: of any runs.
    """
    parts: dict[tuple, list[Entry]] = {}
    for entry in entries:
        parts.setdefault((tuple(entry.labels), entry.metrics["task"], entry.metrics["protocol"]), []).append(entry)
    found = [_compare(part) for part in parts.values()]
    return sorted(found, key=lambda each: (each.protocol != "group", -len(each.entries)))


def _compare(entries: list[Entry]) -> Comparison:
    entries = sorted(
        entries, key=lambda entry: (-entry.metrics["clip"]["accuracy"], entry.metrics.get("bytes") or np.inf)
    )
    clips = [None if entry.tested is None else tuple(entry.tested.index) for entry in entries]
    known = [each for each in clips if each]
    common = max(known, key=known.count, default=None)
    best = entries[clips.index(common)]
    names = _names(entries)
    rows = [_row(entry, name) for entry, name in zip(entries, names, strict=True)]
    compared = [row for row, each in enumerate(clips) if each and each == common and entries[row] is not best]
    for figure, test in (("p_accuracy", _accuracy), ("p_f1", _f1)):
        p_values = [test(best, entries[row]) for row in compared]
        for row, p_value in zip(compared, evaluation.holm(p_values), strict=True):
            rows[row][figure] = p_value
    return Comparison(entries, pd.DataFrame(rows), best)


def _names(entries: list[Entry]) -> list[str]:
    """Their names, with their runs where two would read alike."""
    names = [entry.name for entry in entries]
    return [
        f"{name}, {entry.findings.key}" if names.count(name) > 1 else name
        for name, entry in zip(names, entries, strict=True)
    ]


def _row(entry: Entry, name: str) -> dict:
    metrics, published = entry.metrics, entry.published
    low, high = _f1_interval(entry)
    return {
        "model": name,
        "run": str(entry.findings.run.path),
        "kind": entry.kind,
        **evaluation.row(metrics["clip"]),
        "f1_low": low,
        "f1_high": high,
        "segment_accuracy": metrics["segment"]["accuracy"] if "segment" in metrics else np.nan,
        **{name: metrics.get(name) for name in ("parameters", "bytes", "milliseconds", "seconds_to_train", "n_clips")},
        "p_accuracy": np.nan,
        "p_f1": np.nan,
        "published_accuracy": published.accuracy if published else np.nan,
    }


def _numbers(entry: Entry) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of the true and of the predicted labels."""
    true = evaluation.truth(entry.tested, entry.labels).argmax(axis=1)
    return true, entry.tested[entry.labels].to_numpy().argmax(axis=1)


def _f1_interval(entry: Entry) -> tuple[float, float]:
    if entry.tested is None or entry.metrics["task"] != "single-label":
        return np.nan, np.nan
    return evaluation.bootstrap_f1(*_numbers(entry), entry.tested.group, len(entry.labels))


def _accuracy(best: Entry, other: Entry) -> float:
    return evaluation.mcnemar(best.correct(), other.correct(), best.tested.group)


def _f1(best: Entry, other: Entry) -> float:
    if best.metrics["task"] != "single-label":
        return np.nan
    true, predicted = _numbers(best)
    groups, labels = best.tested.group, len(best.labels)
    return evaluation.compare_f1(true, predicted, _numbers(other)[1], groups, labels)[2]
