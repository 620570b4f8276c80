"""Makes the tables of the compressed variants of a network."""

import pandas as pd

from kerasinst.evaluation import headline_figure
from kerasinst.reporting import formatting
from kerasinst.reporting.tables.table import Table
from kerasinst.runs import Run


def compression_tables(name: str, table: pd.DataFrame, *, key: str = "") -> list[Table]:
    """Makes the tables of variants: their costs and figures and, with a test split, their F1 of each label.

    Args:
        name: name of the experiment.
        table: variants as compression.csv holds them.
        key: name for the tables' files; "" is the name of the experiment.
    """
    made = (cost_table(name, table, key=key or name), label_change_table(name, table, key=key or name))
    return [each for each in made if each is not None]


def pruning_histories(run: Run) -> dict[str, list[dict[str, float]]]:
    """Reads the sparsities and validation accuracies of the variants that were pruned until they broke.

    Args:
        run: run with compressed variants.

    Returns:
        For each such variant, by its name, one dictionary per step of its pruning.
    """
    found = {variant.path.name: variant.metrics().get("pruning_curve") for variant in run.other_models("compressed")}
    return {name: curve for name, curve in found.items() if curve}


def cost_table(name: str, table: pd.DataFrame, *, key: str) -> Table:
    """Makes the table of what variants cost, and how their answers differ from those of the network as it was trained.

    Args:
        name: name of the experiment.
        table: variants as compression.csv holds them.
        key: name for the table's files.
    """
    shown = {"variant": table.variant}
    if "accuracy" in table:
        changes = [name for name in table if name.startswith("recall_change:")]
        worst = table[changes].idxmin(axis=1).str.removeprefix("recall_change:")
        shown |= {
            **formatting.figures(table),
            "change": [f"{0.0 - value:+.3f}" for value in table[f"{headline_figure(table)}_drop"]],
            "p (Holm)": [formatting.number(value, 3) for value in table.p_value],
            "F1": [formatting.number(value, 3) for value in table.macro_f1],
            "worst change of a label's recall": [
                f"{0.0 - drop:+.3f} {label}" if drop else "none"
                for drop, label in zip(table.label_recall_drop, worst, strict=True)
            ],
            "agreement": [formatting.number(value, 3) for value in table.agreement],
            "ECE": [formatting.number(value, 3) for value in table.ece],
        }
    shown |= {
        "bytes": table.bytes.map(formatting.count),
        "gzip": table.gzip_bytes.map(formatting.count),
        "non-zero": table.nonzero_weights.map(formatting.count),
        "ms": [formatting.number(value, 2) for value in table.milliseconds],
        "peak arena": table.peak_arena.map(formatting.count),
    }
    caption = (
        f"{name}: TFLite files that take raw audio, front end included. Change, agreement and McNemar's test: against "
        "the network as it was trained, on the same test clips. Bytes of the file, and of it compressed by gzip; "
        "weights that are not zero; milliseconds a segment on one thread; bytes of memory that its tensors need at "
        "most. On the front: no other variant is as accurate, as small and as fast." + formatting.explained(table)
    )
    if "front" in table:
        shown["front"] = ["yes" if there else "" for there in table["front"]]
    return Table(f"compression-{key}", caption, pd.DataFrame(shown), table)


def label_change_table(name: str, table: pd.DataFrame, *, key: str) -> Table | None:
    """Makes the table of the F1 of each label by each variant, and of its change.

    Args:
        name: name of the experiment.
        table: variants as compression.csv holds them.
        key: name for the table's files.

    Returns:
        The table, or None if there is no test split.
    """
    labels = [column.removeprefix("f1:") for column in table if column.startswith("f1:")]
    if not labels:
        return None
    shown = pd.DataFrame(
        {"variant": table.variant}
        | {
            label: [
                f"{f1:.3f} ({change:+.3f})"
                for f1, change in zip(table[f"f1:{label}"], table[f"f1_change:{label}"], strict=True)
            ]
            for label in labels
        }
    )
    caption = f"{name}: F1 of each label by each variant, and its change from the network as it was trained."
    return Table(f"compression-labels-{key}", caption, shown, table)
