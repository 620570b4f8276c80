"""Summarises results for the terminal and for the page of a run."""

from typing import Any

from kerasinst.core import console
from kerasinst.reporting import formatting
from kerasinst.reporting.comparison_report import Report
from kerasinst.reporting.next_steps import next_steps
from kerasinst.reporting.search_gain import gain
from kerasinst.reporting.tables.ablation import ablation_table
from kerasinst.reporting.tables.compression import compression_tables
from kerasinst.reporting.tables.table import Table
from kerasinst.runs import Run

MULTILABEL = (
    "found: share of the sounding labels that are reported; false: number of labels that are reported falsely; "
    "sounding: number of labels that sound (in a clip or a frame, on average)"
)
"""Explains the columns of `overall` of models that report several labels."""


def headline(run: Run) -> str:
    """Says in one line what was trained, on how many clips it was tested, and how the data was split.

    Args:
        run: finished run.
    """
    experiment, metrics = run.experiment(), run.metrics()
    if "clip" not in metrics:
        asked = experiment.training.monitor
        monitor = asked if asked in metrics else "loss"
        return f"{experiment.name}: trained without a test split; best {monitor} {metrics[monitor]:.3f}"
    how = "by segment (leaky: parts of one clip on both sides)"
    if metrics["protocol"] == "group":
        how = f"by {experiment.split.by}"
    rendered = experiment.dataset.rendered
    data = experiment.dataset.reader + (f" ({rendered})" if rendered else "")
    return f"{experiment.name} on {data}: {metrics['n_clips']} test clips, split {how}"


def overall(run: Run) -> tuple[list[str], list[tuple[str, ...]]]:
    """Lists the figures of clips, and of segments or frames.

    Args:
        run: finished run.

    Returns:
        Columns, and one row per level, as text; no rows without a test split.
    """
    metrics = run.metrics()
    levels = [level for level in ("clip", "coarse", "frame" if "frame" in metrics else "segment") if level in metrics]
    multilabel = [level for level in levels if "recall_playing_ci95" in metrics[level]]
    if multilabel:
        columns = ["level", "found (95 %)", "false (95 %)", "mAP (95 %)", "F1", "sounding"]
        return columns, [(level, *_multilabel_figures(metrics[level])) for level in multilabel]
    names = ("macro_precision", "macro_recall", "macro_f1", "ece")
    accuracy = "top-1 in labels" if "top1_in_labels" in metrics.get("clip", {}) else "accuracy"
    return ["level", f"{accuracy} (95 %)", "precision", "recall", "F1", "ECE"], [
        (level, formatting.accuracy(metrics[level]), *(f"{metrics[level][name]:.3f}" for name in names))
        for level in levels
    ]


