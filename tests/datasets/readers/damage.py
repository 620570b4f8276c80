"""Ways to damage bytes: `damage(rng, data)` gives the damaged ones."""

from functools import partial


def anywhere(rng, data):
    """A position in the header or, as often, in all of the data."""
    return int(rng.integers(min(len(data), 128) if rng.random() < 0.5 else len(data)))


def truncated(rng, data):
    return data[: anywhere(rng, data)]


def flipped(rng, data):
    changed = bytearray(data)
    for _ in range(rng.integers(1, 9)):
        changed[anywhere(rng, data)] ^= 1 << int(rng.integers(8))
    return bytes(changed)


def replaced(rng, data, by=lambda rng, size: rng.bytes(size), longest=64):
    at, size = anywhere(rng, data), int(rng.integers(1, longest))
    return data[:at] + by(rng, size) + data[at + size :]


def inserted(rng, data):
    at = anywhere(rng, data)
    return data[:at] + rng.bytes(int(rng.integers(1, 300))) + data[at:]


def removed(rng, data):
    at = anywhere(rng, data)
    return data[:at] + data[at + int(rng.integers(1, 300)) :]


KINDS = {how.__name__: how for how in (truncated, flipped, replaced, inserted, removed)}
KINDS["zeroed"] = partial(replaced, by=lambda rng, size: bytes(size))
