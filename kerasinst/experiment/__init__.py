"""The experiment file: one YAML file says everything about a study, and is checked before any work starts."""

from kerasinst.experiment.experiment import (
    PROJECT,
    QUICKSTART,
    RENDERED,
    Experiment,
    find,
    name_after,
    read_yaml,
)

__all__ = ["PROJECT", "QUICKSTART", "RENDERED", "Experiment", "find", "name_after", "read_yaml"]
