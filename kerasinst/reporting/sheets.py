"""The tables of a report."""

from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

from kerasinst.reporting import cells
from kerasinst.reporting.comparison import ALPHA, Comparison
from kerasinst.reporting.findings import Entry, Findings
from kerasinst.reporting.sheet import Sheet

FIGURES = {
    "accuracy (95 %)": "accuracy",
    "precision": "macro_precision",
    "recall": "macro_recall",
    "F1 (95 %)": "macro_f1",
}
"""Columns in which the best is bold, and what they show."""
PROTOCOLS = {"group": "recordings whole", "segment": "parts of one recording on both sides (leaky)"}
TRIALS = 10
"""Rows of a search that are shown."""


def comparison(each: Comparison, number: int) -> Sheet:
    """Models beside each other: what they score, what they cost, and whether the best is better by more than chance."""
    table, labels = each.table, len(each.best.labels)
    shown = pd.DataFrame(
        {
            "model": table.model,
            "accuracy (95 %)": cells.accuracies(table),
            "precision": table.macro_precision.map("{:.3f}".format),
            "recall": table.macro_recall.map("{:.3f}".format),
            "F1 (95 %)": table.apply(_f1, axis=1),
            "parameters": table.parameters.map(cells.count),
            "bytes": table.bytes.map(cells.count),
            "ms": table.milliseconds.map(lambda value: cells.number(value, 1)),
            "s to train": table.seconds_to_train.map(lambda value: cells.number(value, 1)),
            "against the best": [
                "best" if entry is each.best else _verdict(entry, row)
                for entry, row in zip(each.entries, table.itertuples(), strict=True)
            ],
        }
    )
    if table.published_accuracy.notna().any():
        shown.insert(2, "published", table.published_accuracy.map(lambda value: cells.number(value, 2)))
    judged = table[[row.n_clips == each.best.metrics["n_clips"] for row in table.itertuples()]]
    bold = {
        (row, column)
        for column, figure in FIGURES.items()
        for row in judged.index[judged[figure] == judged[figure].max()]
    }
    clips = each.best.metrics["n_clips"]
    caption = (
        f"{clips} test clips of {labels} labels, {PROTOCOLS[each.protocol]}. Intervals: 95 %, bootstrap over groups. "
        f"Against the best: McNemar's test of accuracy and paired bootstrap of F1, Holm-corrected, at {ALPHA}. "
        "ms: one segment, from waveform to scores."
    )
    return Sheet(f"comparison-{number}-{each.protocol}", caption, shown, table, bold)


def protocols(comparisons: Iterable[Comparison]) -> Sheet | None:
    """What studies report, beside what the same models score here by either protocol, and the difference of the two.

    None if no study is named, and no model was trained by both.
    """
    models = [each for each in by_model(comparisons).values() if len(each) == 2 or _any(each).published]
    if not models:
        return None
    numbers = pd.DataFrame([_by_protocol(each) for each in models])
    shown = pd.DataFrame(
        {
            "model": numbers.model,
            "published": numbers.published.map(lambda value: cells.number(value, 2)),
            "leaky, segments": [_accuracy(each, "segment", "segment") for each in models],
            "recordings whole, segments": [_accuracy(each, "group", "segment") for each in models],
            "leak": numbers.leak.map(lambda value: cells.UNKNOWN if value != value else f"{value:+.3f}"),
            "recordings whole, clips": [_accuracy(each, "group", "clip") for each in models],
            "published parameters": numbers.published_parameters.map(cells.count),
            "parameters": numbers.parameters.map(cells.count),
        }
    )
    empty = [name for name in ("published", "published parameters") if (shown[name] == cells.UNKNOWN).all()]
    caption = "Accuracies (95 %) of the same models, split by segment and by recording; their difference is the leak."
    studies = [_any(each).findings.experiment.published for each in models if _any(each).published]
    for study in sorted({f"{study.study}, which split by {study.protocol}" for study in studies}):
        caption += f" Published: {study}, on its own data."
    return Sheet("protocols", caption, shown.drop(columns=empty), numbers)


def _any(models: dict[str, Entry]) -> Entry:
    return next(iter(models.values()))


