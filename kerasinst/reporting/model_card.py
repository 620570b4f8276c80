"""Writes the model card of the best network of a report."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from kerasinst import datasets
from kerasinst.reporting import formatting
from kerasinst.reporting.comparison import Comparison
from kerasinst.reporting.run_data import ModelResult, RunData
from kerasinst.reporting.summary_text import confusions

WEAK = 0.1
"""Smallest share of a label's clips for which a confusion counts as a known failure."""


@dataclass(frozen=True)
class ModelCard:
    """The model card and data statement of one network.

    Attributes:
        result: result of the network.
        intended: intended uses, one sentence each.
        not_intended: uses that are not intended, one sentence each.
        failures: known failures, one sentence each.
        review: text on the "needs review" rule and what it did on the test clips, or None if it cannot be judged.
        data: names and values of facts about the data set.

    Source: Mitchell et al., Model Cards for Model Reporting, 2019.
    """

    result: ModelResult
    intended: list[str]
    not_intended: list[str]
    failures: list[str]
    review: str | None
    data: list[tuple[str, str]]


def model_card(comparisons: Iterable[Comparison]) -> ModelCard | None:
    """Writes the card of the best network.

    Args:
        comparisons: comparisons in the order of `compare`, where those that keep recordings whole come first.

    Returns:
        The card, or None if no comparison holds a network.
    """
    everything = [result for each in comparisons for result in each.results]
    networks = [result for result in everything if result.kind == "network" and not result.run_data.evaluated]
    return model_card_of(networks[0]) if networks else None


def model_card_of(result: ModelResult) -> ModelCard:
    """Writes the card of a network, or of a compressed variant.

    Args:
        result: its result.
    """
    run_data, labels = result.run_data, ", ".join(result.labels)
    experiment = run_data.trained
    several = result.metrics["task"] == "multi-label"
    what = f"which of {labels} sound" if several else f"which one of {labels} sounds"
    audio = experiment.audio if experiment else None
    heard = f", heard in segments of {audio.segment_seconds:g} s at {audio.sample_rate:,} Hz" if audio else ""
    intended = [f"To tell {what} in a recording{heard}.", "To sort and search collections that a person looks over."]
    not_intended = [
        "Recordings of anything else: it knows no other labels"
        + ("." if several else ", and always names one of them."),
        *([] if several else ["Several instruments at once: it names one."]),
        "Other microphones, rooms and styles than those of its data, before it was evaluated on some of them.",
        "Decisions about people, or any that nobody looks over.",
    ]
    return ModelCard(result, intended, not_intended, _known_failures(result), _review(result), _data(run_data))


def _known_failures(result: ModelResult) -> list[str]:
    """Lists the most frequent confusions, the slices with low accuracy, and the answers to probes."""
    found = [f"{text}." for text in confusions(result, WEAK)[:6]]
    slices = result.run_data.slices
    if slices is not None and len(slices):
        overall = result.metrics["clip"]["accuracy"]
        for row in slices[slices.accuracy_high < overall].itertuples():
            interval = formatting.interval(row.accuracy, row.accuracy_low, row.accuracy_high)
            found.append(f"Where {row.fact} is {row.value}, accuracy is {interval} ({row.n} clips).")
    for name, scores in result.metrics.get("probes", {}).items():
        label = max(scores, key=scores.get)
        found.append(f"Of {name.replace('_', ' ')} it says {label}, with a score of {scores[label]:.2f}.")
    return found


def _review(result: ModelResult) -> str | None:
    """Says how many test clips need review, and how many of the others and of these are right."""
    experiment = result.run_data.trained
    if result.tested is None or experiment is None or result.metrics["task"] != "single-label":
        return None
    below = experiment.decision.review_below
    kept = result.tested[result.labels].max(axis=1).to_numpy() >= below
    text = f"A best score below {below:g} needs review: so do {np.mean(~kept):.0%} of the test clips"
    right = result.correct()
    if not kept.any():
        return f"{text}, that is, all of them."
    summary = f"{text}; of the others, {right[kept].mean():.0%} are right"
    return f"{summary}, of those in need of review {right[~kept].mean():.0%}." if (~kept).any() else f"{summary}."


def _data(run_data: RunData) -> list[tuple[str, str]]:
    """Lists the known facts about the data set, its split and what was left out."""
    rows = []
    if run_data.trained:
        reader = run_data.trained.dataset.reader
        about = datasets.about(reader)
        if run_data.trained.dataset.is_look_alike:
            rows += [
                ("data set", f"rendered recordings in the layout of the reader {reader}; they are not the data set")
            ]
        else:
            rows += [("data set", about.summary), ("licence", about.licence), ("cite", about.citation)]
        by = run_data.trained.split.by
        rows.append(("split", f"by {by}, seed {run_data.trained.split.seed}"))
    if run_data.split is not None:
        clips = run_data.split.groupby("split", sort=False)["clip"].nunique()
        rows.append(("clips", ", ".join(f"{count} {name}" for name, count in clips.items())))
    if run_data.audit:
        audit = run_data.audit
        rows += [
            ("whole data set", f"{audit['clips']} clips in {audit['groups']} groups, {audit['hours']:.2f} hours"),
            (
                "left out",
                f"{len(audit['broken'])} broken, {audit['too_short']} too short, {audit['other_labels']} others",
            ),
            ("near duplicates", f"{len(audit.get('near_duplicates') or ())} sets, kept on one side of the split"),
        ]
    return rows
