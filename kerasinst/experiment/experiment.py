"""The experiment, which holds everything that a study needs, typed and checked before any work starts."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, model_validator

from kerasinst.core import safe_yaml
from kerasinst.core.errors import BadInput
from kerasinst.experiment.audio import AudioSection
from kerasinst.experiment.card import CardSection
from kerasinst.experiment.compression import CompressionSection
from kerasinst.experiment.dataset import RENDERED, DatasetSection
from kerasinst.experiment.decision import DecisionSection
from kerasinst.experiment.dotted_keys import MISSING, OPEN, default_of, get_value, set_value, write_out_default
from kerasinst.experiment.extending import read_extended
from kerasinst.experiment.frontend import FrontendSection
from kerasinst.experiment.locations import PROJECT, anchored, find, locate, read_yaml
from kerasinst.experiment.network import NetworkSection
from kerasinst.experiment.published import PublishedResult, PublishedSection
from kerasinst.experiment.search import SearchSection
from kerasinst.experiment.section import Section
from kerasinst.experiment.split import SplitSection
from kerasinst.experiment.training import TrainingSection
from kerasinst.experiment.validation_errors import first_problem


class Experiment(Section):
    """A study: one file says everything about it.

    - `name`: name of the study; without it, the name of the file.
    - `dataset`: where clips come from.
    - `audio`: how clips become segments.
    - `split`: what is trained on, validated on and tested on.
    - `task`: `single-label` if a recording has one label, `multi-label` if it may have any number of labels.
    - `frontend`: how waveforms become features.
    - `network`: which network turns features into scores.
    - `training`: how the network is trained.
    - `search`: which values are searched; `null` searches nothing.
    - `compression`: how the trained model is made smaller.
    - `decision`: how scores become a label.
    - `ablation`: what `ablate` changes. Each entry is a list of values of a dotted key (`network.conv_filters: [[],
      [40]]`), or changes under a name of your own (`no augmentation: {training.augment: []}`).
    - `published`: results of the study that this one repeats.
    - `card`: what the files of the model say of it.

    Example:
        >>> experiment = Experiment.from_yaml("experiments/ee5180.yaml")
        >>> experiment.override({"training.epochs": 3, "network.conv_filters.0": 24}).training.epochs
        3
    """

    name: str = Field(pattern=r"^\w[\w.-]*$")
    dataset: DatasetSection
    audio: AudioSection = AudioSection()
    split: SplitSection = SplitSection()
    task: Literal["single-label", "multi-label"] = "single-label"
    frontend: FrontendSection
    network: NetworkSection
    training: TrainingSection = TrainingSection()
    search: SearchSection | None = None
    compression: CompressionSection = CompressionSection()
    decision: DecisionSection = DecisionSection()
    ablation: dict[str, dict[str, Any] | list[Any]] = Field(default={})
    published: PublishedSection | None = None
    card: CardSection = CardSection()

    @model_validator(mode="before")
    @classmethod
    def _for_several_labels(cls, content: Any) -> Any:
        """Replaces what suits single labels alone by what suits several, in tasks with several labels."""
        if not isinstance(content, dict):
            return content
        content = {name: dict(part) if isinstance(part, dict) else part for name, part in content.items()}
        training, search, decision = (content.get(name) for name in ("training", "search", "decision"))
        if isinstance(decision, dict) and decision.get("rule") in ("argmax", {"argmax": {}}):
            decision["rule"] = None  # which is what suits the task
        if content.get("task") != "multi-label":
            return content
        if isinstance(training, dict | None) and (training or {}).get("monitor", "val_accuracy") == "val_accuracy":
            content["training"] = {**(training or {}), "monitor": "val_mean_average_precision"}
        if isinstance(search, dict) and search.get("objective", "val_accuracy") == "val_accuracy":
            search["objective"] = "val_mean_average_precision"
        return content

    @model_validator(mode="after")
    def _validated(self) -> "Experiment":
        if not self.split.validation and (self.training.monitor != "last" or self.search):
            raise ValueError(
                "split.validation: 0 leaves nothing to choose an epoch or a trial by: set training.monitor: last and "
                "drop search, or give a share above 0"
            )
        if self.search and self.search.baselines and self.audio.frame_seconds:
            raise ValueError("search.baselines: classical models score whole segments; leave out audio.frame_seconds")
        if self.task == "multi-label" and self.dataset.coarse_labels:
            raise ValueError("dataset.coarse_labels: needs task: single-label")
        if self.task == "single-label":
            for key, value in (
                ("decision.rule", self.decision.rule),
                ("decision.steps", self.decision.steps),
                ("audio.frame_seconds", self.audio.frame_seconds),
            ):
                if value:
                    raise ValueError(f"{key}: needs task: multi-label; with one label, the best score is reported")
        if self.audio.frame_seconds and self.split.by == "segment":
            raise ValueError(
                "split.by: segments overlap in time, so frames need whole recordings: use group or session"
            )
        content = self.model_dump(mode="json")
        for result in self.published.results if self.published else ():
            for key in result.where:
                if get_value(content, key) is MISSING:
                    raise ValueError(
                        f"published.results: where: the experiment has no '{key}'; write it out, or mend it"
                    )
        return self

    @classmethod
    def from_yaml(cls, path: str | Path) -> "Experiment":
        """Reads and checks an experiment file.

        Args:
            path: path of a file, such as "experiments/mine.yaml", or the name of a packaged experiment, such as "best".

        Raises:
            BadInput: if there is no such file, or something in it is wrong. The message names the file, the key, what
                was given and what is allowed.
        """
        path = locate(path)
        return cls._checked(read_extended(path), source=str(path), near=path.parent)

    def override(self, changes: Mapping[str, Any]) -> "Experiment":
        """Makes the same experiment with other values.

        Args:
            changes: new values of dotted keys; numbers in a key index lists.

        Raises:
            BadInput: if a key does not exist, or its value is not allowed.
        """
        content = self.model_dump(mode="json")
        for key, value in changes.items():
            write_out_default(content, key)
            set_value(content, key, value=value)
        return self._checked(content, source=self.name)

    def value(self, key: str) -> Any:
        """Gives the value of a dotted key, or None if the experiment has no such key.

        Example:
            >>> Experiment.from_yaml("experiments/ee5180.yaml").value("network.conv_filters.0")
            40
        """
        value = get_value(self.model_dump(mode="json"), key)
        return None if value is MISSING else value

    def default(self, key: str) -> Any:
        """Gives the default of an option of the reader, front end or network, or None if it has none.

        Example:
            >>> Experiment.from_yaml("quickstart").default("network.kernel_size")
            3
        """
        return default_of(self.model_dump(mode="json"), key)

    def without_options(self, section: str, name: str) -> dict[str, Any]:
        """Gives the content of a section that names something else, without the options of what it named before.

        Args:
            section: "dataset", "frontend" or "network".
            name: what the section is to name.

        Example:
            >>> Experiment.from_yaml("quickstart").without_options("network", "ds_cnn")
            {'name': 'ds_cnn'}
        """
        part = getattr(self, section)
        _, naming = OPEN[section]
        kept = set() if name == getattr(part, naming) else set(part.options)
        return {**part.model_dump(mode="json", exclude=kept), naming: name}

    def on_data(self, path: str | Path, reader: str | None = None) -> "Experiment":
        """Makes the same experiment on other data.

        Options of the old reader are dropped if another one reads the data.

        Args:
            path: path of the data set.
            reader: name of its reader; None is the reader of the experiment, or `folder` if that one renders audio.

        Raises:
            BadInput: if there is no such reader.
        """
        if reader is None:
            reader = "folder" if self.dataset.reader in RENDERED else self.dataset.reader
        return self.override({"dataset": {**self.without_options("dataset", reader), "path": str(path)}})

    def as_published(
        self, model: str = "network", features: str = "picture", *, variant: str | None = None
    ) -> PublishedResult | None:
        """Finds the published result of this experiment's network, of a variant of it, or of a classical model.

        Args:
            model: "network", or the name of a classical model.
            features: form of the features of a classical model, "picture" or "statistics".
            variant: name of a compressed variant of the network, or None.

        Returns:
            The result, or None if the study reports none.

        Example:
            >>> Experiment.from_yaml("experiments/ee5180.yaml").as_published("random_forest").accuracy
            0.8
        """
        content = self.model_dump(mode="json", exclude={"published"})
        for result in self.published.results if self.published else ():
            if (result.model, result.variant) != (model, variant) or (
                model != "network" and result.features != features
            ):
                continue
            if all(get_value(content, key) == value for key, value in result.where.items()):
                return result
        return None

    def to_yaml(self) -> str:
        """Writes the experiment as YAML with all defaults, so that running it again gives the same run."""
        return safe_yaml.dump(self.model_dump(mode="json"), sort_keys=False, allow_unicode=True)

    @classmethod
    def _checked(cls, content: dict[str, Any], source: str, near: Path = PROJECT) -> "Experiment":
        """Checks the content of an experiment, after reading the files that it names."""
        search = content.get("search")
        if isinstance(search, dict) and isinstance(search.get("space"), str):
            search["space"] = read_yaml(find(search["space"], near))
        training = content.get("training")
        if isinstance(training, dict) and isinstance(training.get("pretrain"), str):
            training["pretrain"] = anchored(training["pretrain"], near)
        try:
            return cls.model_validate(content)
        except ValidationError as error:
            raise BadInput(f"{source}: {first_problem(error, cls)}") from None
