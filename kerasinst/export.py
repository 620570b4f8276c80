"""`kerasinst export` writes the files that a device needs to run a trained model."""

import shutil
from pathlib import Path
from typing import Annotated, Any

import typer

from kerasinst.compress import compress
from kerasinst.core import cli, console, files
from kerasinst.core.errors import BadInput, suggest
from kerasinst.runs import Run

TARGETS = ("tflite",)
"""Formats that a model can be exported to."""
COPIED_FIGURES = (
    "bytes", "gzip_bytes", "nonzero_weights", "peak_arena", "milliseconds", "operators", "parameters", "sparsity",
    "conversion",
)  # fmt: skip
"""Figures of a variant that export.json holds."""


ABSENT = {"frame_seconds": None, "label_seconds": None, "decision": None}
"""What files of earlier versions do not say of a model."""


def export(run: str | Path, variant: str = "float", *, to: str = "tflite") -> Path:
    """Writes the files that a device needs to run a variant of a trained model.

    The variant is made first if it is not there. If it is, it is exported as it is, even if it was made by another
    plan than that of the experiment.

    Args:
        run: directory of a finished run.
        variant: name of a variant, as `compress` takes it.
        to: format, one of `TARGETS`.

    Returns:
        The folder `export` of the run. It holds model.tflite, which takes the waveform of a segment and gives scores,
        labels.txt, example.py with decide.py, which do not import kerasinst, and export.json.

    Raises:
        BadInput: if there is no such run, variant or format, or the run is not finished.
        Failed: if the variant cannot be made.

    Example:
        >>> export("runs/quickstart", "int8")
        PosixPath('runs/quickstart/export')
    """
    if to not in TARGETS:
        raise BadInput(f"--to {to}: there is no such target; {suggest(to, TARGETS)}")
    source = Run.open(run)
    if not source.finished:
        raise BadInput(f"{source.path}: is not finished; let its training finish first")
    if variant in source.variants():
        from kerasinst.evaluation.run_tables import variant_results

        source.write_table("compression", variant_results(source))  # a killed compression has not written it
    else:
        compress(source.experiment(), source.path, variants=[variant])
    made = source.variant(variant)
    facts = _facts(source, variant)
    with files.replacing(source.file("export")) as temporary:
        temporary.mkdir(parents=True)
        for name in ("tflite", "labels"):
            shutil.copyfile(made.file(name), Run(temporary).file(name))
        for name in ("example.py", "decide.py"):
            shutil.copyfile(Path(__file__).parent / "deployment" / name, temporary / name)
        files.write_json(temporary / "export.json", facts)
    return source.file("export")


def _facts(run: Run, variant: str) -> dict[str, Any]:
    """Collects what the model takes, what it costs, and how far it agrees with the trained model, for export.json."""
    from kerasinst import decisions
    from kerasinst.models import tflite_model

    metrics = run.variant(variant).metrics()
    hears = {**ABSENT, **tflite_model.load(run.variant(variant).file("tflite")).description}
    hears["decision"] = hears["decision"] or decisions.create("argmax", labels=hears["labels"]).get_config()
    row = run.compression().set_index("variant").loc[variant]
    judged = (
        "accuracy", "accuracy_low", "accuracy_high", "accuracy_drop", "recall_playing", "false_positives_per_frame",
        "mean_average_precision", "agreement", "largest_score_difference",
    )  # fmt: skip
    return {
        "variant": variant,
        "made_of": metrics["made_of"],
        "hears": {name: value for name, value in hears.items() if name not in ("labels", "parameters", "review_below")},
        "review_below": hears["review_below"],
        **{name: metrics[name] for name in COPIED_FIGURES if name in metrics},
        **{name: float(row[name]) for name in judged if name in row},
    }


def main(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run directory.")] = Path("runs/quickstart"),
    variant: Annotated[str, typer.Option(metavar="NAME", help="As compress names it, such as int8.")] = "float",
    to: Annotated[str, typer.Option(metavar="TARGET", help=f"One of: {', '.join(TARGETS)}.")] = "tflite",
    quiet: cli.QuietOption = False,
) -> None:
    """Write the files that a device needs: one TFLite file that takes raw audio, its labels and an example.

    Example: kerasinst export runs/quickstart --variant int8 --to tflite
    """
    console.quieten(quiet)
    cli.load_keras()
    folder = export(run, variant, to=to)
    facts = [(path.name, f"{path.stat().st_size:,} bytes") for path in sorted(folder.iterdir())]
    console.show_facts([*facts, ("folder", str(folder))])


if __name__ == "__main__":
    cli.command(main)
