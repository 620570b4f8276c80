"""YAML that holds data and no code, with numbers such as `3e-1`, as YAML 1.2 has them, beside those of PyYAML.

Source: YAML Ain't Markup Language, revision 1.2.2, section 10.3.2 (core schema).
"""

import re
from typing import Any

import yaml

WITH_EXPONENT = re.compile(r"[-+]?(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)[eE][-+]?[0-9]+$")


class _Loader(yaml.SafeLoader):
    pass


class _Dumper(yaml.SafeDumper):
    """Quotes texts that the loader would take for numbers."""


for _kind in (_Loader, _Dumper):
    _kind.add_implicit_resolver("tag:yaml.org,2002:float", WITH_EXPONENT, list("-+.0123456789"))


def load(text: str) -> Any:
    """The value that a YAML text stands for.

    Raises:
        yaml.YAMLError: if it is no YAML.

    Example:
        >>> load("learning_rate: 3e-1")
        {'learning_rate': 0.3}
    """
    return yaml.load(text, _Loader)


def dump(value: Any, **options: Any) -> str:
    """A value as YAML; `load` gives it back.

    Example:
        >>> print(dump({"labels": ["1e3", "cello"]}))
        labels:
        - '1e3'
        - cello
    """
    return yaml.dump(value, Dumper=_Dumper, **options)
