"""What a report says in words: five sentences, and the card of its best network."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from kerasinst import datasets
from kerasinst.reporting import formatting
from kerasinst.reporting.comparison import Comparison
from kerasinst.reporting.run_data import ModelResult, RunData
from kerasinst.reporting.tables.table import Table

WEAK = 0.1
"""Share of a label's clips from which a confusion is called a known failure."""


def sentences(comparisons: Sequence[Comparison], protocols: Table | None) -> list[str]:
    """What was compared, what is best, what is as good, how large the leak is, and what is mistaken."""
    if not comparisons:
        return ["No run has figures of test clips, so nothing can be compared."]
    first = comparisons[0]
    best, figures = first.best, first.best.metrics["clip"]
    models = sum(len(each.entries) for each in comparisons)
    runs = len({entry.findings.key for each in comparisons for entry in each.entries})
    same, clips = int(first.table.compared.sum()), best.metrics["n_clips"]
    whole = "with parts of one recording on both sides (leaky)" if best.leaky else "with recordings kept whole"
    cost = " and ".join(_cost(best))
    low, high = figures["accuracy_ci95"]
    return [
        f"{_plural(models, 'model')} of {_plural(runs, 'run')} {'were' if models > 1 else 'was'} compared, {same} of "
        f"them on the same {clips} test clips of {_plural(len(best.labels), 'label')}, {whole}.",
        f"The best of these, “{best.name}”, is right on {figures['accuracy']:.1%} of them (95 % interval {low:.1%} "
        f"to {high:.1%}), with a macro F1 of {figures['macro_f1']:.3f}" + (f", for {cost}." if cost else "."),
        _alike(first),
        _leak(protocols),
        _failures(best),
    ]


def _alike(comparison: Comparison) -> str:
    alike, others = comparison.alike(), int(comparison.table.p_accuracy.notna().sum())
    if not others:
        return "No other model was tested on the same clips, so no difference can be judged."
    if not alike:
        return f"{'The other differs' if others == 1 else f'All {others} others differ'} from it by more than chance."
    differ = "do not differ" if len(alike) > 1 else "does not differ"
    text = f"{len(alike)} of {_plural(others, 'other')} {differ} from it by more than chance"
    sized = [entry for entry in [*alike, comparison.best] if entry.metrics.get("bytes")]
    if sized:
        smallest = min(sized, key=lambda entry: entry.metrics["bytes"])
        text += f"; the smallest of them all is “{smallest.name}”, of {smallest.metrics['bytes']:,} bytes"
    return f"{text}."


def _leak(protocols: Table | None) -> str:
    leaks = protocols.numbers.leak.dropna() if protocols else []
    if not len(leaks):
        text = "No model was trained both by recording and by segment, so no leak was measured"
    else:
        more = "more" if leaks.mean() > 0 else "less"
        above = int((protocols.numbers.leak_low > 0).sum())
        text = (
            "With parts of one recording on both sides, the same models score "
            f"{abs(leaks.mean()):.3f} {more} on average (from {leaks.min():+.3f} to {leaks.max():+.3f}); for {above} "
            f"of {len(leaks)} the interval of that leak lies above 0"
        )
    if protocols and protocols.numbers.published_accuracy.notna().any():
        best = protocols.numbers.loc[protocols.numbers.published_accuracy.astype(float).idxmax()]
        text += f"; the best published, “{best.model}”, reports {best.published_accuracy:.2f}"
    return f"{text}."


def _failures(best: ModelResult) -> str:
    occurring = {label: row["f1"] for label, row in best.metrics["clip"]["per_label"].items() if row["n"]}
    if not occurring:
        return "None of its labels occurs in the test clips."
    weakest = min(occurring, key=occurring.get)
    text = f"Its weakest label is {weakest}, with an F1 of {occurring[weakest]:.3f}"
    found = confusions(best)
    return f"{text}; {found[0]}." if found else f"{text}."


def confusions(entry: ModelResult, share: float = 0.0) -> list[str]:
    """What is taken for what, most often first."""
    counts = np.array(entry.metrics["clip"].get("confusion", np.zeros((0, 0))), int)
    totals = counts.sum(axis=1, keepdims=True)
    wrong = [(counts[row, column], row, column) for row, column in np.argwhere(counts) if row != column]
    return [
        f"{entry.labels[row]} is taken for {entry.labels[column]} in {count} of {totals[row, 0]} clips"
        for count, row, column in sorted(wrong, key=lambda each: (-each[0], each[1:]))
        if count / totals[row, 0] >= share
    ]


