"""Chooses the channels that stay, by the norms of their weights."""

import math
from collections.abc import Mapping

import numpy as np

from kerasinst.compression.channel_pruning.graph import ALWAYS, ChannelNumbers
from kerasinst.core.errors import BadInput, suggest

LEAST_CHANNELS = 4
"""Number of channels that each layer keeps in any case."""


def choose_channels(numbers: ChannelNumbers, keep: float | Mapping[str, float]) -> np.ndarray:
    """Chooses the channels that stay, by the norms of their weights.

    Args:
        numbers: channel numbers of the network.
        keep: share of channels that each layer keeps, or shares by the layers' names.

    Returns:
        For each number, whether its channel stays.

    Raises:
        BadInput: if a share is not within 0 and 1, or a layer cannot lose channels.
    """
    roots = numbers.roots
    free = {name: roots[made] for name, made in numbers.made.items() if (roots[made] != ALWAYS).any()}
    shares = dict(keep) if isinstance(keep, Mapping) else dict.fromkeys(free, keep)
    for share in shares.values() if isinstance(keep, Mapping) else [keep]:
        if not 0 < share <= 1:
            raise BadInput(f"keep={share}: give the share of channels that stay, above 0 and up to 1")
    for name in shares.keys() - free.keys():
        raise BadInput(f"keep: '{name}' is no layer that can lose channels; {suggest(name, free)}")
    if not free and keep != 1:
        raise BadInput("keep: no layer of the network can lose channels; give the network fewer units instead")
    strength = np.zeros(len(roots))
    for name, norms in numbers.norms.items():  # relative to their mean, so that tied layers have an equal say
        np.add.at(strength, roots[numbers.made[name]], norms / max(norms.mean(), 1e-30))
    strength[ALWAYS] = np.inf
    stays = np.ones(len(roots), bool)
    for name in shares:
        stays[free[name]] = False
    for name, share in shares.items():
        count = max(LEAST_CHANNELS, math.ceil(round(share * len(free[name]), 6)))
        stays[free[name][np.argsort(-strength[free[name]], kind="stable")[:count]]] = True
    return stays[roots]
