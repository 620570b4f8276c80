"""Compares experiments, to tell whether they may share a run."""

from typing import Any

from kerasinst.core import safe_yaml
from kerasinst.experiment import Experiment

CHANGEABLE = ("ablation", "compression", "published")
"""Sections that may differ between the experiment of a run and the one it goes on with."""


def difference(there: Experiment, here: Experiment) -> str | None:
    """Finds the first key that keeps two experiments from sharing a run.

    The sections in `CHANGEABLE` and the number of a search's trials may differ.

    Args:
        there: experiment of the run.
        here: experiment that is asked for.

    Returns:
        The key with both values, or None if the experiments may share a run.

    Example:
        >>> difference(experiment, experiment.override({"training.epochs": 3}))
        'training.epochs: 30 there, 3 here'
    """
    kept, asked = (
        each.model_dump(mode="json", exclude={**dict.fromkeys(CHANGEABLE, True), "search": {"trials"}})
        for each in (there, here)
    )
    return None if kept == asked else _difference(kept, asked)


def _difference(there: Any, here: Any, key: str = "") -> str:
    """Finds the first difference of two values."""
    if isinstance(there, dict) and isinstance(here, dict):
        for part in [*there, *here]:
            if there.get(part) != here.get(part):
                return _difference(there.get(part), here.get(part), f"{key}.{part}" if key else part)
    there, here = (safe_yaml.dump(value, default_flow_style=True).split("\n")[0] for value in (there, here))
    return f"{key}: {there} there, {here} here"


def without_search(experiment: Experiment) -> Experiment:
    """Returns the experiment without its search section, under the name `<name>-best`.

    Args:
        experiment: experiment, with or without a search section.
    """
    return experiment.model_copy(update={"search": None, "name": f"{experiment.name}-best"})


def same_training(there: Experiment, here: Experiment) -> bool:
    """Returns True if two experiments differ in nothing but the sections in `CHANGEABLE`.

    Args:
        there: one experiment.
        here: the other experiment.
    """
    kept, asked = (each.model_dump(mode="json", exclude=set(CHANGEABLE)) for each in (there, here))
    return bool(kept == asked)
