"""Figures of events, against sums by hand."""

import pandas as pd
import pytest

from kerasinst import decisions, evaluation
from kerasinst.evaluation.events import measure_events

HOP = 0.1


def table(true: dict[str, list[tuple[int, int]]], found: dict[str, list[tuple[int, int]]], *, rows: int = 100, **more):
    """Makes the table of a clip in which labels sound, and are reported, from one row to another."""

    def named(spans):
        return ["|".join(label for label in spans if any(a <= row < b for a, b in spans[label])) for row in range(rows)]

    about = {"clip": "a", "group": "a", "split": "test", "whole": "|".join(true), **more}
    return pd.DataFrame({**about, "labels": named(true), "reported": named(found)}, index=range(rows)).assign(
        x=0.0, y=0.0
    )


@pytest.mark.parametrize(
    ("true", "found", "by_onset_and_offset", "by_intersection"),
    [
        ({"x": [(10, 30)]}, {"x": [(10, 30)]}, 1.0, 1.0),
        ({"x": [(10, 30)]}, {"x": [(12, 33)]}, 1.0, 1.0),  # begins 0.2 s late, ends 0.3 s late: within 20 % of 2 s
        ({"x": [(10, 30)]}, {"x": [(13, 30)]}, 0.0, 1.0),  # begins 0.3 s late
        ({"x": [(10, 20)]}, {"x": [(10, 23)]}, 0.0, 1.0),  # ends 0.3 s late, more than 20 % of 1 s
        ({"x": [(10, 30)]}, {"x": [(10, 19)]}, 0.0, 0.0),  # covers less than half: missed, though not false
        ({"x": [(10, 30)]}, {"x": [(10, 60)]}, 0.0, 0.0),  # less than half of it is true: false, and missed
        ({"x": [(10, 30)]}, {"y": [(10, 30)]}, 0.0, 0.0),
        ({"x": [(10, 30)]}, {"x": [(10, 18), (20, 30)]}, 0.0, 1.0),  # in two parts, which cover it together
        ({"x": [(0, 10), (50, 60)]}, {"x": [(0, 10)]}, 2 / 3, 2 / 3),
        ({"x": [(0, 10)], "y": [(5, 100)]}, {"x": [(0, 10)], "y": [(5, 100), (0, 2)]}, 4 / 5, 4 / 5),
        ({"x": []}, {"x": []}, 0.0, 0.0),
    ],
)
def test_events_are_counted_as_the_papers_do(true, found, by_onset_and_offset, by_intersection):
    figures = measure_events(table(true, found), ["x", "y"], hop_seconds=HOP)
    assert figures["event_f1"] == pytest.approx(by_onset_and_offset, abs=1e-6)
    assert figures["intersection_f1"] == pytest.approx(by_intersection, abs=1e-6)


def test_intervals_are_by_group_and_labels_that_nobody_judged_have_no_events():
    right, wrong = table({"x": [(10, 30)]}, {"x": [(10, 30)]}), table({"x": [(10, 30)]}, {"x": [(60, 90)]})
    both = pd.concat([right, wrong.assign(clip="b", group="b")], ignore_index=True)
    figures = measure_events(both, ["x", "y"], hop_seconds=HOP)
    assert figures["event_f1"] == 0.5 and figures["event_f1_ci95"] == [0.0, 1.0]
    assert measure_events(right.assign(unjudged="x"), ["x", "y"], hop_seconds=HOP)["event_f1"] == 0.0


def test_the_frame_block_has_the_figures_of_events():
    frames = table({"x": [(10, 30)], "y": [(0, 50)]}, {})
    frames = frames.assign(x=frames.labels.str.contains("x") * 0.9, y=frames.labels.str.contains("y") * 0.9)
    decision = decisions.create("threshold", labels=["x", "y"], hop_seconds=HOP)
    figures = evaluation.evaluate(frames, ["x", "y"], task="multi-label", decision=decision)
    assert figures["frame"]["event_f1"] == figures["frame"]["intersection_f1"] == 1.0
    assert "event_f1" not in figures["clip"]
