"""Subtracts what a model scores on average, so that labels which it favours are not reported more often."""

from collections.abc import Sequence

import numpy as np

from kerasinst.decisions.steps import Recording, ScoreStep, joined


class MeanSubtraction(ScoreStep):
    """Subtracts the mean score of each label, and adds the mean of all, so that scores keep their level.

    Example:
        >>> step = MeanSubtraction()
        >>> step.fit([Recording(np.array([[0.9, 0.1], [0.7, 0.3]]), np.eye(2))])
        >>> step(np.array([[0.8, 0.2]]))
        array([[0.5, 0.5]])

    Source: "Musical Instrument Identification From a Soundtrack", which subtracts the empirical expectation.
    """

    def __init__(self) -> None:
        super().__init__()
        self.fitted = {"shift": 0.0}

    def fit(self, recordings: Sequence[Recording]) -> None:
        """Learns the mean scores."""
        means = joined(recordings).scores.mean(axis=0)
        self.fitted = {"shift": (means.mean() - means).tolist()}

    def __call__(self, scores: np.ndarray) -> np.ndarray:
        """Shifts the scores of a recording."""
        return scores + np.asarray(self.fitted["shift"], float)
