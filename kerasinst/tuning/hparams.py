"""Logs the trials of a search for the HParams page of TensorBoard, without TensorFlow."""

import shutil
import time
from pathlib import Path
from typing import Any

import pandas as pd
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.plugins.hparams import api_pb2, metadata
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData, SessionEndInfo, SessionStartInfo
from tensorboard.summary.writer.record_writer import RecordWriter

from kerasinst.runs.artifacts import BASELINE, TRIAL_COLUMNS

FOLDER = "trials"
"""Name of the folder in the logs of a run."""
COSTS = ("parameters", "tflite_bytes", "milliseconds")
"""Columns of the leaderboard that are shown beside the score."""
TAGS = {
    "experiment": metadata.EXPERIMENT_TAG,
    "session_start_info": metadata.SESSION_START_INFO_TAG,
    "session_end_info": metadata.SESSION_END_INFO_TAG,
}
"""Tags by which the page finds what is written, by the fields of `HParamsPluginData`."""
VERSION = "brain.Event:2"
"""Version of the format, which each file of events begins with."""


def write_hparams(folder: Path, leaderboard: pd.DataFrame, *, objective: str) -> None:
    """Writes one row for each trial: its hyperparameters, its score and its costs, without those that are blank.

    Classical models have no hyperparameters of the space, and are left out.

    The subfolder `trials` is written anew, with a folder for each trial.

    Args:
        folder: folder for `tensorboard --logdir`.
        leaderboard: trials as leaderboard.csv holds them.
        objective: name of the score.

    Example:
        >>> write_hparams(Path("runs/mine/logs"), run.leaderboard(), objective="val_accuracy")
    """
    place = folder / FOLDER
    shutil.rmtree(place, ignore_errors=True)
    leaderboard = leaderboard[leaderboard.status != BASELINE]
    keys = [name for name in leaderboard if name not in TRIAL_COLUMNS]
    metrics = {"score": objective, **{name: name for name in COSTS}}
    metrics = {name: shown for name, shown in metrics.items() if leaderboard.get(name, pd.Series()).notna().any()}
    _write(place, [_about("experiment", _experiment(leaderboard[keys], list(metrics.values())))])
    for row in leaderboard.to_dict("records"):
        _write(place / str(row["trial_id"]), _trial(row, keys, metrics=metrics))


def _experiment(values: pd.DataFrame, metrics: list[str]) -> api_pb2.Experiment:
    """Describes the columns of the page."""
    experiment = api_pb2.Experiment(description="The trials of a search")
    for name in values:
        kinds = {_kind(value) for value in values[name] if _known(value)}
        kind = kinds.pop() if len(kinds) == 1 else api_pb2.DATA_TYPE_STRING
        experiment.hparam_infos.add(name=name, type=kind)
    for name in metrics:
        experiment.metric_infos.add(name=api_pb2.MetricName(tag=name), display_name=name)
    return experiment


def _trial(row: dict[str, Any], keys: list[str], *, metrics: dict[str, str]) -> list[Summary.Value]:
    """Describes a trial: its hyperparameters, its figures by the names that are shown, and how it ended."""
    began = time.time()
    started = SessionStartInfo(group_name=f"trial {row['trial_id']}", start_time_secs=began)
    for name in filter(lambda name: _known(row[name]), keys):
        value, kind = row[name], _kind(row[name])
        if kind == api_pb2.DATA_TYPE_BOOL:
            started.hparams[name].bool_value = bool(value)
        elif kind == api_pb2.DATA_TYPE_FLOAT64:
            started.hparams[name].number_value = float(value)
        else:
            started.hparams[name].string_value = str(value)
    seconds = row["seconds"] if _known(row["seconds"]) else 0
    status = api_pb2.STATUS_SUCCESS if _known(row["score"]) else api_pb2.STATUS_FAILURE
    ended = SessionEndInfo(status=status, end_time_secs=began + seconds)
    figures = [
        Summary.Value(tag=shown, simple_value=float(row[name])) for name, shown in metrics.items() if _known(row[name])
    ]
    return [_about("session_start_info", started), *figures, _about("session_end_info", ended)]


def _known(value: Any) -> bool:
    """Returns True if a value is not blank."""
    return not (pd.api.types.is_scalar(value) and pd.isna(value))


def _kind(value: Any) -> int:
    """Returns the type of a value in the words of TensorBoard."""
    if pd.api.types.is_bool(value):
        return api_pb2.DATA_TYPE_BOOL
    return api_pb2.DATA_TYPE_FLOAT64 if pd.api.types.is_number(value) else api_pb2.DATA_TYPE_STRING


def _about(field: str, content: Any) -> Summary.Value:
    """Makes what the page reads: content in the metadata of a value that is empty itself."""
    described = metadata.create_summary_metadata(HParamsPluginData(**{field: content}))
    return Summary.Value(tag=TAGS[field], metadata=described, tensor=metadata.NULL_TENSOR)


def _write(folder: Path, values: list[Summary.Value]) -> None:
    """Writes values into a file of events."""
    folder.mkdir(parents=True)
    now = time.time()
    with open(folder / f"events.out.tfevents.{now:.0f}.kerasinst", "wb") as file:
        writer = RecordWriter(file)
        for event in (Event(wall_time=now, file_version=VERSION), Event(wall_time=now, summary=Summary(value=values))):
            writer.write(event.SerializeToString())
