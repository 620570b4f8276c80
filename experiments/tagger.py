"""Makes what `kerasinst predict` uses without a model: timeline.tflite, the tagger, and notes.tflite, for notes.

    python -m experiments.tagger --bank sf_GMbank.sf2 --bank TONEJS --bank FREEPATS --test-bank FluidR3_GM.sf2

The shipped ones were made with four sources of sound, all free:

- TimGM6mb.sf2 (GPL 2), which comes with pretty_midi and is always used;
- sf_GMbank.sf2 (public domain), Debian package csound-soundfont;
- TONEJS, the recorded notes of tonejs-instruments (CC BY 3.0), npm packages tonejs-instrument-NAME-mp3, one folder for
  each instrument: see FOLDERS;
- FREEPATS, the notes of Debian's package freepats (GPL 2, with an exception for music), which
  `python -m experiments.gus_patches` writes.

FluidR3_GM.sf2 (MIT licence, Debian package fluid-soundfont-gm), which shares no recorded note with them, is what they
are tested on. Their figures, their limits and where they were not tested stand in docs/reference/tagger.md.
"""

import shutil
from pathlib import Path
from typing import Annotated

import typer

from kerasinst import reporting
from kerasinst.core import cli, console
from kerasinst.experiment import PROJECT, Experiment
from kerasinst.runs import Run

FOLDERS = {
    "bassoon": "bassoon",
    "cello": "cello",
    "clarinet": "clarinet",
    "contrabass": "bass",
    "flute": "flute",
    "french-horn": "horn",
    "piano": "piano",
    "violin": "violin",
}
"""Names of the npm packages, and the folders that their notes belong into."""
CHANGES = {
    "timeline": {"dataset.pieces": 1600, "network.filters": [32, 48, 64], "network.units": [64]},
    "notes": {},
}
"""Experiments, and how they are changed."""


def main(
    bank: Annotated[list[str], typer.Option(help="A sound bank (.sf2) or a folder of recorded notes, once for each.")],
    test_bank: Annotated[str, typer.Option(help="A sound bank to test on.")],
    runs: Annotated[Path, typer.Option(metavar="DIR", help="Folder of the trainings.")] = Path("runs/tagger"),
    to: Annotated[Path, typer.Option(metavar="DIR", help="Folder of the files.")] = PROJECT / "experiments",
) -> None:
    """Trains timeline.yaml and notes.yaml on all banks, writes their files, and scores them on another bank."""
    cli.load_keras()
    for name, changes in CHANGES.items():
        experiment = Experiment.from_yaml(name).override({"dataset.banks": ["TimGM6mb", *bank], **changes})
        made = make(experiment, runs / name)
        shutil.copyfile(made, to / f"{name}.tflite")
        console.say(f"{to / name}.tflite: {made.stat().st_size:,} bytes")
        for run in (Run(runs / name), tested(made, runs / f"{name}-tested", bank=test_bank)):
            reporting.show(run)


def make(experiment: Experiment, run: Path) -> Path:
    """Trains an experiment and exports it with weights of eight bits."""
    from kerasinst.export import export
    from kerasinst.train import train

    return export(train(experiment, run).path, "dynamic") / "model.tflite"


def tested(model: Path, run: Path, *, bank: str) -> Run:
    """Scores a file on 120 pieces that another bank plays."""
    from kerasinst.evaluate import evaluate

    changes = {"dataset.banks": ["TimGM6mb"], "dataset.test_banks": [bank], "dataset.pieces": 600}
    return Run(run) if Run(run).finished else evaluate(model, run=run, changes=changes)


if __name__ == "__main__":
    cli.command(main)