@dataclass(frozen=True)
class ModelCard:
    """Model card and data statement of one network (Mitchell et al., Model Cards for Model Reporting, 2019).

    Attributes:
        entry: the network.
        intended: uses.
        not_intended: uses.
        failures: that are known.
        review: the "needs review" rule, and what it did on the test clips.
        data: names and sentences.
    """

    entry: ModelResult
    intended: list[str]
    not_intended: list[str]
    failures: list[str]
    review: str | None
    data: list[tuple[str, str]]


def card(comparisons: Iterable[Comparison]) -> ModelCard | None:
    """The card of the best network, of grouped ones if there are any; None if there is no network."""
    everything = [entry for each in comparisons for entry in each.entries]
    networks = [entry for entry in everything if entry.kind == "network" and not entry.findings.evaluated]
    if not networks:
        return None
    entry = networks[0]
    findings, labels = entry.findings, ", ".join(entry.labels)
    experiment = findings.trained
    several = entry.metrics["task"] == "multi-label"
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
    return ModelCard(entry, intended, not_intended, _known_failures(entry), _review(entry), _data(findings))


def _known_failures(entry: ModelResult) -> list[str]:
    found = [f"{text}." for text in confusions(entry, WEAK)[:6]]
    slices = entry.findings.slices
    if slices is not None and len(slices):
        overall = entry.metrics["clip"]["accuracy"]
        for row in slices[slices.accuracy_high < overall].itertuples():
            interval = formatting.interval(row.accuracy, row.accuracy_low, row.accuracy_high)
            found.append(f"Where {row.fact} is {row.value}, accuracy is {interval} ({row.n} clips).")
    for name, scores in entry.metrics.get("probes", {}).items():
        label = max(scores, key=scores.get)
        found.append(f"Of {name.replace('_', ' ')} it says {label}, with a score of {scores[label]:.2f}.")
    return found


def _review(entry: ModelResult) -> str | None:
    """What the rule would have kept from a person, and how right the rest is."""
    experiment = entry.findings.trained
    if entry.tested is None or experiment is None or entry.metrics["task"] != "single-label":
        return None
    below = experiment.decision.review_below
    kept = entry.tested[entry.labels].max(axis=1).to_numpy() >= below
    text = f"A best score below {below:g} needs review: so do {np.mean(~kept):.0%} of the test clips"
    right = entry.correct()
    if not kept.any():
        return f"{text}, that is, all of them."
    told = f"{text}; of the others, {right[kept].mean():.0%} are right"
    return f"{told}, of those in need of review {right[~kept].mean():.0%}." if (~kept).any() else f"{told}."


def _data(findings: RunData) -> list[tuple[str, str]]:
    rows = []
    if findings.trained:
        reader = findings.trained.dataset.reader
        about = datasets.about(reader)
        rows += [("data set", about.summary), ("licence", about.licence), ("cite", about.citation)]
        by = findings.trained.split.by
        rows.append(("split", f"by {by}, seed {findings.trained.split.seed}"))
    if findings.split is not None:
        clips = findings.split.groupby("split", sort=False)["clip"].nunique()
        rows.append(("clips", ", ".join(f"{count} {name}" for name, count in clips.items())))
    if findings.audit:
        audit = findings.audit
        rows += [
            ("whole data set", f"{audit['clips']} clips in {audit['groups']} groups, {audit['hours']:.2f} hours"),
            (
                "left out",
                f"{len(audit['broken'])} broken, {audit['too_short']} too short, {audit['other_labels']} others",
            ),
            ("near duplicates", f"{len(audit.get('near_duplicates') or ())} sets, kept on one side of the split"),
        ]
    return rows


def _cost(entry: ModelResult) -> list[str]:
    texts = []
    if entry.metrics.get("parameters"):
        texts.append(f"{entry.metrics['parameters']:,} parameters")
    if entry.metrics.get("milliseconds"):
        texts.append(f"{entry.metrics['milliseconds']:.1f} ms a segment")
    return texts


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" + ("s" if count != 1 else "")
