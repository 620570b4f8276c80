"""`kerasinst evaluate`: score a model on any data set with the same labels."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer

from kerasinst import reporting
from kerasinst.core import cli, console
from kerasinst.core.errors import BadInput
from kerasinst.core.progress import track
from kerasinst.core.progress_bars import progress_bar
from kerasinst.experiment import QUICKSTART, Experiment, name_after
from kerasinst.runs import Run

if TYPE_CHECKING:
    import pandas as pd

    from kerasinst.datasets import Clip, Collection, Segment
    from kerasinst.models.tagger import Tagger


def evaluate(
    model: str | Path,
    data: str | Path | None = None,
    *,
    run: str | Path | None = None,
    changes: dict[str, Any] | None = None,
    seed: int = 0,
) -> Run:
    """Scores a model, and writes what it is worth and where it fails.

    Args:
        model: a run directory, a `model.keras`, or a `.tflite` file that kerasinst wrote.
        data: folder of a data set; None takes the test split of the model's own run.
        run: directory for the results; None is `runs/<name>-on-<data>`.
        changes: of dotted keys, such as `{"dataset.reader": "folder"}`.
        seed: of the bootstrap.

    Returns:
        The run with the results.

    Raises:
        BadInput: if model or data cannot be read, or the data has none of the model's labels.
    """
    from kerasinst import evaluation
    from kerasinst.evaluation.inspection import inspect
    from kerasinst.features import cover_clips
    from kerasinst.models.tagger import Tagger

    tagger = Tagger(model)
    source = Run(model) if Path(model).is_dir() else Run.around(model)
    experiment = _experiment(source, tagger, data, changes)
    clips, known = _clips(experiment, tagger, None if data else _test_clips(source))
    results = Run.create(run or Path("runs") / experiment.name, experiment)
    if results.finished:
        raise BadInput(f"{results.path}: holds results already; give another --run, or remove it")
    collection = _collect(experiment, clips, known)
    segments = cover_clips(collection.clips, collection.decoded, cut=experiment.audio)
    scores = _scores(tagger, collection, segments, experiment)
    table = evaluation.segment_table(segments, "test", scores=scores, labels=tagger.labels)
    inspection = inspect(
        tagger.model,
        collection,
        segments=table,
        task=experiment.task,
        validation=_validation(source, tagger),
        seed=seed,
    )
    results.start(experiment)
    results.write_data({"test": segments}, collection.audit, labels=tagger.labels)
    results.write_predictions(evaluation.clip_level(table))
    results.write_inspection(inspection, tagger.sample_rate)
    results.finish(
        {
            "split": "test",
            "task": experiment.task,
            "protocol": "group",
            "n_clips": len(collection.clips),
            **evaluation.evaluate(table, tagger.labels, seed=seed, task=experiment.task),
            "parameters": tagger.model.parameters,
            "milliseconds": tagger.model.milliseconds(),
            "seconds_to_train": None,
            "model": str(model),
            **inspection.figures,
        }
    )
    reporting.write_page(results)
    return results


def _clips(experiment: Experiment, tagger: "Tagger", chosen: set[str] | None) -> "tuple[list[Clip], list[str]]":
    """The clips that are scored, and those of the model's labels that they have."""
    from kerasinst import datasets

    found = datasets.read_section(experiment.dataset, progress=progress_bar)
    if chosen is not None:
        found = [clip for clip in found if clip.name in chosen]
    known = sorted({label for clip in found for label in clip.labels} & set(tagger.labels))
    if not known:
        labels = ", ".join(tagger.labels)
        raise BadInput(f"{experiment.dataset.path}: no clip has one of the model's labels ({labels})")
    return found, known


def _collect(experiment: Experiment, clips: "list[Clip]", labels: list[str]) -> "Collection":
    from kerasinst import datasets

    section, split = experiment.dataset, experiment.split
    return datasets.collect(
        clips,
        labels,
        min_seconds=section.min_seconds,
        sample_rate=experiment.audio.sample_rate,
        by=split.by,
        session_gap=split.session_gap,
        held_out=split.validation + split.test,
        progress=progress_bar,
    )


def _scores(
    tagger: "Tagger", collection: "Collection", segments: "list[Segment]", experiment: Experiment
) -> np.ndarray:
    """Of all segments, `(segments, labels)`, a clip at a time."""
    from kerasinst.features import segment_waveforms

    clips = segment_waveforms(segments, collection.decoded, cut=experiment.audio)
    shown = track(clips, "scoring clips", progress=progress_bar, total=len(collection.clips))
    return np.concatenate([tagger.score(of_clip) for of_clip in shown])


def _test_clips(source: Run) -> set[str]:
    """Names of the clips that the model's own training never saw."""
    if source.experiment().split.by == "segment":
        raise BadInput(f"{source.path}: was split by segment, so no clip is wholly unseen; give --data DIR")
    chosen = set(source.split().query("split == 'test'")["clip"])
    if not chosen:
        raise BadInput(f"{source.path}: has no test split; give --data DIR")
    return chosen


def _validation(source: Run, tagger: "Tagger") -> "pd.DataFrame | None":
    """What the run of a model said of the clips that it was chosen by; None if it had learned from parts of them."""
    if not source.finished or source.labels() != tagger.labels or source.experiment().split.by == "segment":
        return None
    return source.predictions().query("split == 'validation'")


def _experiment(source: Run, tagger: "Tagger", data: str | Path | None, changes: dict[str, Any] | None) -> Experiment:
    """The model's own experiment, if it lies beside the model, on the data that is asked for."""
    try:
        experiment = source.experiment()
    except BadInput:
        experiment = Experiment.from_yaml(QUICKSTART)
        if data is None:
            raise BadInput(f"{source.path}: there is no experiment.yaml beside the model; give --data DIR") from None
    name = f"{experiment.name}-on-{name_after(data) if data else 'test'}"
    changes = dict(changes or {})
    if data is not None:
        experiment = experiment.on_data(data, changes.pop("dataset.reader", None)).override({"dataset.labels": None})
    heard = tagger.model
    audio = {
        "sample_rate": heard.sample_rate,
        "segment_seconds": heard.segment_samples / heard.sample_rate,
        "hop_seconds": heard.hop_samples / heard.sample_rate,
        "trim_db": heard.trim_db,
        "quiet_db": heard.quiet_db,
    }
    return experiment.override({"name": name, "audio": audio, "search": None, **changes})


def main(
    model: Annotated[
        Path, typer.Argument(metavar="RUN|MODEL", help="A run directory, a .keras or a .tflite file.")
    ] = Path("runs/quickstart"),
    run: Annotated[
        Path | None, typer.Option("--run", metavar="DIR", help="For the results. Default: runs/NAME-on-DATA.")
    ] = None,
    data: cli.DataOption = None,
    changes: cli.SetOption = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the bootstrap.")] = 0,
    quiet: cli.QuietOption = False,
) -> None:
    """Score a model on any data set with the same labels, or on the test split of its own run.

    Example: kerasinst evaluate runs/fsd5 --data ~/recordings --run runs/mine --set dataset.reader=folder
    """
    console.quieten(quiet)
    cli.load_backend(model)
    reporting.show(evaluate(model, data, run=run, changes=cli.assignments(changes), seed=seed))


if __name__ == "__main__":
    cli.command(main)
