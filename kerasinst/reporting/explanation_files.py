"""Writes the folder `explanations` of a run: which parts of the features decide for each label."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import soundfile

from kerasinst.core import files
from kerasinst.explanation import ExplainedSegments, column_products, heat_profiles, panel
from kerasinst.models.waveform_model import WaveformModel
from kerasinst.reporting.plots import explanations
from kerasinst.reporting.plots.saving import attempt
from kerasinst.runs import Run
from kerasinst.runs.artifacts import ARTIFACTS

LOW = 7
"""Number of low coefficients that are drawn on their own for front ends that compute coefficients."""


def write_explanation(
    run: Run,
    facts: dict[str, Any],
    *,
    model: WaveformModel,
    segments: ExplainedSegments,
    channel: int | None,
) -> None:
    """Writes explanation.json, bands.csv, moments.csv, figures of each label, and some clips with their audio.

    Args:
        run: run that is explained.
        facts: facts for explanation.json: how the heatmaps were made, and how faithful they are.
        model: model of the run.
        segments: segments with their heatmaps, none of which is empty.
        channel: channel of the features that the heatmaps explain; None is all of them.
    """
    with files.replacing(run.file("explanations")) as folder:
        folder.mkdir(parents=True)
        _write_profiles(folder, model, segments, channel)
        clips = list(_write_clips(folder, model, segments, channel))
        figures = _draw(folder, model, segments, channel, facts["faithfulness"])
        files.write_json(folder / run.file("explanation").name, {**facts, "clips": clips, "figures": figures})


def _write_profiles(folder: Path, model: WaveformModel, segments: ExplainedSegments, channel: int | None) -> None:
    """Writes bands.csv and moments.csv, which hold the shares of heat of each label."""
    axes = panel(model, segments.heatmaps[0], channel=channel)
    bands, moments = [], []
    for index, label in enumerate(model.labels):
        if segments.of(index).any():
            of_bins, of_frames = heat_profiles(segments.heatmaps[segments.of(index)])
            bands += [(label, band, share) for band, share in zip(axes.bins, of_bins, strict=True)]
            moments += [(label, frame * axes.seconds, share) for frame, share in enumerate(of_frames)]
    pd.DataFrame(bands, columns=["label", axes.unit, "share"]).round(6).to_csv(
        folder / Path(ARTIFACTS["bands"].path).name, index=False
    )
    pd.DataFrame(moments, columns=["label", "seconds", "share"]).round(6).to_csv(
        folder / Path(ARTIFACTS["moments"].path).name, index=False
    )


def _write_clips(
    folder: Path, model: WaveformModel, segments: ExplainedSegments, channel: int | None
) -> Iterator[dict[str, Any]]:
    """Writes the figure and the audio of some segments, and yields what explanation.json says of each."""
    for number, (kind, row) in enumerate(segments.examples()):
        segment, best = segments.segments[row], int(segments.scores[row].argmax())
        true, predicted = model.labels[segments.truth[row]], model.labels[best]
        name = f"clips/{number:02d}-{files.slug(true)}-{kind}"
        title = f"{true}, named {predicted} ({segments.scores[row, best]:.2f})"
        seen = panel(model, segments.features[row, :, :, channel or 0], title=title, channel=channel)
        if not attempt(partial(explanations.clip, seen, segments.heatmaps[row]), folder / name):
            continue
        soundfile.write(folder / f"{name}.flac", segments.waveforms[row], model.sample_rate)
        yield {
            "clip": segment.clip.name,
            "start": round(segment.start / model.sample_rate, 3),
            "label": true,
            "predicted": predicted,
            "score": round(float(segments.scores[row, best]), 4),
            "figure": f"{name}.png",
            "audio": f"{name}.flac",
        }


def _draw(
    folder: Path, model: WaveformModel, segments: ExplainedSegments, channel: int | None, faithfulness: dict[str, Any]
) -> list[str]:
    """Draws the figures of all labels, and for coefficients those of the ee5180 study; returns names of the PNGs."""
    means = {
        label: (
            panel(
                model,
                segments.features[segments.of(index), :, :, channel or 0].mean(axis=0),
                title=label,
                channel=channel,
            ),
            segments.heatmaps[segments.of(index)].mean(axis=0),
        )
        for index, label in enumerate(model.labels)
        if segments.of(index).any()
    }
    of_labels = {label: heat_profiles(heat[None]) for label, (_, heat) in means.items()}
    drawn = {
        "labels": partial(explanations.labels, means.values()),
        "profiles": partial(explanations.profiles, of_labels, next(iter(means.values()))[0]),
        "faithfulness": partial(explanations.faithfulness, faithfulness),
    }
    if model.frontend.bin_unit == "coefficient":
        low = [
            (replace(mean, values=mean.values[:, :LOW], bins=mean.bins[:LOW]), heat[:, :LOW])
            for mean, heat in means.values()
        ]
        drawn["coefficients"] = partial(explanations.labels, low)
        products = {label: column_products(heat) for label, (_, heat) in means.items()}
        drawn["products"] = partial(explanations.products, products)
    return [f"{name}.png" for name, draw in drawn.items() if attempt(draw, folder / name)]
