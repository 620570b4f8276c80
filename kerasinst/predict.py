"""`kerasinst predict` names the instruments in files or folders of audio."""

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kerasinst import audio, reporting
from kerasinst.core import cli, console
from kerasinst.core.errors import AudioError, BadInput, one_line
from kerasinst.core.progress import track
from kerasinst.core.progress_bars import progress_bar

if TYPE_CHECKING:
    from kerasinst.models.tag_task import Heard, TagTask
    from kerasinst.models.tagger import Tag


def predict(
    model: str | Path | None,
    sources: Sequence[str | Path],
    *,
    review_below: float | None = None,
    top: int | None = None,
    threshold: float | None = None,
    hop_seconds: float | None = None,
    timeline: str | Path | None = None,
    to: str | Path | None = None,
    formats: Sequence[str] | None = None,
    resume: bool = False,
    midi: str | Path | None = None,
    notes: str | Path | None = None,
    transpose: int = 0,
    sample_rate: int | None = None,
    workers: int | None = None,
    cluster: str | None = None,
) -> "Iterator[Tag]":
    """Tags files and the audio files in folders, in their order. Broken files are reported and skipped.

    Args:
        model: path of a run, of a `model.keras`, or of a `.tflite` file that kerasinst wrote; None is the tagger that
            comes with kerasinst.
        sources: paths of files and folders, patterns such as "music/**/*.mp3", or "-" for standard input; at least one.
        review_below: score below which a best score needs review; None takes that of the model's run.
        top: see `Tagger`.
        threshold: see `Tagger`.
        hop_seconds: see `Tagger`.
        timeline: folder for a picture and a table of what sounds when in each file, see `reporting.TimelineFiles`; None
            writes none.
        to: folder for a table of all files, and files of each in `formats`, see `reporting.TagFiles`; None writes none.
        formats: names of formats: "json", "csv", "audacity" or "raven"; None is "csv".
        resume: whether a table that is in `to` already is continued; files that stand in it are passed over.
        midi: folder for a MIDI file of the notes of each file, with a track for each instrument; None writes none.
        notes: path of a model that hears the notes of `midi` (trained with `dataset.label_by: pitch`); None is the one
            that comes with kerasinst.
        transpose: number of semitones by which notes are shifted.
        sample_rate: sample rate in Hz of raw samples on standard input (mono, 16 bits, the low byte first); None is
            that of the model.
        workers: number of processes that tag files; None tags them in this process.
        cluster: address of a cluster that tags files, see `core.parallel.backend`.

    Yields:
        The `Tag` of each file that could be decoded.

    Raises:
        BadInput: if the model cannot be loaded, a source does not exist, a folder holds no audio, no file could be
            tagged, a folder cannot be made, or options do not suit each other.
    """
    from kerasinst.models.tag_task import TagTask

    _check(
        sources, to=to, formats=formats, resume=resume, midi=midi, notes=notes, transpose=transpose, rate=sample_rate
    )
    options = {"review_below": review_below, "top": top, "threshold": threshold, "hop_seconds": hop_seconds}
    task = TagTask(model, options, midi is not None, notes, transpose)
    tagger, _ = task.tagger, task.transcriber  # which says before any work if a model cannot be loaded
    with audio.named_files(sources, sample_rate, default_rate=tagger.sample_rate, on_remark=console.say) as named:
        tables = None
        if to is not None:
            tables = reporting.TagFiles(to, formats or ["csv"], tagger=tagger, options=options, resume=resume)
        writers = _writers(tables, timeline, midi)
        done = tables.done if tables else ()
        wanted = [
            (file, name)
            for file, name in named.items()
            if name == audio.STANDARD_INPUT or os.path.abspath(name) not in done
        ]
        if not wanted:
            console.say(f"all {len(named)} files are tagged already")
        heard = track(_heard(task, wanted, workers, cluster), "listening", progress=progress_bar, total=len(wanted))
        problems = []
        for (file, _), found in zip(wanted, heard, strict=True):
            if isinstance(found, AudioError):
                problems.append(found)
                if len(named) > 1:
                    console.complain(f"{found}; skipped")
                continue
            for write in writers:
                write(found, file)
            yield found.tag
    if len(problems) == len(named) == 1:
        raise problems[0]
    if len(problems) == len(named):
        raise BadInput(f"none of {len(named)} files could be tagged; the first says: {problems[0]}")


def _check(
    sources: Sequence[str | Path],
    *,
    to: str | Path | None,
    formats: Sequence[str] | None,
    resume: bool,
    midi: str | Path | None,
    notes: str | Path | None,
    transpose: int,
    rate: int | None,
) -> None:
    """Raises BadInput if an option would do nothing."""
    if (notes is not None or transpose) and midi is None:
        asked = "--notes hears" if notes is not None else "--transpose shifts"
        raise BadInput(f"{asked} the notes of --midi; name a folder for them with --midi DIR")
    if (resume or formats is not None) and to is None:
        asked = "--resume continues the table" if resume else "--format names files"
        raise BadInput(f"{asked} of --to; name a folder with --to DIR")
    if rate is not None and "-" not in map(str, sources):
        raise BadInput("--rate is the sample rate of raw samples on standard input; add - to the sources")


