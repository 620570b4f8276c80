"""Tables, figures and pages, made from the files of a run alone."""

from kerasinst.reporting import figures
from kerasinst.reporting.page import write_page
from kerasinst.reporting.summary import data_set, show

__all__ = ["data_set", "figures", "show", "write_page"]
