"""Writes the page of a run, one HTML file that needs no connection to the internet."""

import base64
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from kerasinst.core import files
from kerasinst.reporting import formatting, importance, search_figures, summary
from kerasinst.reporting.next_steps import next_steps
from kerasinst.reporting.plots.calibration import reliability_diagram
from kerasinst.reporting.plots.compression import pruning_curves, variants_over_costs
from kerasinst.reporting.plots.confusion import confusion_matrix
from kerasinst.reporting.plots.data_set import clips_per_label
from kerasinst.reporting.plots.operating_points import missed_for, operating_points
from kerasinst.reporting.plots.saving import attempt
from kerasinst.reporting.plots.training import training_curves
from kerasinst.reporting.refused_draws import refused_draws
from kerasinst.reporting.search_gain import gain
from kerasinst.reporting.search_noise import noise
from kerasinst.reporting.tables.compression import compression_tables, pruning_histories
from kerasinst.reporting.templates import PAGES, embedded
from kerasinst.runs import Run

TRIALS = 20
"""Largest number of trials that the page lists."""

EVENTS = {
    "event_f1": "events that begin and end within 0.2 s of a true one",
    "intersection_f1": "events of which at least half is covered",
    "pitch_f1": "pitches, frame by frame",
    "note_f1": "notes that begin within 0.05 s of a true one",
    "note_with_end_f1": "notes that also end with it",
}
"""What is found, by the name of its F1 in metrics.json. An event lasts while a label sounds without a break."""


def write_page(run: Run) -> None:
    """Writes the page `report.html` of a finished run, and each of its figures as PNG and SVG.

    Args:
        run: finished run, whose other files give the content.
    """
    metrics, environment, leaderboard = run.metrics(), run.environment(), run.leaderboard()
    found = gain(run)
    drawn: dict[str, Callable[[], Figure | None]] = {"labels": lambda: clips_per_label(run.audit())}
    if "confusion" in metrics.get("clip", {}):
        drawn["confusion"] = lambda: confusion_matrix(metrics["clip"]["confusion"], run.labels())
    if run.has("history"):
        drawn["training"] = lambda: training_curves(run.history())
    if leaderboard is not None:
        drawn |= _search_figures(run, leaderboard, as_written=found.trial_id if found else None)
    closer = {name: run.inspection_table(name) for name in ("reliability", "slices", "segments_heard", "mistakes")}
    if closer["reliability"] is not None:
        drawn["reliability"] = lambda: reliability_diagram(closer["reliability"])
    curve, rules = (run.read(name) if run.has(name) else None for name in ("operating_curve", "decision_rules"))
    if multilabel := summary.multilabel_level(metrics):
        drawn |= _multilabel_figures(run, multilabel, curve=curve, rules=rules)
    smaller = []
    if run.has("compression"):
        table = run.compression()
        smaller = compression_tables(run.experiment().name, table)
        drawn["compression"] = lambda: variants_over_costs(table)
        if broken := pruning_histories(run):
            drawn["pruning"] = lambda: pruning_curves(broken)
    images = _images(run, drawn)
    content = PAGES.get_template("page.html").render(
        title=run.experiment().name,
        headline=summary.headline(run),
        metrics=metrics,
        audit=run.audit(),
        environment=environment,
        guesses=summary.guesses(run),
        gain=found,
        next_steps=next_steps(run) if run.model_file.is_file() else [],
        examples=_played(run.examples(), run.file("examples_audio")),
        overall=summary.overall(run),
        multilabel=multilabel,
        rules=_rules(rules),
        by_polyphony=_by_polyphony(multilabel[1]) if multilabel else None,
        events=_events(multilabel[1]) if multilabel else None,
        by_label=summary.by_label(run),
        leaderboard=_trials(leaderboard),
        trials=0 if leaderboard is None else len(leaderboard),
        search_figures=search_figures.SAY,
        importance_unknown="" if leaderboard is None else importance.why_unknown(leaderboard),
        noise="" if leaderboard is None else noise(leaderboard, found.trial_id if found else None),
        refused=refused_draws(run.read("rejected")) if run.has("rejected") else "",
        compressed=[(list(table.shown), table.shown.to_numpy().tolist(), table.caption) for table in smaller],
        slices=_table(closer["slices"]),
        segments_heard=_table(closer["segments_heard"]),
        mistakes=_played(closer["mistakes"], run.file("mistakes_audio")),
        causes=summary.error_causes(run) if run.has("error_causes") else None,
        experiment=run.experiment().to_yaml(),
        images=images,
    )
    files.write_text(run.file("report"), content)


