"""FSDKaggle2018: phrases of the five instruments of the ee5180 study, of 1 to 8 seconds, as Freesound has them."""

from pathlib import Path

import numpy as np
import pandas as pd
import soundfile

from kerasinst.core.progress import Progress, silent, track
from kerasinst.datasets.rendering import synthesis
from kerasinst.datasets.rendering.look_alikes.band import Band
from kerasinst.datasets.rendering.makers import Instrument

SAMPLE_RATE = 22050
"""Sample rate in Hz."""
PER_LABEL = 40
"""Number of recordings of each label."""
INSTRUMENTS = {
    "Acoustic_guitar": Instrument((24, 25), 40, 76, chord=3, attack=0.01),
    "Cello": Instrument((42,), 36, 72, vibrato=30),
    "Clarinet": Instrument((71,), 50, 86, vibrato=5),
    "Double_bass": Instrument((32, 43), 28, 58, vibrato=10),
    "Saxophone": Instrument((65, 66), 46, 80, vibrato=25),
}
"""Instruments by the labels of the data set."""


def render(folder: Path, *, progress: Progress = silent) -> None:
    """Writes FSDKaggle2018.audio_train and its table of labels.

    Args:
        folder: existing folder.
        progress: shows how many recordings are rendered.
    """
    audio = folder / "FSDKaggle2018.audio_train"
    audio.mkdir()
    band = Band(INSTRUMENTS, sample_rate=SAMPLE_RATE)
    rows = []
    each = [(label, number) for label in INSTRUMENTS for number in range(PER_LABEL)]
    for index, (label, number) in enumerate(track(each, "rendering look-alikes of FSDKaggle2018", progress=progress)):
        random = np.random.default_rng([1, index])
        waveform = band.phrase(label, number, seconds=float(random.uniform(1, 8)), random=random)
        name = f"{random.integers(16**8):08x}.wav"
        soundfile.write(
            audio / name, synthesis.record(waveform, SAMPLE_RATE, random=random), SAMPLE_RATE, subtype="PCM_16"
        )
        rows.append((name, label, int(number % 3 > 0), 50_000 + 997 * index, "CC0"))
    table = folder / "FSDKaggle2018.meta" / "train_post_competition.csv"
    table.parent.mkdir()
    columns = ["fname", "label", "manually_verified", "freesound_id", "license"]
    pd.DataFrame(rows, columns=columns).sort_values("fname").to_csv(table, index=False)
