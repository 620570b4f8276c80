"""The page of a run: one HTML file that opens from disk and needs no network."""

import base64

from jinja2 import Environment, PackageLoader, StrictUndefined
from matplotlib.figure import Figure

from kerasinst import files
from kerasinst.reporting import figures, summary
from kerasinst.run import Run

PAGES = Environment(
    loader=PackageLoader("kerasinst.reporting"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


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
    content = PAGES.get_template("page.html").render(
        title=run.experiment().name,
        headline=summary.headline(run),
        metrics=metrics,
        audit=run.audit(),
        environment=environment,
        overall=(summary.OVERALL, summary.overall(run)),
        by_label=(summary.BY_LABEL, summary.by_label(run)),
        leaderboard=None if leaderboard is None else (list(leaderboard), _cells(leaderboard)),
        experiment=run.experiment().to_yaml(),
        images={name: _save(figure, run, name) for name, figure in drawn.items()},
    )
    files.write_text(run.report_file, content)


def _cells(leaderboard) -> list[list[str]]:
    return [
        ["" if value != value else f"{value:.4g}" if isinstance(value, float) else str(value) for value in row]
        for row in leaderboard.astype(object).itertuples(index=False)
    ]


def _save(figure: Figure, run: Run, name: str) -> str:
    """Saves a figure beside the page; gives the PNG for the page itself."""
    figures.save(figure, run.figures / name)
    return base64.b64encode((run.figures / f"{name}.png").read_bytes()).decode()
