"""Writes the report that compares runs: one page, with its tables and figures as files beside it."""

import base64
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

import kerasinst
from kerasinst.core import files
from kerasinst.core.errors import BadInput
from kerasinst.reporting import search_figures, summary_text
from kerasinst.reporting.comparison import Comparison, compare
from kerasinst.reporting.importance import why_unknown
from kerasinst.reporting.model_card import model_card
from kerasinst.reporting.plots.comparison import models_over_costs
from kerasinst.reporting.plots.compression import pruning_curves, variants_over_costs
from kerasinst.reporting.plots.confusion import confusion_matrices
from kerasinst.reporting.plots.saving import attempt
from kerasinst.reporting.plots.training import training_curves_of_runs
from kerasinst.reporting.run_data import RunData, gather, model_results
from kerasinst.reporting.search_gain import gain
from kerasinst.reporting.tables.ablation import ablation_table_of
from kerasinst.reporting.tables.comparison import comparison_table
from kerasinst.reporting.tables.compression import compression_tables, pruning_histories
from kerasinst.reporting.tables.labels import confusion_table, label_table
from kerasinst.reporting.tables.protocols import protocol_table, published_label_table
from kerasinst.reporting.tables.published import published_table
from kerasinst.reporting.tables.search import search_table
from kerasinst.reporting.tables.table import Table
from kerasinst.reporting.templates import PAGES, embedded

PAGE = "index.html"
OWN = {PAGE, "tables", "figures"}
"""Names of everything that the folder of a report holds."""
GENERATOR = '<meta name="generator" content="kerasinst.report">'
"""HTML element by which the page of a report is recognised."""
CLIPS = 24
"""Largest number of explained clips that the page shows, over all runs."""
MATRICES = 9
"""Largest number of confusion matrices that the page shows."""
EXPLAINED = {
    "labels": "mean pictures of labels, and what counts for them",
    "profiles": "which bands and moments count",
    "faithfulness": "scores while the hottest parts are taken away or put in",
    "coefficients": "low coefficients",
    "products": "inner products of the heatmap's columns",
}
"""Descriptions of the figures of explanations, by the names of their files."""
Draw = Callable[[], Figure | None]


@dataclass(frozen=True)
class Report:
    """The content of a written report that is also printed.

    Attributes:
        comparisons: one comparison for each set of labels, task and protocol.
        tables: tables that are also printed.
        missing: phrases that say what a run lacks, by the run's path.
    """

    comparisons: list[Comparison]
    tables: list[Table]
    missing: dict[str, list[str]]


def write_report(paths: Sequence[str | Path], to: str | Path, *, command: str) -> Report:
    """Writes the report of some runs: `index.html`, `tables/` (Markdown, LaTeX, CSV) and `figures/` (PNG, SVG).

    Args:
        paths: paths of runs, which may come from other machines.
        to: folder of the report. An earlier report in it is replaced.
        command: command that the page names as the one that made it.

    Raises:
        BadInput: if a path is no run or is named twice, or the folder holds anything but a report.
    """
    to = Path(to).resolve()
    _check(to)
    runs = gather(paths)
    comparisons = compare(result for each in runs for result in model_results(each))
    with files.replacing(to) as folder:
        for part in OWN - {PAGE}:
            (folder / part).mkdir(parents=True)
        content = _content(runs, comparisons, folder / "figures")
        for table in content["tables"]:
            table.save(folder / "tables")
        missing = {str(each.run.path): each.missing for each in runs if each.missing}
        sections = [(anchor, name) for anchor, name, there in _sections(content, missing) if there]
        page = PAGES.get_template("report.html").render(
            title=to.name,
            generator=GENERATOR,
            command=command,
            missing=missing,
            sections=sections,
            version=kerasinst.__version__,
            **content,
        )
        (folder / PAGE).write_text(page, encoding="utf-8")
    shown = [table for table, _ in content["comparisons"]] + [content["protocols"], content["published"]]
    return Report(comparisons, [table for table in shown if table], missing)


