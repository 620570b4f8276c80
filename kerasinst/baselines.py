"""`kerasinst baselines` fits classical models to the same split and the same features as the network."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import typer

from kerasinst import reporting
from kerasinst.core import cli, console
from kerasinst.core.errors import BadInput, suggest
from kerasinst.core.progress import track
from kerasinst.core.progress_bars import progress_bar
from kerasinst.core.timing import milliseconds
from kerasinst.experiment import Experiment
from kerasinst.runs import Run
from kerasinst.runs.arguments import experiment_or_run_from
from kerasinst.runs.writing import write_baseline

if TYPE_CHECKING:
    from kerasinst.classical import FittedModel
    from kerasinst.features import Features, PreparedData


def baselines(
    experiment: Experiment,
    run: str | Path | None = None,
    *,
    models: Sequence[str] | None = None,
    features: Sequence[str] | None = None,
    tune: bool = False,
) -> Run:
    """Fits classical models to the training segments of an experiment, and scores them on its test clips.

    Each segment's features, scaled as the network sees them, are one row: all of their values ("picture"), or
    statistics over time ("statistics"). The scores of a clip are the mean of its segments', as for networks. With
    several labels, each has a calibrated model of its own, and the decision is fitted to the validation split, which is
    not used otherwise.

    Args:
        experiment: experiment of the data and the front end. Of its training section only the first seed is used.
        run: directory of the run, which may hold a trained network; None is `runs/<name>`.
        models: names of models, from `classical.names()`; None is all.
        features: forms of features, from `classical.FORMS`; None is both.
        tune: whether a few parameters of each model are chosen by cross-validation over training groups.

    Returns:
        The run, with baselines.csv and for each model a folder `baselines/<features>-<model>` that holds model.skops,
        predictions.csv and metrics.json.

    Raises:
        BadInput: if the data cannot be read, a name is unknown, frames are scored one by one, or there is no test
            split.

    Example:
        >>> baselines(Experiment.from_yaml("experiments/ee5180.yaml"), models=["svm_rbf"]).baselines().accuracy
        0    0.71
    """
    from kerasinst import classical
    from kerasinst.evaluation.run_tables import baseline_results

    if experiment.audio.frame_seconds:
        raise BadInput(
            f"{experiment.name}: classical models score whole segments: leave out audio.frame_seconds, and cut shorter "
            "segments with audio.segment_seconds"
        )
    names, forms = _known(models, classical.names()), _known(features, list(classical.FORMS))
    made = Run.create(run, experiment)
    with made.locked():
        _fit(made, made.trained(experiment), names=names, forms=forms, tune=tune)
        made.write_table("baselines", baseline_results(made))
    return made


def _fit(made: Run, experiment: Experiment, *, names: list[str], forms: list[str], tune: bool) -> None:
    """Fits the models and writes each into the run."""
    from kerasinst import classical
    from kerasinst.features import extract_features, prepare_data

    data = prepare_data(experiment, progress=progress_bar)
    if not data.segments["test"]:
        raise BadInput(f"{experiment.name}: baselines are scored on a test split; make split.test larger than 0")
    if not made.begun:
        made.start(experiment)
    made.write_data(data.segments, data.collection.audit, labels=data.labels)
    splits = ["train", "test"]
    if experiment.task == "multi-label" and data.segments["validation"]:
        splits.insert(1, "validation")
    extracted = extract_features(experiment, data, splits=splits, progress=progress_bar)
    scaled = {split: extracted.scaled(split) for split in splits}
    fitted = classical.fit_models(
        names,
        forms,
        features=scaled,
        targets=data.targets("train", experiment.task),
        labels=data.labels,
        task=experiment.task,
        seed=experiment.training.seeds[0],
        groups=np.array([segment.group for segment in data.segments["train"]]),
        tune=tune,
    )
    front_end = _front_end_milliseconds(experiment, extracted)
    total = len(names) * len(forms)
    for model in list(track(fitted, "fitting baselines", progress=progress_bar, total=total)):
        time = round(front_end + _milliseconds(model, scaled["test"][:1]), 3)
        _write(made, model, experiment=experiment, data=data, segment_milliseconds=time)


def _write(
    run: Run, model: "FittedModel", *, experiment: Experiment, data: "PreparedData", segment_milliseconds: float
) -> None:
    """Writes a fitted model and its figures on the test clips into the run."""
    from kerasinst import classical, evaluation

    tables = {
        split: evaluation.segment_table(data.segments[split], split, scores=scores, labels=data.labels)
        for split, scores in model.scores.items()
    }
    table = tables["test"]
    decision = evaluation.fit_decision(
        experiment.decision,
        experiment.task,
        validation=tables.get("validation", table[:0]),
        labels=data.labels,
        hop_seconds=experiment.audio.hop_samples / experiment.audio.sample_rate,
    )
    metrics = {
        "split": "test",
        "task": experiment.task,
        "protocol": experiment.split.protocol,
        "n_clips": int(table["clip"].nunique()),
        **evaluation.evaluate(
            table,
            data.labels,
            task=experiment.task,
            decision=decision,
            coarse=experiment.dataset.coarse_labels,
        ),
        "seconds_to_train": model.seconds,
        "tuned": model.tuned,
        "milliseconds": segment_milliseconds,
    }
    write_baseline(
        run,
        model.name,
        features=model.features,
        save=partial(classical.save, model.estimator),
        predictions=evaluation.decide(table, decision, labels=data.labels, task=experiment.task)[1],
        metrics=metrics,
    )


def _known(asked: Sequence[str] | None, names: list[str]) -> list[str]:
    """Returns the names that are asked for, or all of them; raises BadInput if one is unknown."""
    for name in asked or ():
        if name not in names:
            raise BadInput(f"there is no '{name}' among {', '.join(names)}; {suggest(name, names)}")
    return list(asked or names)


def _front_end_milliseconds(experiment: Experiment, features: "Features") -> float:
    """Measures how long it takes to compute the scaled features of one segment."""
    import keras

    length = experiment.audio.segment_samples
    layers = [layer for layer in (features.frontend, features.scaling) if layer]
    model = keras.Sequential([keras.Input((length,)), *layers])
    segment = np.random.default_rng(0).standard_normal((1, length)).astype("float32")
    return milliseconds(lambda: model.predict_on_batch(segment))


def _milliseconds(model: "FittedModel", features: np.ndarray) -> float:
    """Measures how long it takes to compute the scores of one segment from its features."""
    from kerasinst.classical import FORMS

    return milliseconds(lambda: model.estimator.predict_proba(FORMS[model.features](features)))


def main(
    experiment: cli.ExperimentOrRun = None,
    run: cli.RunOption = None,
    data: cli.DataOption = None,
    changes: cli.SetOption = None,
    seed: cli.SeedOption = None,
    workers: cli.WorkersOption = None,
    cluster: cli.ClusterOption = None,
    quiet: cli.QuietOption = False,
    model: Annotated[list[str] | None, typer.Option(help="Only this one; give it once for each.")] = None,
    features: Annotated[list[str] | None, typer.Option(help="Only picture, or only statistics.")] = None,
    tune: Annotated[
        bool, typer.Option("--tune", help="Choose parameters by cross-validation on training groups.")
    ] = False,
) -> None:
    """Fit classical models on the split and the features of an experiment or a run.

    Example: kerasinst baselines runs/quickstart --model svm_rbf --model xgboost
    """
    from kerasinst.core.parallel import backend

    console.quieten(quiet)
    asked, where = experiment_or_run_from(experiment, run, data=data, changes=changes, seed=seed)
    cli.load_keras()
    with backend(workers, cluster):
        done = baselines(asked, where, models=model, features=features, tune=tune)
    reporting.show_baselines(done)


if __name__ == "__main__":
    cli.command(main)
