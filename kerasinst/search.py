"""python -m kerasinst.search: tune, train the best again, and evaluate it once on test."""

from functools import partial
from pathlib import Path

from kerasinst import reporting
from kerasinst.core import cli, console
from kerasinst.core.errors import BadInput
from kerasinst.experiment import Experiment
from kerasinst.runs import Run
from kerasinst.runs.arguments import experiment_from


def search(experiment: Experiment, run: str | Path | None = None) -> Run:
    """Searches the experiment's space; a killed search of the same experiment goes on where it stood.

    So does a finished one that is asked for more trials: if one of them is better, the best is trained and tested anew.

    Args:
        experiment: with a search section.
        run: directory; None is `runs/<name>`.

    Raises:
        BadInput: if there is nothing to search, or the data, the space or a network cannot be made as asked.
        Diverged: if every trial failed.
    """
    if experiment.search is None:
        raise BadInput(f"{experiment.name}: there is no search section; add one, or use python -m kerasinst.train")
    from kerasinst.features.prepared_data import prepare
    from kerasinst.training.recipe import check_trainable
    from kerasinst.training.result import fit_all_seeds
    from kerasinst.training.tensorboard import tensorboard_logs
    from kerasinst.tuning.search import tune
    from kerasinst.tuning.space import Space

    Space(experiment.search.space, experiment)
    run = Run.create(run, experiment)
    if run.finished and run.leaderboard() is None:
        raise BadInput(f"{run.path}: holds a finished training without a search; give another --run, or remove it")
    if run.finished and experiment.search.trials <= run.experiment().search.trials:
        console.say(f"{run.path} is finished already; give it more trials with --set search.trials=N, or remove it")
        reporting.write_page(run)
        return run
    data = prepare(experiment)
    check_trainable(experiment, data)
    console.say(f"{experiment.name}: {data}")
    if not run.finished:
        run.start(experiment)
    run.write_data(data.segments, data.collection.audit, labels=data.labels)
    with console.trials(experiment.search.trials, experiment.search.epochs or experiment.training.epochs) as show:
        best = tune(
            experiment, data, run.file("trials"), (partial(run.write_table, "leaderboard"), show.trial), show.epoch
        )
    if run.finished and run.has_best(best):
        console.say(f"{run.path}: no new trial is better, so the model stays")
        run.write_experiment(experiment)
        reporting.write_page(run)
        return run
    if kept := run.reopen():
        console.say(f"{run.path}: a new trial is better; what was made of the model before is in {kept}")
    run.start(experiment)
    run.write_best(best)
    with (
        console.epochs("training the best", best.training.epochs * len(best.training.seeds)) as show,
        tensorboard_logs(run.file("logs"), show) as on_epoch,
    ):
        result = fit_all_seeds(best, data, run.file("state"), on_epoch)
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
    """Search for the best network of an experiment, train it again and evaluate it once on test.

    Example: python -m kerasinst.search experiments/ee5180.yaml --data ~/data/FSDKaggle2018 --set search.trials=5
    """
    cli.quieten(quiet)
    asked = experiment_from(experiment, data, changes=changes, seed=seed)
    cli.load_keras()
    reporting.show(search(asked, run))


if __name__ == "__main__":
    cli.command(main)
