"""What compression costs on small real collections: accuracy, size and time of variants.

    python -m experiments.benchmarks.compression --data fsd-mini --seeds 3 \
        --variants float,int8,int4,qat_int8,pruned_50_int8
    python -m experiments.benchmarks.compression --data fsd-mini --seeds 2 --recipe experiments/ee5180.yaml \
        --by segment --variants float,pruned_50,pruned_80,pruned_80_blocks,\
        pruned_90_blocks_clustered_16_dynamic,pruned_90_blocks_clustered_16_int8 \
        --set audio.segments=1500 --set training.epochs=20

Five-fold cross-validation over the files of --data, grouped by file, as in `accuracy`; or, --by segment, one split of
segments a seed, as the ee5180 study had it, with parts of one recording on both sides. The network is trained once,
every variant is made of it, and all say what they hear in what was held out, from raw audio, through LiteRT on one
thread. Then one row a variant, against the first one, and the peer: the study's network as it was published, on the
same two seconds of audio in the same process.
"""

# ruff: noqa: E402 (threads are counted before anything is imported)
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

for name in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
    os.environ.setdefault(name, "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pandas as pd
import typer

from experiments.benchmarks.accuracy import FIVE, folds, prepared
from kerasinst import evaluation
from kerasinst.compression.pipeline import VariantPipeline
from kerasinst.compression.variants import select_variants
from kerasinst.core import cli, console
from kerasinst.experiment import PROJECT, Experiment, read_yaml
from kerasinst.features import PreparedData, cover_clips, draw_segments, prepare_data
from kerasinst.training.seeds import fit_all_seeds

PEER = PROJECT / "experiments" / "ee5180.yaml"


def main(
    data: Annotated[Path, typer.Option(help="Collection that is trained and scored on.")],
    reader: Annotated[str, typer.Option(help="Its reader.")] = "fsdkaggle2018",
    recipe: Annotated[Path, typer.Option(help="The experiment.")] = PROJECT / "experiments" / "small.yaml",
    plan: Annotated[Path, typer.Option(help="Its variants.")] = PROJECT / "experiments" / "compression.yaml",
    variants: Annotated[str, typer.Option(help="Joined by commas; the first is what the others are judged by.")] = (
        "float,int8,int4"
    ),
    by: Annotated[str, typer.Option(help="group: cross-validated clips; segment: one split a seed.")] = "group",
    seeds: Annotated[int, typer.Option(help="How many.")] = 1,
    changes: Annotated[list[str] | None, typer.Option("--set", help="Of the experiment.")] = None,
) -> None:
    """Prints one table of the variants, and one of the peer."""
    cli.load_keras()
    experiment = Experiment.from_yaml(recipe).on_data(data, reader).override({"split.published": False, "search": None})
    experiment = experiment.override({"training.monitor": "last", "training.patience": None})  # nothing is held back
    experiment = experiment.override({f"compression.{key}": value for key, value in read_yaml(plan).items()})
    experiment = experiment.override({"split.validation": 0, "dataset.labels": FIVE, **cli.assignments(changes)})
    tables, rows = [], []
    for seed in range(1, seeds + 1):
        alone = experiment.override({"training.seeds": [seed], "split.seed": seed})
        for part, parted in enumerate(splits(alone, by, seed), 1):
            began = time.perf_counter()
            for name, table, metrics in pipeline(alone, parted, variants.split(",")):
                if by == "segment":
                    table = table.assign(clip=table["clip"] + table.index.astype(str))
                tables.append(evaluation.clip_level(table).assign(variant=name, seed=seed))
                rows.append({"variant": name, **metrics})
            console.say(f"seed {seed}, part {part}: {time.perf_counter() - began:.0f} s")
    show(pd.concat(tables, ignore_index=True), pd.DataFrame(rows), parted.labels, by, experiment.name)
    show_peer(pd.DataFrame(rows))


def splits(experiment: Experiment, by: str, seed: int) -> Iterator[PreparedData]:
    """What is trained on and what is held out."""
    if by == "segment":
        yield prepare_data(experiment.override({"split.by": "segment"}))
        return
    collection = prepared(experiment, FIVE, "group")
    for train, test in folds(collection.clips, collection.labels, seed):
        heard = draw_segments(collection, train, cut=experiment.audio, count=experiment.audio.segments, seed=seed)
        held_out = cover_clips(test, collection.decoded, cut=experiment.audio)
        yield PreparedData(collection, {"train": heard, "validation": [], "test": held_out}, experiment.audio)


def pipeline(experiment: Experiment, data: PreparedData, names: list[str]) -> Iterator[tuple[str, pd.DataFrame, dict]]:
    """What each variant hears in held-out segments, and what it costs."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.keras"
        model = fit_all_seeds(experiment, data, state=Path(folder)).model
        model.save(file)
        made = VariantPipeline(experiment, data, trained=model, source=file, state=Path(folder) / "student")
        for name, variant in select_variants(experiment.compression, names).items():
            _, table, metrics = made.make(variant)
            yield name, table, metrics


def show(table: pd.DataFrame, costs: pd.DataFrame, labels: list[str], by: str, title: str) -> None:
    """A row a variant: accuracy and its change, the worst label, sizes and times."""
    figures = {name: evaluation.measure(rows, labels) for name, rows in table.groupby("variant", sort=False)}
    whole, shown = next(iter(figures.values())), []
    for name, each in figures.items():
        low, high = each["accuracy_ci95"]
        change = 100 * (each["accuracy"] - whole["accuracy"])
        recall = {
            label: 100 * (each["per_label"][label]["recall"] - whole["per_label"][label]["recall"]) for label in labels
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
            row.append(f"{of_variant[cost].median():{form}}")
        shown.append(row)
    count, seeds = len(table) // len(figures), table.seed.nunique()
    what = f"{'segments' if by == 'segment' else 'clips'} of {seeds} seed{'s' * (seeds > 1)}"
    columns = ["variant", "accuracy (95 %)", "points", "worst label", "bytes", "gzip", "ms", "sparsity", "s to train"]
    console.show_table(
        f"{title}: {count} held-out {what}, {len(labels)} labels, medians over parts", columns, rows=shown
    )


def show_peer(costs: pd.DataFrame) -> None:
    """The study's network, unpruned and in floats, on segments of the same length: how much larger and slower it is."""
    from kerasinst.features import create_frontend
    from kerasinst.models.waveform_model import WaveformModel
    from kerasinst.tflite.costs import costs as measured
    from kerasinst.tflite.packaging import Packager
    from kerasinst.training.network import create_network

    peer = Experiment.from_yaml(PEER)
    frontend, samples = create_frontend(peer), peer.audio.segment_samples
    network = create_network(peer, frontend, n_labels=len(FIVE))
    whole = WaveformModel(
        frontend, None, network=network, labels=FIVE, sample_rate=peer.audio.sample_rate, segment_samples=samples
    )
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (4, samples)).astype("float32")
    found = measured(Packager(frontend, None, waveforms=noise, description=whole.description).file(network, "none")[0])
    rows = [("ee5180, float", f"{found['bytes']:,}", f"{found['milliseconds']:.2f}", "1.0", "1.0")]
    for name, each in costs.groupby("variant", sort=False):
        size, milliseconds = each.bytes.median(), each.milliseconds.median()
        ratios = found["bytes"] / size, found["milliseconds"] / milliseconds
        rows.append((name, f"{size:,.0f}", f"{milliseconds:.2f}", *(f"{ratio:.1f}" for ratio in ratios)))
    console.show_table(
        "beside the study's network, from 2 s of audio to scores, one thread",
        ["model", "bytes", "ms", "times smaller", "times faster"],
        rows=rows,
    )


if __name__ == "__main__":
    typer.run(main)