def _check(to: Path) -> None:
    """Raises BadInput if the folder holds anything but a report."""
    if not to.exists() or (to.is_dir() and not any(to.iterdir())):
        return
    page = to / PAGE
    own = to.is_dir() and not {path.name for path in to.iterdir()} - OWN and page.is_file()
    content = page.read_text(encoding="utf-8", errors="replace") if own else ""
    made = [file for part in OWN - {PAGE} for file in (to / part).glob("**/*")]
    if GENERATOR not in content[:2000] or not all(f'"{file.parent.name}/{file.name}"' in content for file in made):
        raise BadInput(f"{to}: holds other files than a report's; give another --to")


def _content(runs: list[RunData], comparisons: list[Comparison], folder: Path) -> dict[str, Any]:
    """Draws all figures into a folder, and collects the variables of the page's template."""
    compared = [(each, comparison_table(each, number)) for number, each in enumerate(comparisons, 1)]
    protocols, published_labels = (
        protocol_table(comparisons),
        published_label_table(comparisons),
    )
    published = published_table(comparisons)
    card = model_card(comparisons)
    labels, confusion = (label_table(card.result), confusion_table(card.result)) if card else (None, None)
    ablations = [table for _, table in _tables(runs, "ablation", ablation_table_of)]
    variants = _tables(runs, "compression", lambda each: compression_tables(each.name, each.compression, key=each.key))
    searched = _tables(runs, "leaderboard", search_table)
    searches = [table for _, table in searched]
    drawn: dict[str, Draw] = {f"cost-{table.name}": partial(models_over_costs, each) for each, table in compared}
    drawn |= {**_overviews(runs, comparisons), **_searches(searched), **_compressed(variants)}
    for name, draw in drawn.items():
        attempt(draw, folder / name)
    explaining = [each for each in runs if each.explanation]
    clips = CLIPS // max(1, len(explaining))
    explained = [each.use("explanations", _explained, each, folder, clips) for each in explaining]
    compressions = [table for _, made in variants for table in made]
    tables = [
        *(table for _, table in compared), protocols, published, published_labels, confusion, labels,
        *ablations, *compressions, *searches,
    ]  # fmt: skip
    return {
        "runs": runs,
        "sentences": summary_text.sentences(comparisons, protocols),
        "comparisons": [(table, f"cost-{table.name}") for _, table in compared],
        "protocols": protocols,
        "published": published,
        "published_labels": published_labels,
        "confusion": confusion,
        "explained": [each for each in explained if each],
        "ablations": ablations,
        "compressed": variants,
        "searches": searches,
        "search_figures": search_figures.SAY,
        "importance_unknown": {
            table.name: each.use("leaderboard.csv", why_unknown, each.leaderboard) for each, table in searched
        },
        "card": card,
        "labels": labels,
        "images": {path.stem: embedded(path) for path in sorted(folder.glob("*.png"))},
        "tables": [table for table in tables if table is not None],
    }


def _tables(runs: list[RunData], what: str, make: Callable[[RunData], Any]) -> list[tuple[RunData, Any]]:
    """Makes a table of each run that has such a file, and leaves out runs whose file cannot be used."""
    having = [each for each in runs if getattr(each, what) is not None]
    found = [(each, each.use(f"{what}.csv", make, each)) for each in having]
    return [(each, table) for each, table in found if table is not None]


def _overviews(runs: list[RunData], comparisons: list[Comparison]) -> dict[str, Draw]:
    """Lists the figures over all runs: training curves and confusion matrices."""
    trained = {each.key: each.history for each in runs if each.history is not None}
    everything = [result for each in comparisons for result in each.results]
    networks = [result for result in everything if result.kind != "classical" and "confusion" in result.metrics["clip"]]
    drawn: dict[str, Draw] = {"training": partial(training_curves_of_runs, trained)} if trained else {}
    return drawn | ({"confusions": partial(confusion_matrices, networks[:MATRICES])} if networks else {})


