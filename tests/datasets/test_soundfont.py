"""Rendered audio."""

import struct
from itertools import pairwise
from pathlib import Path

import numpy as np
import pretty_midi

from kerasinst import datasets
from kerasinst.datasets import soundfont


def test_rendered_clips_are_audible_distinct_and_the_same_each_time(phrases):
    assert len(phrases) == 2 * sum(map(len, soundfont.FAMILIES.values()))
    for waveform, sample_rate in phrases:
        assert sample_rate == 22050 and len(waveform) == 44100
        assert 0.1 < np.abs(waveform).max() <= 1
    assert len({waveform.tobytes() for waveform, _ in phrases}) == len(phrases)


def test_rendering_is_repeatable(tmp_path):
    first = datasets.read("soundfont", tmp_path / "a", clips_per_group=1, seconds=0.5)
    second = datasets.read("soundfont", tmp_path / "b", clips_per_group=1, seconds=0.5)
    for one, other in zip(first, second, strict=True):
        assert one.path != other.path and one.path.read_bytes() == other.path.read_bytes()


def _samples_of_presets(bank: bytes) -> dict[int, set[int]]:
    """Sample numbers of each program of bank 0, as the SoundFont 2.04 specification (section 7) chains them."""

    def records(name: bytes, layout: str) -> list[tuple]:
        start = bank.index(name, bank.index(b"pdta")) + 8
        size = struct.unpack_from("<I", bank, start - 4)[0]
        return list(struct.iter_unpack(layout, bank[start : start + size]))

    def chain(owners: list[int], bags: list[tuple], generators: list[tuple], wanted: int) -> list[set[int]]:
        """For each owner, the amounts of the wanted generator in its bags."""
        return [
            {
                amount
                for bag in range(first, end)
                for kind, amount in generators[bags[bag][0] : bags[bag + 1][0]]
                if kind == wanted
            }
            for first, end in pairwise(owners)
        ]

    presets, instruments = records(b"phdr", "<20sHHHIII"), records(b"inst", "<20sH")
    sample_id, instrument_id = 53, 41
    of_instrument = chain([row[1] for row in instruments], records(b"ibag", "<HH"), records(b"igen", "<HH"), sample_id)
    used = chain([row[3] for row in presets], records(b"pbag", "<HH"), records(b"pgen", "<HH"), instrument_id)
    return {
        program: set().union(*(of_instrument[instrument] for instrument in chosen))
        for (_, program, bank_number, *_), chosen in zip(presets, used, strict=False)
        if bank_number == 0
    }


def test_no_recorded_sample_of_the_sound_bank_is_in_two_groups():
    samples = _samples_of_presets(Path(pretty_midi.__file__).with_name("TimGM6mb.sf2").read_bytes())
    groups = {timbre.name: timbre.programs for family in soundfont.FAMILIES.values() for timbre in family}
    groups["accompaniment"] = soundfont.ACCOMPANIMENT
    owner = {}
    for name, programs in groups.items():
        for sample in set().union(*(samples[program] for program in programs)):
            assert owner.setdefault(sample, name) == name
