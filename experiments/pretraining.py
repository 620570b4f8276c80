"""Makes the weights that `experiments/best.yaml` begins with: experiments/pretrained.npz.

    python -m experiments.pretraining --notes NOTES --more MORE.sf2 [--more MORE.sf2 ...] BANK.sf2 ...

Half of the clips are played by the banks and the notes, half by these and the banks that `--more` adds. The shipped
weights were made with four General MIDI banks, in this order,

- FluidR3_GM.sf2 (MIT licence), Debian package fluid-soundfont-gm;
- MuseScore_General_Full.sf2 (MIT licence), Debian package musescore-general-soundfont-lossless;
- sf_GMbank.sf2 (public domain), Debian package csound-soundfont;
- TimGM6mb.sf2 (GPL 2), which comes with pretty_midi;

with two more,

- GeneralUser-v1.47.sf2 (GeneralUser GS licence 2.0: free for any use), Debian package minuet-data;
- sonivox.sf2 (Apache licence 2.0), npm package @coderline/alphatab;

and with recorded notes,

- those of tonejs-instruments (CC BY 3.0), npm packages tonejs-instrument-NAME-mp3, one folder for each
  instrument of `kerasinst/datasets/rendering/orchestra.py`: see FOLDERS.

No recording that anything is measured on is among them.
"""

from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

from kerasinst import cli, console, files
from kerasinst.datasets import general_midi
from kerasinst.experiment import PROJECT, Experiment

FOLDERS = {
    "bass-electric": "electric_bass",
    "bassoon": "bassoon",
    "cello": "cello",
    "clarinet": "clarinet",
    "contrabass": "bowed_bass",
    "flute": "flute",
    "french-horn": "horn",
    "guitar-acoustic": "steel_guitar",
    "guitar-electric": "electric_guitar",
    "guitar-nylon": "nylon_guitar",
    "harmonium": "accordion",
    "harp": "harp",
    "organ": "organ",
    "piano": "piano",
    "saxophone": "alto_sax",
    "trombone": "trombone",
    "trumpet": "trumpet",
    "tuba": "tuba",
    "violin": "violin",
    "xylophone": "xylophone",
}
"""Names of the npm packages, and the folders that their notes belong into."""


def main(
    banks: Annotated[list[Path], typer.Argument(help="Sound banks (.sf2).")],
    more: Annotated[
        list[Path] | None, typer.Option(help="Banks of the second half alone; give it once for each.")
    ] = None,
    notes: Annotated[Path | None, typer.Option(help="Folder of recorded notes, one folder an instrument.")] = None,
    run: Annotated[Path, typer.Option(help="Directory of the training.")] = Path("runs/pretraining"),
    to: Annotated[Path, typer.Option(help="The weights.")] = PROJECT / "experiments" / "pretrained.npz",
) -> None:
    """Trains `experiments/pretraining.yaml` on these banks and notes, and keeps the network's weights."""
    cli.load_keras()
    from kerasinst import model
    from kerasinst.networks import pretrained
    from kerasinst.train import train

    experiment = Experiment.from_yaml(PROJECT / "experiments" / "pretraining.yaml")
    manifest = _manifest(experiment.dataset.options, banks, more or [], notes)
    experiment = experiment.override({"dataset": {"reader": "manifest", "path": str(manifest)}})
    trained = train(experiment, run)
    pretrained.save(model.load(trained.model_file).network, to)
    console.say(f"{to}: {to.stat().st_size:,} bytes")


def _manifest(options: dict[str, Any], banks: list[Path], more: list[Path], notes: Path | None) -> Path:
    """Renders both halves, and lists their clips in one table beside them."""
    shared = {**options, "notes": notes and str(notes)}
    halves = [
        general_midi.read(**{**shared, "banks": [str(bank) for bank in played], "seed": seed})
        for seed, played in enumerate((banks, [*banks, *more]), options["seed"])
    ]
    clips = [clip for half in halves for clip in half]
    folder = clips[0].path.parents[2]
    path = folder / "-".join(["pretraining", *(half[0].path.parents[1].name for half in halves)])
    rows = [(clip.path.relative_to(folder).as_posix(), clip.labels[0]) for clip in clips]
    with files.replacing(path.with_suffix(".csv")) as temporary:
        pd.DataFrame(rows, columns=["path", "label"]).to_csv(temporary, index=False)
    return path.with_suffix(".csv")


if __name__ == "__main__":
    typer.run(main)
