"""Tells which trials are no worse than the best beyond what chance explains."""

import math
import statistics

import numpy as np
import pandas as pd
from keras_tuner.engine.trial import TrialStatus

from kerasinst.evaluation.significance import ALPHA, permutation_test
from kerasinst.experiment import Experiment
from kerasinst.features import PreparedData
from kerasinst.runs.artifacts import BASELINE
from kerasinst.tuning.oracle import SearchOracle
from kerasinst.tuning.repeats import repeats, validation_parts
from kerasinst.tuning.trial import QUALITY

BUDGET = "budget"
"""Figure of trials that were stopped early: the number of epochs that they were given."""


class Noise:
    """Compares trials on the validation segments, group by group, and by what their repetitions differ by.

    Args:
        oracle: oracle of the search.
        experiment: experiment of the search.
        data: data that was prepared for it.
    """

    def __init__(self, oracle: SearchOracle, experiment: Experiment, *, data: PreparedData) -> None:
        self.oracle, self.experiment, self.data = oracle, experiment, data
        self._groups: np.ndarray | None = None
        self._quality: dict[str, np.ndarray | None] = {}

    def mark(self, board: pd.DataFrame) -> None:
        """Fills the columns `p_value` and `within_noise` of a leaderboard, which compare each trial with the best.

        The p-value is that of a permutation test, with groups kept together, of which segments each trial gets right. A
        trial is within noise if its p-value is at least `ALPHA`, or if its score is within two standard errors of the
        best, as far as repetitions show them. Trials that were given other numbers of epochs are not compared; those
        that lost their patience are.

        Args:
            board: leaderboard, whose first trial is the best.
        """
        trials = board[board.status == TrialStatus.COMPLETED]
        if trials.empty:
            return
        best, error = trials.iloc[0], self._error()
        for place, row in board[board.score.notna()].iterrows():
            if row.status != BASELINE and self._budget(row.trial_id) != self._budget(best.trial_id):
                continue
            p_value = self._p_value(row.trial_id, best.trial_id)
            if p_value is not None:
                board.loc[place, "p_value"] = round(p_value, 4)
                board.loc[place, "within_noise"] = bool(p_value >= ALPHA or abs(row.score - best.score) < 2 * error)

    def _budget(self, trial_id: str) -> float | None:
        """Returns the number of epochs that a trial was given, or None if it was to train to its end."""
        trial = self.oracle.trials[trial_id]
        if trial.metrics.exists(BUDGET):
            return trial.metrics.get_best_value(BUDGET)
        return trial.hyperparameters.values.get("tuner/epochs")

    def _p_value(self, trial_id: str, other_id: str) -> float | None:
        """Tests whether two trials get equally many validation segments right, or returns None if it is not known."""
        one, other = self._of(trial_id), self._of(other_id)
        if one is None or other is None or one.shape != other.shape:
            return None
        return permutation_test(one, other, groups=self._groups_of_segments())

    def _error(self) -> float:
        """Computes the standard error of the difference of two means over repetitions, pooled over all trials."""
        deviations = [
            trial.metrics.get_best_value("deviation")
            for trial in self.oracle.ended()
            if trial.metrics.exists("deviation")
        ]
        if not deviations:
            return 0.0
        pooled = math.sqrt(statistics.fmean(deviation**2 for deviation in deviations))
        return pooled * math.sqrt(2 / len(repeats(self.experiment)))

    def _groups_of_segments(self) -> np.ndarray:
        """Gives the group of each validation segment, in the order of the files of trials."""
        if self._groups is None:
            segments = [
                segment
                for part in validation_parts(self.data, self.experiment)
                for segment in part.segments["validation"]
            ]
            self._groups = pd.factorize(np.array([segment.group for segment in segments], dtype=object))[0]
        return self._groups

    def _of(self, trial_id: str) -> np.ndarray | None:
        """Reads how right a trial is on each validation segment; trials of earlier versions do not say."""
        if trial_id not in self._quality:
            path = self.oracle.folder(trial_id) / QUALITY
            self._quality[trial_id] = np.load(path) if path.is_file() else None
        return self._quality[trial_id]
