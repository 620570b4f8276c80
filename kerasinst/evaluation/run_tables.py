"""Compares the models of a run: its classical models, its compressed variants, and its ablations."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from kerasinst.core.errors import BadInput
from kerasinst.evaluation.cost_names import COSTS
from kerasinst.evaluation.degradation import measure_degradation, pareto_front
from kerasinst.evaluation.multilabel import headline_figure, multilabel_row
from kerasinst.evaluation.predictions import correct, metrics_row, select_test_clips
from kerasinst.evaluation.significance import holm, mcnemar
from kerasinst.runs import Run


def baseline_results(run: Run) -> pd.DataFrame:
    """Gives one row for each classical model of a run, the best first, as baselines.csv holds them."""
    copied = ("bytes", "milliseconds", "seconds_to_train", "tuned", "n_clips")
    rows = [
        {
            "model": metrics["model"],
            "features": metrics["features"],
            **metrics_row(metrics["clip"]),
            **multilabel_row(metrics),
            "segment_accuracy": metrics["segment"]["accuracy"],
            **{name: metrics[name] for name in copied},
        }
        for metrics in (model.metrics() for model in run.other_models("baseline_models"))
    ]
    table = pd.DataFrame(rows)
    return table.sort_values([headline_figure(table), "model"], ascending=[False, True])


def variant_results(run: Run) -> pd.DataFrame:
    """Compares the compressed variants of a run with its network, as compression.csv holds them.

    Args:
        run: a run with variants.

    Returns:
        One row for each variant, the largest first: its costs and, if there is a test split, how its answers differ.
    """
    rows: list[dict[str, Any]] = []
    whole, split = run.metrics(), run.split()
    for name, variant in run.variants().items():
        metrics = variant.metrics()
        figures = {"variant": name, **{cost: metrics[cost] for cost in COSTS}}
        if metrics["split"]:
            small_tested, whole_tested = (select_test_clips(each.predictions(), split) for each in (variant, run))
            figures |= measure_degradation(
                small_tested,
                whole_tested,
                figures=metrics["clip"],
                whole_figures=whole["clip"],
                task=metrics["task"],
            )
            figures |= multilabel_row(metrics)
            if before := multilabel_row(whole).get("mean_average_precision"):
                figures["mean_average_precision_drop"] = round(before - figures["mean_average_precision"], 6)
        rows.append(figures)
    table = pd.DataFrame(rows).sort_values("bytes", ascending=False, ignore_index=True)
    if "accuracy" in table:
        table = table.assign(p_value=holm(table.p_value), front=pareto_front(table, headline_figure(table)))
    return table


def ablation_results(trained: Sequence[tuple[str, str, Run]]) -> pd.DataFrame:
    """Compares ablated trainings with the whole one, as ablation.csv holds them.

    Args:
        trained: what was changed, what it was changed to, and the run; the first is the whole experiment.

    Returns:
        One row for each training. The p-values are those of McNemar's test against the first row, Holm-corrected.

    Raises:
        BadInput: if a run was not tested on the clips of the first one.
    """
    whole = trained[0][2]
    labels, task = whole.labels(), whole.experiment().task
    clips = select_test_clips(whole.predictions(), whole.split())
    right = correct(clips, labels, task=task)
    found, p_values = [], []
    for key, value, run in trained:
        metrics, predictions = run.metrics(), select_test_clips(run.predictions(), run.split())
        if set(predictions.index) != set(clips.index):
            raise BadInput(f"{run.path}: was not tested on the clips of {whole.path}; remove it to train it again")
        predictions = predictions.loc[clips.index]
        over_seeds = metrics.get("over_seeds", {}).get("accuracy", {})
        published = run.experiment().as_published()
        found.append(
            {
                "changed": key,
                "to": value,
                **metrics_row(metrics["clip"]),
                **multilabel_row(metrics),
                "difference": round(_headline(metrics) - _headline(whole.metrics()), 6),
                "seeds_mean": over_seeds.get("mean"),
                "seeds_deviation": over_seeds.get("standard_deviation"),
                "parameters": metrics["parameters"],
                "seconds_to_train": metrics["seconds_to_train"],
                "segment_accuracy": metrics["segment"]["accuracy"],
                "published": published and published.accuracy,
            }
        )
        p_values.append(mcnemar(correct(predictions, labels, task=task), right, groups=clips.group.to_numpy()))
    table = pd.DataFrame(found)
    table.insert(table.columns.get_loc("difference") + 1, "p_value", [None, *holm(p_values[1:])])
    return table


def _headline(metrics: dict[str, Any]) -> float:
    """Gives the figure by which trainings are compared."""
    return multilabel_row(metrics).get("mean_average_precision", metrics["clip"]["accuracy"])
