"""Reads and writes YAML that holds data but no code. Numbers such as `3e-1` are read as in YAML 1.2.

Source: YAML Ain't Markup Language, revision 1.2.2, section 10.3.2 (core schema).
"""

import re
from typing import Any

import yaml

WITH_EXPONENT = re.compile(r"[-+]?(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)[eE][-+]?[0-9]+$")
"""Pattern of numbers with an exponent."""


class _Loader(yaml.SafeLoader):
    """A loader that takes more texts for numbers than PyYAML's own."""


class _Dumper(yaml.SafeDumper):
    """A dumper that quotes texts which the loader would take for numbers."""


for _kind in (_Loader, _Dumper):
    _kind.add_implicit_resolver("tag:yaml.org,2002:float", WITH_EXPONENT, list("-+.0123456789"))


def load(text: str) -> Any:
    """Reads the value that a YAML text stands for.

    Args:
        text: text in YAML.

    Raises:
        yaml.YAMLError: if the text is no YAML.

    Example:
        >>> load("learning_rate: 3e-1")
        {'learning_rate': 0.3}
    """
    return yaml.load(text, _Loader)


def dump(value: Any, **options: Any) -> str:
    """Writes a value as YAML, so that `load` gives the same value.

    Args:
        value: value made of lists, dictionaries, texts, numbers and the like.
        **options: options of `yaml.dump`.

    Example:
        >>> print(dump({"labels": ["1e3", "cello"]}))
        labels:
        - '1e3'
        - cello
    """
    return yaml.dump(value, Dumper=_Dumper, **options)
