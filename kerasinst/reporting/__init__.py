"""Tables, figures and pages, made from the files of a run alone."""

from kerasinst.reporting import figures
from kerasinst.reporting.page import write_page
from kerasinst.reporting.summary import data_set, show, show_ablation, show_baselines, show_explanation

__all__ = ["data_set", "figures", "show", "show_ablation", "show_baselines", "show_explanation", "write_page"]
