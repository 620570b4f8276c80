"""python -m kerasinst.train: train one network with every seed, and evaluate it once on test."""

from pathlib import Path

from kerasinst import reporting
from kerasinst.core import cli, console
from kerasinst.experiment import Experiment
from kerasinst.runs import Run
from kerasinst.runs.arguments import experiment_from


def train(experiment: Experiment, run: str | Path | None = None) -> Run:
    """Trains the network of an experiment; a killed training of the same experiment goes on where it stood.

    Args:
        experiment: its search section is not used.
        run: directory; None is `runs/<name>`.

    Raises:
        BadInput: if the data, the front end or the network cannot be made as asked.
        Diverged: if the loss is no number from the first epoch on.

    Example:
        >>> train(Experiment.from_yaml("experiments/ee5180.yaml"), run="runs/ee5180").metrics()["clip"]["accuracy"]
        0.62
    """
    from kerasinst.features.prepared_data import prepare
    from kerasinst.training.recipe import check_trainable
    from kerasinst.training.result import fit_all_seeds
    from kerasinst.training.tensorboard import tensorboard_logs

    run = Run.create(run, experiment)
    if run.finished:
        console.say(f"{run.path} is finished already; remove it to train again")
        reporting.write_page(run)
        return run
    data = prepare(experiment)
    check_trainable(experiment, data)
    console.say(f"{experiment.name}: {data}")
    run.start(experiment)
    run.write_data(data.segments, data.collection.audit, labels=data.labels)
    with (
        console.epochs("training", experiment.training.epochs * len(experiment.training.seeds)) as show,
        tensorboard_logs(run.file("logs"), show) as on_epoch,
    ):
        result = fit_all_seeds(experiment, data, run.file("state"), on_epoch)
    run.write_training(result)
    reporting.write_page(run)
    return run


def main(
    experiment: cli.ExperimentFile = None,
    run: cli.RunOption = None,
    data: cli.DataOption = None,
    changes: cli.SetOption = None,
    seed: cli.SeedOption = None,
    quiet: cli.QuietOption = False,
) -> None:
    """Train the network of an experiment and evaluate it once on test.

    Example: python -m kerasinst.train experiments/ee5180.yaml --data ~/data/FSDKaggle2018 --run runs/ee5180
    """
    cli.quieten(quiet)
    asked = experiment_from(experiment, data, changes=changes, seed=seed)
    cli.load_keras()
    reporting.show(train(asked, run))


if __name__ == "__main__":
    cli.command(main)