def _searches(searched: list[tuple[RunData, Table]]) -> dict[str, Draw]:
    """Lists the figures of searches."""
    drawn: dict[str, Draw] = {}
    for each, table in searched:
        search = each.experiment.search if each.experiment else None
        found = each.use("the search of experiment.yaml", gain, each.run) if search else None
        figures = search_figures.search_figures(
            each.leaderboard,
            objective=search.objectives[0] if search else "val_accuracy",
            as_written=found.trial_id if found else None,
        )
        for name, draw in figures.items():
            used = partial(each.use, "leaderboard.csv", draw)
            drawn[f"{table.name}-{name}"] = used
    return drawn


def _compressed(variants: list[tuple[RunData, list[Table]]]) -> dict[str, Draw]:
    """Lists the figures of compressed variants: accuracy over costs, and pruning curves."""
    drawn: dict[str, Draw] = {}
    for each, _ in variants:
        drawn[f"compression-{each.key}"] = partial(each.use, "compression.csv", variants_over_costs, each.compression)
        if broken := each.use("compressed", pruning_histories, each.run):
            drawn[f"pruning-{each.key}"] = partial(each.use, "compressed", pruning_curves, broken)
    return drawn


def _explained(run_data: RunData, folder: Path, clips: int) -> dict[str, Any]:
    """Copies the figures of a run's explanation into a folder, and collects what the page shows of it."""
    explanation, source = run_data.explanation, run_data.run.file("explanations")
    shown = {}
    for name, text in EXPLAINED.items():
        copy = f"{run_data.key}-{name}"
        if all((source / f"{name}{suffix}").is_file() for suffix in (".png", ".svg")):
            for suffix in (".png", ".svg"):
                shutil.copyfile(source / f"{name}{suffix}", folder / f"{copy}{suffix}")
            shown[copy] = text
    heat, random = (float(explanation["faithfulness"][name]["deletion"]) for name in ("heatmaps", "random"))
    listed = [
        {
            **{name: str(clip[name]) for name in ("clip", "label", "predicted")},
            "score": float(clip["score"]),
            "image": embedded(_inside(source, clip["figure"])),
            "sound": base64.b64encode(_inside(source, clip["audio"]).read_bytes()).decode(),
        }
        for clip in explanation["clips"][:clips]
    ]
    return {
        "name": run_data.key,
        "method": explanation["method"],
        "layer": explanation["layer"],
        "heat": heat,
        "random": random,
        "segments": explanation.get("segments"),
        "empty": explanation.get("empty", 0),
        "figures": shown,
        "clips": listed,
    }


def _inside(folder: Path, name: str) -> Path:
    """Resolves the path of a file in a folder. A run of unknown origin must not make the page show other files.

    Raises:
        ValueError: if the file lies outside the folder.
    """
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise ValueError(f"{name} lies outside the run")
    return path


def _sections(content: dict[str, Any], missing: dict) -> list[tuple[str, str, Any]]:
    """Lists the anchor and the name of each section, with a value that is true if the section is shown."""
    images = content["images"]
    return [
        ("summary", "Summary", True),
        ("missing", "Missing", missing),
        ("comparison", "Comparison", content["comparisons"]),
        (
            "leak",
            "Published, leaky and honest",
            any(content[name] for name in ("protocols", "published", "published_labels")),
        ),
        ("training", "Training", "training" in images),
        ("confusion", "Confusion", "confusions" in images or content["confusion"]),
        ("explanations", "Explanations", content["explained"]),
        ("ablation", "Ablation", content["ablations"]),
        ("compression", "Compression", content["compressed"]),
        ("search", "Search", content["searches"]),
        ("card", "Model card", content["card"]),
        ("again", "Run it again", True),
    ]
