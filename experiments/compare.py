"""A study's table again: its models by its own protocol and with recordings whole, its published figures beside them.

    python experiments/compare.py ee5180 --data DIR

Eleven rows: the study's seven classical models, its network without and with CutMix and pruned, and this project's own
recipe (`experiments/best.yaml`). Each is trained twice, split by segment (parts of one recording on both sides, as in
the study) and by recording; what the first gains over the second is leak. Defaults take about twenty minutes on two
cores; the study's own budget is `--segments 6000 --epochs 30`. A killed run goes on where it stood.
"""

import sys
from pathlib import Path
from typing import Annotated

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # for `python experiments/compare.py`

import typer

from kerasinst.core import cli
from kerasinst.core.errors import BadInput
from kerasinst.experiment import PROJECT, Experiment
from kerasinst.report import report
from kerasinst.runs import Run


def main(
    study: Annotated[str, typer.Argument(help="Name of an experiment with published figures.")] = "ee5180",
    data: cli.DataOption = None,
    reader: Annotated[str | None, typer.Option(help="Its reader, if not the study's.")] = None,
    segments: Annotated[int, typer.Option(help="Drawn from all recordings.")] = 1500,
    epochs: Annotated[int, typer.Option(help="Of the networks.")] = 20,
    runs: Annotated[Path | None, typer.Option(metavar="DIR", help="Default: runs/compare-STUDY.")] = None,
    to: Annotated[Path | None, typer.Option(metavar="DIR", help="Of the report. Default: reports/STUDY.")] = None,
) -> None:
    """Make a study's table again.

    Example: python experiments/compare.py ee5180 --data ~/data/FSDKaggle2018
    """
    experiment = Experiment.from_yaml(PROJECT / "experiments" / f"{study}.yaml")
    if not experiment.published:
        raise BadInput(f"{study}: has no published figures to compare with; add a section published")
    if data:
        experiment = experiment.on_data(data, reader)
    cli.load_keras()
    experiment = experiment.override({"audio.segments": segments, "training.epochs": epochs, "training.patience": None})
    folder = runs or Path("runs") / f"compare-{study}"
    made = [run for by in ("segment", "group") for run in train_all(experiment, by, folder / by)]
    report([run.path for run in made], to or Path("reports") / study)


def train_all(experiment: Experiment, by: str, folder: Path) -> list[Run]:
    """All models of the table, split by segment or by group."""
    from kerasinst.baselines import baselines
    from kerasinst.compress import compress
    from kerasinst.train import train

    experiment = experiment.override({"split.by": by, "search": None, "ablation": {}})
    network = train(experiment.override({"name": "cnn-cutmix"}), folder / "cnn-cutmix")
    compress(network.experiment(), network.path, variants=["pruned"])
    classical = [result.model for result in experiment.published.results if result.model != "network"]
    fitted = [other for other in network.other_models() if other.path.parent.name == "baselines"]
    if len(fitted) < len(classical):  # a killed run fits them again
        baselines(network.experiment(), network.path, models=classical, features=["picture"])
    plain = train(experiment.override({"name": "cnn", "training.augment": []}), folder / "cnn")
    own = Experiment.from_yaml(PROJECT / "experiments" / "best.yaml")
    same = {part: experiment.model_dump(mode="json")[part] for part in ("dataset", "split")}
    return [network, plain, train(own.override({**same, "training.seeds": [1]}), folder / "best")]


if __name__ == "__main__":
    cli.command(main)
