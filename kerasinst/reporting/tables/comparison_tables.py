"""The tables of a report."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from kerasinst import evaluation
from kerasinst.reporting import formatting
from kerasinst.reporting.comparison import ALPHA, Comparison
from kerasinst.reporting.run_data import ModelResult, RunData
from kerasinst.reporting.tables.table import Table

FIGURES = {
    "accuracy (95 %)": "accuracy",
    "precision": "macro_precision",
    "recall": "macro_recall",
    "F1 (95 %)": "macro_f1",
}
"""Columns in which the best is bold, and what they show."""
PROTOCOLS = {False: "recordings whole", True: "parts of one recording on both sides (leaky)"}
TRIALS = 10
"""Rows of a search that are shown."""


def comparison(each: Comparison, number: int) -> Table:
    """Models beside each other: what they score, what they cost, and whether the best is better by more than chance."""
    table, best = each.table, each.best
    verdicts = [_verdict(best, entry, row) for entry, row in zip(each.entries, table.itertuples(), strict=True)]
    shown = pd.DataFrame(
        {
            "model": table.model,
            "accuracy (95 %)": formatting.accuracies(table),
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
        (row, name) for name, what in FIGURES.items() for row in compared.index[compared[what] == compared[what].max()]
    }
    caption = (
        f"{best.metrics['n_clips']} test clips of {len(best.labels)} labels, {PROTOCOLS[best.leaky]}. Intervals: 95 %, "
        "bootstrap over groups. Against the best: McNemar's test of accuracy (permuted by group where groups hold "
        f"several clips) and a paired test of F1, Holm-corrected together, at {ALPHA}. The best was chosen on these "
        "clips, which flatters it; where all are right, the bootstrap sees no chance of error. segments: accuracy of "
        "segments. ms: one segment, from waveform to scores."
    )
    if (shown.seeds != formatting.UNKNOWN).any():
        caption += " seeds: mean and deviation over seeds; the rest is of the seed that was kept."
    name = f"comparison-{number}-{'segment' if best.leaky else 'group'}"
    if table.n_clips.nunique() == 1:
        shown = shown.drop(columns="clips")
    return Table(name, caption, _without_unknown(shown, "published", "seeds"), table, bold)


def protocols(comparisons: Iterable[Comparison]) -> Table | None:
    """What studies report, beside what the same models score here by either protocol, and the difference of the two.

    None if no study is named, and no model was trained by both.
    """
    models = [each for each in by_model(comparisons) if len(each) == 2 or _any(each).published]
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
    studies = [_any(each).findings.trained.published for each in models if _any(each).published]
    for study in sorted({f"{study.study}, which split by {study.protocol}" for study in studies}):
        caption += f" Published: {study}, on its own data."
    return Table("protocols", caption, _without_unknown(shown, "published", "published parameters"), numbers)


def published_labels(comparisons: Iterable[Comparison]) -> Table | None:
    """What a study reports of each label, beside the recall of the same network here; None if none does."""
    for models in by_model(comparisons):
        entry = _any(models)
        if entry.published and entry.published.per_label:
            numbers = pd.DataFrame({"label": entry.labels})
            numbers["published"] = [entry.published.per_label.get(label, np.nan) for label in entry.labels]
            for leaky, level, name in (
                (True, "segment", "leaky, segments"),
                (False, "clip", "recordings whole, clips"),
            ):
                if leaky in models:
                    per_label = models[leaky].metrics[level]["per_label"]
                    numbers[name] = [per_label[label]["recall"] for label in entry.labels]
            shown = numbers.assign(
                **{name: [formatting.number(each, 2) for each in numbers[name]] for name in numbers.columns[1:]}
            )
            return Table("published-labels", f"{entry.name}: recall of each label.", shown, numbers)
    return None


def by_model(comparisons: Iterable[Comparison]) -> list[dict[bool, ModelResult]]:
    """Each model by protocol, leaky or not; of several that are alike, the best."""
    found: dict[tuple, dict[bool, ModelResult]] = {}
    for each in comparisons:
        for entry in each.entries:
            found.setdefault(entry.same, {}).setdefault(entry.leaky, entry)
    return list(found.values())


def _any(models: dict[bool, ModelResult]) -> ModelResult:
    return next(iter(models.values()))


def _by_protocol(models: dict[bool, ModelResult]) -> dict:
    """Figures of one model by both protocols; NaN where there are none."""
    entry, levels = _any(models), {"leaky": (True, "segment"), "segments": (False, "segment"), "clips": (False, "clip")}
    found = {
        name: (models[leaky].metrics[level]["accuracy"], models[leaky].metrics[level]["accuracy_ci95"])
        if leaky in models
        else (np.nan, (np.nan, np.nan))
        for name, (leaky, level) in levels.items()
    }
    low, high = evaluation.difference_interval(*found["leaky"], *found["segments"])
    figures = ("accuracy", "macro_precision", "macro_recall", "macro_f1", "parameters")
    return {
        "model": entry.name,
        **{f"published_{name}": getattr(entry.published, name, None) for name in figures},
        "leaky_segments": found["leaky"][0],
        "whole_segments": found["segments"][0],
        "leak": found["leaky"][0] - found["segments"][0],
        "leak_low": low,
        "leak_high": high,
        "whole_clips": found["clips"][0],
        "parameters": entry.metrics.get("parameters"),
    }


def _accuracy(models: dict[bool, ModelResult], leaky: bool, level: str) -> str:
    return models[leaky].accuracy(level) if leaky in models else formatting.UNKNOWN


def by_label(entry: ModelResult) -> Table:
    """Precision, recall and F1 of each label; unknown where no test clip has it."""
    numbers = pd.DataFrame.from_dict(entry.metrics["clip"]["per_label"], orient="index")
    numbers = numbers.rename_axis("label").reset_index()
    figures = ("precision", "recall", "f1")
    known = numbers[["n", *figures]].to_numpy()
    shown = {"label": numbers.label} | {
        name: [formatting.number(row[place] if row[0] else None, 3) for row in known]
        for place, name in enumerate(figures, 1)
    }
    shown = pd.DataFrame({**shown, "clips": numbers.n.map(formatting.count)}).rename(columns={"f1": "F1"})
    return Table("labels", f"{entry.name}: each label, on the test clips.", shown, numbers)


def confusion(entry: ModelResult) -> Table | None:
    """The confusion matrix as a table; None if there are several labels a clip."""
    if "confusion" not in entry.metrics["clip"]:
        return None
    shown = pd.DataFrame(entry.metrics["clip"]["confusion"], columns=entry.labels).astype(str)
    shown.insert(0, "true \\ predicted", entry.labels)
    return Table("confusion", f"{entry.name}: clips of each true label (rows) by what they are taken for.", shown)


def ablation(name: str, table: pd.DataFrame, *, key: str = "", leaky: bool = False) -> Table:
    """What an experiment loses where parts are taken away."""
    shown = pd.DataFrame(
        {
            "changed": table.changed,
            "to": table.to,
            "published": [formatting.number(value, 3) for value in table.get("published", np.full(len(table), np.nan))],
            "accuracy (95 %)": formatting.accuracies(table),
            "F1": [formatting.number(value, 3) for value in table.macro_f1],
            "difference": ["", *table.difference[1:].map("{:+.3f}".format)],
            "p (Holm)": [formatting.number(value, 3) for value in table.p_value],
            "parameters": table.parameters.map(formatting.count),
        }
    )
    caption = f"{name}, {PROTOCOLS[leaky]}: each part changed alone, on the same split and budget; McNemar's test."
    return Table(f"ablation-{key or name}", caption, _without_unknown(shown, "published"), table)


def ablation_of(findings: RunData) -> Table:
    """The ablation of a run."""
    leaky = findings.metrics.get("protocol") == "segment"
    return ablation(findings.name, findings.ablation, key=findings.key, leaky=leaky)


def search(findings: RunData) -> Table:
    """The best trials of a search."""
    trials = findings.leaderboard
    table = trials.head(TRIALS)
    shown = pd.DataFrame({name.replace("_", " "): table[name].map(_cell) for name in table})
    caption = f"{findings.name}: the best {len(table)} of {len(trials)} trials, by validation."
    return Table(f"search-{findings.key}", caption, shown, trials)


def _without_unknown(shown: pd.DataFrame, *names: str) -> pd.DataFrame:
    """Without those of the columns in which nothing is known."""
    return shown.drop(columns=[name for name in names if (shown[name] == formatting.UNKNOWN).all()])


def _cell(value) -> str:
    """A value of a trial: an integer as it is, another number in three digits."""
    if isinstance(value, str | bool | np.bool_):
        return str(value)
    return formatting.count(value) if not pd.isna(value) and float(value).is_integer() else formatting.number(value)


def _verdict(best: ModelResult, entry: ModelResult, row) -> str:
    if entry is best:
        return "best"
    if entry.tested is None:
        return "not compared: predictions or groups are missing"
    if np.isnan(row.p_accuracy):
        return "not compared: other clips or data"
    different = row.p_accuracy < ALPHA or row.p_f1 < ALPHA
    judged = f"p = {row.p_accuracy:.2g}, F1 {row.p_f1:.2g}"
    return f"{'different' if different else 'no significant difference'} ({judged})"