def _writers(
    tables: "reporting.TagFiles | None", timeline: str | Path | None, midi: str | Path | None
) -> "list[Callable[[Heard, Path], object]]":
    """Lists what writes the results of a file, in the order of writing; all give it the same name."""
    taken = tables.taken if tables else ()
    writers: list[Callable[[Heard, Path], object]] = []
    if timeline is not None:
        timelines = reporting.TimelineFiles(timeline, taken)
        writers.append(lambda found, file: timelines.write(found.timeline, file))
    if midi is not None:
        scores = reporting.MidiFiles(midi, taken)
        writers.append(lambda found, file: scores.write(found.notes or [], file))
    if tables:
        writers.append(lambda found, file: tables.write(found.tag, found.timeline, recording=file))
    return writers


def _heard(
    task: "TagTask", files: Sequence[tuple[Path, str]], workers: int | None, cluster: str | None
) -> "Iterator[Heard | AudioError]":
    """Yields what is heard in each file."""
    if workers is None and cluster is None:
        yield from map(task, files)
        return
    from kerasinst.core import parallel

    with parallel.backend(workers, cluster):
        yield from parallel.in_order(task, files, threads=False)


def main(
    given: Annotated[
        list[str],
        typer.Argument(
            metavar="[RUN|MODEL] AUDIO",
            help="A run directory, a .keras or a .tflite file, then files, folders, patterns such as 'music/**/*.mp3', "
            "or - for standard input. Without a model, the tagger of eleven orchestral instruments that comes with "
            "kerasinst is used.",
        ),
    ],
    changes: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Only decision.review_below=0.7 or the like.")
    ] = None,
    top: Annotated[int | None, typer.Option(min=1, metavar="N", help="Report the N best labels of each file.")] = None,
    threshold: Annotated[
        float | None, typer.Option(min=0, max=1, metavar="SCORE", help="Report labels from this score on.")
    ] = None,
    hop: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="From one segment to the next. Default: the model's.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, with scores and timeline.")] = False,
    to: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write tags.csv, and files of each recording in --format.")
    ] = None,
    formats: Annotated[
        str | None,
        typer.Option("--format", metavar="NAME,...", help="Of json, csv, audacity and raven. Default: csv."),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Pass over what stands in tags.csv of --to.")] = False,
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
    sample_rate: Annotated[
        int | None,
        typer.Option("--rate", min=1000, max=768000, metavar="HZ", help="Of raw 16-bit samples on standard input."),
    ] = None,
    workers: cli.WorkersOption = None,
    cluster: cli.ClusterOption = None,
    quiet: cli.QuietOption = False,
) -> None:
    """Name the instruments in files or folders of audio, of any length and sample rate.

    Example: kerasinst predict song.wav --timeline timelines, or kerasinst predict runs/quickstart recordings/ --json,
    or ffmpeg -i song.mp3 -f wav - | kerasinst predict -
    """
    console.quieten(quiet)
    model, sources = (Path(given[0]), given[1:]) if _is_model(Path(given[0])) else (None, given)
    if late := next((each for each in sources if _is_model(Path(each))), None):
        raise BadInput(f"{late}: is a model or a run; put it before the audio files and folders")
    if not sources:
        raise BadInput(f"{model}: a model, but nothing to listen to; name audio files or folders after it")
    review_below = _review_below(cli.assignments(changes))
    names = None if formats is None else [name.strip() for name in formats.split(",")]
    for each in filter(None, (model, notes)):
        cli.load_backend(each)
    found = []
    try:
        for tag in predict(
            model, sources, review_below=review_below, top=top, threshold=threshold, hop_seconds=hop, timeline=timeline,
            to=to, formats=names, resume=resume, midi=midi, notes=notes,
            transpose=transpose, sample_rate=sample_rate, workers=workers, cluster=cluster,
        ):  # fmt: skip
            if as_json:
                print(json.dumps(asdict(tag), ensure_ascii=not _writes_unicode()), flush=True)
            else:
                found.append(tag)
    except KeyboardInterrupt:
        _show(found, model)
        cli.end(130, "interrupted" + ("; what was tagged is kept, and --resume goes on" if to else ""))
    _show(found, model)


def _show(tags: "Sequence[Tag]", model: Path | None) -> None:
    """Prints a table of tags, if there are any."""
    if not tags:
        return
    several = any(len(tag.labels) != 1 for tag in tags)
    rows = [
        (
            one_line(str(tag.file)),
            ", ".join(tag.labels) or "nothing",
            ", ".join(f"{tag.scores[label]:.2f}" for label in tag.labels),
            *([", ".join(f"{_share(tag, label):.0%}" for label in tag.labels)] if several else []),
            "needs review" if tag.needs_review else "",
        )
        for tag in tags
    ]
    columns = ["labels", "mean scores", "of the time"] if several else ["label", "score"]
    console.show_table(str(model or "the tagger of kerasinst"), ["file", *columns, ""], rows=rows)


def _writes_unicode() -> bool:
    """Tells whether standard output takes all signs."""
    return (sys.stdout.encoding or "").lower().startswith("utf")


def _is_model(path: Path) -> bool:
    """Tells whether a path is a run or the file of a model."""
    return path.suffix in {".keras", ".tflite"} or (path / "experiment.yaml").is_file()


def _share(tag: "Tag", label: str) -> float:
    """Computes the share of a file's segments in which a label is reported."""
    heard = [each for each in tag.timeline if not each["skipped"]]
    return sum(label in each["labels"] for each in heard) / len(heard)


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
