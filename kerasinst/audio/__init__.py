"""Decodes audio files to waveforms and cuts waveforms into segments.

Example:
    >>> from kerasinst import audio
    >>> waveform = audio.load("cello.flac", sample_rate=22050)
    >>> audio.cut(waveform, audio.starts(len(waveform), 44100, hop=44100), length=44100).shape
    (3, 44100)
"""

from kerasinst.audio.amplitude import SILENCE, as_floats, is_silent, is_too_loud
from kerasinst.audio.decoding import load, read, record
from kerasinst.audio.folders import files, is_audio, walk
from kerasinst.audio.limits import SAMPLE_RATES
from kerasinst.audio.recording import Recording, peak
from kerasinst.audio.segments import cut, sounding, starts, starts_in, stitch
from kerasinst.audio.sources import named_files
from kerasinst.audio.standard_input import SHOWN as STANDARD_INPUT

__all__ = [
    "SAMPLE_RATES", "SILENCE", "STANDARD_INPUT", "Recording", "as_floats", "cut", "files", "is_audio",
    "is_silent", "is_too_loud", "load", "named_files", "peak", "read", "record", "sounding", "starts",
    "starts_in", "stitch", "walk",
]  # fmt: skip
