"""How many planted near duplicates and sessions the leak audit finds, and how many it makes up.

    python -m experiments.benchmarks.leaks                       on rendered phrases, two of each maker, 4 s each
    python -m experiments.benchmarks.leaks --data FOLDER         on the recordings under a folder

Each recording is changed in every way of `CHANGES` and compared with all the others, and with synthetic tones of one
tuning. A found pair counts as right if both come from one recording; recordings may hold real near duplicates of each
other, so look at what is "made up".
For sessions, each recording of at least four seconds is cut into halves, which share instrument, room and microphone.
"""

import argparse
import itertools
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import soundfile
import soxr

from kerasinst import audio, datasets
from kerasinst.core import console
from kerasinst.datasets.clip import Clip

Recording = tuple[np.ndarray, int]

TONES = 48
"""Synthetic ones among the recordings."""


def trimmed(waveform: np.ndarray, sample_rate: int) -> Recording:
    """Without its first 23 % and its last 17 %."""
    return waveform[round(0.23 * len(waveform)) : round(0.83 * len(waveform))], sample_rate


def resampled(waveform: np.ndarray, sample_rate: int) -> Recording:
    """At 16 kHz."""
    return soxr.resample(waveform, sample_rate, 16000), 16000


def louder(waveform: np.ndarray, sample_rate: int) -> Recording:
    """Twice as loud as full scale allows, so that peaks are cut off."""
    return np.clip(2 * waveform / np.abs(waveform).max(), -1, 1), sample_rate


def all_at_once(waveform: np.ndarray, sample_rate: int) -> Recording:
    """Trimmed, resampled and louder, to be encoded as MP3."""
    return louder(*resampled(*trimmed(waveform, sample_rate)))


def unchanged(waveform: np.ndarray, sample_rate: int) -> Recording:
    """As it is, to be encoded in another format."""
    return waveform, sample_rate


def offset(waveform: np.ndarray, sample_rate: int) -> Recording:
    """At a peak of 0.1, with an offset of 0.01."""
    return 0.1 * waveform / np.abs(waveform).max() + 0.01, sample_rate


def hum(waveform: np.ndarray, sample_rate: int) -> Recording:
    """With a hum of 50 Hz and twelve harmonics, at 5 % of the peak."""
    seconds = np.arange(len(waveform)) / sample_rate
    sound = sum(np.sin(2 * np.pi * 50 * k * seconds + k * k) / np.sqrt(k) for k in range(1, 14))
    return waveform + 0.05 * np.abs(waveform).max() * sound / np.abs(sound).max(), sample_rate


def noise(waveform: np.ndarray, sample_rate: int) -> Recording:
    """With white noise 20 dB below its power."""
    random = np.random.default_rng(np.abs(waveform[:4096]).view(np.uint32))  # another one for each recording
    power = np.mean(np.square(waveform))
    return waveform + np.sqrt(power / 100) * random.standard_normal(len(waveform)), sample_rate


def tuning_tone(waveform: np.ndarray, sample_rate: int) -> Recording:
    """With a tone of 440 Hz, at 10 % of the peak."""
    seconds = np.arange(len(waveform)) / sample_rate
    return waveform + 0.1 * np.abs(waveform).max() * np.sin(2 * np.pi * 440 * seconds), sample_rate


def tuned_tones(count: int) -> list[Recording]:
    """Synthetic tones of 440 Hz that fade, with up to eight harmonics and some noise, each another recording."""
    tones = []
    for index in range(count):
        random = np.random.default_rng(index)
        seconds = np.arange(round(22050 * random.uniform(1.5, 4))) / 22050
        partials = sum(np.sin(2 * np.pi * 440 * k * seconds) / k for k in range(1, 2 + index % 8))
        tone = 0.3 * partials * np.exp(-random.uniform(0.3, 3) * seconds)
        tones.append((tone + 0.003 * random.standard_normal(len(tone)), 22050))
    return tones


