"""One page over any runs, with its tables and figures as files beside it."""

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
from kerasinst.reporting import summary_text
from kerasinst.reporting.comparison import Comparison, compare
from kerasinst.reporting.plots import comparison_plots, run_plots
from kerasinst.reporting.run_data import RunData, entries, gather
from kerasinst.reporting.tables import comparison_tables
from kerasinst.reporting.tables.compression import compressed, curves
from kerasinst.reporting.tables.table import Table
from kerasinst.reporting.templates import PAGES, embedded

PAGE = "index.html"
OWN = {PAGE, "tables", "figures"}
"""What a report consists of."""
GENERATOR = '<meta name="generator" content="kerasinst.report">'
"""What tells a report from other pages."""
CLIPS = 24
"""Explained clips that are shown, of all runs together."""
MATRICES = 9
"""Confusion matrices that are shown."""
EXPLAINED = {
    "labels": "mean pictures of labels, and what counts for them",
    "profiles": "which bands and moments count",
    "faithfulness": "scores while the hottest parts are taken away or put in",
    "coefficients": "low coefficients",
    "products": "inner products of the heatmap's columns",
}
"""Figures of explanations, and what they show."""


Draw = Callable[[], Figure | None]


@dataclass(frozen=True)
class Report:
    """What a report found.

    Attributes:
        comparisons: one for each set of labels and protocol.
        sheets: tables that the terminal shows, too.
        missing: sentences on what runs lack, by their paths.
    """

    comparisons: list[Comparison]
    sheets: list[Table]
    missing: dict[str, list[str]]


def write_report(paths: Sequence[str | Path], to: str | Path, *, command: str) -> Report:
    """Writes `index.html`, `tables/` (Markdown, LaTeX, CSV) and `figures/` (PNG, SVG).

    Args:
        paths: of runs, made on any machine.
        to: folder; one that holds an earlier report is replaced.
        command: that the page names as its own.

    Raises:
        BadInput: if one is no run, or the folder holds something else.
    """
    to = Path(to).resolve()
    _check(to)
    findings = gather(paths)
    comparisons = compare(entry for each in findings for entry in entries(each))
    with files.replacing(to) as folder:
        for part in OWN - {PAGE}:
            (folder / part).mkdir(parents=True)
        content = _content(findings, comparisons, folder / "figures")
        for table in content["tables"]:
            table.save(folder / "tables")
        missing = {str(each.run.path): each.missing for each in findings if each.missing}
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
    shown = [sheet for sheet, _ in content["comparisons"]] + [content["protocols"]]
    return Report(comparisons, [sheet for sheet in shown if sheet], missing)


def _check(to: Path) -> None:
    """Refuses to replace what is no report."""
    if not to.exists() or (to.is_dir() and not any(to.iterdir())):
        return
    page = to / PAGE
    own = to.is_dir() and not {path.name for path in to.iterdir()} - OWN and page.is_file()
    content = page.read_text(encoding="utf-8", errors="replace") if own else ""
    made = [file for part in OWN - {PAGE} for file in (to / part).glob("**/*")]
    if GENERATOR not in content[:2000] or not all(f'"{file.parent.name}/{file.name}"' in content for file in made):
        raise BadInput(f"{to}: holds other files than a report's; give another --to")


def _content(findings: list[RunData], comparisons: list[Comparison], folder: Path) -> dict[str, Any]:
    """What the page shows, and all of its tables; figures are drawn into the folder."""
    compared = [(each, comparison_tables.comparison(each, number)) for number, each in enumerate(comparisons, 1)]
    protocols, published_labels = (
        comparison_tables.protocols(comparisons),
        comparison_tables.published_labels(comparisons),
    )
    card = summary_text.card(comparisons)
    labels, confusion = (
        (comparison_tables.by_label(card.entry), comparison_tables.confusion(card.entry)) if card else (None, None)
    )
    ablations = [sheet for _, sheet in _sheets(findings, "ablation", comparison_tables.ablation_of)]
    variants = _sheets(findings, "compression", lambda each: compressed(each.name, each.compression, key=each.key))
    searched = _sheets(findings, "leaderboard", comparison_tables.search)
    searches = [sheet for _, sheet in searched]
    drawn: dict[str, Draw] = {f"cost-{sheet.name}": partial(comparison_plots.cost, each) for each, sheet in compared}
    drawn |= {**_overviews(findings, comparisons), **_searches(searched), **_compressed(variants)}
    for name, draw in drawn.items():
        run_plots.attempt(draw, folder / name)
    explaining = [each for each in findings if each.explanation]
    clips = CLIPS // max(1, len(explaining))
    told = [each.use("explanations", _explained, each, folder, clips) for each in explaining]
    compressions = [sheet for _, made in variants for sheet in made]
    tables = [
        *(sheet for _, sheet in compared), protocols, published_labels, confusion, labels,
        *ablations, *compressions, *searches,
    ]  # fmt: skip
    return {
        "findings": findings,
        "sentences": summary_text.sentences(comparisons, protocols),
        "comparisons": [(sheet, f"cost-{sheet.name}") for _, sheet in compared],
        "protocols": protocols,
        "published_labels": published_labels,
        "confusion": confusion,
        "explained": [each for each in told if each],
        "ablations": ablations,
        "compressed": variants,
        "searches": searches,
        "enough": comparison_plots.ENOUGH,
        "card": card,
        "labels": labels,
        "images": {path.stem: embedded(path) for path in sorted(folder.glob("*.png"))},
        "tables": [sheet for sheet in tables if sheet is not None],
    }


