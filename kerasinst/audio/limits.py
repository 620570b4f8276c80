"""Limits of a recording. A file that exceeds them is damaged, or would need too much memory."""

SAMPLE_RATES = (1_000, 768_000)
"""Lowest and highest sample rate in Hz. A header with another one is damaged."""
LOUDEST = 2.0**31
"""Largest sample. Samples up to this may be integers stored as floats; larger ones are damaged."""
LONGEST = 2**29
"""Largest number of samples that are read (2 GiB, three hours at 48 kHz), as small files may unpack to any length."""
LONGEST_SECONDS = 86_400
"""Length in seconds of the longest recording that is read piece by piece."""
BLOCK = 2**19
"""Number of samples of all channels that are read at once, since a damaged header may claim any length."""
