"""What compression costs on small real collections: accuracy, size and time of variants, cross-validated.

    python -m experiments.benchmarks.compression --data fsd-mini
    python -m experiments.benchmarks.compression --data fsd-mini --recipe experiments/ee5180.yaml \
        --variants float,pruned_50,pruned_80,pruned_80_clustered_16_int8 \
        --set audio.segments=1500 --set training.epochs=20

Five-fold cross-validation over the files of --data, grouped by file, as in `accuracy`: in each fold the network is
trained once, every variant is made of it, and all say what they hear in the held-out clips, from raw audio, through
LiteRT on one thread. Then one row a variant over the clips of all folds and seeds, and the peer: the study's network as
it was published, on the same two seconds of audio in the same process.
"""

# ruff: noqa: E402 (threads are counted before anything is imported)
import os
import tempfile
import time
from pathlib import Path
from typing import Annotated

for name in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
    os.environ.setdefault(name, "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pandas as pd
import typer

from experiments.benchmarks.accuracy import FIVE, folds, prepared
from kerasinst import cli, console, evaluation
from kerasinst.experiment import PROJECT, Experiment, read_yaml

PEER = PROJECT / "experiments" / "ee5180.yaml"


def main(
    data: Annotated[Path, typer.Option(help="Collection that is cross-validated.")],
    reader: Annotated[str, typer.Option(help="Its reader.")] = "fsdkaggle2018",
    recipe: Annotated[Path, typer.Option(help="The experiment.")] = PROJECT / "experiments" / "best.yaml",
    plan: Annotated[Path, typer.Option(help="Its compression section.")] = PROJECT / "experiments" / "compression.yaml",
    variants: Annotated[str, typer.Option(help="Of the plan; joined by commas.")] = "float,int8,shrunk_int8",
    seeds: Annotated[int, typer.Option(help="How many.")] = 1,
    changes: Annotated[list[str] | None, typer.Option("--set", help="Of the experiment.")] = None,
) -> None:
    """Prints one table of the variants, and one of the peer."""
    cli.load_keras()
    experiment = Experiment.from_yaml(recipe).on_data(data, reader).override({"split.published": False, "search": None})
    experiment = experiment.override({"training.monitor": "last", "training.patience": None})  # nothing is held back
    experiment = experiment.override({"compression": read_yaml(plan), **cli.assignments(changes)})
    names, tables, rows = variants.split(","), [], []
    collection = prepared(experiment, FIVE, "group")
    for seed in range(1, seeds + 1):
        for fold, parts in enumerate(folds(collection.clips, collection.labels, seed), 1):
            began = time.perf_counter()
            for name, table, metrics in one_fold(experiment, collection, parts, seed, names):
                tables.append(table.assign(variant=name, seed=seed))
                rows.append({"variant": name, **metrics})
            console.say(f"seed {seed}, fold {fold}: {time.perf_counter() - began:.0f} s")
    show(pd.concat(tables, ignore_index=True), pd.DataFrame(rows), collection.labels, experiment.name)
    show_peer(pd.DataFrame(rows))


def one_fold(experiment: Experiment, collection, parts, seed: int, names: list[str]):
    """Predictions of test clips, and costs, of the trained network ("trained") and of each variant."""
    from kerasinst.compression.family import Family
    from kerasinst.compression.variants import named
    from kerasinst.training.data import Data, cover, segments_of
    from kerasinst.training.outcome import fit_seeds

    alone = experiment.override({"training.seeds": [seed]})
    train = segments_of(collection, parts[0], experiment.audio, experiment.audio.segments, seed)
    test = cover(parts[1], collection.decoded, experiment.audio)
    data = Data(collection, {"train": train, "validation": [], "test": test})
    with tempfile.TemporaryDirectory() as folder:
        outcome = fit_seeds(alone, data, Path(folder))
        yield "trained", outcome.predictions, {}
        file = Path(folder) / "model.keras"
        outcome.model.save(file)
        family = Family(alone, data, outcome.model, file, Path(folder) / "student")
        for name, variant in named(experiment.compression, names).items():
            _, table, metrics = family.make(variant)
            yield name, table, metrics


def show(table: pd.DataFrame, costs: pd.DataFrame, labels: list[str], title: str) -> None:
    """A row a variant: accuracy and its change, the worst label, sizes and times."""
    table = table.assign(clip=table["clip"] + table.seed.astype(str))
    figures = {name: evaluation.measure(rows, labels) for name, rows in table.groupby("variant", sort=False)}
    trained, shown = figures["trained"], []
    for name, each in figures.items():
        low, high = each["accuracy_ci95"]
        change = 100 * (each["accuracy"] - trained["accuracy"])
        recall = {
            label: 100 * (each["per_label"][label]["recall"] - trained["per_label"][label]["recall"])
            for label in labels
        }
        worst = min(recall, key=recall.get)
        row = [
            name,
            f"{each['accuracy']:.3f} ({low:.3f}, {high:.3f})",
            f"{change:+.1f}",
            f"{recall[worst]:+.1f} {worst}",
        ]
        of_variant = costs[costs.variant == name]
        for cost, form in (
            ("bytes", ",.0f"),
            ("gzip_bytes", ",.0f"),
            ("milliseconds", ".2f"),
            ("sparsity", ".2f"),
            ("seconds_to_train", ".0f"),
        ):
            value = of_variant[cost].median() if cost in of_variant else np.nan
            row.append("" if np.isnan(value) else f"{value:{form}}")
        shown.append(row)
    count = len(table[table.variant == "trained"])
    columns = ["variant", "accuracy (95 %)", "points", "worst label", "bytes", "gzip", "ms", "sparsity", "s to train"]
    console.show_table(f"{title}: {count} held-out clips, {len(labels)} labels, medians over folds", columns, shown)


def show_peer(costs: pd.DataFrame) -> None:
    """The study's network, unpruned and in floats, on segments of the same length: how much larger and slower it is."""
    from kerasinst.deployment.bundle import Bundle
    from kerasinst.deployment.costs import costs as measured
    from kerasinst.model import WaveformModel
    from kerasinst.training.recipe import build, frontend_of

    peer = Experiment.from_yaml(PEER)
    frontend, samples = frontend_of(peer), peer.audio.segment_samples
    network = build(peer, frontend, len(FIVE))
    whole = WaveformModel(frontend, None, network, FIVE, peer.audio.sample_rate, samples)
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (4, samples)).astype("float32")
    pictures = np.asarray(frontend(noise))
    found = measured(Bundle(whole, noise).file(network, "none", pictures))
    rows = [("ee5180, float", f"{found['bytes']:,}", f"{found['milliseconds']:.2f}", "1.0", "1.0")]
    for name, each in costs.dropna(subset=["bytes"]).groupby("variant", sort=False) if "bytes" in costs else ():
        size, milliseconds = each.bytes.median(), each.milliseconds.median()
        ratios = found["bytes"] / size, found["milliseconds"] / milliseconds
        rows.append((name, f"{size:,.0f}", f"{milliseconds:.2f}", *(f"{ratio:.1f}" for ratio in ratios)))
    console.show_table(
        "beside the study's network, from 2 s of audio to scores, one thread",
        ["model", "bytes", "ms", "times smaller", "times faster"],
        rows,
    )


if __name__ == "__main__":
    typer.run(main)
