"""Makes the weights that `experiments/small.yaml` begins with: experiments/pretrained-small.npz.

    python -m experiments.distilling --notes NOTES BANK.sf2 [BANK.sf2 ...]

A network that hears shorter frames and has fewer channels learns to find what the pretrained network of
`experiments/best.yaml` finds: all channels of its last convolution that ever sound, and their means and deviations over
time (Romero et al., FitNets, ICLR 2015). It hears the clips that the other was pretrained on, as they are, through
random frequency responses, and mixed in pairs; no labels, and no recording that anything is measured on. The shipped
weights were made with the banks and notes that `experiments/pretraining.py` names.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import keras
import numpy as np
import typer
from keras import layers, ops

from kerasinst.compression.channel_pruning import remove_channels
from kerasinst.core import console
from kerasinst.core.progress import track
from kerasinst.core.progress_bars import epochs, progress_bar
from kerasinst.experiment import PROJECT, Experiment
from kerasinst.features import create_frontend, prepare_data, segment_waveforms
from kerasinst.features.scaling import Scaling
from kerasinst.networks import pretrained
from kerasinst.networks.layers.statistics_pooling import StatisticsPooling
from kerasinst.training.network import create_network

VERSIONS = ("as it is", "through a frequency response", "mixed")
RESPONSE_DB, POINTS, OCTAVES = 6.0, 9, 8.1  # of random frequency responses
MIXED_DB = (-12.0, 6.0)  # how loud the second clip of a pair is
EPOCHS, BATCH, LEARNING_RATE = 20, 64, 0.003


def main(
    banks: Annotated[list[Path], typer.Argument(help="Sound banks (.sf2).")],
    notes: Annotated[Path | None, typer.Option(help="Folder of recorded notes, one folder an instrument.")] = None,
    to: Annotated[Path, typer.Option(help="The weights.")] = PROJECT / "experiments" / "pretrained-small.npz",
) -> None:
    """Teaches the network of `experiments/small.yaml` on these banks and notes, and keeps its weights."""
    keras.utils.set_random_seed(1)
    large, small = (Experiment.from_yaml(PROJECT / "experiments" / f"{name}.yaml") for name in ("pretraining", "small"))
    large = large.override(
        {"dataset.banks": [str(bank) for bank in banks], "dataset.notes": str(notes) if notes else None}
    )
    data = prepare_data(large)
    teacher = create_network(large, create_frontend(large), n_labels=len(data.labels))
    pretrained.load(teacher, PROJECT / "experiments" / "pretrained.npz")
    teacher = _with(teacher, {-1: small.network.options["units"]})  # what this takes away are channels that never sound
    student = _with(teacher, dict(enumerate(small.network.options["filters"])))
    clips = np.concatenate(list(segment_waveforms(data.segments["train"], data.collection.decoded, cut=large.audio)))
    pictures, found = _lessons(clips, large, _found_by(teacher), small)
    _teach(_found_by(student), pictures, found)
    pretrained.save(student, to, frontend=pretrained.describe(create_frontend(small), small.frontend.scaling))
    console.say(f"{to}: {to.stat().st_size:,} bytes")


def _with(network: keras.Model, channels: dict[int, int]) -> keras.Model:
    """The network with so many channels of its convolutions, by their places."""
    convolutions = [layer for layer in network.layers if isinstance(layer, layers.Conv2D)]
    chosen = {convolutions[place]: count for place, count in channels.items()}
    return remove_channels(network, {layer.name: count / layer.filters for layer, count in chosen.items()})


def _found_by(network: keras.Model) -> keras.Model:
    """The part before the pooling: what its last convolution finds, moment by moment."""
    pooling = next(layer for layer in network.layers if isinstance(layer, StatisticsPooling))
    return keras.Model(network.inputs, pooling.input)


def _hearing(experiment: Experiment) -> Callable[[np.ndarray], np.ndarray]:
    """From waveforms to scaled pictures."""
    frontend, scaling = create_frontend(experiment), Scaling(experiment.frontend.scaling)
    return lambda waveforms: ops.convert_to_numpy(scaling(frontend(waveforms.astype("float32"))))


def _lessons(
    clips: np.ndarray, large: Experiment, teacher: keras.Model, small: Experiment
) -> tuple[np.ndarray, np.ndarray]:
    """Features of the student, and what the teacher finds in its own, of every version of every clip."""
    teacher_hears, student_hears = _hearing(large), _hearing(small)
    random = np.random.default_rng(1)
    seconds = random.permutation(len(clips))
    pictures, found = [], []
    for version in VERSIONS:
        for first in track(range(0, len(clips), BATCH), f"hearing clips {version}", progress=progress_bar):
            batch = clips[first : first + BATCH]
            if version == "mixed":
                levels = 10 ** (random.uniform(*MIXED_DB, (len(batch), 1)) / 20)
                batch = _even(batch) + levels * _even(clips[seconds[first : first + BATCH]])
            if version != "as it is":
                batch = _through_response(batch, random)
            pictures.append(student_hears(batch).astype("float16"))
            found.append(teacher.predict(teacher_hears(batch), verbose=0).astype("float16"))
    return np.concatenate(pictures), np.concatenate(found)


def _even(waveforms: np.ndarray) -> np.ndarray:
    """Equally loud."""
    return waveforms / (np.sqrt(np.mean(waveforms**2, axis=1, keepdims=True)) + 1e-5)


def _through_response(waveforms: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Each through a smooth frequency response of its own."""
    octaves = np.log2(np.maximum(np.linspace(0, 1, waveforms.shape[1] // 2 + 1), 2**-OCTAVES))  # below the highest
    points = np.linspace(-OCTAVES, 0, POINTS)
    decibels = [np.interp(octaves, points, random.normal(0, RESPONSE_DB, POINTS)) for _ in waveforms]
    return np.fft.irfft(np.fft.rfft(waveforms) * 10 ** (np.array(decibels) / 20), waveforms.shape[1])


def _teach(student: keras.Model, pictures: np.ndarray, found: np.ndarray) -> None:
    """All channels count alike, and their means and deviations as much as their moments."""
    pool = StatisticsPooling()
    pooled = np.concatenate([pool(part.astype("float32")) for part in np.array_split(found, len(found) // 500)])
    moments_scale = found.std(axis=(0, 1, 2), dtype="float64") + 1e-3
    pooled_scale = pooled.std(axis=0, dtype="float64") + 1e-3

    def loss(true, said):
        of_moments = ops.mean(ops.square((said - true) / moments_scale), axis=(1, 2, 3))
        return of_moments + ops.mean(ops.square((pool(said) - pool(true)) / pooled_scale), axis=-1)

    steps = EPOCHS * -(-len(pictures) // BATCH)
    student.compile(keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(LEARNING_RATE, steps)), loss)
    with epochs("distilling", EPOCHS) as on_epoch:
        tell = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: on_epoch({"epoch": epoch + 1, **logs}))
        history = student.fit(pictures, found, batch_size=BATCH, epochs=EPOCHS, verbose=0, callbacks=[tell]).history
    console.say(f"what it does not find: {history['loss'][-1] / 2:.3f} of the variance")


if __name__ == "__main__":
    typer.run(main)
