"""Stops trials early that are worse than most trials before them."""

import math

from keras_tuner.engine.trial import TrialStatus

from kerasinst.core import console
from kerasinst.evaluation.figures import sign
from kerasinst.experiment.halving import HalvingSection
from kerasinst.tuning.budgets import AGREES, agreement, rank_correlation, scores_by_epoch
from kerasinst.tuning.oracle import ENDED, SearchOracle


class Halving:
    """Decides after some numbers of epochs (rungs) whether a trial goes on.

    A trial is compared only with those that were asked for before it. So decisions do not depend on how many trials run
    at the same time, and each is kept when a killed search goes on.

    Args:
        section: section of the experiment that says how.
        oracle: oracle that was opened.
        epochs: number of epochs of a whole trial.
        monitor: figure by which epochs are compared.
        trainings: number of trainings of each trial.

    Source: Li et al., A System for Massively Parallel Hyperparameter Tuning (MLSys 2020), which compares with all
        trials that have come as far.
    """

    def __init__(
        self, section: HalvingSection, oracle: SearchOracle, *, epochs: int, monitor: str, trainings: int = 1
    ) -> None:
        self.section, self.oracle, self.epochs, self.monitor = section, oracle, epochs, monitor
        self.trainings = trainings
        count = math.ceil(math.log(max(1.0, epochs / section.min_epochs), section.factor) - 1e-9)
        self.rungs = [section.min_epochs * section.factor**rung for rung in range(count)]
        self.judged = False
        self._ended: dict[str, list[float]] = {}

    @property
    def lets_begin(self) -> bool:
        """Whether the next trial may begin: one of the first, or any other after these have ended."""
        first = self.oracle.start_order[: self.section.whole_trials]
        if len(first) < self.section.whole_trials or not self.rungs:
            return True
        if any(self.oracle.trials[trial_id].status not in ENDED for trial_id in first):
            return not set(first).isdisjoint(self.oracle.unfinished())
        if not self.judged:
            self._judge_rungs(first)
        return True

    def _judge_rungs(self, first: list[str]) -> None:
        """Leaves out rungs whose order of the first trials does not agree with that at the end, and tells of it."""
        self.judged = True
        curves = [curve for trial_id in first if (curve := self._curve(trial_id))]
        kept = []
        for rung in self.rungs:
            found = rank_correlation(curves, rung)
            if found >= AGREES:
                kept.append(rung)
            console.say(agreement(found, epochs=rung, of=self.epochs, trials=len(curves)))
        self.rungs = kept
        if not kept:
            console.say("no trial is stopped early")

    def _curve(self, trial_id: str, own: bool = False) -> list[float]:
        """Gives the score of a trial after each epoch, of one that waits to be compared or of another."""
        if trial_id in self._ended:
            return self._ended[trial_id]
        over = self.oracle.trials[trial_id].status in ENDED
        folder = self.oracle.folder(trial_id)
        curve = scores_by_epoch(folder, self.monitor, trainings=self.trainings, ended=over or own)
        if over:
            self._ended[trial_id] = curve
        return curve

    def next_stop(self, trial_id: str, done: int = 0) -> int | None:
        """Returns the number of epochs after which a trial is compared next, or None if it trains to its end.

        Args:
            trial_id: id of the trial.
            done: number of epochs that it has.
        """
        if trial_id in self.oracle.start_order[: self.section.whole_trials]:
            return None
        return next((rung for rung in self.rungs if rung > done), None)

    def goes_on(self, trial_id: str, rung: int) -> bool | None:
        """Decides whether a trial goes on after a rung.

        Args:
            trial_id: id of the trial.
            rung: number of epochs after which it is compared.

        Returns:
            The decision; None if an earlier trial has not come as far yet.
        """
        own = self._curve(trial_id, own=True)[rung - 1]
        better, others = 0, 0
        for earlier in self.oracle.start_order[: self.oracle.start_order.index(trial_id)]:
            if self.oracle.trials[earlier].status == TrialStatus.FAILED:
                continue
            curve = self._curve(earlier)
            if len(curve) >= rung:
                others += 1
                better += sign(self.monitor) * (curve[rung - 1] - own) >= 0
            elif self.oracle.trials[earlier].status not in ENDED:
                return None
        return better < math.ceil((others + 1) / self.section.factor)
