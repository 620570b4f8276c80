"""`kerasinst search` searches for the best network, trains it again, and evaluates it once on test."""

from functools import partial
from pathlib import Path

from kerasinst import reporting
from kerasinst.core import cli, console
from kerasinst.core.errors import BadInput
from kerasinst.core.progress_bars import progress_bar
from kerasinst.experiment import Experiment
from kerasinst.runs import Run
from kerasinst.runs.arguments import experiment_from
from kerasinst.train import fit_into, trainable_data


def search(experiment: Experiment, run: str | Path | None = None) -> Run:
    """Searches the space of an experiment, trains its best trial again, and evaluates it once on test.

    A killed search of the same experiment goes on where it stopped. So does a finished one that is asked for more
    trials: if one of them is better, the model is replaced.

    Args:
        experiment: experiment with a `search` section.
        run: directory of the run; None is `runs/<name>`.

    Returns:
        The finished run.

    Raises:
        BadInput: if there is nothing to search, or the data, the space or a network cannot be made as asked.
        Diverged: if every trial failed, or no epoch of the last training ended with a finite loss.

    Example:
        >>> search(Experiment.from_yaml("quickstart"), run="runs/quickstart").leaderboard().score.max()
        0.85
    """
    wanted = experiment.search
    if wanted is None:
        raise BadInput(f"{experiment.name}: there is no search section; add one, or use kerasinst train")
    from kerasinst.tuning.search import tune
    from kerasinst.tuning.space import Space

    Space(wanted.space, experiment)
    made = Run.create(run, experiment)
    if made.finished and made.leaderboard() is None:
        raise BadInput(f"{made.path}: holds a finished training without a search; give another --run, or remove it")
    if made.finished and wanted.trials <= _trials(made):
        console.say(f"{made.path} is finished already; give it more trials with --set search.trials=N, or remove it")
        reporting.write_page(made)
        return made
    data = trainable_data(experiment)
    if not made.finished:
        made.start(experiment)
    made.write_data(data.segments, data.collection.audit, labels=data.labels)
    with reporting.live_leaderboard(trials=wanted.trials, epochs=wanted.epochs or experiment.training.epochs) as show:
        best = tune(
            experiment,
            data,
            directory=made.file("trials"),
            on_trial=(partial(made.write_table, "leaderboard"), show.trial),
            on_epoch=show.epoch,
            progress=progress_bar,
        )
    if made.finished and made.has_best(best):
        console.say(f"{made.path}: no new trial is better, so the model stays")
        made.write_experiment(experiment)
        reporting.write_page(made)
        return made
    if kept := made.reopen():
        console.say(f"{made.path}: a new trial is better; what was made of the model before is in {kept}")
    made.start(experiment)
    made.write_best(best)
    fit_into(made, best, data=data, description="training the best")
    return made


def _trials(run: Run) -> int:
    """Returns the number of trials that a run was asked for."""
    asked = run.experiment().search
    return asked.trials if asked else 0


def main(
    experiment: cli.ExperimentFile = None,
    run: cli.RunOption = None,
    data: cli.DataOption = None,
    changes: cli.SetOption = None,
    seed: cli.SeedOption = None,
    quiet: cli.QuietOption = False,
) -> None:
    """Search for the best network of an experiment, train it again and evaluate it once on test.

    Example: kerasinst search experiments/ee5180.yaml --data ~/data/FSDKaggle2018 --set search.trials=5
    """
    console.quieten(quiet)
    asked = experiment_from(experiment, data, changes=changes, seed=seed)
    cli.load_keras()
    reporting.show(search(asked, run))


if __name__ == "__main__":
    cli.command(main)
