"""`kerasinst predict` names the instruments in files or folders of audio."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kerasinst import audio, reporting
from kerasinst.core import cli, console
from kerasinst.core.errors import AudioError, BadInput
from kerasinst.core.progress import track
from kerasinst.core.progress_bars import progress_bar

if TYPE_CHECKING:
    from kerasinst.models.tagger import Tag


def predict(
    model: str | Path | None,
    sources: Sequence[str | Path],
    *,
    review_below: float | None = None,
    timeline: str | Path | None = None,
    midi: str | Path | None = None,
    notes: str | Path | None = None,
    transpose: int = 0,
) -> "Iterator[Tag]":
    """Tags files and the audio files in folders, one after the other. Broken files are reported and skipped.

    Args:
        model: path of a run, of a `model.keras`, or of a `.tflite` file that kerasinst wrote; None is the tagger that
            comes with kerasinst.
        sources: paths of files and folders, at least one.
        review_below: score below which a best score needs review; None takes that of the model's run.
        timeline: folder for a picture and a table of what sounds when in each file, see `reporting.TimelineFiles`; None
            writes none.
        midi: folder for a MIDI file of the notes of each file, with a track for each instrument; None writes none.
        notes: path of a model that hears the notes of `midi` (trained with `dataset.label_by: pitch`); None is the one
            that comes with kerasinst.
        transpose: number of semitones by which notes are shifted.

    Yields:
        The `Tag` of each file that could be decoded.

    Raises:
        BadInput: if the model cannot be loaded, a source does not exist, a folder holds no audio, no file could be
            tagged, or a folder cannot be made.
    """
    from kerasinst.models.tagger import Tagger

    if notes is not None and midi is None:
        raise BadInput("--notes hears the notes of --midi; name a folder for them with --midi DIR")
    tagger = Tagger(model, review_below=review_below)
    timelines = None if timeline is None else reporting.TimelineFiles(timeline)
    hear, scores = None, None
    if midi is not None:
        from kerasinst.models.transcription import Transcriber

        hear, scores = Transcriber(notes), reporting.MidiFiles(midi)
    asked = [file for source in sources for file in _files(Path(source))]
    problems = []
    for file in track(asked, "listening", progress=progress_bar):
        try:
            tag, found = tagger.listen(file)
            if timelines:
                timelines.write(found, file)
            if hear and scores:
                scores.write(hear(file, instruments=found, transpose=transpose), file)
            yield tag
        except AudioError as error:
            problems.append(error)
            if len(asked) == 1:
                raise
            console.complain(f"{error}; skipped")
    if problems and len(problems) == len(asked):
        raise BadInput(f"none of {len(asked)} files could be tagged; the first says: {problems[0]}")


def _files(source: Path) -> list[Path]:
    """Lists a file, or the audio files in a folder; raises BadInput if there are none."""
    if source.is_dir():
        found = audio.files(source)
        if not found:
            raise BadInput(f"{source}: no audio found in this folder")
        others = sum(len(names) for _, names in audio.walk(source)) - len(found)
        if others:
            console.say(f"{source}: {others} files of other kinds are passed over")
        return found
    if not source.exists():
        raise BadInput(f"{source}: no such run, model, file or folder")
    return [source]


def main(
    given: Annotated[
        list[Path],
        typer.Argument(
            metavar="[RUN|MODEL] AUDIO",
            help="A run directory, a .keras or a .tflite file, then files or folders. Without a model, the tagger of "
            "eleven orchestral instruments that comes with kerasinst is used.",
        ),
    ],
    changes: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Only decision.review_below=0.7 or the like.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, with scores and timeline.")] = False,
    timeline: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write what sounds when: a picture and a table of each file.")
    ] = None,
    midi: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write the notes: a MIDI file of each, a track an instrument.")
    ] = None,
    notes: Annotated[
        Path | None, typer.Option(metavar="RUN|MODEL", help="What hears the notes of --midi. Default: ours.")
    ] = None,
    transpose: Annotated[int, typer.Option(metavar="N", help="Shift the notes by N semitones.")] = 0,
    quiet: cli.QuietOption = False,
) -> None:
    """Name the instruments in files or folders of audio, of any length and sample rate.

    Example: kerasinst predict song.wav --timeline timelines, or kerasinst predict runs/quickstart recordings/ --json
    """
    console.quieten(quiet)
    model, sources = (given[0], given[1:]) if _is_model(given[0]) else (None, given)
    if not sources:
        raise BadInput(f"{model}: a model, but nothing to listen to; name audio files or folders after it")
    review_below = _review_below(cli.assignments(changes))
    if transpose and midi is None:
        raise BadInput("--transpose shifts the notes of --midi; name a folder for them with --midi DIR")
    tags = predict(
        model, sources, review_below=review_below, timeline=timeline, midi=midi, notes=notes, transpose=transpose
    )
    for each in filter(None, (model, notes)):
        cli.load_backend(each)
    if as_json:
        for tag in tags:
            print(json.dumps(asdict(tag), ensure_ascii=False), flush=True)
        return
    found = list(tags)
    several = any(len(tag.labels) != 1 for tag in found)
    rows = [
        (
            tag.file,
            ", ".join(tag.labels) or "nothing",
            ", ".join(f"{tag.scores[label]:.2f}" for label in tag.labels),
            *([", ".join(f"{_share(tag, label):.0%}" for label in tag.labels)] if several else []),
            "needs review" if tag.needs_review else "",
        )
        for tag in found
    ]
    columns = ["labels", "mean scores", "of the time"] if several else ["label", "score"]
    console.show_table(str(model or "the tagger of kerasinst"), ["file", *columns, ""], rows=rows)


def _is_model(path: Path) -> bool:
    """Tells whether a path is a run or the file of a model."""
    return path.suffix in {".keras", ".tflite"} or (path / "experiment.yaml").is_file()


def _share(tag: "Tag", label: str) -> float:
    """Computes the share of a file's timeline in which a label is reported."""
    return sum(label in each["labels"] for each in tag.timeline) / len(tag.timeline)


def _review_below(changes: dict[str, Any]) -> float | None:
    """Returns the value of decision.review_below; raises BadInput if other keys are set, or it is not from 0 to 1."""
    review_below = changes.pop("decision.review_below", None)
    if changes:
        raise BadInput(
            f"--set {next(iter(changes))}: only decision.review_below can be set; the model decides the rest"
        )
    if review_below is not None and not (isinstance(review_below, int | float) and 0 <= review_below <= 1):
        raise BadInput(f"--set decision.review_below: expected a number from 0 to 1, but {review_below!r} was given")
    return review_below


if __name__ == "__main__":
    cli.command(main)
