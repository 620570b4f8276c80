"""Limits of a recording; beyond them a file is damaged, or unpacks to too much."""

SAMPLE_RATES = (1_000, 768_000)
"""In Hz; a header that says something else is damaged."""
LOUDEST = 2.0**31
"""Samples beyond this are damaged floats; up to it they may be integers stored as floats."""
LONGEST = 2**29
"""Samples that are read at most (2 GiB, three hours at 48 kHz), since a small file may unpack to any length."""
BLOCK = 2**22
"""Samples of all channels that are read at once, since a damaged header may claim any length."""
