"""The result of a training: the model of the best seed, its history, its predictions and its metrics."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import pandas as pd

from kerasinst import evaluation
from kerasinst.decisions import Decision
from kerasinst.evaluation.figures import sign
from kerasinst.experiment import Experiment
from kerasinst.features import Features, PreparedData, ShardedArray
from kerasinst.models.waveform_model import WaveformModel
from kerasinst.training.checkpointing import score_column
from kerasinst.training.fit import Fitted

SECONDS = 10.0
"""Length of each example that is kept as audio."""


@dataclass(frozen=True)
class TrainingResult:
    """Everything that `train` writes.

    Attributes:
        model: model from waveforms to scores.
        history: one row per epoch of each seed.
        predictions: scores of the clips of the validation and test splits.
        metrics: figures of the test split.
        examples: test clips to listen to; see `evaluation.choose_examples`.
        sounds: waveform of each example.
        operating: tables `operating_curve` and `decision_rules` of a multi-label task; see `evaluation`.
    """

    model: WaveformModel
    history: pd.DataFrame
    predictions: pd.DataFrame
    metrics: dict[str, Any]
    examples: pd.DataFrame
    sounds: list[np.ndarray]
    operating: dict[str, pd.DataFrame]


def best_of(
    fits: Sequence[Fitted],
    tables: Sequence[pd.DataFrame],
    *,
    experiment: Experiment,
    data: PreparedData,
    features: Features,
) -> TrainingResult:
    """Joins the fits of all seeds to one result: the best by validation, and the figures of all.

    Args:
        fits: the fit of each seed.
        tables: table of `segment_scores` for each fit.
        experiment: experiment that was trained.
        data: data that was prepared for the experiment.
        features: features of the data.
    """
    score = score_column(experiment.training.monitor)
    best = max(range(len(fits)), key=lambda index: sign(score) * fits[index].score)
    table, cut = tables[best], experiment.audio
    decisions = [
        evaluation.fit_decision(
            experiment.decision,
            experiment.task,
            validation=each[each.split == "validation"],
            labels=data.labels,
            hop_seconds=cut.frame_seconds or cut.hop_samples / cut.sample_rate,
        )
        for each in tables
    ]
    decision = decisions[best]
    model = WaveformModel(
        features.frontend,
        features.scaling,
        network=fits[best].network,
        labels=data.labels,
        sample_rate=cut.sample_rate,
        segment_samples=cut.segment_samples,
        hop_samples=cut.hop_samples,
        trim_db=cut.trim_db,
        quiet_db=cut.quiet_db,
        label_seconds=cut.label_seconds,
        frame_seconds=cut.frame_seconds,
        decision=decision,
    )
    metrics = {
        "split": "test" if data.segments["test"] else None,
        "task": experiment.task,
        "protocol": experiment.split.protocol,
        "n_clips": int(table.query("split == 'test'")["clip"].nunique()),
        **_measure(table, data.labels, experiment, decision=decision),
        "parameters": fits[best].network.count_params(),
        "milliseconds": model.milliseconds(),
        "seconds_to_train": round(sum(fitted.seconds for fitted in fits), 3),
        score: fits[best].score,
        **_spread(experiment, tables, data.labels, decisions),
    }
    history = pd.concat([fitted.history for fitted in fits], ignore_index=True)
    _, predictions = evaluation.decide(table, decision, labels=data.labels, task=experiment.task)
    tested = predictions[predictions.split == "test"]
    examples = evaluation.choose_examples(tested, data.labels, task=experiment.task)
    sounds = _sounds(examples, data, cut.sample_rate)
    operating = _operating(table, data.labels, decision) if experiment.task == "multi-label" else {}
    return TrainingResult(model, history, predictions, metrics, examples, sounds, operating)


def _operating(table: pd.DataFrame, labels: list[str], decision: Decision) -> dict[str, pd.DataFrame]:
    """Makes the tables of operating points, as far as there are validation and test segments."""
    validation, test = (table[table.split == split] for split in ("validation", "test"))
    tables = {"operating_curve": evaluation.operating_curve(test, labels)} if len(test) else {}
    if len(validation) and len(test):
        hop = decision.hop_seconds
        tables["decision_rules"] = evaluation.compare_rules(validation, test, labels=labels, hop_seconds=hop)
    return tables


def _sounds(examples: pd.DataFrame, data: PreparedData, sample_rate: int) -> list[np.ndarray]:
    """Cuts out the first seconds of each example."""
    clips = {clip.name: clip for clip in data.collection.clips}
    length = round(SECONDS * sample_rate)
    return [data.collection.decoded.waveform(clips[name])[:length] for name in examples["clip"]]


def segment_scores(fitted: Fitted, data: PreparedData, *, features: Features) -> pd.DataFrame:
    """Scores all validation and test segments.

    Args:
        fitted: the trained network.
        data: data that was prepared for the experiment.
        features: features of the data.

    Returns:
        One row per segment; see `evaluation.segment_table`. There are no rows if all clips were trained on.
    """
    layers = [layer for layer in (features.scaling, fitted.network) if layer]
    scorer = keras.Sequential(layers)
    tables = [
        evaluation.scored_table(data, split, scores=_scores(scorer, features.arrays[split]), labels=data.labels)
        for split, segments in data.segments.items()
        if split != "train" and segments
    ]
    if not tables:
        return evaluation.segment_table([], "test", scores=np.zeros((0, len(data.labels))), labels=data.labels)
    return evaluation.join_tables(tables)


def _scores(scorer: keras.Model, features: ShardedArray, chunk: int = 1024) -> np.ndarray:
    """Scores features, `chunk` segments at a time."""
    parts = (features[first : first + chunk] for first in range(0, len(features), chunk))
    return np.concatenate([scorer.predict(part, verbose=0) for part in parts])


def _measure(table: pd.DataFrame, labels: list[str], experiment: Experiment, *, decision: Decision) -> dict[str, Any]:
    """Computes the figures of the test split, if there is one."""
    test, coarse = table[table.split == "test"], experiment.dataset.coarse_labels
    return (
        evaluation.evaluate(test, labels, task=experiment.task, decision=decision, coarse=coarse) if len(test) else {}
    )


def _spread(
    experiment: Experiment, tables: Sequence[pd.DataFrame], labels: list[str], decisions: Sequence[Decision]
) -> dict[str, Any]:
    """Gives the clip-level test figures of each seed, their mean and their standard deviation."""
    seeds = experiment.training.seeds
    measured = [
        _measure(table, labels, experiment, decision=decision)
        for table, decision in zip(tables, decisions, strict=True)
    ]
    if len(seeds) == 1 or not measured[0]:
        return {}
    rows = [
        {"seed": seed, **{name: figures["clip"][name] for name in ("accuracy", "macro_f1")}}
        for seed, figures in zip(seeds, measured, strict=True)
    ]
    over_seeds = {
        name: {
            "mean": round(statistics.mean(row[name] for row in rows), 6),
            "standard_deviation": round(statistics.stdev(row[name] for row in rows), 6),
        }
        for name in ("accuracy", "macro_f1")
    }
    return {"seeds": rows, "over_seeds": over_seeds}
