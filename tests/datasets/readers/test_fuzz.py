"""Audio damaged in 500 ways: no traceback, no wrong label, and the good files of the same folder are still read."""

import io
import itertools
import json
import os
import sys
from collections import Counter
from functools import cache, partial
from pathlib import Path

import damage
import numpy as np
import pytest
import soundfile
from conftest import tone

from kerasinst import audio, datasets

ODD = (0, 2**32 - 1, 999, 2**31 - 1, 1_000_000, 1, 7, 2**31)


@cache
def encoded(suffix, sample_rate=8000, channels=1, samples=4000, subtype=None, index=0):
    waveform = tone(200 + 61 * index, 1.0, sample_rate, harmonics=1 + index % 4, seed=index)[:samples]
    file = io.BytesIO()
    soundfile.write(file, np.stack([waveform] * channels, 1), sample_rate, format=suffix.upper(), subtype=subtype)
    return file.getvalue()


def field(rng, suffix, index, at, size):
    """A header of a wav file, in which one field says something else."""
    value = (ODD[index % len(ODD)] % 256**size).to_bytes(size, "little")
    return encoded("wav")[:at] + value + encoded("wav")[at + size :]


def senseless(rng, suffix, index):
    """A wav file of floats, some of which are none, or far too large."""
    samples = tone(440)
    samples[rng.integers(len(samples), size=3)] = [np.nan, np.inf, -np.inf, 3e38, -1e30][index % 5]
    file = io.BytesIO()
    soundfile.write(file, samples, 8000, format="WAV", subtype="FLOAT")
    return file.getvalue()


def damaged(how):
    def kind(rng, suffix, index):
        return how(rng, encoded(suffix, *[(8000, 1), (44100, 2)][index % 2]))

    return kind


ANY = {
    **{name: damaged(how) for name, how in damage.KINDS.items()},
    "much_replaced": damaged(partial(damage.replaced, longest=2000)),
    "wrong_head": lambda rng, suffix, index: rng.bytes(4 + index) + encoded(suffix)[4 + index :],
    "text": lambda rng, suffix, index: b"RIFF, ID3, OggS: no audio\n" * index,
    "other_format": lambda rng, suffix, index: encoded(["wav", "flac", "ogg", "mp3"][index % 4]),
    "few_samples": lambda rng, suffix, index: encoded(suffix, samples=1 + index // 2),
    "channels": lambda rng, suffix, index: encoded(suffix, channels=2 if suffix == "mp3" else 8),
    "high_rate": lambda rng, suffix, index: encoded(suffix, 48000 if suffix == "mp3" else 192000, samples=9000),
}
FIELDS = {
    "riff_size": (4, 4), "fmt_size": (16, 4), "codec": (20, 2), "channels": (22, 2), "rate": (24, 4),
    "bytes_a_second": (28, 4), "align": (32, 2), "bits": (34, 2), "data_size": (40, 4),
}  # fmt: skip
WAV = {
    "senseless": senseless,
    **{f"{name}_of_header": partial(field, at=at, size=size) for name, (at, size) in FIELDS.items()},
}
WAYS = [
    (suffix, kind, seed)
    for suffix in ("wav", "flac", "ogg", "mp3")
    for seed, kind in zip(range(125), itertools.cycle({**ANY, **WAV} if suffix == "wav" else ANY), strict=False)
]


@pytest.mark.parametrize("share", [pytest.param(1, marks=pytest.mark.slow), 5])
@pytest.mark.parametrize("kind", [*ANY, *WAV])
def test_damaged_audio_is_told_apart_from_good_audio(kind, share, tmp_path):
    good, bad = {}, {}
    for index, (suffix, label) in enumerate(itertools.product(["wav", "flac", "ogg", "mp3"], ["oboe", "horn"])):
        good[f"{label}/good.{suffix}"] = encoded(suffix, samples=8000, index=index)
    for number, (suffix, _, seed) in [*enumerate(way for way in WAYS if way[1] == kind)][::share]:
        rng = np.random.default_rng([seed, len(suffix), ord(suffix[0])])
        bad[f"{['oboe', 'horn'][number % 2]}/bad{seed}.{suffix}"] = {**ANY, **WAV}[kind](rng, suffix, number)
    for name, content in {**good, **bad}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)

    found = datasets.read("folder", tmp_path)
    collection = datasets.collect(found, min_seconds=0.01)
    assert {clip.name for clip in found} == {*good, *bad}
    clips = {clip.name: clip for clip in collection.clips}
    audit = collection.audit
    assert len(clips) + len(audit["broken"]) + len(audit["silent"]) + audit["too_short"] == len(found)
    for row in audit["broken"]:
        assert row["clip"] in bad and row["problem"] and len(row["problem"].splitlines()) == 1
    for name, clip in clips.items():
        facts, waveform = collection.decoded.facts[name], collection.decoded.waveform(clip)
        assert clip.labels == (name.partition("/")[0],)
        assert 0 < facts.seconds < 60 and audio.SAMPLE_RATES[0] <= facts.sample_rate <= audio.SAMPLE_RATES[1]
        assert np.isfinite(waveform).all() and len(waveform) == pytest.approx(facts.seconds * 22050, abs=1.5)
    for name in good:  # an mp3 file may be filled up to whole frames
        assert collection.decoded.facts[name].seconds == pytest.approx(1.0, abs=0.2 if "mp3" in name else 1e-6)
        assert name in clips


def test_audio_is_damaged_in_500_ways():
    assert Counter(suffix for suffix, _, _ in WAYS) == {"wav": 125, "flac": 125, "ogg": 125, "mp3": 125}


@pytest.mark.skipif(sys.platform != "linux", reason="other file systems take no such names")
def test_a_name_that_is_not_utf8_ends_nothing(tmp_path):
    for name in (b"fl\xf6te/caf\xe9.wav", b"horn/a.wav"):
        os.makedirs(os.path.dirname(os.path.join(os.fsencode(tmp_path), name)))
        Path(os.fsdecode(os.path.join(os.fsencode(tmp_path), name))).write_bytes(encoded("wav"))
    collection = datasets.collect(datasets.read("folder", tmp_path))
    assert json.dumps(collection.audit, ensure_ascii=False).encode() and collection.labels == [r"fl\xf6te", "horn"]
    assert [clip.name for clip in collection.clips] == [r"fl\xf6te/caf\xe9.wav", "horn/a.wav"]
