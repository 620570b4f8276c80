"""`kerasinst train` trains the network of an experiment with every seed, and evaluates it once on test."""

from pathlib import Path
from typing import TYPE_CHECKING

from kerasinst import reporting
from kerasinst.core import cli, console
from kerasinst.core.progress_bars import epochs, progress_bar
from kerasinst.experiment import Experiment
from kerasinst.runs import Run
from kerasinst.runs.arguments import experiment_from
from kerasinst.runs.writing import write_training

if TYPE_CHECKING:
    from kerasinst.features import PreparedData


def train(experiment: Experiment, run: str | Path | None = None) -> Run:
    """Trains the network of an experiment with every seed, and evaluates it once on test.

    A killed training of the same experiment goes on where it stopped.

    Args:
        experiment: experiment that is trained; its search section is not used.
        run: directory of the run; None is `runs/<name>`.

    Returns:
        The finished run.

    Raises:
        BadInput: if the data, the front end or the network cannot be made as asked.
        Diverged: if no epoch of a training ended with a finite loss.

    Example:
        >>> train(Experiment.from_yaml("experiments/ee5180.yaml"), run="runs/ee5180").metrics()["clip"]["accuracy"]
        0.62
    """
    made = Run.create(run, experiment)
    with made.locked():
        if made.finished:
            console.say(f"{made.path} is finished already; remove it to train again")
            reporting.write_page(made)
            return made
        data = trainable_data(experiment)
        made.start(experiment)
        made.write_data(data.segments, data.collection.audit, labels=data.labels)
        fit_into(made, experiment, data=data)
    return made


def trainable_data(experiment: Experiment) -> "PreparedData":
    """Prepares the data of an experiment, and checks that its network can be trained on it.

    Args:
        experiment: experiment that is to be trained.

    Raises:
        BadInput: if the data cannot be read or split as asked, or the network cannot be trained on it.
    """
    from kerasinst.features import prepare_data
    from kerasinst.training.checks import check_trainable

    data = prepare_data(experiment, progress=progress_bar)
    check_trainable(experiment, data)
    console.say(f"{experiment.name}: {data}")
    return data


def fit_into(run: Run, experiment: Experiment, *, data: "PreparedData", description: str = "training") -> None:
    """Trains a network with every seed, and writes the model, its figures and the page of the run.

    Args:
        run: run that was started.
        experiment: experiment that is trained.
        data: data that was prepared for the experiment.
        description: text of the progress bar.

    Raises:
        Diverged: if no epoch of a training ended with a finite loss.
    """
    from kerasinst.training.seeds import fit_all_seeds
    from kerasinst.training.tensorboard import tensorboard_logs

    total = experiment.training.epochs * len(experiment.training.seeds)
    with epochs(description, total) as show, tensorboard_logs(run.file("logs"), show) as on_epoch:
        result = fit_all_seeds(experiment, data, state=run.file("state"), on_epoch=on_epoch, progress=progress_bar)
    write_training(run, result)
    reporting.write_page(run)


def main(
    experiment: cli.ExperimentFile = None,
    run: cli.RunOption = None,
    data: cli.DataOption = None,
    changes: cli.SetOption = None,
    seed: cli.SeedOption = None,
    workers: cli.WorkersOption = None,
    cluster: cli.ClusterOption = None,
    quiet: cli.QuietOption = False,
) -> None:
    """Train the network of an experiment and evaluate it once on test.

    Example: kerasinst train experiments/ee5180.yaml --data ~/data/FSDKaggle2018 --run runs/ee5180
    """
    from kerasinst.core.parallel import backend

    console.quieten(quiet)
    asked = experiment_from(experiment, data, changes=changes, seed=seed)
    cli.load_keras()
    with backend(workers, cluster):
        done = train(asked, run)
    reporting.show(done)


if __name__ == "__main__":
    cli.command(main)
