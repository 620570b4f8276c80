"""What augmentations cost in a training step, and how fast networks train.

    python -m experiments.benchmarks.training                    on the backend that KERAS_BACKEND names
    python -m experiments.benchmarks.training --network ee5180

Rounds of steps with and without each augmentation take turns on one network and one batch; the median time of a step
and the ratio to one without are printed. On a GPU, this is the table of samples a second of each backend.
"""

import os
import time
from typing import Annotated

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import typer

from kerasinst.core import cli, console

PICTURES = {"separable": (87, 64, 1), "strided": (87, 64, 1), "ee5180": (275, 13, 1), "ds_cnn": (87, 64, 1)}
AUGMENTATIONS = ("none", "cutmix", "mixup", "spec_augment", "equalize")


def main(
    network: Annotated[str, typer.Option(help="Its name.")] = "separable",
    batch_size: Annotated[int, typer.Option(help="Samples in a batch.")] = 32,
    rounds: Annotated[int, typer.Option(help="Of each augmentation.")] = 15,
    steps: Annotated[int, typer.Option(help="In a round.")] = 20,
) -> None:
    """Prints one row for each augmentation."""
    cli.load_keras()
    import keras

    from kerasinst import networks
    from kerasinst.core.distribution import first_device, worth_compiling
    from kerasinst.training import augmentations
    from kerasinst.training.training_model import TrainingModel

    random = np.random.default_rng(0)
    features = random.standard_normal((batch_size, *PICTURES[network])).astype("float32")
    targets = np.eye(8, dtype="float32")[random.integers(8, size=batch_size)]
    batch = ((keras.ops.convert_to_tensor(features), keras.ops.convert_to_tensor(targets)), targets)
    learners, seconds = {}, {name: [] for name in AUGMENTATIONS}
    for name in AUGMENTATIONS:
        keras.utils.set_random_seed(0)
        chain = [] if name == "none" else [augmentations.create(name)]
        learner = TrainingModel(networks.create(network, PICTURES[network], n_labels=8), None, augmentations=chain)
        loss = keras.losses.CategoricalCrossentropy()
        learner.compile(keras.optimizers.Adam(0.001), loss, jit_compile=worth_compiling())
        learner.build([(None, *PICTURES[network]), (None, 8)])
        for _ in range(3):
            learner.train_on_batch(*batch)
        learners[name] = learner
    for _ in range(rounds):
        for name, learner in learners.items():
            began = time.perf_counter()
            for _ in range(steps):
                learner.train_on_batch(*batch)  # waits for the loss
            seconds[name].append((time.perf_counter() - began) / steps)
    plain = np.median(seconds["none"])
    rows = []
    for name in AUGMENTATIONS:
        ratios = np.array(seconds[name]) / np.array(seconds["none"])  # of the same round, on a machine that others use
        median = np.median(seconds[name])
        rows.append((name, f"{1e3 * median:.2f}", f"{batch_size / median:.0f}", f"{np.median(ratios):.3f}"))
    where = f"{keras.backend.backend()} on {first_device()}"
    title = f"{network}, {batch_size} samples a step, {where}, {1e3 * plain:.1f} ms plain"
    console.show_table(title, ["augmentation", "ms a step", "samples a second", "time, none = 1"], rows=rows)


if __name__ == "__main__":
    typer.run(main)
