"""The experiment file: one YAML file says everything about a study, and is checked before any work starts."""

import copy
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator

from kerasinst.errors import BadInput, suggest
from kerasinst.registry import AUGMENTATIONS, FRONTENDS, NETWORKS, READERS

PROJECT = Path(__file__).resolve().parent.parent
QUICKSTART = PROJECT / "experiments" / "quickstart.yaml"

Share = Annotated[float, Field(ge=0, lt=1)]


def _named(item: Any) -> Any:
    """`cutmix` and `{cutmix: {alpha: 1.0}}` are both ways to write one augmentation."""
    if isinstance(item, str):
        return {item: {}}
    if isinstance(item, dict) and len(item) == 1:
        return {name: options or {} for name, options in item.items()}
    raise ValueError("write a name, or a name with its options such as {cutmix: {alpha: 1.0}}")


Augmentation = Annotated[dict[str, dict[str, Any]], BeforeValidator(_named)]


class Section(BaseModel):
    """A frozen part of an experiment; unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class OpenSection(Section):
    """A part whose further keys are the options of the reader, front end or network that it names."""

    model_config = ConfigDict(frozen=True, extra="allow")

    @property
    def options(self) -> dict[str, Any]:
        """The keys that belong to what is named."""
        return copy.deepcopy(self.model_extra or {})


class DatasetSection(OpenSection):
    """Where clips come from.

    `label_map` renames labels (null drops one), `labels` then restricts and orders them; shorter clips than
    `min_seconds` are left out.
    """

    reader: str
    path: Path | None = None
    label_map: dict[str, str | None] = {}
    labels: list[str] | None = Field(default=None, min_length=1)
    min_seconds: float = Field(default=0.0, ge=0)

    @field_validator("path")
    @classmethod
    def _absolute(cls, path: Path | None) -> Path | None:
        return path and path.expanduser().absolute()

    @model_validator(mode="after")
    def _known(self):
        READERS.check(self.reader, self.options)
        if self.labels and len(set(self.labels)) < len(self.labels):
            raise ValueError("labels: a label stands there twice")
        return self


class AudioSection(Section):
    """How clips become segments: random ones, or one every `hop_seconds` (default: end to end).

    With `segments`, so many are drawn over the whole data set if it is split by segment. Split by group, training draws
    its share of them, and validation and test are covered from start to end, as `predict` does.
    """

    sample_rate: int = Field(default=22050, ge=2000, le=192000)
    segment_seconds: float = Field(default=2.0, gt=0, le=600)
    segments: int | None = Field(default=None, ge=1)
    hop_seconds: float | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _one_way(self):
        if self.segments and self.hop_seconds:
            raise ValueError("give segments or hop_seconds, not both")
        return self

    @property
    def segment_samples(self) -> int:
        """Samples in one segment."""
        return round(self.segment_seconds * self.sample_rate)

    @property
    def hop_samples(self) -> int:
        """Samples from one segment to the next where clips are covered from start to end."""
        return max(1, round((self.hop_seconds or self.segment_seconds) * self.sample_rate))


class SplitSection(Section):
    """Shares of validation and test, where the data set's publishers made no split of their own.

    `by: group` is the honest way; `by: session` also keeps together what was likely recorded in one go (uploads whose
    numbers are at most `session_gap` apart); `by: segment` is the leaky protocol of some papers.
    """

    by: Literal["group", "session", "segment"] = "group"
    session_gap: int = Field(default=1000, ge=0)
    published: bool = True
    validation: Share = Field(default=0.16, gt=0)
    test: Share = 0.2
    seed: int = Field(default=1, ge=0)

    @model_validator(mode="after")
    def _leaves_training(self):
        if self.validation + self.test >= 1:
            raise ValueError("validation and test together must leave something to train on: make them less than 1")
        return self


class FrontendSection(OpenSection):
    """Waveform to picture, and how the picture is scaled with what was learned from the training data."""

    name: str
    preset: str | None = None
    scaling: Literal["none", "min_max", "standardize", "per_clip"] = "standardize"

    @model_validator(mode="after")
    def _known(self):
        FRONTENDS.check(self.name, self.options)
        return self


class NetworkSection(OpenSection):
    """Picture to scores."""

    name: str

    @model_validator(mode="after")
    def _known(self):
        NETWORKS.check(self.name, self.options)
        return self


class TrainingSection(Section):
    """The fit: Adam, best epoch by `monitor` kept, stopped after `patience` epochs without a better one."""

    epochs: int = Field(default=30, ge=1)
    batch_size: int = Field(default=32, ge=1)
    learning_rate: float = Field(default=0.001, gt=0)
    augment: list[Augmentation] = []
    class_weights: Literal["balanced"] | None = None
    monitor: Literal["val_accuracy", "val_loss"] = "val_accuracy"
    patience: int | None = Field(default=None, ge=1)
    seeds: list[Annotated[int, Field(ge=0)]] = Field(default=[1], min_length=1)

    @model_validator(mode="after")
    def _known(self):
        for item in self.augment:
            for name, options in item.items():
                AUGMENTATIONS.check(name, options)
        return self


class SearchSection(Section):
    """What may vary (a file of search_spaces/, or its content), how often, and what is best."""

    space: dict[str, Any]
    tuner: Literal["random"] = "random"
    trials: int = Field(default=20, ge=1)
    objective: Literal["val_accuracy", "val_loss"] = "val_accuracy"
    epochs: int | None = Field(default=None, ge=1)


class DecisionSection(Section):
    """From scores to a label; a best score under `review_below` marks the file as "needs review"."""

    rule: Literal["argmax"] = "argmax"
    review_below: float = Field(default=0.5, ge=0, le=1)


class Experiment(Section):
    """A study: data, audio, split, front end, network, training, search and decision.

    Example:
        >>> experiment = Experiment.from_yaml("experiments/ee5180.yaml")
        >>> experiment.override({"training.epochs": 3, "network.conv_filters.0": 24}).training.epochs
        3
    """

    name: str = Field(pattern=r"^[\w.-]+$")
    dataset: DatasetSection
    audio: AudioSection = AudioSection()
    split: SplitSection = SplitSection()
    task: Literal["single-label"] = "single-label"
    frontend: FrontendSection
    network: NetworkSection
    training: TrainingSection = TrainingSection()
    search: SearchSection | None = None
    decision: DecisionSection = DecisionSection()

    @classmethod
    def from_yaml(cls, path: str | Path) -> "Experiment":
        """Reads and checks an experiment file.

        Raises:
            BadInput: naming the file, the key, what was given and what is allowed.
        """
        path = Path(path).expanduser()
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
            _set(content, key, value)
        return self._checked(content, source=self.name)

    def on_data(self, path: str | Path, reader: str | None = None) -> "Experiment":
        """The same experiment on other data, read by another reader if one is named.

        Rendered audio is replaced by a folder of recordings. Options of the old reader are dropped together with it.
        """
        if reader is None:
            reader = "folder" if self.dataset.reader == "soundfont" else self.dataset.reader
        kept = self.dataset.model_dump(
            mode="json", exclude=set() if reader == self.dataset.reader else set(self.dataset.options)
        )
        return self.override({"dataset": {**kept, "reader": reader, "path": str(path)}})

    def to_yaml(self) -> str:
        """Everything resolved, so that running it again gives the same run."""
        return yaml.safe_dump(self.model_dump(mode="json"), sort_keys=False, allow_unicode=True)

    @classmethod
    def _checked(cls, content: dict, source: str, near: Path = PROJECT) -> "Experiment":
        search = content.get("search")
        if isinstance(search, dict) and isinstance(search.get("space"), str):
            search["space"] = read_yaml(_find(search["space"], near))
        try:
            return cls.model_validate(content)
        except ValidationError as error:
            raise BadInput(f"{source}: {_first_line(error)}") from None


def name_after(path: str | Path) -> str:
    """A name for an experiment that only letters, digits, dots and dashes of a path go into."""
    return re.sub(r"[^\w.-]+", "-", Path(path).expanduser().resolve().name) or "recordings"


def read_yaml(path: Path) -> dict[str, Any]:
    """Reads a YAML mapping with the safe loader.

    Raises:
        BadInput: if there is no such file, or it is not a YAML mapping.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        beside = [file.name for file in path.parent.glob("*.yaml")] if path.parent.is_dir() else []
        raise BadInput(f"{path}: no such file" + (f"; {suggest(path.name, beside)}" if beside else "")) from None
    except (yaml.YAMLError, UnicodeDecodeError, IsADirectoryError) as error:
        raise BadInput(f"{path}: not a YAML file: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict):
        raise BadInput(f"{path}: expected keys with values, such as `name: mine`; found {type(content).__name__}")
    return content


def _find(name: str, near: Path) -> Path:
    """A path in an experiment file counts from the working folder, the experiment's folder or the project."""
    places = [folder / Path(name).expanduser() for folder in (Path(), near, PROJECT)]
    return next((place for place in places if place.is_file()), places[0])


def _set(content: Any, key: str, value: Any) -> None:
    *parents, last = key.split(".")
    place = content
    for depth, part in enumerate([*parents, last]):
        here = ".".join(key.split(".")[:depth]) or "the file"
        if isinstance(place, list):
            if not part.isdigit() or int(part) >= len(place):
                raise BadInput(f"{key}: {here} is a list of {len(place)}: use a number from 0 to {len(place) - 1}")
            part = int(part)
        elif not isinstance(place, dict):
            raise BadInput(
                f"{key}: {here} holds {place!r}, which has no '{part}' inside; write it out in the file first"
            )
        if depth == len(parents):
            place[part] = value
        else:
            if isinstance(place, dict) and place.get(part) is None:
                place[part] = {}
            place = place[part]


def _first_line(error: ValidationError) -> str:
    """The first of pydantic's findings as `key: what is wrong, what was given, what is allowed`."""
    first, *others = error.errors()
    key = ".".join(str(part) for part in first["loc"])
    message = first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        section = _section(first["loc"][:-1])
        message = f"there is no such key; {suggest(first['loc'][-1], section.model_fields)}"
    elif first["type"] == "missing":
        message = "this key is missing; add it"
    elif first["type"] not in ("value_error", "assertion_error"):
        message += f", but {first['input']!r} was given"
    more = f" (and {len(others)} more)" if others else ""
    return f"{key}: {message}{more}" if key else f"{message}{more}"


def _section(location: tuple) -> type[BaseModel]:
    section: Any = Experiment
    for part in location:
        section = section.model_fields[part].annotation
        if not isinstance(section, type):
            section = next(kind for kind in section.__args__ if isinstance(kind, type) and issubclass(kind, BaseModel))
    return section
