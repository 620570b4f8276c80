"""Models beside each other: figures with intervals, and which differ by more than chance."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from kerasinst import evaluation
from kerasinst.reporting.run_data import ModelResult

ALPHA = 0.05
"""P-values below it are called a difference."""
COSTS = ("parameters", "bytes", "milliseconds", "seconds_to_train", "n_clips")


@dataclass(frozen=True)
class Comparison:
    """Models with the same labels and protocol, best first.

    Attributes:
        entries: in the order of the table, each with a name of its own.
        table: a row for each, in numbers. `p_accuracy` and `p_f1` compare it with the best; all of them are
            Holm-corrected together. `compared` says whether it was tested on the clips that most were tested on.
        best: what the others are compared with: the most accurate of those.
    """

    entries: list[ModelResult]
    table: pd.DataFrame
    best: ModelResult

    def alike(self) -> list[ModelResult]:
        """Models whose accuracy and F1 do not differ from the best's by more than chance."""
        different = (self.table[["p_accuracy", "p_f1"]] < ALPHA).any(axis=1)
        rows = self.table.p_accuracy.notna() & ~different
        return [entry for entry, row in zip(self.entries, rows, strict=True) if row]


def compare(entries: Iterable[ModelResult]) -> list[Comparison]:
    """One comparison for each set of labels and protocol: those that keep recordings whole first, larger ones first.

    Args:
        entries: of any runs.
    """
    parts: dict[tuple, list[ModelResult]] = {}
    for entry in entries:
        parts.setdefault((tuple(entry.labels), entry.metrics["task"], entry.leaky), []).append(entry)
    found = [_compare(part) for part in parts.values()]
    return sorted(found, key=lambda each: (each.best.leaky, -len(each.entries)))


def _compare(entries: list[ModelResult]) -> Comparison:
    entries = _named_apart(
        sorted(entries, key=lambda entry: (-entry.figures["accuracy"], entry.metrics.get("bytes") or np.inf))
    )
    clips = [entry.clips for entry in entries]
    known = [each for each in clips if each]
    common = max(known, key=known.count, default=None)
    order = sorted(range(len(entries)), key=lambda row: clips[row] != common)  # what is not compared comes last
    entries, clips = [entries[row] for row in order], [clips[row] for row in order]
    rows = [{**_row(entry), "compared": entry.clips == common} for entry in entries]
    judged = [row for row, each in enumerate(clips) if each and each == common and row]
    p_values = [test(entries[0], entries[row]) for test in (_accuracy, _f1) for row in judged]
    corrected = evaluation.holm(p_values)
    for place, row in enumerate(judged):
        rows[row] |= {"p_accuracy": corrected[place], "p_f1": corrected[len(judged) + place]}
    return Comparison(entries, pd.DataFrame(rows), entries[0])


def _named_apart(entries: list[ModelResult]) -> list[ModelResult]:
    """The same entries, with their runs in the names of those that would read alike."""
    names = [entry.name for entry in entries]
    return [
        replace(entry, name=f"{entry.name}, {entry.findings.key}") if names.count(entry.name) > 1 else entry
        for entry in entries
    ]


def _row(entry: ModelResult) -> dict:
    low, high = (np.nan, np.nan)
    if entry.tested is not None:
        low, high = evaluation.bootstrap_f1(*entry.judged(), entry.tested.group, len(entry.labels))
    over_seeds = entry.metrics.get("over_seeds", {}).get("accuracy", {})
    return {
        "model": entry.name,
        "run": str(entry.findings.run.path),
        "kind": entry.kind,
        **entry.figures,
        "f1_low": low,
        "f1_high": high,
        "seeds_mean": over_seeds.get("mean", np.nan),
        "seeds_deviation": over_seeds.get("standard_deviation", np.nan),
        **{name: entry.metrics.get(name) for name in COSTS},
        "p_accuracy": np.nan,
        "p_f1": np.nan,
        "published_accuracy": entry.published.accuracy if entry.published else np.nan,
    }


def _accuracy(best: ModelResult, other: ModelResult) -> float:
    return evaluation.mcnemar(best.correct(), other.correct(), groups=best.tested.group)


def _f1(best: ModelResult, other: ModelResult) -> float:
    true, named = best.judged()
    return evaluation.compare_f1(
        true, named, other_predicted=other.judged()[1], groups=best.tested.group, n_labels=len(best.labels)
    )[2]
