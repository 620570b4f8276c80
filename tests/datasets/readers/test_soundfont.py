"""Rendered audio."""

from itertools import pairwise

import librosa
import numpy as np
import pytest
import soundfile
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import GroupKFold, cross_val_predict

from kerasinst import datasets
from kerasinst.datasets.readers import musicnet
from kerasinst.datasets.rendering import ensembles, makers, soundbank, synthesis

BAGS = (b"ibag", b"igen", b"pbag", b"pgen")
INSTRUMENT_ID = 41
"""The generator of a preset that names its instrument."""


def test_rendered_clips_are_audible_distinct_and_the_same_each_time(phrases):
    assert len(phrases) == 2 * 4 * len(makers.INSTRUMENTS)
    for waveform, sample_rate in phrases:
        assert sample_rate == 22050 and len(waveform) == 44100
        assert 0.1 < np.abs(waveform).max() <= 1
    assert len({waveform.tobytes() for waveform, _ in phrases}) == len(phrases)


def test_rendering_is_repeatable(tmp_path):
    few = {"makers_per_instrument": 2, "clips_per_group": 1, "seconds": 0.5}
    first = datasets.read("soundfont", tmp_path / "a", **few)
    second = datasets.read("soundfont", tmp_path / "b", **few)
    for one, other in zip(first, second, strict=True):
        assert one.path != other.path and one.path.read_bytes() == other.path.read_bytes()


def test_more_makers_leave_the_others_as_they_are(tmp_path):
    few, more = (
        datasets.read("soundfont", tmp_path, makers_per_instrument=makers, clips_per_group=1, seconds=0.5)
        for makers in (1, 2)
    )
    by_name = {clip.name: clip.path.read_bytes() for clip in more}
    assert len(more) == 2 * len(few) and all(by_name[clip.name] == clip.path.read_bytes() for clip in few)


@pytest.mark.slow
def test_loudness_peak_and_offset_do_not_give_the_instrument_away(tmp_path):
    clips = datasets.read("soundfont", tmp_path, makers_per_instrument=8, clips_per_group=5, sample_rate=8000)
    waveforms = [soundfile.read(clip.path)[0] for clip in clips]
    assert len({len(waveform) for waveform in waveforms}) == 1
    labels, groups = [clip.labels[0] for clip in clips], [clip.group for clip in clips]
    shortcuts = {
        "loudness": [np.sqrt(np.mean(np.square(waveform))) for waveform in waveforms],
        "peak": [np.abs(waveform).max() for waveform in waveforms],
        "offset": [waveform.mean() for waveform in waveforms],
        "onset": [np.argmax(np.abs(waveform) > 0.05 * np.abs(waveform).max()) for waveform in waveforms],
    }
    forest = RandomForestClassifier(200, min_samples_leaf=5, random_state=0)
    for name, values in shortcuts.items():
        named = cross_val_predict(forest, np.array(values)[:, None], labels, groups=groups, cv=GroupKFold(4))
        assert np.mean(named == np.array(labels)) < 0.2, name  # chance is 0.1


def _samples_of_presets(bank: bytes) -> dict[int, set[int]]:
    """Sample numbers of each program of bank 0, as the SoundFont 2.04 specification (section 7) chains them."""

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

    rows = {
        name: soundbank.records(bank, name, layout=layout)
        for name, layout in ((b"phdr", "<20sHHHIII"), (b"inst", "<20sH"), *zip(BAGS, ["<HH"] * 4, strict=True))
    }
    presets, instruments = rows[b"phdr"], rows[b"inst"]
    of_instrument = chain([row[1] for row in instruments], rows[b"ibag"], rows[b"igen"], soundbank.SAMPLE_ID)
    used = chain([row[3] for row in presets], rows[b"pbag"], rows[b"pgen"], INSTRUMENT_ID)
    return {
        program: set().union(*(of_instrument[instrument] for instrument in chosen))
        for (_, program, bank_number, *_), chosen in zip(presets, used, strict=False)
        if bank_number == 0
    }


def test_no_recorded_sample_of_the_sound_bank_is_under_two_labels_or_in_the_accompaniment():
    samples = _samples_of_presets(soundbank.find().read_bytes())
    groups = {name: instrument.programs for name, instrument in makers.INSTRUMENTS.items()}
    groups["accompaniment"] = makers.ACCOMPANIMENT
    owner = {}
    for name, programs in groups.items():
        for sample in set().union(*(samples[program] for program in programs)):
            assert owner.setdefault(sample, name) == name


@pytest.fixture(scope="module")
def player():
    """At 44.1 kHz."""
    return synthesis.SoundBankPlayer(44100)


@pytest.mark.parametrize("name", ["cello", "clarinet", "flute", "organ", "saxophone", "trumpet", "violin"])
def test_makers_shift_formants_and_keep_the_pitch(name, player):
    """Against librosa's YIN: a held note of each maker is in tune within the cents that the maker has."""
    instrument, random = makers.INSTRUMENTS[name], np.random.default_rng(0)
    note = (instrument.low + instrument.high) // 2
    for _ in range(6):
        maker = makers.make(instrument, random)
        waveform = makers.sound(player, maker, notes=[(0.1, 1.3, note, 100)], seconds=1.5)[12000:48000]
        found = librosa.yin(
            waveform,
            fmin=librosa.midi_to_hz(note - 14),
            fmax=librosa.midi_to_hz(note + 14),
            sr=44100,
            frame_length=8192,
        )
        off = np.median(librosa.hz_to_midi(found)) - note - maker.cents / 100
        assert abs(off - 12 * round(off / 12)) < 0.6, maker


@pytest.mark.parametrize("name", ensembles.INSTRUMENTS)
def test_every_instrument_is_in_tune(name, player):
    """The fundamental or its octave, against librosa's YIN; the bank as it comes is up to four octaves off."""
    (code,) = (code for code, instrument in musicnet.INSTRUMENTS.items() if instrument == name)
    low, high = ensembles.INSTRUMENTS[name].low, ensembles.INSTRUMENTS[name].high
    for note in range(low, high + 1, 5):
        waveform = player.play(code - 1, [(0.1, 1.2, note, 100)], seconds=1.5)[12000:48000].astype(float)
        lowest, highest = librosa.midi_to_hz(note - 14), librosa.midi_to_hz(note + 14)
        found = librosa.yin(waveform, fmin=lowest, fmax=highest, sr=44100, frame_length=8192)
        off = np.median(librosa.hz_to_midi(found)) - note
        assert abs(off - 12 * round(off / 12)) < 0.6, note


def test_a_mended_bank_needs_no_mending():
    mended = soundbank.mend(soundbank.find().read_bytes())
    headers = soundbank.records(mended, b"shdr", layout="<20sIIIIIBbHH")
    generators = soundbank.records(mended, b"igen", layout="<HH")
    for start, end in pairwise(row[0] for row in soundbank.records(mended, b"ibag", layout="<HH")):
        zone = dict(generators[start:end])
        if {soundbank.SAMPLE_ID, soundbank.ROOT_KEY} <= set(zone):
            assert headers[zone[soundbank.SAMPLE_ID]][6] == zone[soundbank.ROOT_KEY]
