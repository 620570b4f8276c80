"""`kerasinst reproduce` runs every step of a published study, and sets its figures beside ours."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from kerasinst.core import cli, console
from kerasinst.core.errors import BadInput, Diverged, Failed, suggest
from kerasinst.core.progress_bars import progress_bar
from kerasinst.experiment import Experiment
from kerasinst.experiment.studies import STUDIES, experiments_of, variants
from kerasinst.runs import Run

QUICK_MODELS = ("logistic_regression", "random_forest")
"""Classical models of a study that reports none, in a fast reproduction."""

CLOSER = "-closer"
"""End of the name of the run that looks closer at a network: mistakes, probes, error sheet."""


class Step(NamedTuple):
    """A step of a reproduction, which goes on where it stopped if it is run again.

    Attributes:
        title: what it does.
        work: does it.
        trains: experiment that it trains, or None.
        times: how many trainings of that experiment are left.
    """

    title: str
    work: Callable[[], object]
    trains: Experiment | None = None
    times: float = 0.0


def reproduce(
    study: str,
    run: str | Path | None = None,
    *,
    data: str | Path | None = None,
    fast: bool = False,
    changes: dict[str, Any] | None = None,
) -> Path:
    """Runs every step of a study: the network, variants, baselines, ablation, compression, explanation and report.

    A killed reproduction goes on where it stopped.

    Args:
        study: one of `STUDIES`.
        run: folder of all runs and of the report; None is `runs/reproduce-<study>`, with `-fast` if it is.
        data: folder of the study's data set; None is a rendered look-alike, whose figures are not those of the data.
        fast: whether to train on a part of the data for a few epochs, which takes minutes and shows that all runs.
        changes: new values of dotted keys of all experiments of the study; see `studies.experiments_of`.

    Returns:
        The folder of the report.

    Raises:
        BadInput: if there is no such study, or a value is wrong.
        Failed: if a step failed; the others were run, and the report was written.
    """
    if study not in STUDIES:
        raise BadInput(f"there is no study '{study}'; {suggest(study, STUDIES)}")
    folder = Path(run or Path("runs") / f"reproduce-{study}{'-fast' if fast else ''}")
    experiments = experiments_of(study, data=data, fast=fast, changes=changes)
    report_folder = folder / f"report-{study}"
    steps = [*_steps(study, experiments, folder, fast=fast), Step("report", lambda: _report(folder, report_folder))]
    console.say(f"{study}: {len(steps)} steps; trainings take about {_estimated(steps)}")
    failed = []
    for number, step in enumerate(steps, start=1):
        console.say(f"step {number} of {len(steps)}: {step.title}")
        try:
            step.work()
        except (BadInput, Failed, Diverged) as error:  # the others are worth having without it
            if step.title == f"train {study}":
                raise
            console.complain(f"{step.title}: {error}")
            failed.append(step.title)
    published = experiments[study].published
    for sentence in published.differences if published else ():
        console.say(f"- {sentence}")
    if failed:
        raise Failed(f"{study}: {len(failed)} of {len(steps)} steps failed: {'; '.join(failed)}")
    return report_folder


def _steps(study: str, experiments: dict[str, Experiment], folder: Path, *, fast: bool) -> Iterator[Step]:
    """Lists the steps of a study before its report."""
    from kerasinst.ablate import ablate
    from kerasinst.baselines import baselines
    from kerasinst.compress import compress
    from kerasinst.evaluate import evaluate
    from kerasinst.experiment.ablation import ablated_experiments
    from kerasinst.explain import explain
    from kerasinst.search import search
    from kerasinst.train import train

    def training(title: str, experiment: Experiment, *, run: Run) -> Step:
        return Step(title, lambda: train(experiment, run.path), experiment, float(not run.finished))

    def models_beside(experiment: Experiment, run: Run, *, how: str = "") -> Iterator[Step]:
        yield Step(
            f"fit classical models{how}",
            lambda: run.has("baselines") or baselines(experiment, run.path, models=models, features=features),
        )
        yield Step(f"compress{how}", lambda: compress(experiment, run.path, variants=smaller))

    whole, run = experiments[study], Run(folder / study)
    published = whole.published.results if whole.published else []
    reported = list(dict.fromkeys(each.model for each in published if each.model != "network"))
    models = reported or (QUICK_MODELS if fast else None)
    features = ["picture" if reported else "statistics"]
    smaller = ["float", "int8", *dict.fromkeys(each.variant for each in published if each.variant)]
    if whole.search:
        searched = Run(folder / f"{study}-searched")
        times = 1 + whole.search.trials * (whole.search.epochs or whole.training.epochs) / whole.training.epochs
        left = 0.0 if searched.finished else times
        yield Step(f"search for {study}", lambda: search(whole, searched.path), whole, left)
    yield training(f"train {study}", whole, run=run)
    yield from models_beside(whole, run)
    if whole.published and whole.published.protocol == "segment":
        leaky, leaky_run = whole.override({"split.by": "segment"}), Run(folder / f"{study}-leaky")
        how = " by the study's split"
        yield training(f"train {study}{how}", leaky, run=leaky_run)
        yield from models_beside(leaky, leaky_run, how=how)
    if parts := len(ablated_experiments(whole)):
        left = 0.0 if run.has("ablation") else float(parts)
        yield Step("take parts away", lambda: run.has("ablation") or ablate(whole, run.path), whole, left)
    yield Step("explain", lambda: run.has("explanation") or explain(run.path))
    closer = Run(folder / f"{study}{CLOSER}")
    yield Step("look closer", lambda: closer.finished or evaluate(run.path, run=closer.path))
    for name, experiment in list(experiments.items())[1:]:
        yield training(f"train {name}", experiment, run=Run(folder / name))


def _report(folder: Path, to: Path) -> None:
    """Reports all runs of a reproduction, but the closer look at one of them."""
    from kerasinst.report import report

    paths = [path for path in sorted(folder.iterdir()) if not path.name.endswith(CLOSER)]
    report([path for path in paths if (path / "metrics.json").is_file()], to)


def _estimated(steps: list[Step]) -> str:
    """Estimates the time of all trainings that are left."""
    from kerasinst.features import prepare_data_once
    from kerasinst.training.estimation import seconds_of_training

    seconds = 0.0
    for step in steps:
        if step.trains and step.times:
            data = prepare_data_once(step.trains, progress=progress_bar)
            seconds += step.times * seconds_of_training(step.trains, data)
    return f"{seconds / 60:.0f} minutes" if seconds > 90 else f"{seconds:.0f} seconds"


def main(
    study: Annotated[str | None, typer.Argument(metavar="STUDY", help=f"One of: {', '.join(STUDIES)}.")] = None,
    run: cli.RunOption = None,
    data: cli.DataOption = None,
    changes: cli.SetOption = None,
    fast: Annotated[bool, typer.Option("--fast", help="A part of the data, a few epochs: minutes.")] = False,
    listed: Annotated[bool, typer.Option("--list", help="Only list the studies and their experiments.")] = False,
    quiet: cli.QuietOption = False,
) -> None:
    """Run every step of a published study, and set its figures beside ours.

    Example: kerasinst reproduce irmas --fast
    """
    console.quieten(quiet)
    if listed:
        console.show_facts([(name, ", ".join(variants(name))) for name in STUDIES])
        return
    if study is None:
        raise BadInput(f"which study? One of: {', '.join(STUDIES)}; --list shows their experiments")
    cli.load_keras()
    reproduce(study, run, data=data, fast=fast, changes=cli.assignments(changes))


if __name__ == "__main__":
    cli.command(main)
