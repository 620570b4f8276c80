"""Prints what a search would do."""

from typing import TYPE_CHECKING

import pandas as pd

from kerasinst.core import console
from kerasinst.experiment import Experiment
from kerasinst.reporting import formatting

if TYPE_CHECKING:
    from kerasinst.tuning.preview import Preview


def show_preview(experiment: Experiment, preview: "Preview") -> None:
    """Prints the size of a search space, samples of it with their costs, and the time that the search will take.

    Args:
        experiment: experiment with a search section.
        preview: what the search would do.
    """
    search = experiment.search
    if search is None:
        return
    rows = []
    for number, row in enumerate(preview.samples.to_dict("records")):
        values = ", ".join(f"{key} {value}" for key, value in formatting.hyperparameters(row).items())
        rows.append(
            (
                number,
                _number(row["parameters"], 1, "{:,.0f}"),
                _number(row["multiply_adds"], 1e6, "{:.2f}"),
                _number(row["tflite_bytes"], 1e3, "{:,.0f}"),
                _number(row["milliseconds"], 1, "{:.2f}"),
                row["over"] or "",
                values,
            )
        )
    size = f"{preview.size:,} combinations" if preview.size else "endless, since a range has no step"
    console.show_table(
        f"{experiment.name}: samples of the search space ({size})",
        ["", "parameters", "million multiply-adds", "kB", "ms", "over", "values"],
        rows=rows,
    )
    about = [("tuner", f"{search.oracle}, {search.trials} trials, the best by {', '.join(search.objectives)}")]
    if any(limit is not None for limit in search.limits.model_dump().values()):
        about.append(("limits", f"{preview.within} of {preview.drawn} samples are within them"))
    bound = "at most " if search.halving or search.oracle == "hyperband" else "about "
    about.append(
        ("time", f"{bound}{_duration(preview.seconds)}, one trial after the other, without the final training")
    )
    console.show_facts(about)


def _number(value: float | None, unit: float, form: str) -> str:
    """Formats a cost, or nothing if it is unknown."""
    return "" if value is None or pd.isna(value) else form.format(value / unit)


def _duration(seconds: float) -> str:
    """Formats a time in seconds, minutes or hours."""
    for unit, length in (("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"
