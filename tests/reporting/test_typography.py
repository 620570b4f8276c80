"""Labels of any kind in figures: shown as they are, in the legend, in one piece, and told apart."""

import warnings
from dataclasses import replace
from shutil import copytree

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font
from matplotlib.image import imread
from matplotlib.text import Text

from kerasinst import reporting
from kerasinst.features.visualization import Panel
from kerasinst.reporting import run_page
from kerasinst.reporting.plots import explanations, typography
from kerasinst.reporting.plots.compression import pruning_curves, variants_over_costs
from kerasinst.reporting.plots.confusion import confusion_matrix
from kerasinst.reporting.plots.data_set import clips_per_label
from kerasinst.reporting.plots.saving import attempt, save
from kerasinst.runs import Run

ODD = [
    "Ba$$ drum",
    "_background_noise_",
    "二胡",
    "钢琴",
    "Flöte",
    "a" * 130,
    "Hi-hat ",
    "$x$",
    "50 % \\alpha",
    "#1 {a}",
]


def texts(figure):
    """What stands in a figure, with line breaks taken out."""
    return [text.get_text().replace("\\$", "$").replace("\n", "") for text in figure.findobj(Text) if text.get_text()]


def test_every_label_stands_in_every_figure_as_it_is(tmp_path):
    counts = np.eye(len(ODD), dtype=int).tolist()
    panel = Panel("", np.random.default_rng(0).random((20, 8)), 0.0, 0.01, list(range(100, 900, 100)), "Hz")
    made = {
        "confusion": confusion_matrix(counts, ODD),
        "labels": clips_per_label({"labels": {label: {"clips": 3} for label in ODD}}),
        "profiles": explanations.profiles({label: (np.ones(8), np.ones(20)) for label in ODD}, panel),
        "heatmaps": explanations.labels([(replace(panel, title=label), np.ones((20, 8))) for label in ODD]),
        "products": explanations.products({label: np.ones((3, 3)) for label in ODD}),
        "pruning": pruning_curves({label: [{"sparsity": 0.5, "validation_accuracy": 0.9}] for label in ODD}),
    }
    for name, figure in made.items():
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            save(figure, tmp_path / name)
        shown = texts(figure)
        assert all(label.strip() in [text.strip() for text in shown] for label in ODD), name
        for text in figure.findobj(Text):
            assert not text.get_text() or text._preprocess_math(text.get_text())[1] is False  # no formula


def test_characters_have_fonts_and_what_has_none_is_said(capsys, monkeypatch):
    figure = Figure()
    chinese, plain = (figure.text(0, 0, text) for text in ("二胡 钢琴", "cello"))
    typography.use_fonts(figure)
    assert plain.get_fontfamily() == ["sans-serif"]
    assert chinese.get_fontfamily()[0] == "DejaVu Sans" and len(chinese.get_fontfamily()) > 1
    paths = typography.font_manager.fontManager._find_fonts_by_props(chinese.get_fontproperties())
    assert all(any(FT2Font(path).get_char_index(ord(each)) for path in paths) for each in "二胡钢琴")
    monkeypatch.setattr(typography, "_family", lambda character: None)
    typography.use_fonts(figure)
    assert "no font on this machine has 二 琴 胡 钢" in capsys.readouterr().err


def test_forty_lines_are_told_apart():
    styles = [tuple(typography.line(index).items()) for index in range(40)]
    assert len(set(styles)) == 40


def test_a_long_label_is_not_cut(tmp_path):
    for name, label in (("words", "a long label " * 10), ("letters", "a" * 130)):
        save(confusion_matrix([[1, 0], [0, 1]], [label, "cello"]), tmp_path / name)
        picture = imread(tmp_path / f"{name}.png")[..., :3]
        for edge in (picture[0], picture[-1], picture[:, 0], picture[:, -1]):
            assert edge.min() == 1  # white: no letter goes beyond it
    few, many = (typography.lines([label, "cello"]) for label in ("violin", "a" * 130))
    assert (few, many) == (1, 5)


def test_a_figure_that_fails_is_reported_and_costs_nothing_else(finished, tmp_path, monkeypatch, capsys):
    run = Run(copytree(finished.path, tmp_path / "run"))

    def fails(*_):
        raise ValueError("no such\ncolour")

    monkeypatch.setattr(run_page, "confusion_matrix", fails)
    reporting.write_page(run)
    page = run.file("report").read_text(encoding="utf-8")
    assert "confusion: this figure could not be drawn (ValueError: no such colour)" in capsys.readouterr().err
    assert page.count("<img ") == 5 and "</html>" in page
    monkeypatch.undo()
    assert not attempt(lambda: None, tmp_path / "none") and not list(tmp_path.glob("none*"))


def test_variants_of_any_name_stand_in_the_legend():
    rows = pd.DataFrame({
        "variant": ["_half", "int8"], "accuracy": [0.8, 0.7], "accuracy_low": [0.7, 0.6], "accuracy_high": [0.9, 0.8],
        "accuracy_drop": [0.0, 0.1], "bytes": [1000, 500], "milliseconds": [1.0, 0.5],
    })  # fmt: skip
    (legend,) = variants_over_costs(rows).legends
    assert [text.get_text() for text in legend.get_texts()] == ["_half", "int8"]
