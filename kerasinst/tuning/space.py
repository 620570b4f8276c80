"""Search spaces: dotted keys of the experiment, each with its possible values."""

import itertools
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from kerasinst.core.errors import BadInput, suggest
from kerasinst.experiment import Experiment
from kerasinst.tuning.values import Values

if TYPE_CHECKING:
    import keras_tuner

SEARCHABLE = ("frontend", "network", "training")
"""Sections whose keys may vary; data, audio and split stay the same, so that trials can be compared."""
FIXED = {
    "training.monitor": "trials are compared by search.objective",
    "training.seeds": "repeat trials with search.repeats",
}
"""Keys that may not vary, and why."""
NAMED = ("frontend", "network")
"""Sections whose options are dropped if their name varies and another one is drawn."""


class Space:
    """The values that a search may try.

    Args:
        content: content of a file in search_spaces/, such as `{"training.learning_rate": {"choice": [0.1, 0.01]}}`. A
            key with a list of entries has the values of that entry whose `when` applies.
        experiment: experiment whose keys vary.

    Attributes:
        keys: the dotted keys.
        entries: values by the name under which they are drawn: the key, with a number if it has several entries.

    Raises:
        BadInput: if an entry is malformed, or the experiment refuses a value of it.

    Example:
        >>> Space({"network.conv_dropout": {"float": {"min": 0.1, "max": 0.5}}}, experiment)
    """

    def __init__(self, content: Mapping[str, Any], experiment: Experiment) -> None:
        if not content:
            raise BadInput("search.space: it is empty; name at least one key that may vary")
        self.experiment = experiment
        self.keys = list(content)
        self._key_of: dict[str, str] = {}
        entries: dict[str, Values] = {}
        for key, given in content.items():
            section = key.split(".")[0]
            if key in FIXED:
                raise BadInput(f"search.space: '{key}' cannot vary in a search: {FIXED[key]}")
            if section not in SEARCHABLE:
                raise BadInput(f"search.space: '{key}' cannot vary in a search; {suggest(section, SEARCHABLE)}")
            several = given if isinstance(given, list) else [given]
            for number, entry in enumerate(several, start=1):
                name = key if len(several) == 1 else f"{key} {number}"
                entries[name], self._key_of[name] = Values.parse(key, entry), key
        self.entries = _parents_first(entries)
        for key, given in content.items():
            if isinstance(given, list):
                _refuse_overlap(key, [entry for name, entry in entries.items() if self._key_of[name] == key])
        for key, changes in self._extremes():
            try:
                experiment.override(self._as_changes(changes))
            except BadInput as error:
                raise BadInput(f"search.space: {key}: {error} (another space: --set search.space=FILE)") from None

    def extremes(self) -> dict[str, list[Any]]:
        """Gives both ends of each range and all values of each list, by name."""
        return {name: entry.extremes for name, entry in self.entries.items()}

    def _extremes(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Gives each key with an extreme value of it, beside values of its parents for which it applies."""
        for name, entry in self.entries.items():
            parents = [self._context(key, value) for key, values in entry.when.items() for value in values] or [{}]
            first: dict[str, Any] = {}
            for context in reversed(parents):
                first |= context
            for context in parents:
                for value in entry.extremes:
                    yield self._key_of[name], {**first, **context, self._key_of[name]: value}

    def _context(self, key: str, value: Any) -> dict[str, Any]:
        """Gives a value of a parent, with values of its own parents for which that one applies."""
        found: dict[str, Any] = {}
        for parent, values in self.entries[key].when.items():
            found |= self._context(parent, values[0])
        return {**found, key: value}

    @property
    def size(self) -> int | None:
        """Number of combinations; None if a key has a continuous range."""
        if any(entry.size is None for entry in self.entries.values()):
            return None
        parents = {parent for entry in self.entries.values() for parent in entry.when}
        names = list(self.entries)

        def count(position: int, values: dict[str, Any]) -> int:
            if position == len(names):
                return 1
            name, entry = names[position], self.entries[names[position]]
            if not _applies(entry, values):
                return count(position + 1, values)
            if name not in parents:
                return (entry.size or 0) * count(position + 1, values)
            return sum(count(position + 1, {**values, name: value}) for value in _all(entry))

        return count(0, {})

    def declare(self, hyperparameters: "keras_tuner.HyperParameters") -> None:
        """Declares every key to keras-tuner, with the experiment's values as defaults if the space holds them all."""
        written = self.as_written() or {}
        for name, entry in self.entries.items():
            with ExitStack() as scopes:
                conditions = self._conditions(entry)
                for parent in sorted(conditions, key=list(self.entries).index):
                    drawn = [self.entries[parent].drawn(value) for value in conditions[parent]]
                    scopes.enter_context(hyperparameters.conditional_scope(parent, drawn))
                entry.declare(name, hyperparameters, default=written.get(name))

    def _conditions(self, entry: Values) -> dict[str, list[Any]]:
        """Gives the values of other keys for which an entry applies, with those for which these keys apply."""
        found: dict[str, list[Any]] = {}
        for parent in entry.when:
            found |= self._conditions(self.entries[parent])
        return found | entry.when

    def as_written(self) -> dict[str, Any] | None:
        """Gives the values by which keras-tuner gets the experiment as it is written; None if the space lacks them."""
        drawn: dict[str, Any] = {}
        values: dict[str, Any] = {}
        for name, entry in self.entries.items():
            if not _applies(entry, values):
                continue
            key = self._key_of[name]
            value = self.experiment.value(key)
            if value is None:
                value = self.experiment.default(key)
            if entry.range is None:
                value = next((listed for listed in entry.listed if self._is(key, value, other=listed)), None)
                if value is None and None not in entry.listed:
                    return None
            elif not entry.holds(value):
                return None
            values[name], drawn[name] = value, entry.drawn(value)
        return drawn

    def _is(self, key: str, value: Any, *, other: Any) -> bool:
        """Returns True if two values of a key are the same to the experiment, however they are written."""
        if value == other and type(value) is type(other):
            return True
        return value is not None and self.experiment.override({key: other}) == self.experiment.override({key: value})

    def values(self, drawn: Mapping[str, Any]) -> dict[str, Any]:
        """Gives the values of the keys for those that keras-tuner drew; keys that do not apply have none."""
        return {self._key_of[name]: entry.value(drawn[name]) for name, entry in self.entries.items() if name in drawn}

    def experiment_with(self, drawn: Mapping[str, Any], changes: Mapping[str, Any] | None = None) -> Experiment:
        """Makes the experiment with the values that keras-tuner drew.

        If another network or front end was drawn than the experiment's, the options of the latter are dropped.

        Args:
            drawn: what keras-tuner drew.
            changes: further values by dotted key.

        Raises:
            BadInput: if the experiment refuses the values together.
        """
        return self.experiment.override({**(changes or {}), **self._as_changes(self.values(drawn))})

    def _as_changes(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Puts sections whose name changes before the keys in them."""
        changes: dict[str, Any] = {}
        for section in NAMED:
            name = values.get(f"{section}.name")
            if name is not None and name != self.experiment.value(f"{section}.name"):
                changes[section] = self.experiment.without_options(section, name)
        return {**changes, **values}


def _parents_first(entries: dict[str, Values]) -> dict[str, Values]:
    """Sorts entries so that each comes after those that its `when` names.

    Raises:
        BadInput: if `when` names a key or a value that the space does not have, or entries wait for each other.
    """
    for name, entry in entries.items():
        for parent, values in entry.when.items():
            if parent not in entries:
                raise BadInput(f"search.space: {name}: when: {parent}: no such key; {suggest(parent, list(entries))}")
            for value in values:
                if not entries[parent].holds(value):
                    raise BadInput(f"search.space: {name}: when: {parent}: {value!r} is no value of that key")
    placed: dict[str, Values] = {}
    while len(placed) < len(entries):
        free = {name: entry for name, entry in entries.items() if name not in placed and set(entry.when) <= set(placed)}
        if not free:
            waiting = ", ".join(name for name in entries if name not in placed)
            raise BadInput(f"search.space: when: {waiting} wait for each other")
        placed |= free
    return placed


def _refuse_overlap(key: str, entries: list[Values]) -> None:
    """Refuses two entries of a key that may apply at once."""
    for one, other in itertools.combinations(entries, 2):
        shared = set(one.when) & set(other.when)
        if not any(all(value not in other.when[name] for value in one.when[name]) for name in shared):
            raise BadInput(f"search.space: {key}: two of its entries may apply at once; tell them apart by when")


def _applies(entry: Values, values: Mapping[str, Any]) -> bool:
    """Returns True if the values of other keys are among those for which an entry applies."""
    return all(parent in values and values[parent] in allowed for parent, allowed in entry.when.items())


def _all(entry: Values) -> list[Any]:
    """Lists all values of an entry of finite size."""
    if entry.range is None:
        return entry.listed
    if entry.range.step is None:
        return list(range(int(entry.range.min), int(entry.range.max) + 1))
    return [entry.value(entry.range.at(place)) for place in range(entry.range.steps or 0)]
