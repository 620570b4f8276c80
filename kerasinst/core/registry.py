"""Finding data sets, front ends, networks and so on by name: a new one is a new file and nothing else."""

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
    """The entries of one package.

    A file is an entry if it defines `entry`, or, without `entry`, a function or class of the file's own name
    (`ee5180.py` defines `ee5180`, `log_mel.py` defines `LogMel`), with the parameters `takes`; any other file is a
    helper. Names and parameters are read from the source, so that an experiment file can be checked before Keras is
    imported.

    Args:
        package: dotted name of the package.
        kind: what its entries are called in messages, such as "network".
        entry: name of the function that every entry defines, or None.
        takes: parameters that every entry has.
        given: parameters that kerasinst fills in itself and an experiment file may not.
        aliases: names of earlier versions, and what they are called now.
    """

    package: str
    kind: str
    entry: str | None = None
    takes: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def _definitions(self) -> dict[str, ast.FunctionDef | ast.ClassDef]:
        top, *rest = self.package.split(".")
        found_top = importlib.util.find_spec(top)
        roots = found_top.submodule_search_locations if found_top else None
        if not roots:
            raise ModuleNotFoundError(f"No module named {top!r}", name=top)
        folder = Path(roots[0], *rest)  # found without importing the packages in between
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
        """Names of all entries."""
        return list(self._definitions)

    def current(self, named: dict[str, Any]) -> dict[str, Any]:
        """The same entries and options, with the names that earlier versions used replaced by today's.

        Example:
            >>> LOSSES.current({"missed_and_false": {}})
            {'iou_like': {}}
        """
        return {self.aliases.get(name, name): options for name, options in named.items()}

    def parameters(self, name: str, given: bool = False) -> list[str]:
        """Names of the parameters that an experiment file may set for an entry, or also of those that it may not."""
        parameters = _parameters(self._definitions[name])
        return parameters if given else [parameter for parameter in parameters if parameter not in self.given]

    def default(self, name: str, parameter: str) -> Any:
        """What a parameter is where nobody sets it; None if it has no default, or one that is computed."""
        node = self._definitions.get(name)
        try:
            return ast.literal_eval(_defaults(node)[parameter]) if node else None
        except (KeyError, ValueError):
            return None

    def check(self, name: str, options: dict[str, Any]) -> None:
        """Refuses an unknown name or option.

        Raises:
            BadInput: naming the nearest known one.
        """
        if name not in self._definitions:
            raise BadInput(f"there is no {self.kind} '{name}'; {suggest(name, self.names())}")
        known = self.parameters(name)
        for option in options:
            if option not in known:
                raise BadInput(f"{self.kind} '{name}' has no '{option}'; {suggest(option, known)}")

    def get(self, name: str) -> Any:
        """The function or class of that name, imported now.

        Raises:
            BadInput: if there is none.
        """
        self.check(name, {})
        return getattr(importlib.import_module(f"{self.package}.{name}"), self._definitions[name].name)


def _parameters(node: ast.FunctionDef | ast.ClassDef) -> list[str]:
    if isinstance(node, ast.ClassDef):
        makers = [item for item in node.body if isinstance(item, ast.FunctionDef) and item.name == "__init__"]
        return _parameters(makers[0])[1:] if makers else []
    return [argument.arg for argument in node.args.args + node.args.kwonlyargs]


def _defaults(node: ast.FunctionDef | ast.ClassDef) -> dict[str, ast.expr]:
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
    "kerasinst.networks", "network", takes=("input_shape", "n_labels"), given=("input_shape", "n_labels")
)
AUGMENTATIONS = Registry("kerasinst.training.augmentations", "augmentation", given=("union",))
LOSSES = Registry(
    "kerasinst.training.losses",
    "loss",
    takes=("task",),
    given=("task",),
    aliases={"missed_and_false": "iou_like"},
)
