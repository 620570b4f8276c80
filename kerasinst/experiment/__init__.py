"""The experiment file: one YAML file says everything about a study, and is checked before any work starts.

Example:
    >>> import kerasinst as ki
    >>> ki.Experiment.from_yaml("experiments/ee5180.yaml").training.epochs
    30
"""

from kerasinst.experiment.experiment import Experiment
from kerasinst.experiment.locations import PROJECT, QUICKSTART, find, locate, name_after, packaged, read_yaml

__all__ = ["PROJECT", "QUICKSTART", "Experiment", "find", "locate", "name_after", "packaged", "read_yaml"]
