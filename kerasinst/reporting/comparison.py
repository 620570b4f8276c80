"""Compares models: their figures with intervals, and which of them differ by more than chance."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from kerasinst import evaluation
from kerasinst.evaluation.significance import ALPHA
from kerasinst.reporting.run_data import ModelResult

COST_COLUMNS = ("parameters", "bytes", "milliseconds", "seconds_to_train", "n_clips")
"""Figures that the table takes from metrics.json unchanged."""


@dataclass(frozen=True)
class Comparison:
    """A comparison of models with the same labels and protocol.

    Attributes:
        results: results of the models, each with a name of its own. Those tested on the same clips come first, and
            better ones come before others: by mAP if there are several labels, and by accuracy otherwise.
        table: numbers of each model, one row per result in the same order. `compared` is True if the model was tested
            on the clips that most models were tested on; only such models have p-values. `p_accuracy` and `p_f1` are
            the p-values of its differences from the best model, all Holm-corrected together.
        best: result of the best of the models that were tested on the same clips.
    """

    results: list[ModelResult]
    table: pd.DataFrame
    best: ModelResult

    def alike(self) -> list[ModelResult]:
        """Selects the models whose accuracy and F1 do not differ from those of the best one by more than chance."""
        different = (self.table[["p_accuracy", "p_f1"]] < ALPHA).any(axis=1)
        rows = self.table.p_accuracy.notna() & ~different
        return [result for result, row in zip(self.results, rows, strict=True) if row]


def compare(results: Iterable[ModelResult]) -> list[Comparison]:
    """Compares the models that have the same labels, task and protocol.

    Args:
        results: results of models, from any runs.

    Returns:
        One comparison for each set of labels, task and protocol. Those that keep recordings whole come before the leaky
        ones, and larger ones before smaller ones.
    """
    parts: dict[tuple, list[ModelResult]] = {}
    for result in results:
        parts.setdefault((tuple(result.labels), result.metrics["task"], result.leaky), []).append(result)
    found = [_compare(part) for part in parts.values()]
    return sorted(found, key=lambda each: (each.best.leaky, -len(each.results)))


def _compare(results: list[ModelResult]) -> Comparison:
    """Compares models with the same labels, task and protocol."""
    results = _named_apart(
        sorted(results, key=lambda result: (-result.headline, result.metrics.get("bytes") or np.inf))
    )
    clips = [result.clips for result in results]
    known = [each for each in clips if each]
    common = max(known, key=known.count, default=None)
    order = sorted(range(len(results)), key=lambda row: clips[row] != common)  # models tested on other clips come last
    results, clips = [results[row] for row in order], [clips[row] for row in order]
    rows = [{**_row(result), "compared": result.clips == common} for result in results]
    judged = [row for row, each in enumerate(clips) if each and each == common and row]
    p_values = [test(results[0], results[row]) for test in (_accuracy_p_value, _f1_p_value) for row in judged]
    corrected = evaluation.holm(p_values)
    for place, row in enumerate(judged):
        rows[row] |= {"p_accuracy": corrected[place], "p_f1": corrected[len(judged) + place]}
    return Comparison(results, pd.DataFrame(rows), results[0])


def _named_apart(results: list[ModelResult]) -> list[ModelResult]:
    """Adds the key of its run to the name of each result whose name is not unique."""
    names = [result.name for result in results]
    return [
        replace(result, name=f"{result.name}, {result.run_data.key}") if names.count(result.name) > 1 else result
        for result in results
    ]


def _row(result: ModelResult) -> dict:
    """Collects the numbers of a model, with p-values that are not known yet."""
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
        **{name: result.metrics.get(name) for name in COST_COLUMNS},
        "p_accuracy": np.nan,
        "p_f1": np.nan,
        "published_accuracy": result.published.accuracy if result.published else np.nan,
    }


def _accuracy_p_value(best: ModelResult, other: ModelResult) -> float:
    """Computes the p-value of the difference in accuracy."""
    return evaluation.mcnemar(best.correct(), other.correct(), groups=best.groups)


def _f1_p_value(best: ModelResult, other: ModelResult) -> float:
    """Computes the p-value of the difference in macro F1."""
    true, named = best.judged()
    return evaluation.compare_f1(
        true, named, other_predicted=other.judged()[1], groups=best.groups, n_labels=len(best.labels)
    )[2]
