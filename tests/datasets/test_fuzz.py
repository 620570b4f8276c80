"""Damaged audio and damaged tables: no traceback, no wrong label, and the good files are still read."""

import csv
import io
import itertools
import json
import os
from collections import Counter
from functools import cache, partial
from pathlib import Path

import numpy as np
import pytest
import soundfile
import trees
from conftest import tone

from kerasinst import audio, datasets
from kerasinst.datasets import layout
from kerasinst.errors import BadInput

ENDLESS = (0, 1, 7, 999, 1_000_000, 2**31 - 1, 2**31, 2**32 - 1)


@cache
def encoded(suffix, sample_rate=8000, channels=1, samples=4000, subtype=None, index=0):
    waveform = tone(200 + 61 * index, 1.0, sample_rate, harmonics=1 + index % 4, seed=index)[:samples]
    file = io.BytesIO()
    soundfile.write(file, np.stack([waveform] * channels, 1), sample_rate, format=suffix.upper(), subtype=subtype)
    return file.getvalue()


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


def field(rng, suffix, index, at, size):
    """A header of a wav file, in which one field says something else."""
    value = (ENDLESS[index % len(ENDLESS)] % 256**size).to_bytes(size, "little")
    return encoded("wav")[:at] + value + encoded("wav")[at + size :]


def senseless(rng, suffix, index):
    """A wav file of floats, some of which are none, or far too large."""
    samples = tone(440)
    samples[rng.integers(len(samples), size=3)] = [np.nan, np.inf, -np.inf, 3e38, -1e30][index % 5]
    file = io.BytesIO()
    soundfile.write(file, samples, 8000, format="WAV", subtype="FLOAT")
    return file.getvalue()


def damage(how):
    def kind(rng, suffix, index):
        return how(rng, encoded(suffix, *[(8000, 1), (44100, 2)][index % 2]))

    return kind


