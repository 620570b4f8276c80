"""The trainings of one trial: with several seeds, or on several folds."""

from dataclasses import dataclass
from pathlib import Path

from kerasinst.experiment import Experiment
from kerasinst.features import PreparedData


@dataclass(frozen=True)
class Repeat:
    """One training of a trial.

    Attributes:
        seed: seed of the training.
        fold: number of the fold that validates, or None for the validation split.
        n_folds: number of folds.
        folder: name of the folder within the trial's, empty if the trial has one training only.
    """

    seed: int
    fold: int | None = None
    n_folds: int = 0
    folder: str = ""

    def data(self, data: PreparedData, experiment: Experiment) -> PreparedData:
        """Gives the data of the training.

        Args:
            data: data that was prepared for the experiment.
            experiment: the experiment.

        Raises:
            BadInput: if a label has fewer groups than there are folds.
        """
        if self.fold is None:
            return data
        split = experiment.split
        return data.fold(self.fold, self.n_folds, seed=split.seed, by="segment" if split.by == "segment" else "group")


def repeats(experiment: Experiment) -> list[Repeat]:
    """Lists the trainings of each trial.

    Seeds are those of the experiment, followed by the next numbers.

    Args:
        experiment: experiment with a search section.

    Example:
        >>> [repeat.seed for repeat in repeats(experiment.override({"search.repeats": 3}))]
        [1, 2, 3]
    """
    seeds, asked = list(experiment.training.seeds), experiment.search.repeats if experiment.search else {"seeds": 1}
    n_folds = asked.get("folds")
    if n_folds:
        return [Repeat(seeds[0], fold, n_folds, f"fold-{fold + 1}") for fold in range(n_folds)]
    while len(seeds) < asked["seeds"]:
        seeds.append(max(seeds) + 1)
    if asked["seeds"] == 1:
        return [Repeat(seeds[0])]
    return [Repeat(seed, folder=f"seed-{seed}") for seed in seeds[: asked["seeds"]]]


def training_folders(trial: Path) -> list[Path]:
    """Lists the folders of a trial's trainings that have begun, or the trial's own if there is one training only.

    Args:
        trial: folder of the trial.
    """
    return sorted(path for path in trial.glob("*-*") if path.is_dir()) or [trial]


def validation_parts(data: PreparedData, experiment: Experiment) -> list[PreparedData]:
    """Gives the data of a trial's trainings whose validation segments differ: that of each fold, or the only one.

    Args:
        data: data that was prepared for the experiment.
        experiment: experiment with a search section.
    """
    first, *others = repeats(experiment)
    return [repeat.data(data, experiment) for repeat in ([first, *others] if first.n_folds else [first])]
