"""Turns predictions of labels into predictions of coarser ones, of which they are kinds."""

from collections.abc import Mapping, Sequence

import pandas as pd

from kerasinst.datasets.labels import refuse_unknown_kinds


def coarsened(
    table: pd.DataFrame, labels: Sequence[str], *, coarse: Mapping[str, str]
) -> tuple[pd.DataFrame, list[str]]:
    """Replaces labels by coarser ones, whose scores are the sums over their kinds.

    Args:
        table: table of segments or clips of a single-label task.
        labels: labels in the order of scores.
        coarse: coarser label of each label that is a kind of one. Other labels stay as they are.

    Returns:
        The table with the coarse labels and their scores, and the coarse labels in the order of their first kinds.

    Raises:
        BadInput: if a label that is a kind of one is not there.

    Example:
        >>> _, labels = coarsened(table, ["piano", "electric piano", "drums"], coarse={"electric piano": "piano"})
        >>> labels
        ['piano', 'drums']
    """
    refuse_unknown_kinds(coarse, labels)
    names = {label: coarse.get(label, label) for label in labels}
    scores = table[list(labels)].T.groupby(names, sort=False).sum().T
    kinds = ["|".join(dict.fromkeys(names.get(label, label) for label in text.split("|"))) for text in table["labels"]]
    return pd.concat([table.drop(columns=list(labels)).assign(labels=kinds), scores], axis=1), list(scores.columns)
