"""The experiment file: one YAML file says everything about a study, and is checked before any work starts."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, Field, ValidationError, model_validator

from kerasinst.core import files, safe_yaml
from kerasinst.core.errors import BadInput, suggest
from kerasinst.core.registry import FRONTENDS, NETWORKS, READERS
from kerasinst.experiment.sections import (
    AudioSection,
    CompressionSection,
    DatasetSection,
    DecisionSection,
    FrontendSection,
    NetworkSection,
    PublishedResult,
    PublishedSection,
    SearchSection,
    Section,
    SplitSection,
    TrainingSection,
)

PROJECT = Path(__file__).resolve().parents[2]
RENDERED = ("soundfont", "general_midi")
"""Readers that make their audio themselves."""
OPEN = {"dataset": (READERS, "reader"), "frontend": (FRONTENDS, "name"), "network": (NETWORKS, "name")}
"""Sections that hold options of what they name, where it is found, and the key that names it."""
_NOWHERE = object()
QUICKSTART = PROJECT / "experiments" / "quickstart.yaml"


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
                if _get(content, key) is _NOWHERE:
                    raise ValueError(
                        f"published.results: where: the experiment has no '{key}'; write it out, or mend it"
                    )
        return self

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
            _write_out(content, key)
            _set(content, key, value)
        return self._checked(content, source=self.name)

    def value(self, key: str) -> Any:
        """The value of a dotted key; None if the experiment does not say it.

        Example:
            >>> Experiment.from_yaml("experiments/ee5180.yaml").value("network.conv_filters.0")
            40
        """
        value = _get(self.model_dump(mode="json"), key)
        return None if value is _NOWHERE else value

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
        self, model: str = "network", features: str = "picture", variant: str | None = None
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
            if all(_get(content, key) == value for key, value in result.where.items()):
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
            training["pretrain"] = _placed(training["pretrain"], near)
        try:
            return cls.model_validate(content)
        except ValidationError as error:
            raise BadInput(f"{source}: {_first_line(error)}") from None


def name_after(path: str | Path) -> str:
    """A name for an experiment that only letters, digits, dots and dashes of a path go into."""
    return files.slug(Path(path).expanduser().resolve().name)


def read_yaml(path: Path) -> dict[str, Any]:
    """Reads a YAML mapping with the safe loader.

    Raises:
        BadInput: if there is no such file, or it is not a YAML mapping.
    """
    try:
        content = safe_yaml.load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        beside = [file.name for file in path.parent.glob("*.yaml")] if path.parent.is_dir() else []
        raise BadInput(f"{path}: no such file" + (f"; {suggest(path.name, beside)}" if beside else "")) from None
    except (yaml.YAMLError, UnicodeDecodeError, IsADirectoryError) as error:
        raise BadInput(f"{path}: not a YAML file: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict):
        raise BadInput(f"{path}: expected keys with values, such as `name: mine`; found {type(content).__name__}")
    return content


def find(name: str | Path, near: Path = PROJECT) -> Path:
    """A path in an experiment file counts from the working folder, the experiment's folder or the project."""
    places = [folder / Path(name).expanduser() for folder in (Path(), near, PROJECT)]
    return next((place for place in places if place.exists()), places[0])


def _placed(name: str, near: Path) -> str:
    """The same path, made absolute if only the experiment's folder has it."""
    return name if not (near / name).exists() or find(name).exists() else str((near / name).absolute())


def _get(content: Any, key: str) -> Any:
    """The value of a dotted key, or what says that there is none."""
    for part in key.split("."):
        if isinstance(content, list) and part.isdigit() and int(part) < len(content):
            content = content[int(part)]
        else:
            content = content.get(part, _NOWHERE) if isinstance(content, dict) else _NOWHERE
    return content


def _write_out(content: dict, key: str) -> None:
    """Lets a key index a list that the experiment leaves as it is by default: network.conv_filters.0."""
    section, *parts = key.split(".")
    if section in OPEN and len(parts) > 1 and parts[1].isdigit() and isinstance(content.get(section), dict):
        kind, naming = OPEN[section]
        default = kind.default(content[section].get(naming), parts[0])
        if content[section].get(parts[0]) is None and isinstance(default, list | tuple):
            content[section][parts[0]] = list(default)


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
        if part not in section.model_fields:  # a name in a dictionary of sections
            continue
        section = section.model_fields[part].annotation
        if not isinstance(section, type):
            section = next(kind for kind in section.__args__ if isinstance(kind, type) and issubclass(kind, BaseModel))
    return section
