"""Writes the notes of GUS patches (.pat), such as those of Debian's package freepats, as recorded notes.

    python -m experiments.gus_patches /usr/share/midi/freepats/Tone_000 NOTES

Each patch of one of MusicNet's instruments becomes a folder of NOTES with a .wav file for each of its samples, of which
the loop is repeated up to four and a half seconds. The readers `ensembles` and `general_midi` play such folders.

Source: Gravis UltraSound Software Development Kit 2.22, patch file format.
"""

import struct
from pathlib import Path
from typing import Annotated, NamedTuple

import librosa
import numpy as np
import soundfile
import typer

from kerasinst.core import cli, console
from kerasinst.core.errors import BadInput
from kerasinst.datasets.pitches import name
from kerasinst.datasets.rendering.ensembles import PROGRAMS
from kerasinst.datasets.rendering.recorded_notes import LONGEST

BEFORE_LAYER, LAYER, SAMPLE = 129 + 63, 47, 96
"""Bytes of the headers of a file and its instrument, of a layer, and of a sample."""
WIDE, UNSIGNED, LOOPS = 1, 2, 4
"""Flags of a sample: 16 bits, unsigned, and looped."""


class Sample(NamedTuple):
    """A recorded note of a patch.

    Attributes:
        hertz: its pitch.
        sample_rate: its sample rate in Hz.
        waveform: floats in [-1, 1].
    """

    hertz: float
    sample_rate: int
    waveform: np.ndarray


def main(
    patches: Annotated[Path, typer.Argument(help="Folder of .pat files, named after General MIDI programs.")],
    to: Annotated[Path, typer.Argument(help="Folder of the recorded notes.")],
) -> None:
    """Write a folder of notes for each instrument that has a patch."""
    written = 0
    for label, program in PROGRAMS.items():
        for file in sorted(patches.glob(f"{program:03d}_*.pat")):
            (to / label).mkdir(parents=True, exist_ok=True)
            for sample in samples(file.read_bytes()):
                nearest = round(float(librosa.hz_to_midi(sample.hertz)))
                rate = round(sample.sample_rate * librosa.midi_to_hz(nearest) / sample.hertz)
                path = to / label / f"{name(nearest).replace('#', 's')}.wav"
                soundfile.write(path, 0.9 * sample.waveform / np.abs(sample.waveform).max(), rate)
                written += 1
    if not written:
        raise BadInput(f"{patches}: no patch of {', '.join(PROGRAMS)} is here, such as 040_Violin.pat")
    console.say(f"{to}: {written} notes")


def samples(content: bytes) -> list[Sample]:
    """Reads the samples of a patch of one instrument and one layer."""
    if not content.startswith(b"GF1PATCH1"):
        raise BadInput("not a GUS patch")
    count, at, found = content[BEFORE_LAYER + 6], BEFORE_LAYER + LAYER, []
    for _ in range(count):
        header = content[at : at + SAMPLE]
        size, first, last, sample_rate, _, _, millihertz = struct.unpack_from("<IIIHIII", header, 8)
        modes = header[55]
        width, kind = (
            (2, "u2" if modes & UNSIGNED else "i2") if modes & WIDE else (1, "u1" if modes & UNSIGNED else "i1")
        )
        data = np.frombuffer(content[at + SAMPLE : at + SAMPLE + size], f"<{kind}").astype(float)
        half = 2.0 ** (8 * width - 1)
        waveform = data / half - (1 if modes & UNSIGNED else 0)
        if modes & LOOPS and last > first:
            loop, begin = waveform[first // width : last // width], waveform[: last // width]
            times = int(LONGEST * sample_rate / len(loop)) + 1
            waveform = np.concatenate([begin, np.tile(loop, times)])[: int(LONGEST * sample_rate)]
        found.append(Sample(millihertz / 1000, sample_rate, waveform))
        at += SAMPLE + size
    return found


if __name__ == "__main__":
    cli.command(main)
