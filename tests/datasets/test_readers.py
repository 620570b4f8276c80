"""Every reader: one contract over all, on tiny trees of the published layouts."""

import importlib
import struct
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pretty_midi
import pytest
import soundfile
from conftest import tone

from kerasinst import audio, datasets
from kerasinst.datasets import soundfont
from kerasinst.errors import BadInput

FSD_ROWS = [
    ("00044347.wav", "Cello", 1, 1001),
    ("001ca53d.wav", "Cello", 0, 1002),
    ("002d256b.wav", "Cello", 1, 1003),
    ("0033e230.wav", "Flute", 1, 1004),
    ("00353774.wav", "Flute", 0, 1005),
    ("003b91e8.wav", "Flute", 1, 1005),
    ("003da8e5.wav", "Flute", 1, 1007),
]


def _fsd(root, audio_folder, table, columns=("fname", "label", "manually_verified", "freesound_id")):
    (root / audio_folder).mkdir(parents=True)
    (root / table).parent.mkdir(exist_ok=True)
    rows = pd.DataFrame(FSD_ROWS, columns=["fname", "label", "manually_verified", "freesound_id"])
    rows[list(columns)].to_csv(root / table, index=False)
    for index, (name, *_) in enumerate(FSD_ROWS):
        soundfile.write(root / audio_folder / name, tone(200 + 50 * index), 8000)
    return root


@pytest.fixture
def trees(tmp_path, recordings):
    """A folder for each reader that needs one."""
    zenodo = ("FSDKaggle2018.audio_train", "FSDKaggle2018.meta/train_post_competition.csv")
    return {
        "folder": dict(path=recordings),
        "fsdkaggle2018": dict(path=_fsd(tmp_path / "fsd", *zenodo)),
        "soundfont": dict(clips_per_group=1),
    }


@pytest.mark.parametrize("name", datasets.names())
def test_every_reader_keeps_the_contract(name, trees):
    module = importlib.import_module(f"kerasinst.datasets.{name}")
    assert "Groups:" in module.__doc__ and "Layout:" in module.__doc__
    assert module.CITATION and module.LICENSE
    clips = datasets.read(name, **trees[name])
    assert len({clip.name for clip in clips}) == len(clips)
    assert all(clip.labels and clip.group and clip.path.is_file() for clip in clips)
    assert clips == datasets.read(name, **trees[name])
    assert audio.read(clips[0].path)[0].size


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", datasets.names())
def test_no_group_is_in_two_splits(name, seed, trees):
    clips = datasets.read(name, **trees[name])
    parts = datasets.split(clips, validation=0.2, test=0.2, seed=seed)
    groups = [{clip.group for clip in part} for part in parts]
    assert sum(map(len, parts)) == len(clips)
    assert not groups[0] & groups[1] and not groups[0] & groups[2] and not groups[1] & groups[2]
    for part in parts:
        assert {label for clip in part for label in clip.labels} == {label for clip in clips for label in clip.labels}


def test_fsdkaggle2018_kaggle_copy_without_verification(tmp_path):
    root = _fsd(tmp_path / "kaggle", "audio_train", "train.csv", columns=("fname", "label"))
    clips = datasets.read("fsdkaggle2018", root)
    assert [(clip.name, clip.labels) for clip in clips] == [(name, (label,)) for name, label, *_ in FSD_ROWS]
    assert clips[0].group == "00044347.wav"
    with pytest.raises(BadInput, match="no column 'manually_verified'"):
        datasets.read("fsdkaggle2018", root, verified_only=True)


def test_fsdkaggle2018_groups_verification_and_test_set(tmp_path):
    root = _fsd(tmp_path, "audio_train", "train.csv")
    clips = datasets.read("fsdkaggle2018", root)
    assert [clip.group for clip in clips if clip.group == "1005"] == ["1005", "1005"]
    assert len(datasets.read("fsdkaggle2018", root, verified_only=True)) == 5
    scoring = "FSDKaggle2018.meta/test_post_competition_scoring_clips.csv"
    _fsd(tmp_path / "zenodo", "FSDKaggle2018.audio_test", scoring)
    assert len(datasets.read("fsdkaggle2018", tmp_path / "zenodo", subset="test")) == 7


@pytest.mark.parametrize("name", ["folder", "fsdkaggle2018"])
def test_a_wrong_folder_says_what_was_expected_and_found(name, tmp_path):
    with pytest.raises(BadInput, match="no such folder"):
        datasets.read(name, tmp_path / "nowhere")
    (tmp_path / "something").mkdir()
    with pytest.raises(BadInput, match=r"found: something"):
        datasets.read(name, tmp_path)
    with pytest.raises(BadInput, match="--data DIR"):
        datasets.read(name)


def test_a_file_name_cannot_lead_out_of_the_data_folder(tmp_path):
    root = _fsd(tmp_path / "fsd", "audio_train", "train.csv")
    (root / "train.csv").write_text("fname,label\n../../secret.wav,Cello\n00353774.wav,Flute\n")
    assert {clip.path.parent for clip in datasets.read("fsdkaggle2018", root)} == {root / "audio_train"}


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
