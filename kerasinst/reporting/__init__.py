"""Tables, figures and pages, made from the files of runs alone."""

from kerasinst.reporting.comparison_report import write_report
from kerasinst.reporting.run_page import write_page
from kerasinst.reporting.summary import (
    data_set,
    show,
    show_ablation,
    show_baselines,
    show_compression,
    show_explanation,
    show_report,
)

__all__ = [
    "data_set", "show", "show_ablation", "show_baselines", "show_compression",
    "show_explanation", "show_report",
    "write_page", "write_report",
]  # fmt: skip
