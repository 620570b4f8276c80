"""One contract over all readers, on tiny trees of the published layouts."""

import importlib

import pytest
import trees

from kerasinst import audio, datasets
from kerasinst.core.errors import BadInput
from kerasinst.experiment.dataset import RENDERED, DatasetSection

NEED_A_FOLDER = [name for name in datasets.names() if name not in RENDERED]


@pytest.fixture
def options(name, tmp_path):
    """What `read` takes to read a tiny tree."""
    return trees.BUILDERS[name](tmp_path / "data")


@pytest.mark.parametrize("name", datasets.names())
def test_every_reader_keeps_the_contract(name, options):
    module = importlib.import_module(f"kerasinst.datasets.readers.{name}")
    assert "Groups:" in module.__doc__ and "Layout:" in module.__doc__
    assert module.CITATION and module.LICENSE
    clips = datasets.read(name, **options)
    assert len({clip.name for clip in clips}) == len(clips)
    assert all(clip.labels and clip.group and clip.path.is_file() for clip in clips)
    assert clips == datasets.read(name, **options)
    assert all(isinstance(clip.labels, tuple) for clip in clips)
    clip = clips[0]
    assert audio.read(clip.path, clip.start, end=clip.end)[0].size


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", datasets.names())
def test_no_group_is_in_two_splits(name, seed, options):
    clips = datasets.read(name, **options)
    parts = datasets.split(clips, validation=0.2, test=0.2, seed=seed)
    groups = [{clip.group for clip in part} for part in parts]
    assert sum(map(len, parts)) == len(clips)
    assert not groups[0] & groups[1] and not groups[0] & groups[2] and not groups[1] & groups[2]
    published = any(clip.split for clip in clips)  # publishers do not promise every label in each split
    for part in parts[:1] if published else parts:
        assert part and {label for clip in part for label in clip.labels} == {
            label for clip in clips for label in clip.labels
        }


@pytest.mark.parametrize("name", NEED_A_FOLDER)
def test_a_wrong_folder_says_what_was_expected_and_found(name, tmp_path):
    with pytest.raises(BadInput, match="no such folder; point --data at"):
        datasets.read(name, tmp_path / "nowhere")
    (tmp_path / "something").mkdir()
    with pytest.raises(BadInput, match=r"expected .*; found: something"):
        datasets.read(name, tmp_path)
    with pytest.raises(BadInput, match="--data DIR"):
        datasets.read(name)


@pytest.mark.parametrize(
    ("name", "extra"),
    [
        ("fsdkaggle2018", "FSDKaggle2018.audio_train/stray.wav"),
        ("nsynth", "nsynth-train/audio/guitar_stray_000-060-075.wav"),
    ],
)
def test_a_recording_that_no_table_names_is_reported(name, extra, options):
    before = datasets.read(name, **options)
    trees.write_audio(options["path"] / extra)
    clips = datasets.read(name, **options)
    assert [clip.path for clip in clips if clip.problem] == [options["path"] / extra]
    assert len(clips) == len(before) + 1
    audit = datasets.collect(clips).audit
    assert [row["clip"] for row in audit["broken"]] == [clip.name for clip in clips if clip.problem]


def test_what_a_reader_of_folders_passes_over_is_named(tmp_path):
    for name in (
        "cello/a.wav",
        "cello/notes.txt",
        "cello/b.TXT",
        "flute/deep/c.wav",
        "horn/d.mid",
        "e.wav",
        ".x/f.wav",
    ):
        trees.write_audio(tmp_path / "e.wav")
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes((tmp_path / "e.wav").read_bytes())
    (tmp_path / "triangle" / "empty").mkdir(parents=True)
    section = DatasetSection(reader="folder", path=tmp_path)
    assert len(datasets.read_section(section)) == 2
    assert datasets.overlooked(section) == [
        "horn: no audio in this folder",
        "triangle: no audio in this folder",
        "audio files that lie in no sub-folder, and so have no label, are left out: 1",
        "files of other kinds are left out: 3 (.txt 2, .mid 1)",
    ]
    assert datasets.overlooked(DatasetSection(reader="soundfont")) == []


def test_parts_whose_tables_are_missing_are_reported(tmp_path):
    trees.nsynth(tmp_path / "nsynth")
    (tmp_path / "nsynth" / "nsynth-valid" / "examples.json").unlink()
    problems = {clip.problem for clip in datasets.read("nsynth", tmp_path / "nsynth") if "nsynth-valid" in clip.name}
    assert problems == {"has no row in examples.json"}
    trees.openmic2018(tmp_path / "openmic", ".")
    (tmp_path / "openmic" / "partitions" / "split01_test.csv").write_text("")
    clips = datasets.read("openmic2018", tmp_path / "openmic")
    assert [clip.problem for clip in clips if clip.problem] == ["is in no partition"] * 2 and len(clips) == 9
