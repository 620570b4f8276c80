"""Cached features."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
from conftest import tone

from kerasinst import audio, frontends
from kerasinst.core.errors import BadInput
from kerasinst.features import prepare_data
from kerasinst.features.extraction import extract


def test_features_are_those_of_the_front_end_and_are_computed_once(experiment, monkeypatch):
    data = prepare_data(experiment)
    layer = frontends.create("log_mel", sample_rate=8000, n_fft=256, n_mels=16)
    segments = data.segments["train"]
    pictures = extract(segments, data.collection.decoded, cut=experiment.audio, frontend=layer)
    chosen = segments[3]
    waveform = audio.load(chosen.clip.path, 8000)[chosen.start : chosen.start + 4000]
    np.testing.assert_allclose(pictures[[3]][0], np.asarray(layer(waveform[None]))[0], atol=1e-4)
    monkeypatch.setattr(
        "kerasinst.features.extraction._write", lambda *arguments, **options: pytest.fail("computed again")
    )
    again = extract(segments, data.collection.decoded, cut=experiment.audio, frontend=layer)
    np.testing.assert_array_equal(again[:], pictures[:])


def test_a_changed_file_is_not_served_from_the_cache(experiment, recordings):
    layer = frontends.create("log_mel", sample_rate=8000, n_fft=256, n_mels=16)

    def pictures():
        data = prepare_data(experiment)
        segments = data.segments["train"]
        return segments, extract(segments, data.collection.decoded, cut=experiment.audio, frontend=layer)[:]

    segments, before = pictures()
    soundfile.write(segments[0].clip.path, tone(333, seconds=1.0, seed=9), 8000, subtype="FLOAT")
    _, after = pictures()
    assert not np.array_equal(before[0], after[0])
    np.testing.assert_array_equal(before[2:], after[2:])


def test_a_front_end_that_does_not_fit_the_segment_is_one_clear_error(experiment):
    data = prepare_data(experiment)
    layer = frontends.create("log_mel", sample_rate=8000, n_fft=8192, center=False)
    with pytest.raises(BadInput, match="4000 samples are shorter than one frame of 8192"):
        extract(data.segments["train"], data.collection.decoded, cut=experiment.audio, frontend=layer)


def test_a_changed_front_end_is_not_served_from_the_cache(experiment, monkeypatch, tmp_path):
    data = prepare_data(experiment)
    layer = frontends.create("log_mel", sample_rate=8000, n_fft=256, n_mels=16)
    arguments = data.segments["train"], data.collection.decoded
    options = {"cut": experiment.audio, "frontend": layer}
    before = extract(*arguments, **options)
    assert extract(*arguments, **options).paths == before.paths
    shutil.copytree(Path(frontends.__file__).parent, tmp_path / "edited")
    with open(tmp_path / "edited" / "filters.py", "a", encoding="utf-8") as source:
        source.write("# another version\n")
    monkeypatch.setattr(frontends, "__file__", str(tmp_path / "edited" / "__init__.py"))
    assert not set(extract(*arguments, **options).paths) & set(before.paths)
