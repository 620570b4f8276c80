"""`kerasinst export` writes the files that a device needs to run a trained model, and checks any TFLite file."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from kerasinst.compress import compress
from kerasinst.core import cli, console, files
from kerasinst.core.errors import BadInput, Failed, suggest
from kerasinst.experiment.card import CardSection
from kerasinst.runs import Run

TARGETS = ("tflite",)
"""Formats that a model can be exported to."""
COPIED_FIGURES = (
    "gzip_bytes", "nonzero_weights", "peak_arena", "milliseconds", "operators", "parameters", "sparsity", "conversion",
)  # fmt: skip
"""Figures of a variant that export.json holds."""
ABSENT = {"frame_seconds": None, "label_seconds": None, "decision": None, "review_below": None}
"""What files of earlier versions do not say of a model."""
OWN = ("labels", "parameters", "review_below")
"""What export.json says elsewhere, or not at all."""


def export(
    run: str | Path, variant: str = "float", *, to: str = "tflite", card: Mapping[str, str] | None = None
) -> Path:
    """Writes the files that a device needs to run a variant of a trained model.

    The variant is made first if it is not there. If it is, it is exported as it is, even if it was made by another
    plan than that of the experiment.

    Args:
        run: directory of a finished run.
        variant: name of a variant, as `compress` takes it.
        to: format, one of `TARGETS`.
        card: description, version, author and license of the model, in place of those of the experiment.

    Returns:
        The folder `export` of the run. It holds model.tflite, which takes the waveform of a segment and gives scores,
        labels.txt, model_card.md, export.json, test_vectors, and example.py with decide.py, which do not import
        kerasinst.

    Raises:
        BadInput: if there is no such run, variant or format, the run is not finished, or the card is wrong.
        Failed: if the variant cannot be made.

    Example:
        >>> export("runs/quickstart", "int8", card={"author": "Our lab", "license": "CC BY 4.0"})
        PosixPath('runs/quickstart/export')
    """
    from kerasinst import reporting
    from kerasinst.deployment.checks import check
    from kerasinst.deployment.test_vectors import write_test_vectors

    if to not in TARGETS:
        raise BadInput(f"--to {to}: there is no such target; {suggest(to, TARGETS)}")
    source = Run.open(run)
    if not source.finished:
        raise BadInput(f"{source.path}: is not finished; let its training finish first")
    experiment = source.experiment().override({f"card.{name}": value for name, value in (card or {}).items()})
    if variant in source.variants():
        from kerasinst.evaluation.run_tables import variant_results

        source.write_table("compression", variant_results(source))  # a killed compression has not written it
    else:
        compress(source.experiment(), source.path, variants=[variant])
    told = experiment.card.facts(experiment.name, experiment.audio.segment_seconds)
    with files.replacing(source.file("export")) as temporary:
        temporary.mkdir(parents=True)
        model = Run(temporary).file("tflite")
        hears = _write_model(source.variant(variant).file("tflite"), model, card=told)
        facts = _facts(source, variant, hears=hears) | {"card": told, "bytes": model.stat().st_size}
        shutil.copyfile(source.variant(variant).file("labels"), Run(temporary).file("labels"))
        for name in ("example.py", "decide.py"):
            shutil.copyfile(Path(__file__).parent / "deployment" / name, temporary / name)
        files.write_json(temporary / "export.json", facts)
        write_test_vectors(temporary / "test_vectors", model)
        reporting.write_card(temporary / "model_card.md", source, facts=facts, findings=check(model))
    return source.file("export")


def _write_model(source: Path, to: Path, *, card: Mapping[str, str]) -> dict[str, Any]:
    """Writes the file of a variant with another card, and returns what it says of itself."""
    from kerasinst.models import tflite_model
    from kerasinst.tflite.description import with_description

    about = tflite_model.load(source).description
    to.write_bytes(with_description(source.read_bytes(), about, card=card))
    return {**ABSENT, **about}


def _facts(run: Run, variant: str, *, hears: Mapping[str, Any]) -> dict[str, Any]:
    """Collects what the model takes, what it costs, and how far it agrees with the trained model, for export.json."""
    from kerasinst import decisions

    metrics = run.variant(variant).metrics()
    decision = hears["decision"] or decisions.create("argmax", labels=hears["labels"]).get_config()
    row = run.compression().set_index("variant").loc[variant]
    judged = (
        "accuracy", "accuracy_low", "accuracy_high", "accuracy_drop", "recall_playing", "false_positives_per_frame",
        "mean_average_precision", "agreement", "largest_score_difference",
    )  # fmt: skip
    return {
        "variant": variant,
        "made_of": metrics["made_of"],
        "hears": {**{name: value for name, value in hears.items() if name not in OWN}, "decision": decision},
        "review_below": hears["review_below"],
        **{name: metrics[name] for name in COPIED_FIGURES if name in metrics},
        **{name: float(row[name]) for name in judged if name in row},
    }


def main(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run directory.")] = Path("runs/quickstart"),
    variant: Annotated[str, typer.Option(metavar="NAME", help="As compress names it, such as int8.")] = "float",
    to: Annotated[str, typer.Option(metavar="TARGET", help=f"One of: {', '.join(TARGETS)}.")] = "tflite",
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Only card.author, card.license and the like."),
    ] = None,
    checked: Annotated[
        Path | None,
        typer.Option("--check", metavar="FILE.tflite", help="Find what keeps any TFLite file from running, instead."),
    ] = None,
    quiet: cli.QuietOption = False,
) -> None:
    """Write what a device needs: one TFLite file that takes raw audio, its labels, its card, tests and an example.

    Example: kerasinst export runs/quickstart --variant int8 --to tflite, or kerasinst export --check other.tflite
    """
    console.quieten(quiet)
    if checked:
        if changes:
            raise BadInput("--check looks at a file, and --set changes an export; leave one of them out")
        _show_check(checked)
        return
    card = {}
    for change in changes or ():
        key, _, text = change.partition("=")  # which is taken as it is, not as YAML
        if (name := key.strip().removeprefix("card.")) not in CardSection.model_fields or "." not in key:
            keys = ", ".join(f"card.{each}=TEXT" for each in CardSection.model_fields)
            raise BadInput(f"--set {change}: only {keys} can be set")
        card[name] = text.strip()
    cli.load_keras()
    folder = export(run, variant, to=to, card=card)
    facts = [(str(path.relative_to(folder)), f"{path.stat().st_size:,} bytes") for path in sorted(folder.rglob("*.*"))]
    console.show_facts([*facts, ("folder", str(folder))])


def _show_check(path: Path) -> None:
    """Prints what was found in a file; raises Failed if there are faults."""
    from kerasinst.deployment.checks import check

    found = check(path)
    rows = [("fault" if each.fault else "note", each.place, each.problem, each.cure) for each in found]
    console.show_table(str(path), ["", "where", "what", "what to do"], rows=rows)
    if faults := sum(each.fault for each in found):
        raise Failed(f"{path}: {faults} fault{'s' if faults > 1 else ''}")


if __name__ == "__main__":
    cli.command(main)
