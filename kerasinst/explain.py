"""python -m kerasinst.explain: which bands and moments of a recording decide what a network calls it."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pandas as pd
import soundfile
import typer

from kerasinst import reporting
from kerasinst.core import cli, files
from kerasinst.core.errors import BadInput
from kerasinst.reporting.plots import explanations, run_plots
from kerasinst.runs import Run
from kerasinst.runs.artifacts import ARTIFACTS

LOW = 7
"""Coefficients of the sub-matrix that is drawn for cepstra."""


def explain(
    run: str | Path, layer: str | None = None, method: str = "grad_cam", against: str | Path | None = None
) -> Run:
    """Makes heatmaps of the test segments of a run for their true labels, and says how far they can be trusted.

    Empty heatmaps are counted and left out of everything else.

    Args:
        run: of a trained network.
        layer: name of a convolution; None is the last one whose output still has several frames and bins.
        method: "grad_cam" or "grad_cam++".
        against: another run or `model.keras` on the same pictures, such as a compressed one, whose heatmaps are
            compared.

    Returns:
        The run, with the folder `explanations`: explanation.json, bands.csv, moments.csv, and figures of each label
        and of some clips, with their audio.

    Raises:
        BadInput: if there is no model or no test split, no such convolution, or if all heatmaps are empty.

    Example:
        >>> explain("runs/ee5180").explanation()["layer"]
        'conv2d_2'
    """
    from kerasinst.explanation import GradCam, explain_segments, heatmap_agreement, measure_faithfulness
    from kerasinst.models.waveform_model import load

    run = Run.open(run)
    model = load(run.model_file)
    cam = GradCam(model.network, layer, method)
    other = None if against is None else _other(against, model, layer, method)
    everything = explain_segments(run, model, cam)
    heard = everything.hot()
    if not heard.segments:
        raise BadInput(
            f"{run.path}: the heatmaps of all {len(everything.segments)} segments are empty: nothing that "
            f"{cam.layer.name} finds raises the score of a true label; try another --layer or --method"
        )
    channel = model.frontend.channels[cam.channel or 0]
    told = {"layer": cam.layer.name, "channel": channel, "method": method, "segments": len(everything.segments)}
    told["empty"] = len(everything.segments) - len(heard.segments)
    told["faithfulness"] = measure_faithfulness(model.network, cam, heard)
    if other:
        told["drift"] = {"against": str(against), **heatmap_agreement(heard.heatmaps, other(heard))}
    with files.replacing(run.file("explanations")) as folder:
        folder.mkdir(parents=True)
        _write_profiles(folder, model, heard, cam.channel)
        told["clips"] = list(_write_clips(folder, model, heard, cam.channel))
        told["figures"] = _draw(folder, model, heard, cam.channel, told["faithfulness"])
        files.write_json(folder / run.file("explanation").name, told)
    return run


def _other(path: str | Path, model, layer: str | None, method: str):
    """Heatmaps of another model that knows the same labels, on the pictures that its own front end makes."""
    from kerasinst.explanation import GradCam
    from kerasinst.models.waveform_model import load

    other = load(Run.open(path).model_file if Path(path).is_dir() else path)
    if other.labels != model.labels or other.network.input_shape != model.network.input_shape:
        raise BadInput(f"{path}: has other labels or pictures than the run; compare models of the same experiment")
    cam = GradCam(other.network, layer, method)

    def heatmaps(heard):
        pictures = other.frontend(heard.waveforms)
        return cam(np.asarray(other.scaling(pictures) if other.scaling else pictures), heard.truth)

    return heatmaps


def _write_profiles(folder: Path, model, heard, channel: int | None) -> None:
    """bands.csv and moments.csv: the shares of heat of each label."""
    from kerasinst.explanation import panel, profiles

    axes = panel(model, heard.heatmaps[0], channel=channel)
    bands, moments = [], []
    for index, label in enumerate(model.labels):
        if heard.of(index).any():
            of_bins, of_frames = profiles(heard.heatmaps[heard.of(index)])
            bands += [(label, band, share) for band, share in zip(axes.bins, of_bins, strict=True)]
            moments += [(label, frame * axes.seconds, share) for frame, share in enumerate(of_frames)]
    pd.DataFrame(bands, columns=["label", axes.unit, "share"]).round(6).to_csv(
        folder / Path(ARTIFACTS["bands"].path).name, index=False
    )
    pd.DataFrame(moments, columns=["label", "seconds", "share"]).round(6).to_csv(
        folder / Path(ARTIFACTS["moments"].path).name, index=False
    )


def _write_clips(folder: Path, model, heard, channel: int | None) -> Iterator[dict[str, Any]]:
    """A figure and the audio of some segments."""
    from kerasinst.explanation import panel

    for number, (kind, row) in enumerate(heard.examples()):
        segment, told = heard.segments[row], int(heard.scores[row].argmax())
        true, said = model.labels[heard.truth[row]], model.labels[told]
        name = f"clips/{number:02d}-{files.slug(true)}-{kind}"
        title = f"{true}, named {said} ({heard.scores[row, told]:.2f})"
        seen = panel(model, heard.pictures[row, :, :, channel or 0], title, channel)
        if not run_plots.attempt(partial(explanations.clip, seen, heard.heatmaps[row]), folder / name):
            continue
        soundfile.write(folder / f"{name}.flac", heard.waveforms[row], model.sample_rate)
        yield {
            "clip": segment.clip.name,
            "start": round(segment.start / model.sample_rate, 3),
            "label": true,
            "predicted": said,
            "score": round(float(heard.scores[row, told]), 4),
            "figure": f"{name}.png",
            "audio": f"{name}.flac",
        }


def _draw(folder: Path, model, heard, channel: int | None, faithfulness: dict[str, Any]) -> list[str]:
    """Mean heatmaps of labels, the profiles, the curves, and for coefficients what the ee5180 study shows."""
    from kerasinst.explanation import column_products, panel, profiles

    means = {
        label: (
            panel(model, heard.pictures[heard.of(index), :, :, channel or 0].mean(axis=0), label, channel),
            heard.heatmaps[heard.of(index)].mean(axis=0),
        )
        for index, label in enumerate(model.labels)
        if heard.of(index).any()
    }
    of_labels = {label: profiles(heat[None]) for label, (_, heat) in means.items()}
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
    return [f"{name}.png" for name, draw in drawn.items() if run_plots.attempt(draw, folder / name)]


def main(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Run directory of a trained network.")] = Path(
        "runs/quickstart"
    ),
    layer: Annotated[
        str | None, typer.Option(help="A convolution, by name. Default: the last that sees bands.")
    ] = None,
    method: Annotated[str, typer.Option(help="grad_cam or grad_cam++.")] = "grad_cam",
    against: Annotated[
        Path | None, typer.Option(metavar="RUN", help="Compare the heatmaps with another model's.")
    ] = None,
    quiet: cli.QuietOption = False,
) -> None:
    """Show which bands and moments decide each label, with Grad-CAM.

    Example: python -m kerasinst.explain runs/quickstart --method grad_cam++
    """
    cli.quieten(quiet)
    cli.load_keras()
    reporting.show_explanation(explain(run, layer, method, against))


if __name__ == "__main__":
    cli.command(main)
