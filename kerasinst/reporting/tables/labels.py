"""Makes the tables of the figures of each label, and of confusions between labels."""

import pandas as pd

from kerasinst.reporting import formatting
from kerasinst.reporting.run_data import ModelResult
from kerasinst.reporting.tables.table import Table


def label_table(result: ModelResult) -> Table:
    """Makes the table of the precision, recall and F1 of each label.

    Figures of a label that no test clip has are shown as unknown.

    Args:
        result: result of the model.
    """
    numbers = pd.DataFrame.from_dict(result.metrics["clip"]["per_label"], orient="index")
    numbers = numbers.rename_axis("label").reset_index()
    figures = ("precision", "recall", "f1")
    known = numbers[["n", *figures]].to_numpy()
    columns = {"label": numbers.label} | {
        name: [formatting.number(row[place] if row[0] else None, 3) for row in known]
        for place, name in enumerate(figures, 1)
    }
    shown = pd.DataFrame({**columns, "clips": numbers.n.map(formatting.count)}).rename(columns={"f1": "F1"})
    return Table("labels", f"{result.name}: each label, on the test clips.", shown, numbers)


def confusion_table(result: ModelResult) -> Table | None:
    """Makes the confusion matrix of a model as a table.

    Args:
        result: result of the model.

    Returns:
        The table, or None if the task is multi-label.
    """
    if "confusion" not in result.metrics["clip"]:
        return None
    shown = pd.DataFrame(result.metrics["clip"]["confusion"], columns=result.labels).astype(str)
    shown.insert(0, "true \\ predicted", result.labels)
    return Table("confusion", f"{result.name}: clips of each true label (rows) by what they are taken for.", shown)
