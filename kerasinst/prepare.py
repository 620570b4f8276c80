"""`kerasinst prepare` reads and checks a data set, splits it, and fills the feature cache."""

import math
import warnings
from pathlib import Path
from typing import Annotated

import typer

from kerasinst import audio, reporting
from kerasinst.core import cli, console, files
from kerasinst.core.errors import BadInput
from kerasinst.core.progress_bars import progress_bar
from kerasinst.experiment import Experiment
from kerasinst.runs import Run
from kerasinst.runs.arguments import experiment_from

SECONDS_SHOWN = 10.0
"""Length of the audio that `--show` draws, in seconds."""


def prepare(experiment: Experiment, run: str | Path | None = None, *, split_only: bool = False) -> Run:
    """Writes split.csv and audit.json of an experiment, and fills the feature cache.

    Args:
        experiment: experiment that says which data set is read, and how it is split.
        run: directory of the run; None is `runs/<name>`.
        split_only: whether the cache is left as it is.

    Returns:
        The run. If it is finished already, nothing is written.

    Raises:
        BadInput: if the data set cannot be read or split as asked, or the experiment does not fit it.
    """
    from kerasinst.features import extract_features, prepare_data
    from kerasinst.training.checks import check_buildable

    made = Run.create(run, experiment)
    if made.finished:
        console.say(f"{made.path} is finished already: its own split is shown, and nothing is written")
        return made
    data = prepare_data(experiment, progress=progress_bar)
    check_buildable(experiment, data)
    made.start(experiment)
    made.write_data(data.segments, data.collection.audit, labels=data.labels)
    if not split_only:
        extract_features(experiment, data, progress=progress_bar)
    return made


def show(experiment: Experiment, clip: str | Path, *, folder: str | Path = ".") -> Path:
    """Draws the features that every front end computes from the first ten seconds of an audio file, as a PNG.

    The front end of the experiment has the options that the experiment sets, the others have their defaults.

    Args:
        experiment: experiment that gives the sample rate and the options of its front end.
        clip: path of an audio file, or name of a clip of the experiment's data set.
        folder: folder that gets `<name of the file or clip>-pictures.png`.

    Returns:
        The path of the PNG.

    Raises:
        BadInput: if there is no such file or clip, or it is too short.
    """
    from kerasinst import datasets
    from kerasinst.features import create_frontend
    from kerasinst.features.visualization import frontend_panels
    from kerasinst.reporting.plots import typography
    from kerasinst.reporting.plots.features import front_ends

    path, start, end = Path(clip), 0.0, math.inf
    if not path.is_file():
        named = {found.name: found for found in datasets.read_section(experiment.dataset, progress=progress_bar)}
        if str(clip) not in named:
            raise BadInput(f"--show {clip}: there is no such file, and no such clip in the data set")
        found = named[str(clip)]
        path, start, end = found.path, found.start or 0.0, found.end or math.inf
    rate = experiment.audio.sample_rate
    waveform = audio.load(path, rate, start=start, end=min(end, start + SECONDS_SHOWN))
    figure = front_ends(
        waveform, rate, panels=frontend_panels(waveform, rate, own=create_frontend(experiment)), title=str(clip)
    )
    target = Path(folder) / f"{Path(clip).name.removesuffix(path.suffix)}-pictures.png"
    with files.replacing(target) as temporary, warnings.catch_warnings():
        typography.use_fonts(figure)
        warnings.filterwarnings("ignore", "Glyph")  # the file's name may need characters that no font has
        figure.savefig(temporary, dpi=110)
    return target


def main(
    experiment: cli.ExperimentFile = None,
    run: cli.RunOption = None,
    data: cli.DataOption = None,
    changes: cli.SetOption = None,
    seed: cli.SeedOption = None,
    split_only: Annotated[bool, typer.Option("--split-only", help="Do not fill the feature cache.")] = False,
    workers: cli.WorkersOption = None,
    cluster: cli.ClusterOption = None,
    shown: Annotated[
        str | None,
        typer.Option(
            "--show", metavar="FILE", help="Only draw what every front end makes of a file or clip, to a PNG."
        ),
    ] = None,
    quiet: cli.QuietOption = False,
) -> None:
    """Read a data set, say what it holds, what is broken and what would leak, split it and fill the feature cache.

    Example: kerasinst prepare experiments/ee5180.yaml --data ~/data/FSDKaggle2018 --run runs/fsd
    """
    from kerasinst.core import parallel

    console.quieten(quiet)
    asked = experiment_from(experiment, data, changes=changes, seed=seed)
    cli.load_keras()
    if shown:
        console.show_facts([("pictures", str(show(asked, shown, folder=run or ".")))])
        return
    with parallel.backend(workers, cluster):
        prepared = prepare(asked, run, split_only=split_only)
    reporting.show_data_set(prepared)
    if not prepared.finished:
        console.say(f"written: {prepared.path}/split.csv, {prepared.path}/audit.json")


if __name__ == "__main__":
    cli.command(main)
