"""Chooses values where a Gaussian process expects good scores."""

import warnings
from typing import Any

import keras_tuner
import numpy as np
from scipy.linalg import solve_triangular
from sklearn.exceptions import ConvergenceWarning
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import Matern
from threadpoolctl import threadpool_limits

from kerasinst.tuning.oracle import SearchOracle, arguments


class Bayesian(SearchOracle, keras_tuner.oracles.BayesianOptimizationOracle):
    """Bayesian optimisation: a Gaussian process learns the scores, and the next trial is where they may be best.

    First come random trials, three for each key of the space. With several workers, the process takes trials that run
    to be as bad as they may be. The same seed and number of workers give the same trials.

    Args:
        hyperparameters: search space.
        objective: name of the score.
        trials: number of trials.
        epochs: number of epochs of a trial.
        seed: seed of the search.
        initial: number of random trials that come first; None is three for each key of the space.
        beta: how much the uncertainty of a place counts beside its expected score.

    Source: Srinivas et al., Gaussian Process Optimization in the Bandit Setting (ICML 2010).
    """

    def __init__(
        self,
        hyperparameters: keras_tuner.HyperParameters,
        *,
        objective: str,
        trials: int,
        epochs: int,
        seed: int,
        initial: int | None = None,
        beta: float = 2.6,
    ) -> None:
        if initial is not None and initial < 1:
            raise ValueError(f"initial={initial} must be at least 1")
        if beta < 0:
            raise ValueError(f"beta={beta} must be at least 0")
        self.asked = 0
        super().__init__(
            **arguments(hyperparameters, objective=objective, seed=seed),
            max_trials=trials,
            num_initial_points=initial,
            beta=beta,
        )

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """Asks the process in one thread, since several would mostly wait for each other over such small matrices."""
        with threadpool_limits(1):
            found: dict[str, Any] = super().populate_space(trial_id)
        values = found["values"]
        if values is not None and (self._duplicate(values) or not self.accepts(values)):  # as in small spaces
            return self._random_populate_space()
        return found

    def _make_gpr(self) -> GaussianProcessRegressor:
        """Makes keras-tuner's Gaussian process, with a prediction that takes a tenth of the time."""
        return _GaussianProcess(
            kernel=Matern(nu=2.5), n_restarts_optimizer=20, normalize_y=True, alpha=self.alpha, random_state=self.seed
        )

    def _vectorize_trials(self) -> tuple[np.ndarray, np.ndarray]:
        """Makes vectors of the trials; the scores of running ones are predicted from those that have ended."""
        self.asked += 1
        every, running = self.trials, self.ongoing_trials
        if running:
            self.ongoing_trials = {}
            self.trials = {trial.trial_id: trial for trial in self.ended()}
            self.gpr.fit(*super()._vectorize_trials())
            self.trials, self.ongoing_trials = every, running
        return super()._vectorize_trials()

    def get_state(self) -> dict[str, Any]:
        """Returns the state, with the number of times that the process was asked."""
        return {**super().get_state(), "asked": self.asked}

    def set_state(self, state: dict[str, Any]) -> None:
        """Restores the state, that of the random numbers included, which keras-tuner does not save."""
        super().set_state(state)
        self.asked = state["asked"]
        self._random_state = np.random.RandomState(self.seed)
        for _ in range(self.asked):
            self._random_state.uniform(size=(50, len(self._get_hp_bounds())))


class _GaussianProcess(GaussianProcessRegressor):
    """scikit-learn's Gaussian process, which checks nothing when it predicts; it is asked 10,000 times for a trial."""

    def fit(self, X: np.ndarray, y: np.ndarray) -> "_GaussianProcess":
        """Fits without warnings: nobody could do anything about a kernel that few trials do not settle."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            super().fit(X, y)
        return self

    def predict(
        self, X: np.ndarray, return_std: bool = False, return_cov: bool = False
    ) -> np.ndarray | tuple[np.ndarray, ...]:
        """Predicts means and standard deviations as `GaussianProcessRegressor` does."""
        if not return_std or not hasattr(self, "X_train_"):
            return super().predict(X, return_std, return_cov)
        covariance = self.kernel_(X, self.X_train_)
        mean = self._y_train_std * (covariance @ self.alpha_) + self._y_train_mean
        spread = solve_triangular(self.L_, covariance.T, lower=True, check_finite=False)
        variance = self.kernel_.diag(X) - np.einsum("ij,ij->j", spread, spread)
        return mean, np.sqrt(np.maximum(variance, 0) * self._y_train_std**2)
