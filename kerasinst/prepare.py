"""python -m kerasinst.prepare: read a data set, say what it holds and what is broken, split it, fill the cache."""

import contextlib
from pathlib import Path
from typing import Annotated

import typer

from kerasinst import cli, console, parallel, reporting
from kerasinst.datasets import SPLITS
from kerasinst.experiment import Experiment
from kerasinst.run import Run


def prepare(experiment: Experiment, run: str | Path | None = None, split_only: bool = False) -> Run:
    """Writes split.csv and audit.json of an experiment, and fills the feature cache.

    Args:
        experiment: whose data set is read.
        run: directory; None is `runs/<name>`.
        split_only: leave the cache as it is.

    Raises:
        BadInput: if the data set cannot be read or split as asked.
    """
    from kerasinst.training.data import prepare as read
    from kerasinst.training.outcome import check, draw

    run = Run.create(run, experiment)
    if run.finished:
        console.say(f"{run.path} is finished already: its own split is shown, and nothing is written")
        return run
    data = read(experiment)
    check(experiment, data)
    run.start(experiment)
    run.write_data(data.segments, data.collection.audit, data.labels)
    if not split_only:
        draw(experiment, data)
    return run


def main(
    experiment: cli.ExperimentFile = None,
    run: cli.RunOption = None,
    data: cli.DataOption = None,
    changes: cli.SetOption = None,
    seed: cli.SeedOption = None,
    split_only: Annotated[bool, typer.Option("--split-only", help="Do not fill the feature cache.")] = False,
    cluster: Annotated[
        str | None,
        typer.Option("--cluster", metavar="ADDRESS", help="Work on dask:tcp://HOST:8786 or ray:ADDRESS."),
    ] = None,
    quiet: cli.QuietOption = False,
) -> None:
    """Read a data set, say what it holds, what is broken and what would leak, split it and fill the feature cache.

    Example: python -m kerasinst.prepare experiments/ee5180.yaml --data ~/data/FSDKaggle2018 --run runs/fsd
    """
    cli.quieten(quiet)
    asked = cli.resolve(experiment, data, changes, seed)
    cli.load_keras()
    with parallel.cluster(cluster) if cluster else contextlib.nullcontext():
        prepared = prepare(asked, run, split_only)
    audit, split = prepared.audit(), prepared.split()
    rows = [
        (label, count["clips"], count["groups"], f"{count['hours']:.3f}", *_per_split(split, label))
        for label, count in audit["labels"].items()
    ]
    total = (audit["clips"], audit["groups"], f"{audit['hours']:.3f}", *_per_split(split))
    columns = ["label", "clips", "groups", "hours", *SPLITS]
    console.show_table(prepared.experiment().name, columns, [*rows, ("all", *total)])
    console.show_facts(reporting.data_set(audit))
    for row in audit["broken"]:
        console.complain(f"{row['clip']}: {row['problem']}; left out")
    if not prepared.finished:
        console.say(f"written: {prepared.path}/split.csv, {prepared.path}/audit.json")


def _per_split(split, label: str | None = None) -> list[int]:
    chosen = split if label is None else split[[label in labels.split("|") for labels in split.labels]]
    return [int((chosen.split == name).sum()) for name in SPLITS]


if __name__ == "__main__":
    cli.command(main)
