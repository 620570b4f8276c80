"""`kerasinst ablate` trains an experiment again with parts taken away or changed, on the same split and budget."""

import hashlib
from pathlib import Path
from typing import Annotated

import typer

from kerasinst import reporting
from kerasinst.core import cli, console, files
from kerasinst.core.errors import BadInput
from kerasinst.experiment import Experiment, read_yaml
from kerasinst.runs import Run
from kerasinst.runs.arguments import experiment_or_run_from

WHOLE = "nothing"
"""Name of the change in the row of the experiment as it is."""


def ablate(experiment: Experiment, run: str | Path | None = None) -> Run:
    """Trains an experiment and each change that its `ablation` section lists, with the same split, epochs and seeds.

    Each change is a run of its own in the folder `ablation` of the run, so that a killed ablation goes on where it
    stopped.

    Args:
        experiment: experiment with an `ablation` section.
        run: directory of the run, which may hold the finished experiment; None is `runs/<name>`.

    Returns:
        The run, with ablation.csv: one row for the experiment as it is and one for each change, with the difference in
        accuracy and the p-value of McNemar's test against the first row, Holm-corrected over the table.

    Raises:
        BadInput: if there is nothing to change, a change makes no valid experiment, or there is no test split.
        Diverged: if no epoch of a training ended with a finite loss.

    Example:
        >>> ablate(Experiment.from_yaml("experiments/ee5180.yaml")).ablation().accuracy.tolist()
        [0.62, 0.41, 0.53, 0.6, 0.58, 0.6, 0.61]
    """
    from kerasinst.experiment.ablation import ablated_experiments
    from kerasinst.train import train

    if not ablated_experiments(experiment):
        raise BadInput(
            f"{experiment.name}: there is nothing to take away: add an ablation section, such as "
            "ablation: {network.conv_filters: [[], [40]]}, or give --parts FILE.yaml"
        )
    whole = Run.create(run, experiment)
    with whole.locked():
        return _ablate(train(experiment, whole.path), experiment)


def _ablate(whole: Run, experiment: Experiment) -> Run:
    """Trains each change of the experiment of a finished run."""
    from kerasinst.core import parallel
    from kerasinst.evaluation.run_tables import ablation_results
    from kerasinst.experiment.ablation import ablated_experiments

    if whole.metrics()["split"] is None:
        raise BadInput(f"{experiment.name}: ablations are compared on a test split; make split.test larger than 0")
    trained = whole.trained(experiment).model_copy(update={"ablation": experiment.ablation})
    changed = ablated_experiments(trained)
    work = [
        (f"ablation {number} of {len(changed)}: {key} {value}".rstrip(), variant, _folder(whole, key, value))
        for number, ((key, value), variant) in enumerate(changed.items(), 1)
    ]
    runs = [whole]
    for (remark, _, _), run in zip(work, parallel.run_all(_train, work), strict=True):
        runs.append(run)
        if parallel.elsewhere():
            console.say(remark)
    rows = [(*change, run) for change, run in zip([(WHOLE, ""), *changed], runs, strict=True)]
    whole.write_table("ablation", ablation_results(rows))
    return whole


def _train(work: tuple[str, Experiment, Path]) -> Run:
    """Trains a change into its folder, after saying which it is."""
    from kerasinst.core.locking import waiting_for
    from kerasinst.train import train

    remark, variant, folder = work
    console.say(remark)
    with waiting_for(folder):  # what a killed ablation left running on a cluster
        return train(variant, folder)


def _folder(run: Run, key: str, value: str) -> Path:
    """Gives the folder of a change, with a hash in its name that tells similar changes apart."""
    digest = hashlib.sha256(f"{key}: {value}".encode()).hexdigest()[:6]
    return run.file("ablation_runs") / f"{files.slug(f'{key} {value}')[:60]}-{digest}"


def main(
    experiment: cli.ExperimentOrRun = None,
    run: cli.RunOption = None,
    data: cli.DataOption = None,
    changes: cli.SetOption = None,
    seed: cli.SeedOption = None,
    workers: cli.WorkersOption = None,
    cluster: cli.ClusterOption = None,
    quiet: cli.QuietOption = False,
    parts: Annotated[
        Path | None, typer.Option(metavar="FILE.yaml", help="What to change, in place of the ablation section.")
    ] = None,
) -> None:
    """Train an experiment again with parts taken away or changed, on the same split and budget.

    Example: kerasinst ablate experiments/ee5180.yaml --data ~/data/FSDKaggle2018 --run runs/ee5180
    """
    from kerasinst.core.parallel import backend

    console.quieten(quiet)
    asked, where = experiment_or_run_from(experiment, run, data=data, changes=changes, seed=seed)
    if parts:
        asked = asked.override({"ablation": read_yaml(parts)})
    cli.load_keras()
    with backend(workers, cluster):
        done = ablate(asked, where)
    reporting.show_ablation(done)


if __name__ == "__main__":
    cli.command(main)
