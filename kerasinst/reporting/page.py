"""The page of a run: one HTML file that opens from disk and needs no network."""

import base64

import pandas as pd
from matplotlib.figure import Figure

from kerasinst import files
from kerasinst.reporting import figures, summary
from kerasinst.reporting.compressed import compressed, curves
from kerasinst.reporting.pages import PAGES
from kerasinst.run import Run


def write_page(run: Run) -> None:
    """Writes `report.html`, and each of its figures as PNG and SVG, from the other files of a finished run."""
    metrics, environment, leaderboard = run.metrics(), run.environment(), run.leaderboard()
    drawn: dict[str, Figure] = {"labels": figures.labels(run.audit())}
    if "confusion" in metrics.get("clip", {}):
        drawn["confusion"] = figures.confusion(metrics["clip"]["confusion"], run.labels())
    if (run.path / "history.csv").is_file():
        drawn["training"] = figures.training(run.history())
    if leaderboard is not None and leaderboard.score.notna().any():
        drawn["search"] = figures.search(leaderboard)
    closer = {name: run.inspected(name) for name in ("reliability", "slices", "segments_heard", "mistakes")}
    if closer["reliability"] is not None:
        drawn["reliability"] = figures.reliability(closer["reliability"])
    smaller = []
    if (run.path / "compression.csv").is_file():
        table = run.compression()
        smaller = compressed(run.experiment().name, table)
        if (costs := figures.compression(table)) is not None:
            drawn["compression"] = costs
        if broken := curves(run):
            drawn["pruning"] = figures.pruning(broken)
    content = PAGES.get_template("page.html").render(
        title=run.experiment().name,
        headline=summary.headline(run),
        metrics=metrics,
        audit=run.audit(),
        environment=environment,
        overall=(summary.OVERALL, summary.overall(run)),
        by_label=(summary.BY_LABEL, summary.by_label(run)),
        leaderboard=_table(leaderboard),
        compressed=[(list(sheet.shown), sheet.shown.to_numpy().tolist(), sheet.caption) for sheet in smaller],
        slices=_table(closer["slices"]),
        segments_heard=_table(closer["segments_heard"]),
        mistakes=_played(run, closer["mistakes"]),
        experiment=run.experiment().to_yaml(),
        images={name: _save(figure, run, name) for name, figure in drawn.items()},
    )
    files.write_text(run.report_file, content)


def _table(table: pd.DataFrame | None) -> tuple[list[str], list[list[str]]] | None:
    """Columns and cells; None if there is no table, or nothing in it."""
    if table is None or table.empty:
        return None
    cells = [
        ["" if value != value else f"{value:.4g}" if isinstance(value, float) else str(value) for value in row]
        for row in table.astype(object).itertuples(index=False)
    ]
    return [name.replace("_", " ") for name in table], cells


def _played(run: Run, mistakes: pd.DataFrame | None) -> list[dict[str, str]]:
    """The surest mistakes, with their audio."""
    if mistakes is None:
        return []
    return [
        {**row, "sound": base64.b64encode((run.mistakes / row["audio"]).read_bytes()).decode()}
        for row in mistakes[mistakes.audio != ""].to_dict("records")
    ]


def _save(figure: Figure, run: Run, name: str) -> str:
    """Saves a figure beside the page; gives the PNG for the page itself."""
    figures.save(figure, run.figures / name)
    return base64.b64encode((run.figures / f"{name}.png").read_bytes()).decode()
