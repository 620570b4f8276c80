"""AudioSet: ten-second scenes with piano, drums, flute, other instruments, voices, motors and noise."""

from pathlib import Path

import numpy as np
import soundfile

from kerasinst.core.progress import Progress, silent, track
from kerasinst.datasets.rendering import distractors, synthesis
from kerasinst.datasets.rendering.look_alikes.band import Band
from kerasinst.datasets.rendering.makers import Instrument

SAMPLE_RATE, SECONDS = 16000, 10.0
"""Sample rate in Hz, and length of a segment."""
PER_CLASS = {"balanced_train": 60, "eval": 15}
"""Number of segments of each class of the study in each table; electric pianos have half as many."""
MISSING = 0.1
"""Share of the segments that nobody can fetch any more."""
SEVERAL = 0.15
"""Share of the segments with another class of the study, too."""
INSTRUMENTS = {
    "Piano": Instrument((0, 1), 36, 88, chord=3, attack=0.01),
    "Electric piano": Instrument((4, 5), 36, 88, chord=3, attack=0.01),
    "Flute": Instrument((73,), 60, 91, vibrato=25),
    "Guitar": Instrument((24, 25), 40, 76, chord=3, attack=0.01),
    "Violin, fiddle": Instrument((40,), 55, 91, vibrato=35),
    "Trumpet": Instrument((56,), 54, 84, vibrato=15),
}
"""Instruments by display names of AudioSet."""
CLASSES = {
    "Piano": "/m/05r5c", "Drum": "/m/026t6", "Flute": "/m/0l14j_", "Guitar": "/m/0342h",
    "Violin, fiddle": "/m/07y_7", "Trumpet": "/m/07gql", "Speech": "/m/09x0r", "Engine": "/m/02mk9",
    "Noise": "/m/096m7z", "Music": "/m/04rlf", "Electric piano": "/m/01s0ps",
}  # fmt: skip
"""Machine identifiers of the classes that occur, by their display names."""
WANTED = ("Piano", "Drum", "Flute")
"""Classes of the audioset4 study; everything else is its fourth."""
OTHERS = [name for name in CLASSES if name not in (*WANTED, "Electric piano", "Music")]
"""Everything else, but electric pianos, of which there are enough to be told from other pianos."""


def render(folder: Path, *, progress: Progress = silent) -> None:
    """Writes the tables of segments and classes, and the audio of most segments.

    Args:
        folder: existing folder.
        progress: shows how many segments are rendered.
    """
    band = Band(INSTRUMENTS, sample_rate=SAMPLE_RATE)
    each = [
        (table, main)
        for table, count in PER_CLASS.items()
        for main in (*WANTED, "other", "Electric piano")
        for _ in range(count // 2 if main == "Electric piano" else count)
    ]
    tables: dict[str, list[str]] = {table: [] for table in PER_CLASS}
    for index, (table, main) in enumerate(track(each, "rendering look-alikes of AudioSet", progress=progress)):
        random = np.random.default_rng([2, index])
        video, start = "".join(random.choice(list("abcdefghijkABCDEFGHIJK0123456789_-"), 11)), 10 * index % 300
        names = _names(main, random)
        if random.random() >= MISSING:
            sounds = [
                synthesis.gain(random.uniform(-8, 0)) * _sound(name, band, index, random=random) for name in names
            ]
            (folder / "audio" / table).mkdir(parents=True, exist_ok=True)
            target = folder / "audio" / table / f"Y{video}.wav"
            soundfile.write(
                target,
                synthesis.record(np.sum(sounds, axis=0), SAMPLE_RATE, random=random),
                SAMPLE_RATE,
                subtype="PCM_16",
            )
        mids = ",".join([*(CLASSES[name] for name in names), *([CLASSES["Music"]] if main != "other" else [])])
        tables[table].append(f'{video}, {start}.000, {start + 10}.000, "{mids}"')
    head = (
        "# Segments csv, rendered\n# num_ytids={0}, num_segs={0}\n# YTID, start_seconds, end_seconds, positive_labels\n"
    )
    for table, rows in tables.items():
        (folder / f"{table}_segments.csv").write_text(head.format(len(rows)) + "\n".join(rows) + "\n", encoding="utf-8")
    names_table = [f'{index},{mid},"{name}"' for index, (name, mid) in enumerate(CLASSES.items())]
    text = "index,mid,display_name\n" + "\n".join(names_table) + "\n"
    (folder / "class_labels_indices.csv").write_text(text, encoding="utf-8")


def _names(main: str, random: np.random.Generator) -> list[str]:
    """Draws what sounds in a scene: a class of the study or something else, and what is in the way."""
    names = [str(random.choice(OTHERS)) if main == "other" else main]
    if random.random() < SEVERAL and main in WANTED:
        names.append(str(random.choice([name for name in WANTED if name != main])))
    if random.random() < 0.4:
        names.append(str(random.choice([name for name in OTHERS if name not in names])))
    return names


def _sound(name: str, band: Band, index: int, *, random: np.random.Generator) -> np.ndarray:
    """Makes ten seconds of one class, `(samples,)`."""
    if name in band.instruments:
        return band.phrase(name, index, seconds=SECONDS, random=random)
    if name == "Drum":
        return band.drums(SECONDS, random=random)
    if name == "Speech":
        return distractors.speech(SECONDS, SAMPLE_RATE, random=random)
    if name == "Engine":
        return distractors.motor(SECONDS, SAMPLE_RATE, random=random)
    return synthesis.level(synthesis.coloured_noise(round(SECONDS * SAMPLE_RATE), random))
