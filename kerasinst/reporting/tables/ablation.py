"""Makes the table of what an experiment loses when parts of it are taken away or changed."""

import numpy as np
import pandas as pd

from kerasinst.reporting import formatting
from kerasinst.reporting.formatting import without_unknown
from kerasinst.reporting.run_data import RunData
from kerasinst.reporting.tables.protocols import PROTOCOLS
from kerasinst.reporting.tables.table import Table


def ablation_table(name: str, table: pd.DataFrame, *, key: str = "", leaky: bool = False) -> Table:
    """Makes the table of an ablation.

    Args:
        name: name of the experiment.
        table: ablation as ablation.csv holds it, whose first row is the experiment without changes.
        key: name for the table's files; "" is the name of the experiment.
        leaky: whether parts of one recording were on both sides of the split.
    """
    shown = pd.DataFrame(
        {
            "changed": table.changed,
            "to": table.to,
            "published": [formatting.number(value, 3) for value in table.get("published", np.full(len(table), np.nan))],
            **formatting.figures(table),
            "F1": [formatting.number(value, 3) for value in table.macro_f1],
            "difference": ["", *table.difference[1:].map("{:+.3f}".format)],
            "p (Holm)": [formatting.number(value, 3) for value in table.p_value],
            "parameters": table.parameters.map(formatting.count),
        }
    )
    caption = f"{name}, {PROTOCOLS[leaky]}: each part changed alone, on the same split and budget; McNemar's test."
    caption += formatting.explained(table)
    return Table(f"ablation-{key or name}", caption, without_unknown(shown, "published"), table)


def ablation_table_of(run_data: RunData) -> Table:
    """Makes the table of a run's ablation.

    Args:
        run_data: data of a run with an ablation.
    """
    leaky = run_data.metrics.get("protocol") == "segment"
    return ablation_table(run_data.name, run_data.ablation, key=run_data.key, leaky=leaky)