CHANGES: dict[str, tuple[Callable[[np.ndarray, int], Recording], str]] = {
    "trimmed": (trimmed, ".wav"),
    "resampled": (resampled, ".wav"),
    "louder": (louder, ".wav"),
    "mp3": (unchanged, ".mp3"),
    "ogg": (unchanged, ".ogg"),
    "all at once": (all_at_once, ".mp3"),
    "offset": (offset, ".wav"),
    "hum": (hum, ".wav"),
    "noise": (noise, ".wav"),
    "tuning tone": (tuning_tone, ".wav"),
}


def near_duplicates(
    recordings: list[Recording], folder: Path, others: Sequence[Recording] = ()
) -> tuple[dict[str, float], float]:
    """Plants every change of every recording in `folder`, beside others that are changed in no way.

    Returns:
        The share of copies found (joined with their original), by change; and the share of found pairs that are right.
    """
    for index, recording in enumerate(recordings):
        (folder / f"{index:04d}").mkdir()
        soundfile.write(folder / f"{index:04d}" / "original.wav", *recording)
        for name, (change, suffix) in CHANGES.items():
            options = {"bitrate_mode": "CONSTANT", "compression_level": 0.8} if suffix == ".mp3" else {}
            soundfile.write(folder / f"{index:04d}" / (name + suffix), *change(*recording), **options)
    for index, recording in enumerate(others):
        (folder / f"other {index:04d}").mkdir()
        soundfile.write(folder / f"other {index:04d}" / "original.wav", *recording)
    clips = [
        Clip(path.relative_to(folder).as_posix(), path, ("any",), path.relative_to(folder).as_posix())
        for path in audio.files(folder)
    ]
    audit = datasets.collect(clips).audit
    pairs = {
        pair
        for names in audit["duplicates"] + audit["near_duplicates"]
        for pair in itertools.combinations(sorted(names), 2)
    }
    found = {
        name: sum(
            tuple(sorted((f"{index:04d}/{name}{suffix}", f"{index:04d}/original.wav"))) in pairs
            for index in range(len(recordings))
        )
        / len(recordings)
        for name, (_, suffix) in CHANGES.items()
    }
    right = [one.split("/")[0] == other.split("/")[0] for one, other in pairs]
    return found, float(np.mean(right)) if right else 1.0


def sessions(recordings: list[Recording], folder: Path) -> tuple[float, float]:
    """Cuts each recording into halves: the share of halves found to be of one session, and of pairs that are right."""
    long = [(waveform, rate) for waveform, rate in recordings if len(waveform) >= 4 * rate]
    for index, (waveform, sample_rate) in enumerate(long):
        middle = len(waveform) // 2
        soundfile.write(folder / f"{index:04d}a.wav", waveform[:middle], sample_rate)
        soundfile.write(folder / f"{index:04d}b.wav", waveform[middle:], sample_rate)
    clips = [Clip(path.name, path, ("any",), path.name) for path in audio.files(folder)]
    pairs = {
        pair for names in datasets.collect(clips).audit["sessions"] for pair in itertools.combinations(sorted(names), 2)
    }
    right = sum(one[:4] == other[:4] for one, other in pairs)
    return right / len(long), right / max(1, len(pairs))


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="folder with recordings; default: rendered phrases")
    parser.add_argument("--most", type=int, default=150, help="recordings to plant")
    arguments = parser.parse_args()
    if arguments.data:
        paths = audio.files(arguments.data)
    else:
        paths = [
            clip.path for clip in datasets.read("soundfont", makers_per_instrument=4, clips_per_group=2, seconds=4.0)
        ]
    recordings = [audio.read(path) for path in paths[: arguments.most]]
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        found, right = near_duplicates(recordings, Path(first), tuned_tones(TONES))
        halves, right_halves = sessions(recordings, Path(second))
    rows = [(name, f"{share:.3f}") for name, share in found.items()]
    console.show_table(f"{len(recordings)} recordings", ["near duplicates", "found"], rows=rows)
    console.show_table("", ["", "share"], rows=[("of found pairs are right", f"{right:.3f}")])
    rows = [("halves found", f"{halves:.3f}"), ("of found pairs are right", f"{right_halves:.3f}")]
    console.show_table("", ["sessions", "share"], rows=rows)


if __name__ == "__main__":
    main()
