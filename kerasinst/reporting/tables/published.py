"""Makes the table of the figures that a study reports, beside those of the same models here."""

from collections.abc import Iterable, Iterator
from typing import Any

import pandas as pd

from kerasinst.reporting import formatting
from kerasinst.reporting.comparison import Comparison
from kerasinst.reporting.run_data import ModelResult
from kerasinst.reporting.tables.protocols import PROTOCOLS
from kerasinst.reporting.tables.table import Table

FIGURES = {
    "accuracy": "accuracy",
    "top1_in_labels": "best label among the true ones",
    "macro_precision": "macro precision",
    "macro_recall": "macro recall",
    "macro_f1": "macro F1",
    "recall_playing": "share found",
    "false_positives_per_frame": "false reports a frame",
    "mean_average_precision": "mean average precision",
}
"""Names of figures, by their keys in `published.results` and in metrics.json."""


def published_table(comparisons: Iterable[Comparison]) -> Table | None:
    """Makes the table of published figures beside ours.

    Args:
        comparisons: comparisons of the report.

    Returns:
        The table, with a row for each model, protocol and figure; None if no study reports a figure of a model.
    """
    results = [result for each in comparisons for result in each.results if result.published]
    rows = [row for result in results for row in _rows(result)]
    if not rows:
        return None
    numbers = pd.DataFrame(rows)
    shown = pd.DataFrame(
        {
            "model": numbers.model,
            "split": numbers.split,
            "figure": numbers.figure,
            "published": [formatting.number(value, 3) for value in numbers.published],
            "ours": [formatting.number(value, 3) for value in numbers.ours],
        }
    )
    caption = "What the study reports, and the same figure of the same model here."
    if any(result.run_data.trained and result.run_data.trained.dataset.rendered for result in results):
        caption += " Ours: rendered audio, whose figures are not those of the data set."
    return Table("published", caption, shown, numbers)


def _rows(result: ModelResult) -> Iterator[dict[str, Any]]:
    """Yields a row for each figure that a study reports of a model."""
    published = result.published
    if published is None:
        return
    about = {"model": result.name, "split": PROTOCOLS[result.leaky]}
    level = result.metrics.get("frame") or result.metrics["segment" if result.leaky else "clip"]
    for key, name in FIGURES.items():
        value = getattr(published, key)
        if value is not None:
            ours = level.get(key, result.metrics["clip"].get(key))
            yield {**about, "figure": name, "published": value, "ours": ours}
    if published.confusion and set(published.confusion) <= set(result.labels) and "confusion" in level:
        place = {label: result.labels.index(label) for label in published.confusion}
        for true, theirs in published.confusion.items():
            ours = level["confusion"][place[true]]
            for taken_for, count in zip(published.confusion, theirs, strict=True):
                yield {
                    **about,
                    "figure": f"share of {true} taken for {taken_for}",
                    "published": count / max(1, sum(theirs)),
                    "ours": ours[place[taken_for]] / max(1, sum(ours)),
                }
