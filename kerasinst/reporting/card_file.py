"""Writes the model card of an exported file, as Markdown."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from kerasinst.deployment.checks import Finding
from kerasinst.reporting import formatting
from kerasinst.reporting.model_card import model_card_of
from kerasinst.reporting.run_data import ModelResult, RunData, model_results
from kerasinst.reporting.tables.labels import label_table
from kerasinst.reporting.tables.table import Table, plain
from kerasinst.runs import Run

COSTS = {
    "bytes": "bytes",
    "gzip_bytes": "bytes after gzip",
    "parameters": "parameters of the network",
    "peak_arena": "bytes of tensors at once",
    "milliseconds": "milliseconds for a segment, on one thread of the machine that made it",
}
"""What costs are called in the card."""


def write_card(path: Path, run: Run, *, facts: Mapping[str, Any], findings: Sequence[Finding]) -> None:
    """Writes the model card of an exported variant: what it takes, where it runs, and what it was tested on.

    Args:
        path: path of the file, which ends with `.md`.
        run: run of the variant.
        facts: content of export.json.
        findings: what `deployment.checks.check` found in its file.
    """
    data = RunData(run.path)
    name = f"{data.name} ({facts['variant']})"
    result = next((result for result in model_results(data) if result.name == name), None)
    card, labels = facts["card"], run.labels()
    lines = [f"# {plain(card['name'])} {plain(card['version'])}", plain(card["description"])]
    lines += [plain(f"{name.capitalize()}: {card[name]}.") for name in ("author", "license") if card[name]]
    lines += ["## What it takes and gives", _input(facts["hears"], labels), _costs(facts)]
    lines += ["## Where it runs", _places(findings), _clients(facts)]
    lines += _tested(result) if result else ["## Tested", "No figures of test clips are known."]
    path.write_text("\n\n".join(lines) + "\n", encoding="utf-8")


def _input(hears: Mapping[str, Any], labels: Sequence[str]) -> str:
    """Describes input and output."""
    samples, rate = hears["segment_samples"], hears["sample_rate"]
    frames = f"{round(samples / rate / hears['frame_seconds'])}, " if hears["frame_seconds"] else ""
    return _items(
        [
            f"Input: float32 of shape (1, {samples}), {samples / rate:g} s of mono audio at {rate:,} Hz in [-1, 1].",
            f"Output: scores of shape (1, {frames}{len(labels)}), of {plain(', '.join(labels))}.",
        ]
    )


def _costs(facts: Mapping[str, Any]) -> str:
    """Lists what it costs."""
    rows = [
        (text, (formatting.count if isinstance(facts[name], int) else formatting.number)(facts[name]))
        for name, text in COSTS.items()
        if name in facts
    ]
    return Table("costs", "", pd.DataFrame(rows, columns=["cost", "value"])).markdown()


def _places(findings: Sequence[Finding]) -> str:
    """Lists what was found in the file, by place."""
    rows = [(each.place, each.problem, each.cure) for each in findings]
    return Table("findings", "", pd.DataFrame(rows, columns=["where", "what", "what to do"])).markdown()


def _clients(facts: Mapping[str, Any]) -> str:
    """Says what clients without kerasinst do differently."""
    hears = facts["hears"]
    ours = []
    if hears["trim_db"]:
        ours.append(f"leave out silence at both ends, more than {hears['trim_db']:g} dB below the peak")
    if hears["quiet_db"]:
        ours.append(f"leave out segments whose peak is more than {hears['quiet_db']:g} dB below that of the recording")
    if hears["frame_seconds"]:
        ours.append("join the frames of all segments")
    else:
        ours += ["end the last segment with the recording", "average the scores of all segments"]
    ours.append("report the labels that the decision in `export.json` picks")
    if facts["review_below"]:
        ours.append(f"mark recordings whose best score is below {facts['review_below']:g} (`kerasinst predict` alone)")
    return (
        f"`kerasinst predict` and `example.py` do more than run the file. They\n\n{_items(ours)}\n\n"
        "MediaPipe's AudioClassifier does none of this: it gives the scores of each segment, and fills up the last one "
        "with zeros."
    )


def _tested(result: ModelResult) -> list[str]:
    """Shows its figures on test clips, and what it is meant for."""
    card = model_card_of(result)
    lines = [
        "## Tested",
        f"This file, on {result.metrics['n_clips']:,} test clips, with 95 % intervals: {_headline(result)}.",
        label_table(result).markdown(),
    ]
    for title, texts in (
        ("Intended use", card.intended),
        ("Not intended", card.not_intended),
        ("Known failures", card.failures or ["None was found; `kerasinst evaluate RUN` looks closer."]),
        ("Needs review", [card.review] if card.review else []),
        ("Data", [f"{name}: {value}" for name, value in card.data]),
    ):
        if texts:
            lines += [f"## {title}", _items(map(plain, texts))]
    return lines


def _headline(result: ModelResult) -> str:
    """Gives the figures that sum a model up."""
    clip = result.metrics["clip"]
    ece = f"expected calibration error {formatting.number(clip['ece'], 3)}"
    if result.metrics["task"] == "single-label":
        return f"accuracy {result.accuracy()}, {ece}"
    return (
        f"mean average precision {formatting.number(clip['mean_average_precision'], 3)}, macro F1 "
        f"{formatting.number(clip['macro_f1'], 3)}, {ece}"
    )


def _items(texts: Iterable[str]) -> str:
    """Lists texts."""
    return "\n".join(f"- {text}" for text in texts)