def _by_protocol(models: dict[str, Entry]) -> dict:
    """Figures of one model by both protocols; NaN where there are none."""
    entry = _any(models)
    published = {name: getattr(entry.published, name, None) for name in ("accuracy", "macro_f1", "parameters")}
    leaky, segments, clips = (
        models[protocol].metrics[level]["accuracy"] if protocol in models else np.nan
        for protocol, level in (("segment", "segment"), ("group", "segment"), ("group", "clip"))
    )
    return {
        "model": entry.name,
        "published": published["accuracy"],
        "leaky_segments": leaky,
        "whole_segments": segments,
        "leak": leaky - segments,
        "whole_clips": clips,
        "published_f1": published["macro_f1"],
        "published_parameters": published["parameters"],
        "parameters": entry.metrics.get("parameters"),
    }


def _accuracy(models: dict[str, Entry], protocol: str, level: str) -> str:
    return models[protocol].accuracy(level) if protocol in models else cells.UNKNOWN


def by_model(comparisons: Iterable[Comparison]) -> dict[tuple, dict[str, Entry]]:
    """Models by what they are, and then by protocol, the best first."""
    found: dict[tuple, dict[str, Entry]] = {}
    for each in comparisons:
        for entry in each.entries:
            found.setdefault(entry.same, {}).setdefault(each.protocol, entry)
    return found


def by_label(entry: Entry) -> Sheet:
    """Precision, recall and F1 of each label."""
    numbers = (
        pd.DataFrame.from_dict(entry.metrics["clip"]["per_label"], orient="index").rename_axis("label").reset_index()
    )
    shown = numbers.assign(**{name: numbers[name].map("{:.3f}".format) for name in ("precision", "recall", "f1")})
    shown = shown.astype(str).rename(columns={"f1": "F1", "n": "clips"})
    return Sheet("labels", f"{entry.name}: each label, on the test clips.", shown, numbers)


def ablation(name: str, table: pd.DataFrame, key: str = "") -> Sheet:
    """What an experiment loses where parts are taken away."""
    shown = pd.DataFrame(
        {
            "changed": table.changed,
            "to": table.to,
            "accuracy (95 %)": cells.accuracies(table),
            "F1": table.macro_f1.map("{:.3f}".format),
            "difference": ["", *table.difference[1:].map("{:+.3f}".format)],
            "p (Holm)": table.p_value.map(lambda value: cells.number(value, 3)),
            "parameters": table.parameters.map(cells.count),
        }
    )
    if "published" in table and table.published.notna().any():
        shown.insert(2, "published", table.published.map(lambda value: cells.number(value, 3)))
    best = {(row, "accuracy (95 %)") for row in table.index[table.accuracy == table.accuracy.max()]}
    caption = f"{name}: each part changed alone, on the same split and budget; McNemar's test, Holm-corrected."
    return Sheet(f"ablation-{key or name}", caption, shown, table, best)


def searches(findings: Iterable[Findings]) -> Iterator[tuple[Findings, Sheet]]:
    """The best trials of searches."""
    for each in findings:
        if each.leaderboard is None or not each.leaderboard.score.notna().any():
            continue
        table = each.leaderboard.head(TRIALS)
        shown = pd.DataFrame({name.rpartition(".")[2].replace("_", " "): table[name].map(_cell) for name in table})
        caption = f"{each.name}: the best {len(table)} of {len(each.leaderboard)} trials, by validation."
        yield each, Sheet(f"search-{each.key}", caption, shown, each.leaderboard)


def _cell(value) -> str:
    """A value of a trial: an integer as it is, another number in three digits."""
    if isinstance(value, str | bool):
        return str(value)
    return cells.count(value) if value == value and float(value).is_integer() else cells.number(value, None)


def _f1(row) -> str:
    return cells.interval(row.macro_f1, row.f1_low, row.f1_high) if row.f1_low == row.f1_low else f"{row.macro_f1:.3f}"


def _verdict(entry: Entry, row) -> str:
    if row.p_accuracy != row.p_accuracy:
        return "predictions are missing" if entry.tested is None else "tested on other clips"
    judged = f"p = {row.p_accuracy:.2g}" + (f", F1 {row.p_f1:.2g}" if row.p_f1 == row.p_f1 else "")
    different = row.p_accuracy < ALPHA or row.p_f1 < ALPHA
    return f"{'different' if different else 'no significant difference'} ({judged})"
