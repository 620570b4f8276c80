"""Finds readers, front ends, networks, augmentations, losses, decisions and tuners by name, one per file."""

import ast
import importlib
import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from kerasinst.core.errors import BadInput, suggest


@dataclass(frozen=True)
class Registry:
    """A registry of the entries that the files of one package define.

    A file is an entry if it defines `entry`, or, without `entry`, a function or class of the file's own name
    (`ee5180.py` defines `ee5180`, `log_mel.py` defines `LogMel`), with the parameters `takes`; any other file is a
    helper. Names and parameters are read from the source, so that an experiment file can be checked before Keras is
    imported.

    Args:
        package: dotted name of the package.
        kind: word for an entry in messages, such as "network".
        entry: name of the function that every entry defines, or None.
        takes: parameters that every entry has.
        given: parameters that kerasinst fills in itself, so that an experiment file may not set them.
        aliases: today's names of entries by their names in earlier versions.
    """

    package: str
    kind: str
    entry: str | None = None
    takes: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def _definitions(self) -> dict[str, ast.FunctionDef | ast.ClassDef]:
        """Syntax trees of the definitions of all entries, by name."""
        top, *rest = self.package.split(".")
        found_top = importlib.util.find_spec(top)
        roots = found_top.submodule_search_locations if found_top else None
        if not roots:
            raise ModuleNotFoundError(f"No module named {top!r}", name=top)
        folder = Path(roots[0], *rest)  # without importing the packages in between
        found = {}
        for file in sorted(folder.glob("[!_]*.py")):
            wanted = self.entry or file.stem.replace("_", "")
            for node in ast.parse(file.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.FunctionDef | ast.ClassDef):
                    name = node.name if self.entry else node.name.replace("_", "").lower()
                    if name == wanted and set(self.takes) <= set(_parameters(node)):
                        found[file.stem] = node
        return found

    def names(self) -> list[str]:
        """Lists the names of all entries."""
        return list(self._definitions)

    def current(self, named: dict[str, Any]) -> dict[str, Any]:
        """Replaces names of earlier versions by those of today.

        Args:
            named: options of entries, by the names of the entries.

        Example:
            >>> LOSSES.current({"missed_and_false": {}})
            {'iou_like': {}}
        """
        return {self.aliases.get(name, name): options for name, options in named.items()}

    def parameters(self, name: str, given: bool = False) -> list[str]:
        """Lists the names of an entry's parameters.

        Args:
            name: name of the entry.
            given: whether to list also those that an experiment file may not set.
        """
        parameters = _parameters(self._definitions[name])
        return parameters if given else [parameter for parameter in parameters if parameter not in self.given]

    def default(self, name: str, parameter: str) -> Any:
        """Returns the default value of a parameter.

        Args:
            name: name of an entry.
            parameter: name of the parameter.

        Returns:
            The value, or None if there is no such entry, or the parameter has no default or one that is no literal.
        """
        node = self._definitions.get(name)
        try:
            return ast.literal_eval(_defaults(node)[parameter]) if node else None
        except (KeyError, ValueError):
            return None

    def check(self, name: str, options: dict[str, Any]) -> None:
        """Checks that an entry and its options exist.

        Args:
            name: name of the entry.
            options: options of the entry.

        Raises:
            BadInput: if the name or an option is unknown; the message names the nearest one that is known.
        """
        if name not in self._definitions:
            raise BadInput(f"there is no {self.kind} '{name}'; {suggest(name, self.names())}")
        known = self.parameters(name)
        for option in options:
            if option not in known:
                raise BadInput(f"{self.kind} '{name}' has no '{option}'; {suggest(option, known)}")

    def get(self, name: str) -> Any:
        """Imports the function or class of an entry.

        Args:
            name: name of the entry.

        Raises:
            BadInput: if there is no such entry.
        """
        self.check(name, {})
        return getattr(importlib.import_module(f"{self.package}.{name}"), self._definitions[name].name)


def _parameters(node: ast.FunctionDef | ast.ClassDef) -> list[str]:
    """Lists the parameters of a function or of a class's `__init__`."""
    if isinstance(node, ast.ClassDef):
        makers = [item for item in node.body if isinstance(item, ast.FunctionDef) and item.name == "__init__"]
        return _parameters(makers[0])[1:] if makers else []
    return [argument.arg for argument in node.args.args + node.args.kwonlyargs]


def _defaults(node: ast.FunctionDef | ast.ClassDef) -> dict[str, ast.expr]:
    """Finds the default values of a function or of a class's `__init__`, by parameter."""
    if isinstance(node, ast.ClassDef):
        makers = [item for item in node.body if isinstance(item, ast.FunctionDef) and item.name == "__init__"]
        return _defaults(makers[0]) if makers else {}
    last = [argument.arg for argument in node.args.args][-len(node.args.defaults) or None :]
    named = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
    given = {argument.arg: value for argument, value in named if value is not None}
    return dict(zip(last, node.args.defaults, strict=False)) | given


READERS = Registry("kerasinst.datasets.readers", "reader", entry="read", takes=("path",), given=("path", "progress"))
FRONTENDS = Registry("kerasinst.frontends", "front end", takes=("sample_rate",))
NETWORKS = Registry(
    "kerasinst.networks", "network", takes=("input_shape", "n_labels"), given=("input_shape", "n_labels", "n_frames")
)
AUGMENTATIONS = Registry("kerasinst.training.augmentations", "augmentation", given=("union",))
LOSSES = Registry(
    "kerasinst.training.losses",
    "loss",
    takes=("task",),
    given=("task",),
    aliases={"missed_and_false": "iou_like"},
)
DECISIONS = Registry("kerasinst.decisions", "decision", given=("labels", "hop_seconds"))
ORACLES = Registry(
    "kerasinst.tuning.oracles",
    "tuner",
    takes=("hyperparameters", "objective", "trials", "epochs", "seed"),
    given=("hyperparameters", "objective", "objectives", "trials", "epochs", "seed"),
)
