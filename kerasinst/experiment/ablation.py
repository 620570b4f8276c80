"""`ablation`: the experiments that are trained with parts taken away or changed."""

from kerasinst.core.errors import BadInput
from kerasinst.experiment import Experiment


def ablated_experiments(experiment: Experiment) -> dict[tuple[str, str], Experiment]:
    """Makes the experiments that the ablation section of an experiment asks for.

    Args:
        experiment: an experiment with an ablation section.

    Returns:
        Experiments by what is changed and what it is changed to, as texts.

    Raises:
        BadInput: if one of them is no valid experiment, or has other data or another split.
    """
    plain = experiment.override({"ablation": {}})
    found: dict[tuple[str, str], Experiment] = {}
    for key, change in experiment.ablation.items():
        if isinstance(change, dict):
            found[key, ""] = plain.override(change)
        else:
            found |= {(key, str(value)): plain.override({key: value}) for value in change}
    for (key, _), variant in found.items():
        if (variant.dataset, variant.split, variant.task) != (plain.dataset, plain.split, plain.task):
            raise BadInput(f"ablation: {key}: all rows keep the data set, the split and the task; leave them out")
    return found