def _multilabel_figures(
    run: Run, multilabel: tuple[str, dict[str, Any]], *, curve: pd.DataFrame | None, rules: pd.DataFrame | None
) -> dict[str, Callable[[], Figure | None]]:
    """Lists the figures of a model of several labels."""
    (each, figures), labels = multilabel, run.labels()
    drawn: dict[str, Callable[[], Figure | None]] = {}
    if any(map(any, figures["missed_for"])):
        drawn["confusion"] = lambda: missed_for(figures["missed_for"], labels, each=each)
    if curve is not None:
        own = (figures["recall_playing"], figures["false_positives_per_frame"])
        drawn["operating"] = lambda: operating_points(curve, rules=rules, own=own, each=each)
    return drawn


def _rules(rules: pd.DataFrame | None) -> tuple[list[str], list[list[str]]] | None:
    """Formats what is found and falsely reported by each rule of decision."""
    if rules is None:
        return None
    rows = [
        [row.rule, *(f"{value:.3f}" for value in (row.found, row.false, row.micro_f1))] for row in rules.itertuples()
    ]
    return ["decision", "found", "false", "micro F1"], rows


def _by_polyphony(figures: dict[str, Any]) -> tuple[list[str], list[list[str]]] | None:
    """Formats the figures of frames or clips with equally many labels."""
    rows = [
        [
            count,
            f"{row['n']:,}",
            formatting.number(row.get("recall_playing"), 3),
            f"{row['false_positives_per_frame']:.3f}",
        ]
        for count, row in figures["by_polyphony"].items()
    ]
    return ["labels at once", "n", "found", "false"], rows


def _events(figures: dict[str, Any]) -> tuple[list[str], list[list[str]]] | None:
    """Formats the figures of events or of notes; there are none if nobody knows when labels sound."""
    rows = [
        [text, formatting.interval(figures[name], *figures[f"{name}_ci95"])]
        for name, text in EVENTS.items()
        if name in figures
    ]
    return (["found", "F1 (95 %)"], rows) if rows else None


def _search_figures(
    run: Run, leaderboard: pd.DataFrame, *, as_written: str | None
) -> dict[str, Callable[[], Figure | None]]:
    """Lists the figures of a search."""
    search = run.experiment().search
    objective = search.objectives[0] if search else "val_accuracy"
    figures = search_figures.search_figures(leaderboard, objective=objective, as_written=as_written)
    return {f"search-{name}": draw for name, draw in figures.items()}


def _table(table: pd.DataFrame | None) -> tuple[list[str], list[list[str]]] | None:
    """Formats the columns and cells of a table, and returns None if there is no table or it is empty."""
    if table is None or table.empty:
        return None
    cells = [
        ["" if value != value else f"{value:.4g}" if isinstance(value, float) else str(value) for value in row]
        for row in table.astype(object).itertuples(index=False)
    ]
    return [name.replace("_", " ") for name in table], cells


def _trials(leaderboard: pd.DataFrame | None) -> tuple[list[str], list[list[str]]] | None:
    """Formats the columns and cells of the best trials, with readable hyperparameters, without dull columns."""
    if leaderboard is None:
        return None
    best = leaderboard.head(TRIALS).dropna(axis="columns", how="all")
    dull = ["worker", "status"] if best.status.nunique() == 1 else ["worker"]
    best = best.drop(columns=dull, errors="ignore")
    shown = {name: best[name].map(formatting.hyperparameter if "." in name else _cell) for name in best}
    return _table(pd.DataFrame(shown))


def _cell(value: Any) -> str:
    """Formats a figure of a trial: blanks as nothing, whole numbers in full, others with four significant digits."""
    if pd.isna(value):
        return ""
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() else f"{value:.4g}"
    return str(value)


def _played(clips: pd.DataFrame | None, folder: Path) -> list[dict[str, Any]]:
    """Adds to each row the audio file that it names, in base64, and leaves out rows without such a file."""
    if clips is None:
        return []
    return [
        {**row, "sound": base64.b64encode((folder / row["audio"]).read_bytes()).decode()}
        for row in clips.to_dict("records")
        if Path(row["audio"]).name == row["audio"] != "" and (folder / row["audio"]).is_file()
    ]


def _images(run: Run, drawn: Mapping[str, Callable[[], Figure | None]]) -> dict[str, dict[str, Any]]:
    """Saves figures beside the page, and returns the PNG and the width of each for the page itself."""
    images: dict[str, dict[str, Any]] = {}
    for name, draw in drawn.items():
        if attempt(draw, run.file("figures") / name):
            images[name] = embedded(run.file("figures") / f"{name}.png")
    return images
