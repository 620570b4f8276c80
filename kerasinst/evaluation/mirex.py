"""Computes the figures of MIREX 2026, Audio Instrument Recognition: which of OpenMIC's labels a clip holds."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from kerasinst.core.errors import BadInput
from kerasinst.datasets import Clip
from kerasinst.datasets.readers.openmic2018 import INSTRUMENTS
from kerasinst.evaluation.multilabel import average_precisions, measure_multilabel
from kerasinst.evaluation.predictions import judged, reported, truth

OTHER_NAMES = {
    "acoustic guitar": "guitar", "electric guitar": "guitar", "bass guitar": "bass", "electric bass": "bass",
    "double bass": "bass", "contrabass": "bass", "drum kit": "drums", "drum set": "drums",
    "glockenspiel": "mallet_percussion", "marimba": "mallet_percussion", "vibraphone": "mallet_percussion",
    "xylophone": "mallet_percussion",
    "fiddle": "violin", "sax": "saxophone", "singing": "voice", "vocals": "voice", "synth": "synthesizer",
}  # fmt: skip
"""Labels of the vocabulary by other names of theirs."""


def measure_mirex(
    clips: pd.DataFrame, labels: list[str], *, task: str = "multi-label", fewest: int = 1, seed: int = 0
) -> dict[str, Any]:
    """Computes clip-level figures over the vocabulary of OpenMIC-2018.

    Labels with other names, such as "drum kit", are mapped to the vocabulary; those that map to the same label have the
    highest score of them, and labels outside the vocabulary do not count. Labels that the model lacks, or with fewer
    than `fewest` clips, are left out.

    Args:
        clips: table of clips, see `clip_level`.
        labels: labels in the order of scores.
        task: task of the model.
        fewest: smallest number of clips of a label.
        seed: seed of the bootstrap.

    Returns:
        labels, left_out, n_clips, mean_average_precision and its interval, macro_f1, micro_f1, and per_label with
        average_precision, precision, recall, f1 and n.

    Raises:
        BadInput: if none of the labels is in the vocabulary, or none has enough clips.

    Source: 2026:Audio Instrument Recognition, MIREX wiki, as of July 2026; the organisers may leave out further labels.

    Example:
        >>> measure_mirex(run.predictions(), run.labels())["mean_average_precision"]
        0.61
    """
    columns = {label: [index for index, each in enumerate(labels) if _official(each) == label] for label in INSTRUMENTS}
    known = [label for label in INSTRUMENTS if columns[label]]
    if not known:
        raise BadInput(f"--protocol mirex2026: no label ({', '.join(labels)}) is one of {', '.join(INSTRUMENTS)}")

    def mapped(values: np.ndarray) -> np.ndarray:
        return np.stack([values[:, columns[label]].max(axis=1) for label in known], axis=1)

    true, sure = mapped(truth(clips, labels)), mapped(judged(clips, labels))
    named, scores = mapped(reported(clips, labels, task=task)), mapped(clips[labels].to_numpy())
    kept = [index for index in range(len(known)) if true[:, index].sum() >= fewest]
    if not kept:
        raise BadInput(f"--protocol mirex2026: no label has {fewest} clips")
    names = [known[index] for index in kept]

    def joined(values: np.ndarray) -> list[str]:
        return ["|".join(names[column] for column in np.flatnonzero(row)) for row in values[:, kept]]

    about = {"labels": joined(true), "reported": joined(named), "unjudged": joined(~sure & ~true)}
    table = clips[["clip", "group", "split"]].assign(**about, **dict(zip(names, scores[:, kept].T, strict=True)))
    figures = measure_multilabel(table, names, seed=seed)
    precision = average_precisions(true[:, kept], scores=scores[:, kept], known=sure[:, kept])
    wanted = ("mean_average_precision", "mean_average_precision_ci95", "macro_f1", "micro_f1")
    return {
        "labels": names,
        "left_out": [label for label in INSTRUMENTS if label not in names],
        "n_clips": len(clips),
        **{name: figures[name] for name in wanted},
        "per_label": {
            name: {"average_precision": round(float(value), 6), **figures["per_label"][name]}
            for name, value in zip(names, precision, strict=True)
        },
    }


def as_labelled(clips: Sequence[Clip], labels: Sequence[str]) -> list[Clip]:
    """Names the labels of clips as a model does, and leaves out those that the model does not have.

    A clip of other instruments alone stays, as one that has none of the model's.

    Args:
        clips: clips of a data set with the vocabulary of OpenMIC-2018, or with other names of it.
        labels: labels of the model.

    Example:
        >>> as_labelled([clip], ["Drum kit", "piano"])[0].labels  # of a clip with drums and a banjo
        ('Drum kit',)
    """
    of_official: dict[str, str] = {}
    for label in labels:
        of_official.setdefault(_official(label), label)

    def named(given: Sequence[str]) -> tuple[str, ...]:
        mine = (label if label in labels else of_official.get(_official(label)) for label in given)
        return tuple(dict.fromkeys(label for label in mine if label))

    return [
        replace(
            clip,
            labels=named(clip.labels),
            unknown=tuple(label for label in named(clip.unknown) if label not in named(clip.labels)),
            notes=tuple(note._replace(label=mine[0]) for note in clip.notes if (mine := named([note.label]))),
        )
        for clip in clips
    ]


def _official(label: str) -> str:
    """Gives the name of a label in the vocabulary, or the label itself."""
    plain = label.strip().casefold()
    return OTHER_NAMES.get(plain.replace("_", " "), plain.replace(" ", "_"))
