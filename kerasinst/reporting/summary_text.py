"""Writes the summary of a report in sentences."""

from collections.abc import Sequence

import numpy as np

from kerasinst.reporting.comparison import Comparison
from kerasinst.reporting.run_data import ModelResult
from kerasinst.reporting.tables.table import Table


def sentences(comparisons: Sequence[Comparison], protocols: Table | None) -> list[str]:
    """Writes what was compared, which model is best, which do as well, what leaks gain, what fails, what is rendered.

    Args:
        comparisons: comparisons of the report; the sentences are about the first one.
        protocols: table of `protocol_table`, or None.

    Returns:
        The sentences, or a single one if there is nothing to compare.
    """
    if not comparisons:
        return ["No run has figures of test clips, so nothing can be compared."]
    first = comparisons[0]
    best, figures = first.best, first.best.metrics["clip"]
    models = sum(len(each.results) for each in comparisons)
    runs = len({result.run_data.key for each in comparisons for result in each.results})
    same, clips = int(first.table.compared.sum()), best.metrics["n_clips"]
    whole = "with parts of one recording on both sides (leaky)" if best.leaky else "with recordings kept whole"
    cost = " and ".join(_cost(best))
    return [
        f"{_plural(models, 'model')} of {_plural(runs, 'run')} {'were' if models > 1 else 'was'} compared, {same} of "
        f"them on the same {clips} test clips of {_plural(len(best.labels), 'label')}, {whole}.",
        f"The best of these, “{best.name}”, {_figures(best)}, with a macro F1 of {figures['macro_f1']:.3f}"
        + (f", for {cost}." if cost else "."),
        _alike(first),
        _leak(protocols),
        _failures(best),
        *_rendered(comparisons),
    ]


def _rendered(comparisons: Sequence[Comparison]) -> list[str]:
    """Says which models were tested on audio that was rendered, if any were."""
    tested: dict[str, list[str]] = {}
    for result in (each for comparison in comparisons for each in comparison.results):
        how = result.run_data.trained.dataset.rendered if result.run_data.trained else ""
        if how:
            tested.setdefault(how, []).append(f"“{result.name}”")
    return [f"{', '.join(names)}: {how}, whose figures are not those of recordings." for how, names in tested.items()]


def _figures(best: ModelResult) -> str:
    """Says how good a model is."""
    if "mean_average_precision" not in best.figures:
        low, high = best.metrics["clip"]["accuracy_ci95"]
        return f"is right on {best.figures['accuracy']:.1%} of them (95 % interval {low:.1%} to {high:.1%})"
    found, false = best.figures["recall_playing"], best.figures["false_positives_per_frame"]
    where = "a frame" if "frame" in best.metrics else "a clip"
    return (
        f"finds {found:.1%} of what sounds and reports {false:.2f} labels {where} falsely, at a mean average precision "
        f"of {best.headline:.3f}"
    )


def _alike(comparison: Comparison) -> str:
    """Says how many models differ from the best one by no more than chance, and which of them is the smallest."""
    alike, others = comparison.alike(), int(comparison.table.p_accuracy.notna().sum())
    if not others:
        return "No other model was tested on the same clips, so no difference can be judged."
    if not alike:
        return f"{'The other differs' if others == 1 else f'All {others} others differ'} from it by more than chance."
    differ = "do not differ" if len(alike) > 1 else "does not differ"
    text = f"{len(alike)} of {_plural(others, 'other')} {differ} from it by more than chance"
    sized = [result for result in [*alike, comparison.best] if result.metrics.get("bytes")]
    if sized:
        smallest = min(sized, key=lambda result: result.metrics["bytes"])
        text += f"; the smallest of them all is “{smallest.name}”, of {smallest.metrics['bytes']:,} bytes"
    return f"{text}."


def _leak(protocols: Table | None) -> str:
    """Says how much the same models gain from leaks, and which published accuracy is the highest."""
    numbers = None if protocols is None else protocols.numbers
    leaks = None if numbers is None else numbers.leak.dropna()
    if numbers is None or leaks is None or leaks.empty:
        text = "No model was trained both by recording and by segment, so no leak was measured"
    else:
        more = "more" if leaks.mean() > 0 else "less"
        above = int((numbers.leak_low > 0).sum())
        text = (
            "With parts of one recording on both sides, the same models score "
            f"{abs(leaks.mean()):.3f} {more} on average (from {leaks.min():+.3f} to {leaks.max():+.3f}); for {above} "
            f"of {len(leaks)} the interval of that leak lies above 0"
        )
    if numbers is not None and numbers.published_accuracy.notna().any():
        best = numbers.loc[numbers.published_accuracy.astype(float).idxmax()]
        text += f"; the best published, “{best.model}”, reports {best.published_accuracy:.2f}"
    return f"{text}."


def _failures(best: ModelResult) -> str:
    """Names the label with the lowest F1, and the most frequent confusion."""
    occurring = {label: row["f1"] for label, row in best.metrics["clip"]["per_label"].items() if row["n"]}
    if not occurring:
        return "None of its labels occurs in the test clips."
    weakest = min(occurring, key=lambda label: occurring[label])
    text = f"Its weakest label is {weakest}, with an F1 of {occurring[weakest]:.3f}"
    found = confusions(best)
    return f"{text}; {found[0]}." if found else f"{text}."


def confusions(result: ModelResult, share: float = 0.0) -> list[str]:
    """Lists which labels are taken for which others, the most frequent confusion first.

    Args:
        result: result of a model; without a confusion matrix, nothing is listed.
        share: smallest share of a label's clips for which a confusion is listed.

    Returns:
        Phrases such as "cello is taken for flute in 2 of 5 clips".
    """
    counts = np.array(result.metrics["clip"].get("confusion", np.zeros((0, 0))), int)
    totals = counts.sum(axis=1, keepdims=True)
    wrong = [(counts[row, column], row, column) for row, column in np.argwhere(counts) if row != column]
    return [
        f"{result.labels[row]} is taken for {result.labels[column]} in {count} of {totals[row, 0]} clips"
        for count, row, column in sorted(wrong, key=lambda each: (-each[0], each[1:]))
        if count / totals[row, 0] >= share
    ]


def _cost(result: ModelResult) -> list[str]:
    """Lists the known costs of a model."""
    texts = []
    if result.metrics.get("parameters"):
        texts.append(f"{result.metrics['parameters']:,} parameters")
    if result.metrics.get("milliseconds"):
        texts.append(f"{result.metrics['milliseconds']:.1f} ms a segment")
    return texts


def _plural(count: int, noun: str) -> str:
    """Writes a number and a noun, with an s unless the number is 1."""
    return f"{count} {noun}" + ("s" if count != 1 else "")
