"""Makes the tables that compare published figures with those of the same models here, with and without leaks."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from kerasinst import evaluation
from kerasinst.reporting import formatting
from kerasinst.reporting.comparison import Comparison
from kerasinst.reporting.formatting import without_unknown
from kerasinst.reporting.run_data import ModelResult
from kerasinst.reporting.tables.table import Table

PROTOCOLS = {False: "recordings whole", True: "parts of one recording on both sides (leaky)"}
"""Descriptions of the protocols, by whether they are leaky."""


def protocol_table(comparisons: Iterable[Comparison]) -> Table | None:
    """Makes the table of published accuracies beside those of the same models here, by both protocols.

    The leak of a model is how much higher its accuracy is if parts of one recording are on both sides of the split.

    Args:
        comparisons: comparisons of the report.

    Returns:
        The table, or None if no study reports a figure of a model and no model was trained by both protocols.
    """
    models = [each for each in by_model(comparisons) if len(each) == 2 or _reported(_any(each))]
    if not models:
        return None
    numbers = pd.DataFrame([_by_protocol(each) for each in models])
    leak = numbers[["leak", "leak_low", "leak_high"]].to_numpy()
    shown = pd.DataFrame(
        {
            "model": numbers.model,
            "published": [formatting.number(value, 2) for value in numbers.published_accuracy],
            "leaky, segments": [_accuracy(each, True, "segment") for each in models],
            "recordings whole, segments": [_accuracy(each, False, "segment") for each in models],
            "leak": [
                formatting.UNKNOWN if np.isnan(row[0]) else "{:+.3f} ({:+.3f}, {:+.3f})".format(*row) for row in leak
            ],
            "recordings whole, clips": [_accuracy(each, False, "clip") for each in models],
            "published parameters": numbers.published_parameters.map(formatting.count),
            "parameters": numbers.parameters.map(formatting.count),
        }
    )
    caption = (
        "Accuracies (95 %) of the same models, split by segment and by recording; their difference is the leak, whose "
        "interval is made from those of both. Each model is heard in the segments that its experiment cuts."
    )
    experiments = [_any(each).run_data.trained for each in models if _any(each).published]
    studies = [each.published for each in experiments if each]
    for study in sorted({f"{study.study}, which split by {study.protocol}" for study in studies if study}):
        caption += f" Published: {study}, on its own data."
    if any(each.dataset.rendered for each in experiments if each):
        caption += " Ours: rendered audio, whose figures are not those of the data set."
    return Table("protocols", caption, without_unknown(shown, "published", "published parameters"), numbers)


def _reported(result: ModelResult) -> bool:
    """Tells whether a study reports an accuracy of a model."""
    return result.published is not None and result.published.accuracy is not None


def published_label_table(comparisons: Iterable[Comparison]) -> Table | None:
    """Makes the table of published figures of each label beside the same figures of the same model here.

    Args:
        comparisons: comparisons of the report.

    Returns:
        The table of the first model of which a study reports such figures, or None if there is none.
    """
    for models in by_model(comparisons):
        result = _any(models)
        if result.published and result.published.per_label:
            figure = result.published.per_label_figure
            numbers = pd.DataFrame({"label": result.labels})
            numbers["published"] = [result.published.per_label.get(label, np.nan) for label in result.labels]
            for leaky, level, name in (
                (True, "segment", "leaky, segments"),
                (False, "clip", "recordings whole, clips"),
            ):
                if leaky in models:
                    per_label = models[leaky].metrics[level]["per_label"]
                    numbers[name] = [per_label[label][figure] for label in result.labels]
            shown = numbers.assign(
                **{name: [formatting.number(each, 2) for each in numbers[name]] for name in numbers.columns[1:]}
            )
            return Table("published-labels", f"{result.name}: {figure} of each label.", shown, numbers)
    return None


def by_model(comparisons: Iterable[Comparison]) -> list[dict[bool, ModelResult]]:
    """Groups results that differ only in how their data was split.

    Args:
        comparisons: comparisons of the report.

    Returns:
        One dictionary per model: its result by whether the protocol is leaky. Of several results of a model by the same
        protocol, the first is taken, which is the best of its comparison.
    """
    found: dict[tuple, dict[bool, ModelResult]] = {}
    for each in comparisons:
        for result in each.results:
            found.setdefault(result.same, {}).setdefault(result.leaky, result)
    return list(found.values())


def _any(models: dict[bool, ModelResult]) -> ModelResult:
    """Returns the result by either protocol."""
    return next(iter(models.values()))


def _by_protocol(models: dict[bool, ModelResult]) -> dict:
    """Collects the figures of one model by both protocols, with NaN for accuracies that are not known."""
    result, levels = (
        _any(models),
        {"leaky": (True, "segment"), "segments": (False, "segment"), "clips": (False, "clip")},
    )
    found = {
        name: (models[leaky].metrics[level]["accuracy"], models[leaky].metrics[level]["accuracy_ci95"])
        if leaky in models
        else (np.nan, (np.nan, np.nan))
        for name, (leaky, level) in levels.items()
    }
    (leaky, leaky_interval), (other, other_interval) = found["leaky"], found["segments"]
    low, high = evaluation.difference_interval(leaky, leaky_interval, other=other, other_interval=other_interval)
    figures = ("accuracy", "macro_precision", "macro_recall", "macro_f1", "parameters")
    return {
        "model": result.name,
        **{f"published_{name}": getattr(result.published, name, None) for name in figures},
        "leaky_segments": found["leaky"][0],
        "whole_segments": found["segments"][0],
        "leak": found["leaky"][0] - found["segments"][0],
        "leak_low": low,
        "leak_high": high,
        "whole_clips": found["clips"][0],
        "parameters": result.metrics.get("parameters"),
    }


def _accuracy(models: dict[bool, ModelResult], leaky: bool, level: str) -> str:
    """Formats the accuracy of a model by one protocol."""
    return models[leaky].accuracy(level) if leaky in models else formatting.UNKNOWN
