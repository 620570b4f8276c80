"""Makes the weights that `experiments/best.yaml` begins with: experiments/pretrained.npz.

    python -m experiments.pretraining --notes NOTES BANK.sf2 [BANK.sf2 ...]

The shipped ones were made with four General MIDI banks and recorded notes, all free:

- FluidR3_GM.sf2 (MIT licence), Debian package fluid-soundfont-gm;
- MuseScore_General_Full.sf2 (MIT licence), Debian package musescore-general-soundfont-lossless;
- sf_GMbank.sf2 (public domain), Debian package csound-soundfont;
- TimGM6mb.sf2 (GPL 2), which comes with pretty_midi;
- the notes of tonejs-instruments (CC BY 3.0), npm packages tonejs-instrument-NAME-mp3, one folder for each
  instrument of `kerasinst/datasets/rendering/gm_instruments.py`: see FOLDERS.

No recording that anything is measured on is among them.
"""

from pathlib import Path
from typing import Annotated

import typer

from kerasinst.core import cli, console
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
    notes: Annotated[Path | None, typer.Option(help="Folder of recorded notes, one folder an instrument.")] = None,
    run: Annotated[Path, typer.Option(help="Directory of the training.")] = Path("runs/pretraining"),
    to: Annotated[Path, typer.Option(help="The weights.")] = PROJECT / "experiments" / "pretrained.npz",
) -> None:
    """Trains `experiments/pretraining.yaml` on these banks and notes, and keeps the network's weights."""
    cli.load_keras()
    from kerasinst.models import waveform_model
    from kerasinst.networks import pretrained
    from kerasinst.train import train

    experiment = Experiment.from_yaml(PROJECT / "experiments" / "pretraining.yaml").override(
        {"dataset.banks": [str(bank) for bank in banks], "dataset.notes": str(notes) if notes else None}
    )
    trained = train(experiment, run)
    found = waveform_model.load(trained.model_file)
    pretrained.save(found.network, to, frontend=pretrained.describe(found.frontend, experiment.frontend.scaling))
    console.say(f"{to}: {to.stat().st_size:,} bytes")


if __name__ == "__main__":
    typer.run(main)