zeroed = partial(replaced, by=lambda rng, size: bytes(size))
ANY = {
    **{how.__name__: damage(how) for how in (truncated, flipped, replaced, inserted, removed)},
    "zeroed": damage(zeroed),
    "much_replaced": damage(partial(replaced, longest=2000)),
    "wrong_head": lambda rng, suffix, index: rng.bytes(4 + index) + encoded(suffix)[4 + index :],
    "text": lambda rng, suffix, index: b"RIFF, ID3, OggS: no audio\n" * index,
    "other_format": lambda rng, suffix, index: encoded(["wav", "flac", "ogg", "mp3"][index % 4]),
    "few_samples": lambda rng, suffix, index: encoded(suffix, samples=1 + index // 2),
    "channels": lambda rng, suffix, index: encoded(suffix, channels=2 if suffix == "mp3" else 8),
    "high_rate": lambda rng, suffix, index: encoded(suffix, 48000 if suffix == "mp3" else 192000, samples=9000),
}
WAV = {
    "senseless": senseless,
    **{
        f"{name}_of_header": partial(field, at=at, size=size)
        for name, at, size in [
            ("riff_size", 4, 4), ("fmt_size", 16, 4), ("codec", 20, 2), ("channels", 22, 2), ("rate", 24, 4),
            ("bytes_a_second", 28, 4), ("align", 32, 2), ("bits", 34, 2), ("data_size", 40, 4),
        ]  # fmt: skip
    },
}  # fmt: skip
WAYS = [
    (suffix, kind, seed)
    for suffix in ("wav", "flac", "ogg", "mp3")
    for seed, kind in zip(range(125), itertools.cycle({**ANY, **WAV} if suffix == "wav" else ANY), strict=False)
]


@pytest.mark.parametrize("kind", [*ANY, *WAV])
def test_damaged_audio_is_told_apart_from_good_audio(kind, tmp_path):
    good, bad = {}, {}
    for index, (suffix, label) in enumerate(itertools.product(["wav", "flac", "ogg", "mp3"], ["oboe", "horn"])):
        good[f"{label}/good.{suffix}"] = encoded(suffix, samples=8000, index=index)
    for number, (suffix, _, seed) in enumerate(way for way in WAYS if way[1] == kind):
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


def test_a_name_that_is_not_utf8_ends_nothing(tmp_path):
    try:
        for name in (b"fl\xf6te/caf\xe9.wav", b"horn/a.wav"):
            os.makedirs(os.path.dirname(os.path.join(os.fsencode(tmp_path), name)))
            Path(os.fsdecode(os.path.join(os.fsencode(tmp_path), name))).write_bytes(encoded("wav"))
    except OSError:
        pytest.skip("the file system takes no such names")
    collection = datasets.collect(datasets.read("folder", tmp_path))
    assert json.dumps(collection.audit, ensure_ascii=False).encode() and collection.labels == [r"fl\xf6te", "horn"]
    assert [clip.name for clip in collection.clips] == [r"fl\xf6te/caf\xe9.wav", "horn/a.wav"]


MANIFEST = "path,labels,group,split\n" + "".join(
    f"take {index}.wav,{'oboe|horn' if index % 2 else 'flûte'},day {index // 3},{'test' if index == 9 else ''}\n"
    for index in range(12)
)
FSDKAGGLE = "fname,label,manually_verified,freesound_id\n" + "".join(
    f"{name},{label},{verified},{number}\n" for name, label, verified, number in trees.FSD_ROWS
)
JSON = json.dumps({f"take {index}": {"labels": ["flûte", "oboe"], "at": index / 3} for index in range(9)}, indent=1)


def of_lines(change):
    """A damage of lines or cells, as one of bytes."""

    def kind(rng, data):
        return "\n".join(change(rng, data.decode().split("\n"))).encode()

    return kind


def of_header(rng, lines):
    head = lines[0].split(",")
    return [",".join([*rng.permutation(head)] if rng.random() < 0.5 else [*head[:-1], "other"]), *lines[1:]]


def of_columns(rng, lines):
    order = rng.permutation(len(lines[0].split(",")))[: int(rng.integers(1, 5))]
    return [",".join(line.split(",")[at] for at in order) for line in lines if line.count(",") == 3]


def of_quotes(rng, lines):
    text = "\n".join(lines)
    for at in sorted(rng.integers(len(text), size=int(rng.integers(1, 4))), reverse=True):
        text = text[:at] + '"' + text[at:]
    return text.split("\n")


COLUMNS = (("path", "fname"), ("labels", "label"))
TEXT_KINDS = {
    **{how.__name__: how for how in (truncated, flipped, replaced, inserted, removed)},
    "nul": zeroed,
    "row_twice": of_lines(lambda rng, lines: [*lines, lines[int(rng.integers(len(lines)))]]),
    "rows_mixed": of_lines(lambda rng, lines: [*rng.permutation(lines)]),
    "header": of_lines(of_header),
    "columns": of_lines(of_columns),
    "quotes": of_lines(of_quotes),
    "long_line": of_lines(lambda rng, lines: [*lines, "x" * 100_000 + ".wav,oboe,1,"]),
    "only_first_line": of_lines(lambda rng, lines: lines[:1] * int(rng.integers(2))),
    "old_line_ends": lambda rng, data: data.replace(b"\n", [b"\r", b"\r\n", b"\r\r\n", b"\n\n"][rng.integers(4)]),
    "encoding": lambda rng, data: data.decode().encode(["utf-16", "utf-32", "latin-1", "utf-8-sig"][rng.integers(4)]),
}


@pytest.mark.parametrize("kind", TEXT_KINDS)
@pytest.mark.parametrize("reader", ["manifest", "fsdkaggle2018", "json"])
def test_damaged_metadata_gives_no_label_that_is_not_there(reader, kind, tmp_path):
    original = {"manifest": MANIFEST, "fsdkaggle2018": FSDKAGGLE, "json": JSON}[reader]
    file = tmp_path / {"manifest": "manifest.csv", "fsdkaggle2018": "train.csv", "json": "a.json"}[reader]
    (tmp_path / "audio_train").mkdir()
    for seed in range(5):  # 3 * 15 * 5 = 225 ways
        data = TEXT_KINDS[kind](np.random.default_rng([seed, len(kind), len(reader)]), original.encode())
        file.write_bytes(data)
        try:
            if reader == "json":
                assert isinstance(layout.read_json(file), dict)
                continue
            clips = datasets.read(reader, tmp_path)
        except BadInput as error:
            assert len(str(error).splitlines()) == 1 and len(str(error)) < 600
            continue
        text = data.decode("utf-8-sig")
        now, then = table(text), table(original)
        whole = set(original.split("\n")) & set(text.split("\n"))
        for clip in clips:
            assert clip.labels in [labels for labels, _ in now[clip.path.name]]
            if text.split("\n")[0] == original.split("\n")[0]:
                assert all(clip.labels == labels for labels, line in then.get(clip.path.name, ()) if line in whole)


def table(text):
    """What another reader of CSV finds: the labels and the line of each file."""
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    at, label = (next(header.index(name) for name in names if name in header) for names in COLUMNS)
    found = {}
    for row in rows:
        if len(row) > max(at, label):
            name = Path(os.path.abspath("/" + row[at].replace("\\", "/"))).name
            labels = tuple(dict.fromkeys(part.strip() for part in row[label].split("|") if part.strip()))
            found.setdefault(name, []).append((labels, ",".join(row)))
    return found


@pytest.mark.parametrize("reader", ["manifest", "fsdkaggle2018"])
@pytest.mark.parametrize(
    "name",
    ["../x.wav", "..", ".", "/", "/etc/passwd", "a/../../x.wav", "..\\x.wav", "C:\\x.wav", "//host/x.wav", "~/x.wav",
     "link/../../x.wav", "a\0/../../x.wav", "a" * 5000 + ".wav"],
)  # fmt: skip
def test_no_name_leads_out_of_the_folder(reader, name, tmp_path):
    root = tmp_path / "data"
    (root / "audio_train").mkdir(parents=True)
    for file in (root / "manifest.csv", root / "train.csv"):
        file.write_text(f"{'path' if file.stem == 'manifest' else 'fname'},label\n{name},oboe\ngood.wav,oboe\n")
    for file in (tmp_path / "x.wav", root / "good.wav", root / "audio_train" / "good.wav"):
        file.write_bytes(encoded("wav"))
    try:
        clips = datasets.read(reader, root)
    except BadInput as error:
        assert "leads out of" in str(error) or "NUL" in str(error)
        return
    assert all(Path(os.path.abspath(clip.path)).is_relative_to(root) for clip in clips)
    assert [clip.path.name for clip in datasets.collect(clips).clips] == ["good.wav"]


def test_a_link_to_another_disk_is_the_users_own(tmp_path):
    for name in ("disk/day 1/a.wav", "disk/b.wav", "data/b.wav"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(encoded("wav", index=len(name)))
    (tmp_path / "data" / "link").symlink_to(tmp_path / "disk" / "day 1")
    (tmp_path / "data" / "manifest.csv").write_text("path,label\nlink/a.wav,oboe\nlink/../b.wav,horn\n")
    horn, oboe = sorted(datasets.read("manifest", tmp_path / "data"), key=lambda clip: clip.labels)
    assert oboe.path.read_bytes() == (tmp_path / "disk" / "day 1" / "a.wav").read_bytes()
    assert horn.path.resolve() == tmp_path / "data" / "b.wav"
