"""Makes the table that compares models."""

from typing import Any

import numpy as np
import pandas as pd

from kerasinst.evaluation.significance import ALPHA
from kerasinst.reporting import formatting
from kerasinst.reporting.comparison import Comparison
from kerasinst.reporting.formatting import without_unknown
from kerasinst.reporting.run_data import ModelResult
from kerasinst.reporting.tables.protocols import PROTOCOLS
from kerasinst.reporting.tables.table import Table

FIGURES = {
    "accuracy (95 %)": "accuracy",
    "mAP (95 %)": "mean_average_precision",
    "precision": "macro_precision",
    "recall": "macro_recall",
    "F1 (95 %)": "macro_f1",
}
"""Figures by the columns that show them; the best value of each of these columns is bold."""


def comparison_table(each: Comparison, number: int) -> Table:
    """Makes the table of a comparison: scores, costs, and whether the best model is better by more than chance.

    Args:
        each: the comparison.
        number: number of the comparison in the report, for the table's name.
    """
    table, best = each.table, each.best
    verdicts = [_verdict(best, result, row) for result, row in zip(each.results, table.itertuples(), strict=True)]
    shown = pd.DataFrame(
        {
            "model": table.model,
            **formatting.figures(table),
            "against the best": verdicts,
            "clips": table.n_clips.map(formatting.count),
            "published": [formatting.number(value, 2) for value in table.published_accuracy],
            "seeds": [formatting.spread(*row) for row in table[["seeds_mean", "seeds_deviation"]].to_numpy()],
            "segments": [formatting.number(value, 3) for value in table.segment_accuracy],
            "precision": [formatting.number(value, 3) for value in table.macro_precision],
            "recall": [formatting.number(value, 3) for value in table.macro_recall],
            "F1 (95 %)": [formatting.interval(*row) for row in table[["macro_f1", "f1_low", "f1_high"]].to_numpy()],
            "parameters": table.parameters.map(formatting.count),
            "bytes": table.bytes.map(formatting.count),
            "ms": [formatting.number(value, 1) for value in table.milliseconds],
            "s to train": [formatting.number(value, 1) for value in table.seconds_to_train],
        }
    )
    compared = table[table.compared]
    bold = {
        (row, name)
        for name, what in FIGURES.items()
        if name in shown
        for row in compared.index[compared[what] == compared[what].max()]
    }
    caption = (
        f"{best.metrics['n_clips']} test clips of {len(best.labels)} labels, {PROTOCOLS[best.leaky]}. Intervals: 95 %, "
        "bootstrap over groups. Against the best: McNemar's test of accuracy (permuted by group where groups hold "
        f"several clips) and a paired test of F1, Holm-corrected together, at {ALPHA}. The best was chosen on these "
        "clips, which flatters it; where all are right, the bootstrap sees no chance of error. segments: accuracy of "
        "segments. ms: one segment, from waveform to scores." + formatting.explained(table)
    )
    if (shown.seeds != formatting.UNKNOWN).any():
        caption += " seeds: mean and deviation over seeds; the rest is of the seed that was kept."
    name = f"comparison-{number}-{'segment' if best.leaky else 'group'}"
    if table.n_clips.nunique() == 1:
        shown = shown.drop(columns="clips")
    return Table(name, caption, without_unknown(shown, "published", "seeds"), table, bold)


def _verdict(best: ModelResult, result: ModelResult, row: Any) -> str:
    """Says whether a model differs from the best one, or why it was not compared with it."""
    if result is best:
        return "best"
    if result.tested is None:
        return "not compared: predictions or groups are missing"
    if np.isnan(row.p_accuracy):
        return "not compared: other clips or data"
    different = row.p_accuracy < ALPHA or row.p_f1 < ALPHA
    judged = f"p = {row.p_accuracy:.2g}, F1 {row.p_f1:.2g}"
    return f"{'different' if different else 'no significant difference'} ({judged})"
