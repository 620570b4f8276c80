"""A study's ablation again: its network without some layers, by its own protocol and with recordings whole.

    python experiments/ablation.py ee5180 --data DIR

The rows are those of the experiment's `ablation` section, and the whole network. Each is trained twice, split by
segment (parts of one recording on both sides, as in the study) and by recording. The study's own budget is
`--segments 6000 --epochs 30`. A killed run goes on where it stood.
"""

import sys
from pathlib import Path
from typing import Annotated

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # for `python experiments/ablation.py`

import typer

from kerasinst.core import cli, console
from kerasinst.experiment import PROJECT, Experiment
from kerasinst.report import report
from kerasinst.reporting import formatting


def main(
    study: Annotated[str, typer.Argument(help="Name of an experiment with an ablation section.")] = "ee5180",
    data: cli.DataOption = None,
    reader: Annotated[str | None, typer.Option(help="Its reader, if not the study's.")] = None,
    segments: Annotated[int, typer.Option(help="Drawn from all recordings.")] = 1000,
    epochs: Annotated[int, typer.Option(help="Of each row.")] = 10,
    runs: Annotated[Path | None, typer.Option(metavar="DIR", help="Default: runs/ablation-STUDY.")] = None,
    to: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Of the report. Default: reports/ablation-STUDY.")
    ] = None,
) -> None:
    """Make a study's ablation again.

    Example: python experiments/ablation.py ee5180 --data ~/data/FSDKaggle2018
    """
    from kerasinst.ablate import ablate

    experiment = Experiment.from_yaml(PROJECT / "experiments" / f"{study}.yaml")
    if data:
        experiment = experiment.on_data(data, reader)
    cli.load_keras()
    experiment = experiment.override({"audio.segments": segments, "training.epochs": epochs, "search": None})
    folder = runs or Path("runs") / f"ablation-{study}"
    made = {by: ablate(experiment.override({"split.by": by}), folder / by) for by in ("segment", "group")}
    report([run.path for run in made.values()], to or Path("reports") / f"ablation-{study}")
    leaky, whole = made["segment"].ablation(), formatting.accuracies(made["group"].ablation())
    rows = [
        (
            row.changed,
            row.to,
            formatting.number(row.published, 3),
            f"{row.segment_accuracy:.3f}",
            whole[row.Index],
            f"{row.parameters:,}",
        )
        for row in leaky.itertuples()
    ]
    columns = ["changed", "to", "published", "leaky, segments", "recordings whole, clips (95 %)", "parameters"]
    console.show_table(f"{study}: {segments} segments, {epochs} epochs", columns, rows=rows)


if __name__ == "__main__":
    cli.command(main)
