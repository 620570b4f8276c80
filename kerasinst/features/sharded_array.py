"""Reads arrays that lie in several files."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np


class ShardedArray:
    """An array in several files. Only indexed rows are read, so that memory does not grow with the data set.

    Args:
        paths: the .npy files.
        lengths: number of rows in each file.
        row_shape: shape of one row.

    Attributes:
        shape: shape of the whole array.

    Example:
        >>> features = ShardedArray(paths, lengths=[40, 38], row_shape=(87, 64, 1))
        >>> features.shape, features[10:20].shape, features[[3, 70]].shape
        ((78, 87, 64, 1), (10, 87, 64, 1), (2, 87, 64, 1))
    """

    def __init__(self, paths: Sequence[Path], lengths: Sequence[int], *, row_shape: Sequence[int]) -> None:
        self.paths = list(paths)
        self.ends = np.cumsum(lengths, dtype=int)
        self.shape = (int(sum(lengths)), *row_shape)

    def followed_by(self, other: "ShardedArray") -> "ShardedArray":
        """Gives an array with the rows of this one and then those of the other."""
        lengths = np.diff([0, *self.ends, *(self.ends[-1] + other.ends)]).tolist()
        return ShardedArray([*self.paths, *other.paths], lengths, row_shape=self.shape[1:])

    def __len__(self) -> int:
        """Gives the number of rows in all files."""
        return self.shape[0]

    def __getitem__(self, rows: slice | np.ndarray | Sequence[int]) -> np.ndarray:
        """Reads the rows of a slice or of an array of indices, in that order."""
        rows = np.arange(len(self))[rows]
        of_shard = np.searchsorted(self.ends, rows, side="right")
        chosen = np.empty((len(rows), *self.shape[1:]), np.float32)
        for shard in np.unique(of_shard):
            here = of_shard == shard
            first = self.ends[shard - 1] if shard else 0
            chosen[here] = _open(self.paths[shard])[rows[here] - first]
        return chosen


@lru_cache(maxsize=256)
def _open(path: Path) -> np.ndarray:
    """Maps a file into memory; the files that were used last stay open."""
    return np.load(path, mmap_mode="r")
