"""Computes what a search gained over the experiment as it is written."""

from dataclasses import dataclass

import pandas as pd

from kerasinst.reporting import formatting
from kerasinst.reporting.trials import hyperparameters, with_score
from kerasinst.runs import Run
from kerasinst.tuning.space import Space


@dataclass(frozen=True)
class Gain:
    """The scores of the best trial and of the experiment as it is written, on the validation split.

    Attributes:
        objective: name of the score, such as "val_accuracy".
        trial_id: id of the trial of the experiment as it is written.
        as_written: score of that trial.
        best: score of the best trial.
        changed: key, value as written and best value of each hyperparameter that differs.
        epochs: numbers of epochs of the two trials, such as "after 3 and 27 epochs"; empty if they are the same.
    """

    objective: str
    trial_id: str
    as_written: float
    best: float
    changed: list[tuple[str, str, str]]
    epochs: str = ""

    def __str__(self) -> str:
        """Says both scores, and which hyperparameters differ."""
        if not self.changed:
            return f"no trial beats the experiment as it is written ({self.objective} {self.best:.3f})"
        changes = ", ".join(f"{key.partition('.')[2]} {before} -> {after}" for key, before, after in self.changed)
        epochs = f" ({self.epochs})" if self.epochs else ""
        return f"{self.objective} {self.as_written:.3f} as written, {self.best:.3f} with {changes}{epochs}"


def gain(run: Run) -> Gain | None:
    """Compares the best trial of a search with the trial of the experiment as it is written.

    Args:
        run: run that may hold a search.

    Returns:
        The gain, or None if the run is no search or no trial with a score is the experiment as it is written.
    """
    experiment, leaderboard = run.experiment(), run.leaderboard()
    if leaderboard is None or experiment.search is None:
        return None
    leaderboard = with_score(leaderboard)
    space = Space(experiment.search.space, experiment)
    drawn = space.as_written()
    if drawn is None:
        return None
    written = space.values(drawn)
    keys = hyperparameters(leaderboard)
    alike = pd.Series(True, leaderboard.index)
    for key in keys:
        alike &= leaderboard[key].map(_text) == _text(written.get(key))
    same = leaderboard[alike]
    if same.empty:
        return None
    best, first = leaderboard.iloc[0], same.iloc[0]
    values = [(key, formatting.hyperparameter(first[key]), formatting.hyperparameter(best[key])) for key in keys]
    return Gain(
        experiment.search.objectives[0],
        str(first.trial_id),
        float(first.score),
        float(best.score),
        [(key, before, after) for key, before, after in values if before != after],
        _epochs(first.get("epochs"), best.get("epochs")),
    )


def _text(value: object) -> str:
    """Writes a value as any leaderboard holds it: where cells are blank, whole numbers of a column become floats."""
    if value is None or value != value:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _epochs(as_written: float | None, best: float | None) -> str:
    """Says how many epochs two trials had, if they differ; leaderboards of earlier versions do not."""
    if as_written is None or best is None or pd.isna(as_written) or pd.isna(best) or as_written == best:
        return ""
    return f"after {as_written:.0f} and {best:.0f} epochs"
