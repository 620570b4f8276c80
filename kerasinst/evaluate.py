"""`kerasinst evaluate` scores a model on any data set with the same labels."""

from pathlib import Path
from typing import Annotated, Any

import typer

from kerasinst import reporting
from kerasinst.core import cli, console
from kerasinst.core.errors import BadInput, suggest
from kerasinst.core.progress_bars import progress_bar
from kerasinst.runs import Run
from kerasinst.runs.writing import write_inspection

PROTOCOLS = ("mirex2026",)
"""Tasks of others whose figures can be computed."""


def evaluate(
    model: str | Path,
    data: str | Path | None = None,
    *,
    run: str | Path | None = None,
    changes: dict[str, Any] | None = None,
    protocol: str | None = None,
    seed: int = 0,
) -> Run:
    """Scores a model on a data set, and writes its figures and its mistakes into a run of its own.

    Args:
        model: path of a run, of a `model.keras`, or of a `.tflite` file that kerasinst wrote.
        data: folder of a data set; None takes the test split of the model's own run.
        run: directory of the results; None is `runs/<name>-on-<data>`.
        changes: new values of dotted keys, such as `{"dataset.reader": "folder"}`.
        protocol: one of `PROTOCOLS`, whose figures are computed, too; they stand under its name in metrics.json.
        seed: seed of the bootstrap and of noise that the model is probed with.

    Returns:
        The run with the results.

    Raises:
        BadInput: if there is no such protocol, the model or the data cannot be read, the data has none of the model's
            labels, or the directory holds results already.
    """
    from kerasinst import evaluation
    from kerasinst.evaluation.inspection import inspect
    from kerasinst.evaluation.mirex import as_labelled, measure_mirex
    from kerasinst.evaluation.scoring import (
        experiment_on,
        score_data,
        training_counts,
        unseen_clips,
        validation_predictions,
    )
    from kerasinst.models.tagger import Tagger

    if protocol not in (None, *PROTOCOLS):
        raise BadInput(f"--protocol {protocol}: there is no such protocol; {suggest(protocol, PROTOCOLS)}")
    judged = Tagger(model).model
    source = Run(model) if Path(model).is_dir() else Run.of_model_file(model)
    experiment = experiment_on(source, judged, data=data, changes=changes)
    chosen = None if data else unseen_clips(source)
    results = Run.create(run or Path("runs") / experiment.name, experiment)
    if results.finished:
        raise BadInput(f"{results.path}: holds results already; give another --run, or remove it")
    adapt = as_labelled if protocol else None
    scored = score_data(judged, experiment, chosen=chosen, adapt=adapt, progress=progress_bar)
    segments, clips = evaluation.decide(scored.table, judged.decision, labels=judged.labels, task=experiment.task)
    by_protocol = {}
    if protocol:
        by_protocol[protocol] = measure_mirex(clips, judged.labels, task=experiment.task, seed=seed)
    inspection = inspect(
        judged,
        scored.collection,
        segments=segments,
        clips=clips,
        task=experiment.task,
        validation=validation_predictions(source, judged),
        prior=training_counts(source),
        seed=seed,
    )
    results.start(experiment)
    results.write_data({"test": scored.segments}, scored.collection.audit, labels=judged.labels)
    results.write_predictions(clips)
    write_inspection(results, inspection, sample_rate=judged.sample_rate)
    results.finish(
        {
            "split": "test",
            "task": experiment.task,
            "protocol": "group",
            "n_clips": len(scored.collection.clips),
            **evaluation.evaluate(
                scored.table,
                judged.labels,
                seed=seed,
                task=experiment.task,
                decision=judged.decision,
                coarse=experiment.dataset.coarse_labels,
            ),
            "parameters": judged.parameters,
            "milliseconds": judged.milliseconds(),
            "seconds_to_train": None,
            "model": str(model),
            **by_protocol,
            **inspection.figures,
        }
    )
    reporting.write_page(results)
    return results


def judge_mistakes(run: str | Path, sheet: str | Path) -> Run:
    """Counts the causes of mistakes that a listener wrote into the error sheet of a run.

    Args:
        run: directory of a finished run or evaluation.
        sheet: path of the filled sheet, which may be the run's own `error_sheet.csv`.

    Returns:
        The run, with error_causes.csv, which its page shows.

    Raises:
        BadInput: if the run is not finished, or the sheet cannot be read.
    """
    from kerasinst.evaluation.error_causes import read_sheet

    found = Run.open(run)
    if not found.finished:
        raise BadInput(f"{found.path}: is not finished; let it finish first")
    found.write_table("error_causes", read_sheet(sheet))
    reporting.write_page(found)
    return found


def main(
    model: Annotated[
        Path, typer.Argument(metavar="RUN|MODEL", help="A run directory, a .keras or a .tflite file.")
    ] = Path("runs/quickstart"),
    run: Annotated[
        Path | None, typer.Option("--run", metavar="DIR", help="Directory of the results. Default: runs/NAME-on-DATA.")
    ] = None,
    data: cli.DataOption = None,
    changes: cli.SetOption = None,
    protocol: Annotated[
        str | None, typer.Option(metavar="NAME", help=f"Figures of a task, too: {', '.join(PROTOCOLS)}.")
    ] = None,
    sheet: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A filled error sheet: count its causes, and score nothing.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of the bootstrap.")] = 0,
    quiet: cli.QuietOption = False,
) -> None:
    """Score a model on any data set with the same labels, or on the test split of its own run.

    Example: kerasinst evaluate runs/fsd5 --data ~/recordings --run runs/mine --set dataset.reader=folder
    """
    console.quieten(quiet)
    if sheet:
        reporting.show_error_causes(judge_mistakes(model, sheet))
        return
    cli.load_backend(model)
    reporting.show(evaluate(model, data, run=run, changes=cli.assignments(changes), protocol=protocol, seed=seed))


if __name__ == "__main__":
    cli.command(main)
