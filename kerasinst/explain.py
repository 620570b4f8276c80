"""`kerasinst explain` shows which bands and moments of recordings decide how a network names them."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import typer

from kerasinst import reporting
from kerasinst.core import cli, console
from kerasinst.core.errors import BadInput
from kerasinst.core.progress_bars import progress_bar
from kerasinst.runs import Run

if TYPE_CHECKING:
    from kerasinst.explanation import ExplainedSegments
    from kerasinst.models.waveform_model import WaveformModel


def explain(
    run: str | Path,
    layer: str | None = None,
    *,
    method: str = "grad_cam",
    against: str | Path | None = None,
) -> Run:
    """Makes heatmaps of the test segments of a run for their true labels, and measures how faithful they are.

    Empty heatmaps are counted, and left out of everything else.

    Args:
        run: directory of the run of a trained network.
        layer: name of a convolution; None is the last one whose output still has several frames and bins.
        method: "grad_cam" or "grad_cam++".
        against: path of another run or `model.keras` with the same labels and shape of features, whose heatmaps of the
            same segments are compared; None compares nothing.

    Returns:
        The run, with the folder `explanations`: explanation.json, bands.csv, moments.csv, and figures of each label
        and of some clips, with their audio.

    Raises:
        BadInput: if there is no model, no test split or no such convolution, the other model does not fit, or all
            heatmaps are empty.

    Example:
        >>> explain("runs/ee5180").explanation()["layer"]
        'conv2d_2'
    """
    from kerasinst.explanation import GradCam, compare_heatmaps, explain_segments, measure_faithfulness
    from kerasinst.models.waveform_model import load
    from kerasinst.reporting.explanation_files import write_explanation

    made = Run.open(run)
    model = load(made.model_file)
    cam = GradCam(model.network, layer, method=method)
    other = None if against is None else _other(against, model, layer=layer, method=method)
    everything = explain_segments(made, model, cam=cam, progress=progress_bar)
    segments = everything.non_empty()
    if not segments.segments:
        raise BadInput(
            f"{made.path}: the heatmaps of all {len(everything.segments)} segments are empty: nothing that "
            f"{cam.layer.name} finds raises the score of a true label; try another --layer or --method"
        )
    facts = {
        "layer": cam.layer.name,
        "channel": model.frontend.channels[cam.channel or 0],
        "method": method,
        "segments": len(everything.segments),
        "empty": len(everything.segments) - len(segments.segments),
        "faithfulness": measure_faithfulness(model.network, cam, segments=segments, progress=progress_bar),
    }
    if other:
        facts["drift"] = {"against": str(against), **compare_heatmaps(segments.heatmaps, other(segments))}
    write_explanation(made, facts, model=model, segments=segments, channel=cam.channel)
    return made


def _other(
    path: str | Path, model: "WaveformModel", *, layer: str | None, method: str
) -> "Callable[[ExplainedSegments], np.ndarray]":
    """Loads another model, and returns a function that makes its heatmaps from the waveforms of segments."""
    from kerasinst.explanation import GradCam
    from kerasinst.models.waveform_model import load

    other = load(Run.open(path).model_file if Path(path).is_dir() else path)
    if other.labels != model.labels or other.network.input_shape != model.network.input_shape:
        raise BadInput(f"{path}: has other labels or features than the run; compare models of the same experiment")
    cam = GradCam(other.network, layer, method=method)

    def heatmaps(segments: "ExplainedSegments") -> np.ndarray:
        features = other.frontend(segments.waveforms)
        return cam(np.asarray(other.scaling(features) if other.scaling else features), segments.truth)

    return heatmaps


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

    Example: kerasinst explain runs/quickstart --method grad_cam++
    """
    console.quieten(quiet)
    cli.load_keras()
    reporting.show_explanation(explain(run, layer, method=method, against=against))


if __name__ == "__main__":
    cli.command(main)
