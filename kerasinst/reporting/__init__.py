"""Tables, figures and pages, made from the files of a run alone."""

from kerasinst.reporting.page import write_page
from kerasinst.reporting.summary import show

__all__ = ["show", "write_page"]