def _sheets(findings: list[RunData], what: str, make: Callable[[RunData], Any]) -> list[tuple[RunData, Any]]:
    """The tables of the runs that have such a file, and can use it."""
    having = [each for each in findings if getattr(each, what) is not None]
    found = [(each, each.use(f"{what}.csv", make, each)) for each in having]
    return [(each, sheet) for each, sheet in found if sheet is not None]


def _overviews(findings: list[RunData], comparisons: list[Comparison]) -> dict[str, Draw]:
    """How networks trained, and what they mistake."""
    trained = [each for each in findings if each.history is not None]
    everything = [entry for each in comparisons for entry in each.entries]
    networks = [entry for entry in everything if entry.kind != "classical" and "confusion" in entry.metrics["clip"]]
    drawn: dict[str, Draw] = {"training": partial(comparison_plots.training, trained)} if trained else {}
    return drawn | ({"confusions": partial(comparison_plots.confusions, networks[:MATRICES])} if networks else {})


def _searches(searched: list[tuple[RunData, Table]]) -> dict[str, Draw]:
    """What searches tried, and what mattered."""
    return {
        f"{sheet.name}-{name}": partial(each.use, "leaderboard.csv", draw, each.leaderboard)
        for each, sheet in searched
        if each.leaderboard.score.notna().any()
        for name, draw in (("coordinates", comparison_plots.coordinates), ("importance", comparison_plots.importance))
    }


def _compressed(variants: list[tuple[RunData, list[Table]]]) -> dict[str, Draw]:
    """What variants cost, and where pruning broke a network."""
    drawn: dict[str, Draw] = {}
    for each, _ in variants:
        drawn[f"compression-{each.key}"] = partial(each.use, "compression.csv", run_plots.compression, each.compression)
        if broken := each.use("compressed", curves, each.run):
            drawn[f"pruning-{each.key}"] = partial(each.use, "compressed", run_plots.pruning, broken)
    return drawn


def _explained(findings: RunData, folder: Path, clips: int) -> dict[str, Any]:
    """Figures of an explanation, copied beside the others, and some of its clips with their audio."""
    told, source = findings.explanation, findings.run.file("explanations")
    shown = {}
    for name, text in EXPLAINED.items():
        copy = f"{findings.key}-{name}"
        if all((source / f"{name}{suffix}").is_file() for suffix in (".png", ".svg")):
            for suffix in (".png", ".svg"):
                shutil.copyfile(source / f"{name}{suffix}", folder / f"{copy}{suffix}")
            shown[copy] = text
    heat, random = (float(told["faithfulness"][name]["deletion"]) for name in ("heatmaps", "random"))
    heard = [
        {
            **{name: str(clip[name]) for name in ("clip", "label", "predicted")},
            "score": float(clip["score"]),
            "image": embedded(_inside(source, clip["figure"])),
            "sound": base64.b64encode(_inside(source, clip["audio"]).read_bytes()).decode(),
        }
        for clip in told["clips"][:clips]
    ]
    about = {"name": findings.key, "method": told["method"], "layer": told["layer"], "heat": heat, "random": random}
    about |= {"segments": told.get("segments"), "empty": told.get("empty", 0)}
    return {**about, "figures": shown, "clips": heard}


def _inside(folder: Path, name: str) -> Path:
    """A file of a folder; a run of unknown origin may not show others.

    Raises:
        ValueError: if it lies elsewhere.
    """
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise ValueError(f"{name} lies outside the run")
    return path


def _sections(content: dict[str, Any], missing: dict) -> list[tuple[str, str, Any]]:
    """Anchors and names of sections, and whether they are there."""
    images = content["images"]
    return [
        ("summary", "Summary", True),
        ("missing", "Missing", missing),
        ("comparison", "Comparison", content["comparisons"]),
        ("leak", "Published, leaky and honest", content["protocols"]),
        ("training", "Training", "training" in images),
        ("confusion", "Confusion", "confusions" in images or content["confusion"]),
        ("explanations", "Explanations", content["explained"]),
        ("ablation", "Ablation", content["ablations"]),
        ("compression", "Compression", content["compressed"]),
        ("search", "Search", content["searches"]),
        ("card", "Model card", content["card"]),
        ("again", "Run it again", True),
    ]
