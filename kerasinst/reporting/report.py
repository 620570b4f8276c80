"""One page over any runs, with its tables and figures as files beside it."""

import base64
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

import kerasinst
from kerasinst import files
from kerasinst.errors import BadInput
from kerasinst.reporting import conclusions, figures, overview, sheets
from kerasinst.reporting.comparison import Comparison, compare
from kerasinst.reporting.findings import Findings, entries, gather
from kerasinst.reporting.page import PAGES

PAGE = "index.html"
OWN = {PAGE, "tables", "figures"}
"""What a report consists of."""
CLIPS = 12
"""Explained clips of a run that are shown."""
MATRICES = 12
"""Confusion matrices that are shown."""
EXPLAINED = {
    "labels": "mean pictures of labels, and what counts for them",
    "profiles": "which bands and moments count",
    "faithfulness": "scores while the hottest parts are taken away or put in",
    "coefficients": "low coefficients",
    "products": "inner products of the heatmap's columns",
}
"""Figures of explanations, and what they show."""


def write_report(paths: Sequence[str | Path], to: str | Path, command: str) -> tuple[list[Comparison], dict[str, list]]:
    """Writes `index.html`, `tables/` (Markdown, LaTeX, CSV) and `figures/` (PNG, SVG).

    Args:
        paths: of runs, made on any machine.
        to: folder; one that holds an earlier report is replaced.
        command: that the page names as its own.

    Returns:
        The comparisons, and what is missing of each run.

    Raises:
        BadInput: if one is no run, or the folder holds something else.
    """
    to = Path(to)
    if to.exists() and (not to.is_dir() or {path.name for path in to.iterdir()} - OWN):
        raise BadInput(f"{to}: holds other files than a report's; give another --to")
    findings = gather(paths)
    comparisons = compare(entry for each in findings for entry in entries(each))
    with files.replacing(to) as folder:
        for part in OWN - {PAGE}:
            (folder / part).mkdir(parents=True)
        content = _content(findings, comparisons, folder / "figures")
        for table in content.pop("tables"):
            table.save(folder / "tables")
        missing = {str(each.run.path): each.missing for each in findings if each.missing}
        title = to.resolve().name
        sections = [(anchor, name) for anchor, name, there in _sections(content, missing) if there]
        page = PAGES.get_template("report.html").render(
            title=title, command=command, missing=missing, sections=sections, version=kerasinst.__version__, **content
        )
        (folder / PAGE).write_text(page, encoding="utf-8")
    return comparisons, missing


def _content(findings: list[Findings], comparisons: list[Comparison], folder: Path) -> dict[str, Any]:
    """What the page shows, and all of its tables; figures are drawn into the folder."""
    compared = [(each, sheets.comparison(each, number)) for number, each in enumerate(comparisons, 1)]
    protocols = sheets.protocols(comparisons)
    ablations, searches = (
        [sheets.ablation(each.name, each.ablation, each.key) for each in findings if each.ablation is not None],
        list(sheets.searches(findings)),
    )
    card = conclusions.card(comparisons)
    labels = sheets.by_label(card.entry) if card else None
    drawn: dict[str, Figure | None] = {f"cost-{sheet.name}": overview.cost(each) for each, sheet in compared}
    trained = [each for each in findings if each.history is not None]
    if trained:
        drawn["training"] = overview.training(trained)
    networks = [entry for each in comparisons for entry in each.entries if entry.kind != "classical"]
    networks = [entry for entry in networks if "confusion" in entry.metrics["clip"]][:MATRICES]
    if networks:
        drawn["confusions"] = overview.confusions(networks)
    for each, sheet in searches:
        drawn[f"{sheet.name}-coordinates"] = overview.coordinates(each.leaderboard)
        drawn[f"{sheet.name}-importance"] = overview.importance(each.leaderboard)
    for name, figure in drawn.items():
        if figure is not None:
            figures.save(figure, folder / name)
    explained = [_explained(each, folder) for each in findings if each.explanation]
    tables = [
        *(sheet for _, sheet in compared),
        protocols,
        labels,
        *ablations,
        *(sheet for _, sheet in searches),
    ]
    return {
        "findings": findings,
        "sentences": conclusions.sentences(comparisons, protocols),
        "comparisons": [(sheet, f"cost-{sheet.name}") for _, sheet in compared],
        "protocols": protocols,
        "explained": explained,
        "ablations": ablations,
        "searches": [(sheet, f"{sheet.name}-coordinates", f"{sheet.name}-importance") for _, sheet in searches],
        "card": card,
        "labels": labels,
        "images": {path.stem: _image(path) for path in sorted(folder.glob("*.png"))},
        "tables": [sheet for sheet in tables if sheet is not None],
    }


def _explained(findings: Findings, folder: Path) -> dict[str, Any]:
    """Figures of an explanation, copied beside the others, and its clips with their audio."""
    told, source = findings.explanation, findings.run.explanations
    shown = {}
    for name, text in EXPLAINED.items():
        copy = f"{findings.key}-{name}"
        for suffix in (".png", ".svg"):
            if (source / f"{name}{suffix}").is_file():
                shutil.copyfile(source / f"{name}{suffix}", folder / f"{copy}{suffix}")
                shown[copy] = text
    return {"name": findings.name, "told": told, "figures": shown, "clips": list(_clips(findings))}


def _clips(findings: Findings) -> Iterator[dict[str, Any]]:
    source = findings.run.explanations
    for clip in findings.explanation["clips"][:CLIPS]:
        picture, sound = source / clip["figure"], source / clip["audio"]
        if picture.is_file() and sound.is_file():
            yield {**clip, "image": _image(picture), "sound": base64.b64encode(sound.read_bytes()).decode()}
        else:
            findings.missing.append(f"there is no explanations/{clip['figure']}, or not its audio")


def _image(path: Path) -> dict[str, Any]:
    """A PNG for the page, with its width there: a matplotlib inch is as wide as CSS's."""
    content = path.read_bytes()
    pixels = int.from_bytes(content[16:20], "big")  # IHDR comes first
    return {"data": base64.b64encode(content).decode(), "width": round(pixels / figures.DPI * 96)}


def _sections(content: dict[str, Any], missing: dict) -> list[tuple[str, str, Any]]:
    """Anchors and names of sections, and whether they are there."""
    images = content["images"]
    return [
        ("summary", "Summary", True),
        ("missing", "Missing", missing),
        ("comparison", "Comparison", content["comparisons"]),
        ("leak", "Published, leaky and honest", content["protocols"]),
        ("training", "Training", "training" in images),
        ("confusion", "Confusion", "confusions" in images),
        ("explanations", "Explanations", content["explained"]),
        ("ablation", "Ablation", content["ablations"]),
        ("search", "Search", content["searches"]),
        ("card", "Model card", content["card"]),
        ("again", "Run it again", True),
    ]
