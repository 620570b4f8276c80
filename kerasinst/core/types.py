"""Defines types that several packages share."""

from typing import Any

Tensor = Any
"""A tensor of whatever backend Keras runs on: an array, a backend's own tensor or a symbolic `keras.KerasTensor`."""

Shape = tuple[int | None, ...]
"""Shape of a tensor; None stands for a length that is not fixed, such as that of a batch."""
