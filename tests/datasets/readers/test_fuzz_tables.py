"""Tables damaged in 225 ways give no label that is not there, and no name in one leads out of its folder."""

import csv
import io
import json
import os
from pathlib import Path

import damage
import numpy as np
import pytest
import trees

from kerasinst import datasets
from kerasinst.core.errors import BadInput
from kerasinst.datasets import reader_utils

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
    **damage.KINDS,
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
                assert isinstance(reader_utils.read_json(file), dict)
                continue
            clips = datasets.read(reader, tmp_path)
        except BadInput as error:
            assert len(str(error).splitlines()) == 1 and len(str(error)) < 600
            continue
        text = data.decode("utf-8-sig")
        now, then = table(text), table(original)
        whole = set(original.split("\n")) & set(text.split("\n"))
        for clip in clips:
            assert parts("|".join(clip.labels)) in [labels for labels, _ in now[clip.path.name]]
            if text.split("\n")[0] == original.split("\n")[0]:
                assert all(set(clip.labels) == labels for labels, line in then.get(clip.path.name, ()) if line in whole)


def table(text):
    """What another reader of CSV finds: the labels and the line of each file."""
    header, *rows = (row for row in csv.reader(io.StringIO(text, newline="")) if row)
    at, label = (next(header.index(name) for name in names if name in header) for names in COLUMNS)
    found = {}
    for row in rows:
        if len(row) > max(at, label):
            name = Path(os.path.abspath("/" + row[at].replace("\\", "/"))).name
            found.setdefault(name, []).append((parts(row[label]), ",".join(row)))
    return found


def parts(labels):
    return {part.strip() for part in labels.split("|")} - {""}


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
        trees.write_audio(file)
    try:
        clips = datasets.read(reader, root)
    except BadInput as error:
        assert "leads out of" in str(error) or "NUL" in str(error)
        return
    assert all(Path(os.path.abspath(clip.path)).is_relative_to(root) for clip in clips)
    assert [clip.path.name for clip in datasets.collect(clips).clips] == ["good.wav"]


def test_a_link_to_another_disk_is_the_users_own(tmp_path):
    for name in ("disk/day 1/a.wav", "disk/b.wav", "data/b.wav"):
        trees.write_audio(tmp_path / name, len(name))
    (tmp_path / "data" / "link").symlink_to(tmp_path / "disk" / "day 1")
    (tmp_path / "data" / "manifest.csv").write_text("path,label\nlink/a.wav,oboe\nlink/../b.wav,horn\n")
    horn, oboe = sorted(datasets.read("manifest", tmp_path / "data"), key=lambda clip: clip.labels)
    assert oboe.path.read_bytes() == (tmp_path / "disk" / "day 1" / "a.wav").read_bytes()
    assert horn.path.resolve() == tmp_path / "data" / "b.wav"
