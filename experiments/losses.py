"""Losses for several labels: what each finds over all thresholds, and where a threshold of 0.5 puts it.

    python experiments/losses.py timeline
    python experiments/losses.py musicnet --data DIR

Trains the experiment once with each loss, and draws the share of the sounding labels that is found over the labels
that are reported falsely. The musicnet study's figure for its own loss is a point of the picture: it is of MusicNet, so
that only runs on MusicNet can be compared with it. A killed run goes on where it stood.
"""

import sys
from pathlib import Path
from typing import Annotated

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # for `python experiments/losses.py`

import numpy as np
import pandas as pd
import typer

from kerasinst.core import cli, console, files
from kerasinst.experiment import Experiment
from kerasinst.reporting.plots import saving
from kerasinst.reporting.plots.operating_points import Point, operating_curves

LOSSES = ("binary_crossentropy", "mean_squared_error", "focal", "iou_like")
"""Losses that are compared."""
STUDY = Point("the study on MusicNet, top 3", found=0.76, false=1.6)
"""What the musicnet study reports."""


def main(
    name: Annotated[str, typer.Argument(help="A multi-label experiment, by name or path.")] = "timeline",
    data: cli.DataOption = None,
    changes: cli.SetOption = None,
    runs: Annotated[Path | None, typer.Option(metavar="DIR", help="Default: runs/losses-NAME.")] = None,
    to: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Of table and picture. Default: reports/losses.")
    ] = None,
) -> None:
    """Compare losses for several labels.

    Example: python experiments/losses.py timeline --set dataset.pieces=100
    """
    from kerasinst.train import train

    experiment = Experiment.from_yaml(name).override(cli.assignments(changes))
    if data:
        experiment = experiment.on_data(data)
    cli.load_keras()
    folder = runs or Path("runs") / f"losses-{experiment.name}"
    made = {}
    for loss in LOSSES:
        run = train(experiment.override({"training.loss": loss}), folder / loss)
        made[loss] = (run.read("operating_curve"), run.metrics())
    table = pd.DataFrame([row(loss, curve, metrics) for loss, (curve, metrics) in made.items()])
    target = to or Path("reports") / "losses"
    target.mkdir(parents=True, exist_ok=True)
    files.write_text(target / f"losses-{experiment.name}.csv", table.to_csv(index=False))
    curves = {loss: curve for loss, (curve, _) in made.items()}
    saving.save(operating_curves(curves, points=[STUDY]), target / f"losses-{experiment.name}")
    shown = [
        tuple(f"{value:.3f}" if isinstance(value, float) else value for value in each) for each in table.to_numpy()
    ]
    console.show_table(f"{experiment.name}: losses", list(table), rows=shown)


def row(loss: str, curve: pd.DataFrame, metrics: dict) -> dict[str, str | float]:
    """Summarises a curve: what is found at the study's price, the price of what it finds, and both at 0.5."""
    level = metrics.get("frame", metrics["clip"])
    half = curve.sort_values("threshold")
    return {
        "loss": loss,
        "mAP": float(level["mean_average_precision"]),
        f"found at {STUDY.false} false": float(np.interp(STUDY.false, curve.false, curve.found)),
        f"false at {STUDY.found:.0%} found": float(np.interp(STUDY.found, curve.found, curve.false)),
        "found at 0.5": float(np.interp(0.5, half.threshold, half.found)),
        "false at 0.5": float(np.interp(0.5, half.threshold, half.false)),
    }


if __name__ == "__main__":
    cli.command(main)
