"""Whether two experiments may share a run."""

from typing import Any

from kerasinst.core import safe_yaml
from kerasinst.experiment import Experiment

CHANGEABLE = ("ablation", "compression", "published")
"""Sections that may be changed when a run goes on, beside the number of trials."""


def difference(there: Experiment, here: Experiment) -> str | None:
    """The first key at which two experiments differ in what a run keeps, with both values; None if there is none.

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
    if isinstance(there, dict) and isinstance(here, dict):
        for part in [*there, *here]:
            if there.get(part) != here.get(part):
                return _difference(there.get(part), here.get(part), f"{key}.{part}" if key else part)
    there, here = (safe_yaml.dump(value, default_flow_style=True).split("\n")[0] for value in (there, here))
    return f"{key}: {there} there, {here} here"


def without_search(experiment: Experiment) -> Experiment:
    """The same experiment as `train` runs it."""
    return experiment.model_copy(update={"search": None, "name": f"{experiment.name}-best"})


def same_training(there: Experiment, here: Experiment) -> bool:
    """Whether both train the same network in the same way."""
    kept, asked = (each.model_dump(mode="json", exclude=set(CHANGEABLE)) for each in (there, here))
    return bool(kept == asked)