def multilabel_level(metrics: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """Finds the main figures of a model that reports several labels.

    Args:
        metrics: figures as metrics.json holds them.

    Returns:
        "frame" or "clip", and its figures; None for a single label, and without a test split.
    """
    level = "frame" if "frame" in metrics else "clip"
    return (level, metrics[level]) if "missed_for" in metrics.get(level, {}) else None


def _multilabel_figures(figures: dict[str, Any]) -> tuple[str, ...]:
    """Formats the figures of a model that reports several labels."""
    names = ("recall_playing", "false_positives_per_frame", "mean_average_precision")
    with_interval = [formatting.interval(figures[name], *figures[f"{name}_ci95"]) for name in names]
    return (*with_interval, f"{figures['macro_f1']:.3f}", f"{figures['polyphony']:.2f}")


def guesses(run: Run) -> dict[str, float]:
    """Computes the accuracy of guessing.

    Args:
        run: finished run.

    Returns:
        Accuracies of guessing at random, and of always guessing the commonest training label, by their descriptions. It
        is empty for multi-label tasks and without a test or training split.
    """
    if run.experiment().task != "single-label" or run.metrics()["split"] is None:
        return {}
    split = run.split()
    counts = split.loc[split.split == "train", "labels"].value_counts()
    if counts.empty:
        return {}
    of_test = split.loc[split.split == "test", "labels"]
    return {"at random": 1 / len(run.labels()), f"always {counts.index[0]}": float((of_test == counts.index[0]).mean())}


def by_label(run: Run) -> tuple[list[str], list[tuple[str, ...]]]:
    """Lists the figures of each label on test clips, or on their frames if it is known when each label sounds.

    Args:
        run: finished run.

    Returns:
        Columns, and one row per label, as text; no rows without a test split.
    """
    metrics = run.metrics()
    each, figures = multilabel_level(metrics) or ("clip", metrics.get("clip", {"per_label": {}}))
    return ["label", "precision", "recall", "F1", f"{each}s"], [
        (label, *(f"{row[name]:.3f}" for name in ("precision", "recall", "f1")), f"{row['n']:,}")
        for label, row in figures["per_label"].items()
    ]


def show(run: Run) -> None:
    """Prints the figures of a finished run, where its files lie, and what can be done next.

    Args:
        run: finished run.
    """
    metrics = run.metrics()
    columns, rows = overall(run)
    if rows:
        console.show_table(headline(run), columns, rows=rows)
        if "frame" in metrics or metrics["task"] == "multi-label":
            console.results.print(MULTILABEL, style="dim", soft_wrap=True)
        console.results.print()
        labels, of_labels = by_label(run)
        console.show_table("", labels, rows=of_labels)
        if "mirex2026" in metrics:
            console.results.print()
            _show_mirex(metrics["mirex2026"])
    else:
        console.show_table(headline(run), ["parameters"], rows=[(f"{metrics['parameters']:,}",)])
    console.results.print()
    seconds = metrics["seconds_to_train"]
    trained = f"{metrics['parameters']:,} parameters" + (f", trained in {seconds:.0f} s" if seconds else "")
    broken, remarks = run.audit()["broken"], run.audit().get("remarks")  # runs of earlier versions have no remarks
    guessed, found = guesses(run), gain(run)
    facts = [
        *([("guessing", ", ".join(f"{value:.3f} {how}" for how, value in guessed.items()))] if guessed else []),
        *([("search", str(found))] if found else []),
        ("network", trained),
        *([("broken files", f"{len(broken)} left out, the first: {broken[0]['clip']}")] if broken else []),
        *([("remarks", f"{len(remarks)} in audit.json, the first: {remarks[0]}")] if remarks else []),
        *([("model", str(run.model_file))] if run.model_file.is_file() else []),
        ("report", str(run.file("report"))),
    ]
    console.show_facts(facts)
    if run.model_file.is_file():
        console.results.print("\nWhat next:")
        for _, command in next_steps(run):
            console.results.print(f"    {command}", markup=False, soft_wrap=True)


def error_causes(run: Run) -> tuple[list[str], list[tuple[str, ...]]]:
    """Lists the causes of mistakes as a listener judged them, in percent of the mistakes of each label.

    Args:
        run: run with error_causes.csv.

    Returns:
        Columns and rows, as text; the last row has the numbers of mistakes.
    """
    table = run.read("error_causes")
    *shares, total = table.to_numpy()
    rows = [(str(cause), *(f"{value:.0%}" for value in values)) for cause, *values in shares]
    cause, *numbers = total
    return list(table.columns), [*rows, (str(cause), *(f"{value:.0f}" for value in numbers))]


def show_error_causes(run: Run) -> None:
    """Prints the causes of mistakes.

    Args:
        run: run with error_causes.csv.
    """
    columns, rows = error_causes(run)
    console.show_table(f"{run.path.name}: causes of mistakes", columns, rows=rows)
    console.show_facts([("table", str(run.file("error_causes"))), ("report", str(run.file("report")))])


def _show_mirex(figures: dict[str, Any]) -> None:
    """Prints the figures that `evaluation.mirex` computed."""
    interval = formatting.interval(figures["mean_average_precision"], *figures["mean_average_precision_ci95"])
    rows = [("all (mean)", interval, f"{figures['macro_f1']:.3f}", f"{figures['n_clips']:,}")]
    for label, row in figures["per_label"].items():
        rows.append((label, f"{row['average_precision']:.3f}", f"{row['f1']:.3f}", f"{row['n']:,}"))
    console.show_table(
        "MIREX 2026: clips, labels of OpenMIC-2018", ["label", "average precision", "F1", "clips"], rows=rows
    )
    console.results.print(f"left out: {', '.join(figures['left_out']) or 'nothing'}", style="dim", soft_wrap=True)


def show_baselines(run: Run) -> None:
    """Prints the figures of a run's classical models, the best first.

    Args:
        run: run with baselines.csv.
    """
    table = run.baselines()
    shown = formatting.figures(table)
    rows = [
        (
            row.model,
            row.features,
            *figures,
            *(f"{value:.3f}" for value in (row.macro_precision, row.macro_recall, row.macro_f1)),
            f"{row.bytes:,}",
            f"{row.milliseconds:.2f}",
        )
        for row, figures in zip(table.itertuples(), zip(*shown.values(), strict=True), strict=True)
    ]
    title = f"{run.experiment().name}: classical models, {table.n_clips.iloc[0]} test clips"
    columns = ["model", "features", *shown, "precision", "recall", "F1", "bytes", "ms"]
    console.show_table(title, columns, rows=rows)


def show_ablation(run: Run) -> None:
    """Prints the ablation of a run; its first row is the experiment without changes.

    Args:
        run: run with ablation.csv.
    """
    _print(ablation_table(run.experiment().name, run.ablation()))


def show_compression(run: Run) -> None:
    """Prints the costs and figures of a run's compressed variants, and their F1 of each label.

    Args:
        run: run with compression.csv.
    """
    for table in compression_tables(run.experiment().name, run.compression()):
        _print(table)
        console.results.print()
    console.show_facts([("variants", str(run.file("compressed"))), ("report", str(run.file("report")))])


def show_report(report: Report) -> None:
    """Prints the comparisons of a report, what leaks gain the same models, and what its runs lack.

    Args:
        report: report that was written.
    """
    for table in report.tables:
        _print(table)
        console.results.print()
    for run, problems in report.missing.items():
        console.complain(f"{run}: {'; '.join(problems)}")


def _print(table: Table) -> None:
    """Prints a table and its caption."""
    console.show_table("", list(table.shown), rows=table.shown.itertuples(index=False))
    console.results.print(table.caption, style="dim", markup=False, soft_wrap=True)


def show_explanation(run: Run) -> None:
    """Prints which bands and moments matter for each label, and how faithful the heatmaps of a run are.

    Args:
        run: run with the folder `explanations`.
    """
    explanation, bands, moments = run.explanation(), run.read("bands"), run.read("moments")
    unit, rows = bands.columns[1], []
    for label, of_label in bands.groupby("label", sort=False):
        shares = of_label.share.cumsum()
        low, high = (of_label[unit][(shares >= end).idxmax()] for end in (0.25, 0.75))
        low, high = (f"{value:.0f}" if unit == "Hz" else str(value) for value in (low, high))
        hottest = moments[moments.label == label].set_index("seconds").share.idxmax()
        rows.append((label, f"{low} to {high} {unit}", f"{hottest:.2f} s"))
    rows += [(label, formatting.UNKNOWN, formatting.UNKNOWN) for label in run.labels() if label not in set(bands.label)]
    title = f"{run.experiment().name}: {explanation['method']} of {explanation['layer']}"
    console.show_table(title, ["label", "half of its heat lies within", "hottest at"], rows=rows)
    console.results.print()
    heat, random = (explanation["faithfulness"][name] for name in ("heatmaps", "random"))
    empty = explanation.get("empty", 0)  # earlier versions did not count empty heatmaps
    console.show_facts(
        [
            *([("empty", f"{empty} of {explanation['segments']} heatmaps, left out")] if empty else []),
            ("deletion", f"{heat['deletion']:.3f}, random masks {random['deletion']:.3f} (lower is more faithful)"),
            ("insertion", f"{heat['insertion']:.3f}, random masks {random['insertion']:.3f} (higher is more faithful)"),
            *([("drift", f"correlation {explanation['drift']['correlation']:.3f}")] if "drift" in explanation else []),
            ("figures", str(run.file("explanations"))),
        ]
    )
