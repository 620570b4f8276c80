"""`kerasinst search` searches for the best network, trains it again, and evaluates it once on test."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from kerasinst import reporting
from kerasinst.core import cli, console
from kerasinst.core.errors import BadInput
from kerasinst.core.progress_bars import progress_bar
from kerasinst.experiment import Experiment
from kerasinst.experiment.search import SearchSection
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
    from kerasinst.tuning.space import Space

    Space(wanted.space, experiment)
    made = Run.create(run, experiment)
    with made.locked():
        return _search(experiment, wanted, run=made)


def _search(experiment: Experiment, wanted: SearchSection, *, run: Run) -> Run:
    """Searches in a run that no other process writes into."""
    from kerasinst.tuning.hparams import write_hparams
    from kerasinst.tuning.search import tune

    if run.finished and run.leaderboard() is None:
        raise BadInput(f"{run.path}: holds a finished training without a search; give another --run, or remove it")
    if run.finished and wanted.trials <= _trials(run):
        console.say(f"{run.path} is finished already; give it more trials with --set search.trials=N, or remove it")
        reporting.write_page(run)
        return run
    data = trainable_data(experiment)
    if not run.finished:
        run.start(experiment)
    run.write_data(data.segments, data.collection.audit, labels=data.labels)
    with reporting.live_leaderboard(trials=wanted.trials, epochs=wanted.epochs or experiment.training.epochs) as show:
        best = tune(
            experiment,
            data,
            directory=run.file("trials"),
            on_trial=(partial(run.write_table, "leaderboard"), show.trial),
            on_rejected=(partial(run.write_table, "rejected"), show.rejected),
            on_running=show.running,
            progress=progress_bar,
        )
    write_hparams(run.file("logs"), run.read("leaderboard"), objective=wanted.objectives[0])
    if run.finished and run.has_best(best):
        console.say(f"{run.path}: no new trial is better, so the model stays")
        run.write_experiment(experiment)
        reporting.write_page(run)
        return run
    if kept := run.reopen():
        console.say(f"{run.path}: a new trial is better; what was made of the model before is in {kept}")
    run.start(experiment)
    run.write_best(best)
    fit_into(run, best, data=data, description="training the best")
    return run


def explain(experiment: Experiment) -> None:
    """Prints what a search would do: the size of its space, samples with their costs, and the time that it will take.

    Args:
        experiment: experiment with a `search` section.

    Raises:
        BadInput: if there is nothing to search, or the data or the space cannot be made as asked.
    """
    from kerasinst.tuning.preview import preview

    reporting.show_preview(experiment, preview(experiment, trainable_data(experiment), progress=progress_bar))


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
    workers: cli.WorkersOption = None,
    cluster: cli.ClusterOption = None,
    quiet: cli.QuietOption = False,
    explained: Annotated[
        bool, typer.Option("--explain", help="Only show samples of the space, their costs, and the time it will take.")
    ] = False,
) -> None:
    """Search for the best network of an experiment, train it again and evaluate it once on test.

    Example: kerasinst search experiments/ee5180.yaml --data ~/data/FSDKaggle2018 --workers 2
    """
    from kerasinst.core.parallel import backend

    console.quieten(quiet)
    asked = experiment_from(experiment, data, changes=changes, seed=seed)
    cli.load_keras()
    if explained:
        explain(asked)
        return
    with backend(workers, cluster):
        done = search(asked, run)
    reporting.show(done)


if __name__ == "__main__":
    cli.command(main)
