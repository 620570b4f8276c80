"""Models beside each other: figures with intervals, and which differ by more than chance."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from kerasinst import evaluation
from kerasinst.reporting.run_data import ModelResult

ALPHA = 0.05
"""P-values below it are called a difference."""
SHOWN = ("parameters", "bytes", "milliseconds", "seconds_to_train", "n_clips")
"""Figures of metrics.json that stand in the table as they are."""


@dataclass(frozen=True)
class Comparison:
    """Models with the same labels and protocol, best first.

    Attributes:
        results: results in the order of the table, each with a name of its own.
        table: a row for each, in numbers. `p_accuracy` and `p_f1` compare it with the best; all of them are
            Holm-corrected together. `compared` says whether it was tested on the clips that most were tested on.
        best: what the others are compared with: the most accurate of those.
    """

    results: list[ModelResult]
    table: pd.DataFrame
    best: ModelResult

    def alike(self) -> list[ModelResult]:
        """Models whose accuracy and F1 do not differ from the best's by more than chance."""
        different = (self.table[["p_accuracy", "p_f1"]] < ALPHA).any(axis=1)
        rows = self.table.p_accuracy.notna() & ~different
        return [result for result, row in zip(self.results, rows, strict=True) if row]


def compare(results: Iterable[ModelResult]) -> list[Comparison]:
    """One comparison for each set of labels and protocol: those that keep recordings whole first, larger ones first.

    Args:
        results: results of any runs.
    """
    parts: dict[tuple, list[ModelResult]] = {}
    for result in results:
        parts.setdefault((tuple(result.labels), result.metrics["task"], result.leaky), []).append(result)
    found = [_compare(part) for part in parts.values()]
    return sorted(found, key=lambda each: (each.best.leaky, -len(each.results)))


def _compare(results: list[ModelResult]) -> Comparison:
    results = _named_apart(
        sorted(results, key=lambda result: (-result.figures["accuracy"], result.metrics.get("bytes") or np.inf))
    )
    clips = [result.clips for result in results]
    known = [each for each in clips if each]
    common = max(known, key=known.count, default=None)
    order = sorted(range(len(results)), key=lambda row: clips[row] != common)  # what is not compared comes last
    results, clips = [results[row] for row in order], [clips[row] for row in order]
    rows = [{**_row(result), "compared": result.clips == common} for result in results]
    judged = [row for row, each in enumerate(clips) if each and each == common and row]
    p_values = [test(results[0], results[row]) for test in (_accuracy, _f1) for row in judged]
    corrected = evaluation.holm(p_values)
    for place, row in enumerate(judged):
        rows[row] |= {"p_accuracy": corrected[place], "p_f1": corrected[len(judged) + place]}
    return Comparison(results, pd.DataFrame(rows), results[0])


def _named_apart(results: list[ModelResult]) -> list[ModelResult]:
    """The same results, with their runs in the names of those that would read alike."""
    names = [result.name for result in results]
    return [
        replace(result, name=f"{result.name}, {result.run_data.key}") if names.count(result.name) > 1 else result
        for result in results
    ]


def _row(result: ModelResult) -> dict:
    low, high = (np.nan, np.nan)
    if result.tested is not None:
        low, high = evaluation.bootstrap_f1(*result.judged(), groups=result.groups, n_labels=len(result.labels))
    over_seeds = result.metrics.get("over_seeds", {}).get("accuracy", {})
    return {
        "model": result.name,
        "run": str(result.run_data.run.path),
        "kind": result.kind,
        **result.figures,
        "f1_low": low,
        "f1_high": high,
        "seeds_mean": over_seeds.get("mean", np.nan),
        "seeds_deviation": over_seeds.get("standard_deviation", np.nan),
        **{name: result.metrics.get(name) for name in SHOWN},
        "p_accuracy": np.nan,
        "p_f1": np.nan,
        "published_accuracy": result.published.accuracy if result.published else np.nan,
    }


def _accuracy(best: ModelResult, other: ModelResult) -> float:
    return evaluation.mcnemar(best.correct(), other.correct(), groups=best.groups)


def _f1(best: ModelResult, other: ModelResult) -> float:
    true, named = best.judged()
    return evaluation.compare_f1(
        true, named, other_predicted=other.judged()[1], groups=best.groups, n_labels=len(best.labels)
    )[2]
