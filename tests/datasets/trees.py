"""Tiny trees of exactly the published layouts, one builder for each reader: `build(root)` gives what `read` takes."""

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import soundfile
from conftest import make_recordings, tone

FSD_ROWS = [
    ("00044347.wav", "Cello", 1, 1001),
    ("001ca53d.wav", "Cello", 0, 1002),
    ("002d256b.wav", "Cello", 1, 1003),
    ("0033e230.wav", "Flute", 1, 1004),
    ("00353774.wav", "Flute", 0, 1005),
    ("003b91e8.wav", "Flute", 1, 1005),
    ("003da8e5.wav", "Flute", 1, 1007),
]


def write_audio(path: Path, index: int = 0, sample_rate: int = 8000, seconds: float = 0.25) -> None:
    """One short recording; another index sounds different."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(
        path, tone(200 + 37 * index, seconds, sample_rate, harmonics=1 + index % 5, seed=index), sample_rate
    )


def fsdkaggle2018(
    root: Path,
    audio: str = "FSDKaggle2018.audio_train",
    table: str = "FSDKaggle2018.meta/train_post_competition.csv",
    columns: tuple[str, ...] = ("fname", "label", "manually_verified", "freesound_id"),
) -> dict:
    """The Zenodo layout, or another one that is named."""
    rows = pd.DataFrame(FSD_ROWS, columns=["fname", "label", "manually_verified", "freesound_id"])
    for index, name in enumerate(rows.fname):
        write_audio(root / audio / name, index)
    (root / table).parent.mkdir(parents=True, exist_ok=True)
    rows[list(columns)].to_csv(root / table, index=False)
    return {"path": root}


AUDIOSET_CLASSES = {
    "/m/05r5c": "Piano",
    "/m/026t6": "Drum",
    "/m/0l14j_": "Flute",
    "/m/09x0r": "Speech",
    "/m/0ytgt": "Child speech, kid speaking",
}
AUDIOSET_ROWS = [  # audio file (None was never fetched), video, table, start in seconds, mids
    ("a/Y-0RWZT-miFs.wav", "-0RWZT-miFs", "balanced_train", 420, "/m/05r5c,/m/09x0r"),
    ("a/b/--aE2O5G5WE_0.flac", "--aE2O5G5WE", "balanced_train", 0, "/m/05r5c"),
    ("_6-JYg_K7Yk_30.000.wav", "_6-JYg_K7Yk", "balanced_train", 30, "/m/026t6"),
    ("BfvyPmVMo-Q_20500.wav", "BfvyPmVMo-Q", "balanced_train", 20.5, "/m/026t6"),
    ("Y_Y_Y_Y_Y_Y_.wav", "_Y_Y_Y_Y_Y_", "balanced_train", 10, "/m/0l14j_"),
    ("YY_Y_Y_Y_Y_.wav", "YY_Y_Y_Y_Y_", "balanced_train", 10, "/m/0l14j_,/m/05r5c"),
    ("Yaaaaaaaaaa1.wav", "aaaaaaaaaa1", "balanced_train", 10, "/m/0l14j_"),
    ("Yaaaaaaaaaa2.wav", "aaaaaaaaaa2", "balanced_train", 10, "/m/09x0r"),
    ("Yaaaaaaaaaa3.wav", "aaaaaaaaaa3", "balanced_train", 10, "/m/0ytgt,/m/09x0r"),
    ("eval/Yaaaaaaaaaa4.wav", "aaaaaaaaaa4", "eval", 30, "/m/05r5c,/m/0ytgt"),
    ("eval/Yaaaaaaaaaa5.wav", "aaaaaaaaaa5", "eval", 30, "/m/026t6,/m/0ytgt"),
    ("eval/Yaaaaaaaaaa6.wav", "aaaaaaaaaa6", "eval", 30, "/m/0l14j_"),
    ("eval/Yaaaaaaaaaa7.wav", "aaaaaaaaaa7", "eval", 30, "/m/026t6,/m/0ytgt"),
    (None, "neverFetchd", "eval", 30, "/m/05r5c"),
]


def audioset(root: Path) -> dict:
    """The tables in a folder of their own, the audio in others, under all names that tools give it."""
    head = "# Segments csv created Sun Mar  5 10:54:31 2017\n# num_ytids=2, num_segs=2\n# YTID, start_seconds, ...\n"
    tables = dict.fromkeys(("balanced_train", "eval"), head)
    for index, (file, video, table, start, mids) in enumerate(AUDIOSET_ROWS):
        if file:
            write_audio(root / "audio" / file, index)
        tables[table] += f'{video}, {start:.3f}, {start + 10:.3f}, "{mids}"\n'
    (root / "csv").mkdir(parents=True)
    for table, text in tables.items():
        (root / "csv" / f"{table}_segments.csv").write_text(text)
    names = [f'{index},{mid},"{name}"\n' for index, (mid, name) in enumerate(AUDIOSET_CLASSES.items())]
    (root / "csv" / "class_labels_indices.csv").write_text("index,mid,display_name\n" + "".join(names))
    return {"path": root}


def folder(root: Path) -> dict:
    """One sub-folder a label."""
    return {"path": make_recordings(root)}


def manifest(root: Path) -> dict:
    """A table with all its columns."""
    rows = []
    for index in range(8):
        write_audio(root / f"take {index}.wav", index)
        rows.append((f"take {index}.wav", "oboe" if index % 2 else "oboe|horn", f"day{index // 2}", "", 0.2, ""))
    rows.append(("take 0.wav", "horn", "day9", 0.1, "", "train"))
    columns = ["path", "labels", "group", "start", "end", "split"]
    pd.DataFrame(rows, columns=columns).to_csv(root / "manifest.csv", index=False)
    return {"path": root}


IRMAS_NAMES = {
    "cel": ["[cel][cla]0001__1", "[cel][cla]0001__2", "[cel][pop_roc]0006__1", "[cel]0007__1", "[cel][cla]0008__3"],
    "cla": ["[cla][jaz_blu][nod]0123__2", "[cla][cla]0124__1", "014__[cla][nod][cla]0125__1", "[cla]0126__1"],
    "sax": ["033__[sax][dru][cou_fol]1701__1", "033__[sax][dru][cou_fol]1701__2", "118__[sax][nod][jaz_blu]1702__1",
            "008__[sax][dru][pop_roc]__1", "008__[sax][dru][pop_roc]__2", "a saxophone"],
}  # fmt: skip

IRMAS_TESTS = {
    "Part1/Part1/(02) dont kill the whale-1": "gel\t\nvoi\t\n",
    "Part1/Part1/(02) dont kill the whale-15": "voi\t\n",
    "Part2/IRTestingData-Part2/Ain't it [live] No. 1.5 -Vol. 2-3": "sax\t\npia\t\nsax\t\n",
}


def irmas(root: Path, tests: bool = False) -> dict:
    """Training clips, and where wanted two of the three parts of the test."""
    names = [f"IRMAS-TrainingData/{code}/{name}" for code, stems in IRMAS_NAMES.items() for name in stems]
    if tests:
        names += [f"IRMAS-TestingData-{name}" for name in IRMAS_TESTS]
    for index, name in enumerate(names):
        write_audio(root / f"{name}.wav", index)
    (root / "IRMAS-TrainingData" / "README.txt").write_text("about the data set")
    for name, lines in IRMAS_TESTS.items() if tests else ():
        (root / f"IRMAS-TestingData-{name}.txt").write_text(lines)
    return {"path": root}


MUSICNET_PIECES = {  # id: part, instruments, composer, composition
    "1727": ("train", (1, 43), "Schubert", "Piano Duo, in A major"),
    "1728": ("train", (1,), "Schubert", "Piano Duo, in A major"),
    "1733": ("train", (1,), "Bach", "Suite 1"),
    "1734": ("train", (1,), "Beethoven", "Suite 1"),
    "1735": ("train", (43,), "Bach", "Suite 2"),
    "1736": ("train", (43,), "Bach", "Suite 3"),
    "1742": ("train", (1,), "Bach", "Suite 4"),
    "1749": ("train", (43,), "Bach", "Suite 5"),
    "1759": ("test", (43,), "Bach", "Suite 6"),
    "1819": ("test", (1,), "Mozart", "Sonata"),
}


def musicnet(root: Path, inner: str = "musicnet/musicnet", metadata: bool = True) -> dict:
    """The Kaggle copy, whose folders are nested, with the metadata above; or another nesting."""
    facts = []
    for index, (number, (part, codes, composer, composition)) in enumerate(MUSICNET_PIECES.items()):
        write_audio(root / inner / f"{part}_data" / f"{number}.wav", index)
        notes = [(4410 * step, 4410 * step + 2205, code, 48 + step, 0.5 * step, 0.25, "Eighth")
                 for step in range(2) for code in codes]  # fmt: skip
        header = "start_time,end_time,instrument,note,start_beat,end_beat,note_value"
        labels = root / inner / f"{part}_labels"
        labels.mkdir(exist_ok=True)
        pd.DataFrame(notes, columns=header.split(",")).to_csv(labels / f"{number}.csv", index=False)
        facts.append((number, composer, composition, f"{index}. Allegro", "Solo", "Museum", "nobody", "OP114", 0))
    if metadata:
        header = "id,composer,composition,movement,ensemble,source,transcriber,catalog_name,seconds"
        pd.DataFrame(facts, columns=header.split(",")).to_csv(root / "musicnet_metadata.csv", index=False)
    return {"path": root}


NSYNTH_FAMILIES = {"guitar": "acoustic", "synth_lead": "synthetic"}

OPENMIC_ROWS = {  # key: partition, and the relevance of each instrument that was judged
    "000046_3840": ("train", {"clarinet": 0.17105, "flute": 1.0}),
    "000046_9999": ("train", {"flute": 0.5}),
    "000135_483840": ("train", {"piano": 0.50001, "flute": 0.49999}),
    "000178_3840": ("train", {"piano": 1.0}),
    "001452_0": ("train", {"flute": 0.9}),
    "001453_0": ("train", {"flute": 0.9}),
    "001454_0": ("train", {"piano": 0.9, "voice": 0.0}),
    "155300_1": ("test", {"piano": 0.8}),
    "155311_453120": ("test", {"flute": 0.7}),
}


def nsynth(root: Path, parts: tuple[str, ...] = ("train", "valid", "test")) -> dict:
    """The parts that are wanted: two pitches of four, two and one instruments of each family."""
    index = 0
    for part, numbers in {"train": (0, 10, 11, 12), "valid": (20, 21), "test": (20,)}.items():
        notes = {}
        for family, source, number in ((f, s, n) for f, s in NSYNTH_FAMILIES.items() for n in numbers):
            for pitch in (60, 61 + 10 * (part == "test")):
                name = f"{family}_{source}_{number:03d}"
                notes[f"{name}-{pitch:03d}-075"] = {
                    "note": index,
                    "note_str": f"{name}-{pitch:03d}-075",
                    "instrument": number,
                    "instrument_str": name,
                    "instrument_family": 3,
                    "instrument_family_str": family,
                    "instrument_source": 0,
                    "instrument_source_str": source,
                    "sample_rate": 16000,
                    "pitch": pitch,
                    "velocity": 75,
                    "qualities": [0, 1],
                    "qualities_str": ["dark"],
                }
                index += 1
                if part in parts:
                    write_audio(root / f"nsynth-{part}" / "audio" / f"{name}-{pitch:03d}-075.wav", index)
        if part in parts:
            (root / f"nsynth-{part}" / "examples.json").write_text(json.dumps(notes))
    return {"path": root}


def openmic2018(root: Path, inner: str = "openmic-2018") -> dict:
    """As the archive unpacks, or with its content in another folder."""
    root = root / inner
    (root / "partitions").mkdir(parents=True)
    judged = []
    for index, (key, (_, relevance)) in enumerate(OPENMIC_ROWS.items()):
        write_audio(root / "audio" / key[:3] / f"{key}.ogg", index)
        judged += [(key, instrument, value, 3) for instrument, value in relevance.items()]
    for name in ("train", "test"):
        keys = [f"{key}\n" for key, (part, _) in OPENMIC_ROWS.items() if part == name]
        (root / "partitions" / f"split01_{name}.csv").write_text("".join(keys))
    columns = ["sample_key", "instrument", "relevance", "num_responses"]
    pd.DataFrame(judged, columns=columns).to_csv(root / "openmic-2018-aggregated-labels.csv", index=False)
    return {"path": root.parent if inner == "openmic-2018" else root}


PHILHARMONIA_NAMES = [
    "saxophone/saxophone_As3_05_forte_normal",
    "saxophone/saxophone_As3_15_pianissimo_normal",
    "saxophone/saxophone_A4_phrase_cresc-decresc_subtone",
    "saxophone/saxophone_C4_1_mezzo-piano_normal",
    "saxophone/saxophone_Fs5_025_fortissimo_major-trill",
    "double bass/double bass/double-bass_E1_phrase_mezzo-forte_arco-au-talon",
    "double bass/double-bass_F1_1_forte_pizz-normal",
    "double bass/double-bass_G1_1_forte_pizz-normal",
    "double bass/double-bass_Gs1_1_forte_pizz-normal",
    "percussion/triangle/triangle__long_piano_struck-singly",
    "percussion/triangle/triangle__phrase_mezzo-piano_rhythm",
    "percussion/agogo bells/agogo-bells__025_mezzo-forte_struck-singly",
    "percussion/Thai gong/Thai gong (long)",
    "percussion/Thai gong/Thai gong (short)",
    "percussion/vibraslap",
]


def philharmonia(root: Path, inner: str = "all-samples") -> dict:
    """As the archives unpack, with the leavings of a Macintosh."""
    for index, name in enumerate(PHILHARMONIA_NAMES):
        write_audio(root / inner / f"{name}.mp3", index)
    (root / inner / "saxophone" / "._saxophone_C4_1_mezzo-piano_normal.mp3").write_bytes(b"Mac OS X")
    return {"path": root}


def general_midi(root: Path) -> dict:
    """Rendered, with every label often enough to be split."""
    return {"clips": 1500, "seconds": 0.5, "sample_rate": 4000}


def soundfont(root: Path) -> dict:
    """Rendered, so there is no tree."""
    return {"makers_per_instrument": 4, "clips_per_group": 1}


def ensembles(root: Path) -> dict:
    """Rendered; six pieces a label, since every fifth one is tested on."""
    return {"pieces": 66, "seconds": 2.0, "sample_rate": 4000}


BUILDERS: dict[str, Callable[[Path], dict]] = {
    "audioset": audioset,
    "ensembles": ensembles,
    "folder": folder,
    "fsdkaggle2018": fsdkaggle2018,
    "irmas": irmas,
    "manifest": manifest,
    "musicnet": musicnet,
    "nsynth": nsynth,
    "openmic2018": openmic2018,
    "philharmonia": philharmonia,
    "soundfont": soundfont,
    "general_midi": general_midi,
}
