"""`kerasinst compress` turns a trained model into small ones, and measures what each costs."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from kerasinst import reporting
from kerasinst.core import cli, console
from kerasinst.core.errors import BadInput, Failed
from kerasinst.core.progress_bars import progress_bar, stages
from kerasinst.experiment import Experiment, find, read_yaml
from kerasinst.experiment.compression import VariantSection
from kerasinst.runs import Run
from kerasinst.runs.arguments import experiment_or_run_from


def compress(experiment: Experiment, run: str | Path | None = None, *, variants: Sequence[str] | None = None) -> Run:
    """Makes variants of the trained network of a run, each one TFLite file that takes raw audio.

    LiteRT scores each variant on the validation and test clips, and its scores are compared with those of the network
    as it was trained. Variants that were made before are kept, so that a killed compression goes on with the next one.

    Args:
        experiment: experiment of the run, which is trained first if it is not finished.
        run: directory of the run; None is `runs/<name>`.
        variants: names of variants, from `kerasinst.experiment.compression.VARIANTS` or from the experiment's
            `compression` section; None is those of the experiment or, if it has none, the six most useful ones.

    Returns:
        The run, with compression.csv and for each variant `compressed/<variant>/`, which holds model.tflite,
        labels.txt, predictions.csv and metrics.json.

    Raises:
        BadInput: if a variant is unknown, or the experiment cannot be trained.
        Diverged: if no epoch of the training ended with a finite loss.
        Failed: if a variant could not be made of this network; all others are written.

    Example:
        >>> compress(Experiment.from_yaml("experiments/best.yaml"), variants=["int8"]).compression().bytes
        0    81234
    """
    from kerasinst.compression.variants import select_variants
    from kerasinst.train import train

    wanted = select_variants(experiment.compression, variants)
    made = Run.create(run, experiment)
    with made.locked():
        return _compress(made if made.finished else train(experiment, made.path), experiment, wanted=wanted)


def _compress(made: Run, experiment: Experiment, *, wanted: Mapping[str, VariantSection]) -> Run:
    """Makes the variants that a finished run lacks."""
    from kerasinst.evaluation.run_tables import variant_results

    changes = {"name": experiment.name, "compression": experiment.compression}  # best.yaml has a name of its own
    trained = made.trained(experiment).model_copy(update=changes)
    asked = {name: _asked(variant, trained, made) for name, variant in wanted.items()}
    there = [name for name, variant in made.variants().items() if variant.metrics()["made_of"] == asked.get(name)]
    if there:
        console.say(f"made before: {', '.join(there)}")
    missing = {name: variant for name, variant in wanted.items() if name not in there}
    problems = _make(missing, trained, run=made, asked=asked) if missing else {}
    if made.variants():
        made.write_table("compression", variant_results(made))
        reporting.write_page(made)
    if problems:
        raise Failed("; ".join(f"{name} was not made: {problem}" for name, problem in problems.items()))
    return made


def _make(
    variants: Mapping[str, VariantSection], experiment: Experiment, *, run: Run, asked: Mapping[str, dict[str, Any]]
) -> dict[str, str]:
    """Makes variants and writes them into the run, and returns what is wrong with those that cannot be made."""
    from kerasinst.compression.variant_task import VariantTask
    from kerasinst.core import parallel
    from kerasinst.features import prepare_data_once

    problems = _refused(variants, run)
    variants = {name: variant for name, variant in variants.items() if name not in problems}
    if not variants:
        return problems
    data = prepare_data_once(experiment, progress=progress_bar)
    run.write_data(data.segments, data.collection.audit, labels=data.labels)
    with stages("compressing", len(variants)) as show:
        task = VariantTask(experiment, run, variants, asked, show=show, progress=progress_bar)
        made = parallel.run_all(task, list(variants))
        for name, problem in zip(variants, made, strict=True):
            if parallel.elsewhere():
                show.next(name)
            if problem:
                problems[name] = problem
    shutil.rmtree(run.file("state"), ignore_errors=True)
    return problems


def _refused(variants: Mapping[str, VariantSection], run: Run) -> dict[str, str]:
    """Tells why networks cannot be converted, as far as is known before data are prepared."""
    from kerasinst.models import waveform_model
    from kerasinst.tflite.conversion import refuse_recurrent

    network = waveform_model.load(run.model_file).network
    problems = {}
    for name, variant in variants.items():
        try:
            if variant.student is None:  # which is another network
                refuse_recurrent(network, variant.quantize)
        except BadInput as error:
            problems[name] = str(error)
    return problems


def _asked(variant: VariantSection, experiment: Experiment, run: Run) -> dict[str, Any]:
    """Describes what a variant is made of. A variant with the same description is not made again."""
    plan = experiment.compression.model_dump(mode="json", exclude={"variants"})
    return {"model": run.digest(), "variant": variant.model_dump(mode="json"), **plan}


def main(
    experiment: cli.ExperimentOrRun = None,
    run: cli.RunOption = None,
    data: cli.DataOption = None,
    changes: cli.SetOption = None,
    seed: cli.SeedOption = None,
    workers: cli.WorkersOption = None,
    cluster: cli.ClusterOption = None,
    quiet: cli.QuietOption = False,
    variants: Annotated[
        str | None, typer.Option(metavar="NAME,...", help="Only these. Default: the experiment's, or the useful six.")
    ] = None,
    plan: Annotated[
        Path | None, typer.Option(metavar="FILE.yaml", help="Put on top of the section compression of the experiment.")
    ] = None,
    conditions: Annotated[
        str | None, typer.Option("--gate", metavar="FIGURE<=NUMBER,...", help="Exit 1 unless all variants hold these.")
    ] = None,
) -> None:
    """Turn a trained model into small TFLite files that take raw audio, and measure what each costs.

    Example: kerasinst compress runs/quickstart --variants int8,qat_int8 --gate "bytes<=65536"
    """
    from kerasinst.evaluation.quality_gate import broken_conditions, parse

    console.quieten(quiet)
    asked, where = experiment_or_run_from(experiment, run, data=data, changes=changes, seed=seed)
    names = None if variants is None else [name.strip() for name in variants.split(",")]
    gated = [] if conditions is None else parse(conditions)
    if plan:
        asked = asked.override({f"compression.{key}": value for key, value in read_yaml(find(plan)).items()})
    cli.load_keras()
    from kerasinst.compression.variants import select_variants
    from kerasinst.core.parallel import backend

    names = list(select_variants(asked.compression, names))
    with backend(workers, cluster):
        done = compress(asked, where, variants=names)
    reporting.show_compression(done)
    if problems := broken_conditions(done.compression(), names, conditions=gated):
        raise Failed("; ".join(problems))


if __name__ == "__main__":
    cli.command(main)
