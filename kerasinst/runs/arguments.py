"""Turns the arguments of a verb into the experiment and the run that they ask for."""

from pathlib import Path

from kerasinst.core.cli import assignments
from kerasinst.core.errors import BadInput
from kerasinst.experiment import QUICKSTART, Experiment, name_after
from kerasinst.runs import Run


def experiment_from(
    experiment: Path | None, data: Path | None = None, *, changes: list[str] | None = None, seed: int | None = None
) -> Experiment:
    """Makes the experiment that a command line asks for.

    Args:
        experiment: path of an experiment file, or name of a packaged experiment; None is the quickstart.
        data: folder of another data set; None keeps that of the experiment.
        changes: values of `--set`, such as "training.epochs=3".
        seed: seed of the split and of the training; None keeps those of the experiment.

    Raises:
        BadInput: if the file, a key or a value is wrong.
    """
    found = Experiment.from_yaml(experiment or QUICKSTART)
    settings = assignments(changes)
    if data is not None:
        found = found.on_data(data, settings.pop("dataset.reader", None))
        if experiment is None:
            found = found.override({"name": name_after(data)})
    if seed is not None:
        settings |= {"split.seed": seed, "training.seeds": [seed]}
    return found.override(settings) if settings else found


def experiment_or_run_from(
    asked: Path | None,
    run: Path | None = None,
    *,
    data: Path | None = None,
    changes: list[str] | None = None,
    seed: int | None = None,
) -> tuple[Experiment, Path | None]:
    """Makes the experiment that a command line asks for, or reads that of a run that is to be added to.

    Args:
        asked: path of an experiment file, name of a packaged experiment, or directory of a run; None is the quickstart.
        run: directory of the run, unless `asked` is one.
        data: folder of another data set; None keeps that of the experiment.
        changes: values of `--set`, such as "training.epochs=3".
        seed: seed of the split and of the training; None keeps those of the experiment.

    Returns:
        The experiment, and the directory of the run, which is None if none was given.

    Raises:
        BadInput: if the file, a key or a value is wrong, the directory is no run, or other arguments would change the
            experiment of a run.
    """
    if asked is None or not asked.is_dir():
        return experiment_from(asked, data, changes=changes, seed=seed), run
    if run or data or changes or seed is not None:
        raise BadInput(f"{asked}: is a run, which keeps its experiment; give its experiment.yaml to change anything")
    return Run.open(asked).experiment(), asked
