"""What an experiment loses where parts are taken away."""

import numpy as np
import pandas as pd

from kerasinst.reporting import formatting
from kerasinst.reporting.formatting import without_unknown
from kerasinst.reporting.run_data import RunData
from kerasinst.reporting.tables.protocols import PROTOCOLS
from kerasinst.reporting.tables.table import Table


def ablation_table(name: str, table: pd.DataFrame, *, key: str = "", leaky: bool = False) -> Table:
    """What an experiment loses where parts are taken away."""
    shown = pd.DataFrame(
        {
            "changed": table.changed,
            "to": table.to,
            "published": [formatting.number(value, 3) for value in table.get("published", np.full(len(table), np.nan))],
            "accuracy (95 %)": formatting.accuracies(table),
            "F1": [formatting.number(value, 3) for value in table.macro_f1],
            "difference": ["", *table.difference[1:].map("{:+.3f}".format)],
            "p (Holm)": [formatting.number(value, 3) for value in table.p_value],
            "parameters": table.parameters.map(formatting.count),
        }
    )
    caption = f"{name}, {PROTOCOLS[leaky]}: each part changed alone, on the same split and budget; McNemar's test."
    return Table(f"ablation-{key or name}", caption, without_unknown(shown, "published"), table)


def ablation_table_of(run_data: RunData) -> Table:
    """The ablation of a run."""
    leaky = run_data.metrics.get("protocol") == "segment"
    return ablation_table(run_data.name, run_data.ablation, key=run_data.key, leaky=leaky)
