"""The experiment: everything that a study needs, typed and checked before any work starts."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, model_validator

from kerasinst.core import safe_yaml
from kerasinst.core.errors import BadInput
from kerasinst.experiment.audio import AudioSection
from kerasinst.experiment.compression import CompressionSection
from kerasinst.experiment.dataset import RENDERED, DatasetSection
from kerasinst.experiment.decision import DecisionSection
from kerasinst.experiment.dotted_keys import MISSING, get_value, set_value, write_out_default
from kerasinst.experiment.frontend import FrontendSection
from kerasinst.experiment.locations import PROJECT, anchored, find, locate, read_yaml
from kerasinst.experiment.messages import first_problem
from kerasinst.experiment.network import NetworkSection
from kerasinst.experiment.published import PublishedResult, PublishedSection
from kerasinst.experiment.search import SearchSection
from kerasinst.experiment.section import Section
from kerasinst.experiment.split import SplitSection
from kerasinst.experiment.training import TrainingSection


class Experiment(Section):
    """A study: data, audio, split, front end, network, training, search, compression, decision, ablations, published.

    `ablation` holds lists of values of dotted keys (`network.conv_filters: [[], [40]]`), or changes under a name of
    your own (`no augmentation: {training.augment: []}`).

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

    @model_validator(mode="after")
    def _validated(self):
        if not self.split.validation and (self.training.monitor != "last" or self.search):
            raise ValueError(
                "split.validation: 0 leaves nothing to choose an epoch or a trial by: set training.monitor: last and "
                "drop search, or give a share above 0"
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
        """Reads and checks an experiment file, or the packaged experiment of that name.

        Args:
            path: of the file, such as "experiments/mine.yaml", or a name, such as "best".

        Raises:
            BadInput: naming the file, the key, what was given and what is allowed.
        """
        path = locate(path)
        content = read_yaml(path)
        content.setdefault("name", path.stem)
        return cls._checked(content, source=str(path), near=path.parent)

    def override(self, changes: Mapping[str, Any]) -> "Experiment":
        """The same experiment with the values of dotted keys changed; numbers in a key index lists.

        Raises:
            BadInput: if a key does not exist or its value is not allowed.
        """
        content = self.model_dump(mode="json")
        for key, value in changes.items():
            write_out_default(content, key)
            set_value(content, key, value=value)
        return self._checked(content, source=self.name)

    def value(self, key: str) -> Any:
        """The value of a dotted key; None if the experiment does not say it.

        Example:
            >>> Experiment.from_yaml("experiments/ee5180.yaml").value("network.conv_filters.0")
            40
        """
        value = get_value(self.model_dump(mode="json"), key)
        return None if value is MISSING else value

    def on_data(self, path: str | Path, reader: str | None = None) -> "Experiment":
        """The same experiment on other data, read by another reader if one is named.

        Rendered audio is replaced by a folder of recordings. Options of the old reader are dropped together with it.
        """
        if reader is None:
            reader = "folder" if self.dataset.reader in RENDERED else self.dataset.reader
        kept = self.dataset.model_dump(
            mode="json", exclude=set() if reader == self.dataset.reader else set(self.dataset.options)
        )
        return self.override({"dataset": {**kept, "reader": reader, "path": str(path)}})

    def as_published(
        self, model: str = "network", features: str = "picture", *, variant: str | None = None
    ) -> PublishedResult | None:
        """What the study reports of this experiment's network (or one variant of it), or of a classical model.

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
        """Everything resolved, so that running it again gives the same run."""
        return safe_yaml.dump(self.model_dump(mode="json"), sort_keys=False, allow_unicode=True)

    @classmethod
    def _checked(cls, content: dict, source: str, near: Path = PROJECT) -> "Experiment":
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
