"""python -m kerasinst.baselines: classical models on the same split and the same pictures as the network."""

import time
import warnings
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import joblib
import numpy as np
import pandas as pd
import typer
from sklearn.exceptions import ConvergenceWarning

from kerasinst import classical, evaluation, reporting
from kerasinst.core import cli, console
from kerasinst.core.errors import BadInput, suggest
from kerasinst.core.timing import milliseconds
from kerasinst.experiment import Experiment
from kerasinst.runs import Run
from kerasinst.runs.arguments import experiment_or_run_from


def baselines(
    experiment: Experiment,
    run: str | Path | None = None,
    models: Sequence[str] | None = None,
    features: Sequence[str] | None = None,
    tune: bool = False,
) -> Run:
    """Fits classical models to the training segments of an experiment, and scores them on its test clips.

    Each segment's picture, scaled as the network sees it, is one row: all of its values ("picture") or statistics over
    time ("statistics"). The scores of a clip are the mean of its segments', as for networks. Validation is not used.

    Args:
        experiment: its training and search sections are not used, but for the first seed.
        run: directory, which may be that of a trained network; None is `runs/<name>`.
        models: of `classical.names()`; None is all.
        features: of `classical.FEATURES`; None is both.
        tune: choose a few parameters of each model by cross-validation over training groups.

    Returns:
        The run, with baselines.csv and for each model a folder `baselines/<features>-<model>` that holds model.skops,
        predictions.csv and metrics.json.

    Raises:
        BadInput: if the data cannot be read, a name is unknown, the task is multi-label or there is no test split.

    Example:
        >>> baselines(Experiment.from_yaml("experiments/ee5180.yaml"), models=["svm_rbf"]).baselines().accuracy
        0    0.71
    """
    from kerasinst.features.prepared_data import prepare
    from kerasinst.training.recipe import draw

    names, forms = _known(models, classical.names()), _known(features, list(classical.FEATURES))
    if experiment.task == "multi-label":
        raise BadInput(f"{experiment.name}: baselines need task: single-label")
    run = Run.create(run, experiment)
    experiment = run.trained(experiment)
    data = prepare(experiment)
    if not data.segments["test"]:
        raise BadInput(f"{experiment.name}: baselines are scored on a test split; make split.test larger than 0")
    if not run.begun:
        run.start(experiment)
    run.write_data(data.segments, data.collection.audit, labels=data.labels)
    truth = np.array(data.labels)[data.targets("train").argmax(axis=1)]
    pictures = draw(experiment, data, ("train", "test"))
    scaled = {split: pictures.scaled(split) for split in ("train", "test")}
    groups = np.array([segment.group for segment in data.segments["train"]])
    hearing = _hearing(experiment, pictures)
    work = []
    for form in forms:
        rows = {split: classical.FEATURES[form](scaled[split]) for split in scaled}
        options = dict(seed=experiment.training.seeds[0], groups=groups if tune else None)
        work += [joblib.delayed(_fit)(name, form, rows, truth, **options) for name in names]
    fitted = joblib.Parallel(n_jobs=joblib.cpu_count(), return_as="generator")(work)
    for name, form, model, scores, told in list(console.track(fitted, "fitting baselines", total=len(work))):
        thinking = milliseconds(lambda: model.predict_proba(classical.FEATURES[form](scaled["test"][:1])))  # noqa: B023
        table = evaluation.segment_table(
            data.segments["test"], "test", _columns(scores, model, data.labels), data.labels
        )
        metrics = {
            "split": "test",
            "task": experiment.task,
            "protocol": experiment.split.protocol,
            "n_clips": int(table["clip"].nunique()),
            **evaluation.evaluate(table, data.labels),
            **told,
            "milliseconds": round(hearing + thinking, 3),
        }
        run.write_baseline(
            name,
            form,
            save=partial(classical.save, model),
            predictions=evaluation.clip_level(table),
            metrics=metrics,
        )
    run.write_table("baselines", _table(run))
    return run


def _table(run: Run) -> pd.DataFrame:
    """One row for each classical model of the run, best first."""
    told = ("bytes", "milliseconds", "seconds_to_train", "tuned", "n_clips")
    rows = [
        {
            "model": metrics["model"],
            "features": metrics["features"],
            **evaluation.row(metrics["clip"]),
            "segment_accuracy": metrics["segment"]["accuracy"],
            **{name: metrics[name] for name in told},
        }
        for metrics in (model.metrics() for model in run.others("baseline_models"))
    ]
    return pd.DataFrame(rows).sort_values(["accuracy", "model"], ascending=[False, True])


def _known(asked: Sequence[str] | None, names: list[str]) -> list[str]:
    for name in asked or ():
        if name not in names:
            raise BadInput(f"there is no '{name}' among {', '.join(names)}; {suggest(name, names)}")
    return list(asked or names)


def _hearing(experiment: Experiment, pictures) -> float:
    """Milliseconds from the waveform of one segment to its scaled picture."""
    import keras

    length = experiment.audio.segment_samples
    layers = [layer for layer in (pictures.frontend, pictures.scaling) if layer]
    hear = keras.Sequential([keras.Input((length,)), *layers])
    segment = np.random.default_rng(0).standard_normal((1, length)).astype("float32")
    return milliseconds(lambda: hear.predict_on_batch(segment))


def _fit(
    name: str, form: str, rows: dict[str, np.ndarray], truth: np.ndarray, seed: int, groups: np.ndarray | None
) -> tuple:
    """One fitted model, its scores of the test segments, and how long it took."""
    began = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # it is measured as it is
        if groups is None:
            model = classical.create(name, seed).fit(rows["train"], truth)
        else:
            model = classical.tuned(name, rows["train"], truth, groups, seed)
    told = {"seconds_to_train": round(time.perf_counter() - began, 3), "tuned": groups is not None}
    return name, form, model, model.predict_proba(rows["test"]), told


def _columns(scores: np.ndarray, model, labels: list[str]) -> np.ndarray:
    """Scores of all labels; zeros for those that the model never met."""
    columns = np.zeros((len(scores), len(labels)))
    columns[:, [labels.index(label) for label in model.classes_]] = scores
    return columns


def main(
    experiment: cli.ExperimentOrRun = None,
    run: cli.RunOption = None,
    data: cli.DataOption = None,
    changes: cli.SetOption = None,
    seed: cli.SeedOption = None,
    quiet: cli.QuietOption = False,
    model: Annotated[list[str] | None, typer.Option(help="Only this one; give it once for each.")] = None,
    features: Annotated[list[str] | None, typer.Option(help="Only picture, or only statistics.")] = None,
    tune: Annotated[
        bool, typer.Option("--tune", help="Choose parameters by cross-validation on training groups.")
    ] = False,
) -> None:
    """Fit classical models on the split and the pictures of an experiment or a run.

    Example: python -m kerasinst.baselines runs/quickstart --model svm_rbf --model xgboost
    """
    cli.quieten(quiet)
    asked, where = experiment_or_run_from(experiment, run, data=data, changes=changes, seed=seed)
    cli.load_keras()
    reporting.show_baselines(baselines(asked, where, model, features, tune))


if __name__ == "__main__":
    cli.command(main)
