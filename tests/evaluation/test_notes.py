"""Figures of notes, by hand."""

import pandas as pd
import pytest

from kerasinst import decisions, evaluation
from kerasinst.evaluation.notes import measure_notes

HOP = 0.02
LABELS = ["A4", "C5", "A4 begins", "C5 begins"]


def frames(true: list[tuple[str, int, int]], heard: list[tuple[str, int, int]], rows: int = 200) -> pd.DataFrame:
    """Makes the table of a clip with notes that last from one row to another."""

    def named(notes):
        of_row = [[] for _ in range(rows)]
        for label, first, last in notes:
            for row in range(first, last):
                of_row[row].append(label)
            for row in range(first, first + 2):
                of_row[row].append(f"{label} begins")
        return ["|".join(labels) for labels in of_row]

    about = {"clip": "a", "group": "a", "split": "test", "whole": "|".join(LABELS)}
    table = pd.DataFrame({**about, "labels": named(true), "reported": named(heard)}, index=range(rows))
    sounding = table.labels.str.split("|")
    for label in LABELS:
        table[label] = [float(label in of_row) for of_row in sounding]
    return table


@pytest.mark.parametrize(
    ("heard", "pitch_f1", "note_f1", "with_end"),
    [
        ([("A4", 10, 60), ("C5", 100, 150)], 1.0, 1.0, 1.0),
        ([("A4", 12, 60), ("C5", 100, 120)], 2 * 68 / 168, 1.0, 0.5),  # one ends much too early
        ([("A4", 15, 60), ("C5", 100, 150)], 2 * 95 / 195, 0.5, 0.5),  # one begins 0.1 s late
        ([("C5", 10, 60), ("C5", 100, 150)], 0.5, 0.5, 0.5),  # one of another pitch
        ([("A4", 10, 60)], 2 * 50 / 150, 2 / 3, 2 / 3),
        ([], 0.0, 0.0, 0.0),
    ],
)
def test_notes_are_counted_as_mirex_counts_them(heard, pitch_f1, note_f1, with_end):
    figures = measure_notes(frames([("A4", 10, 60), ("C5", 100, 150)], heard), LABELS, hop_seconds=HOP)
    assert figures["pitch_f1"] == pytest.approx(pitch_f1, abs=1e-6)
    assert figures["note_f1"] == pytest.approx(note_f1, abs=1e-6)
    assert figures["note_with_end_f1"] == pytest.approx(with_end, abs=1e-6)


def test_models_of_pitches_have_figures_of_notes_in_place_of_events():
    decision = decisions.create("threshold", labels=LABELS, hop_seconds=HOP)
    table = frames([("A4", 10, 60)], []).drop(columns="reported")
    figures = evaluation.evaluate(table, LABELS, task="multi-label", decision=decision)["frame"]
    assert figures["note_f1"] == 1.0 and figures["note_f1_ci95"] == [1.0, 1.0] and "event_f1" not in figures
