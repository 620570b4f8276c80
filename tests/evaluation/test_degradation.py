"""What a smaller model says otherwise, the front of a table, and conditions for CI."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from kerasinst import evaluation
from kerasinst.core.errors import BadInput
from kerasinst.evaluation import quality_gate

LABELS = ["cello", "flute", "oboe"]


def table(answers, true):
    """Predictions of clips, by clip, each clip a group."""
    scores = pd.DataFrame(0.1 + 0.7 * np.eye(3)[answers], columns=LABELS)
    clips = [f"{index}.wav" for index in range(len(true))]
    labels = [LABELS[index] for index in true]
    return scores.assign(clip=clips, group=clips, labels=labels, split="test")


def judged(small, whole, true):
    """What `damage` says of two lists of answers."""
    made = [table(answers, true) for answers in (small, whole)]
    figures = [evaluation.measure(each, LABELS) for each in made]
    tested = (each.set_index("clip") for each in made)
    return evaluation.measure_degradation(*tested, figures=figures[0], whole_figures=figures[1], task="single-label")


def test_damage_is_counted_clip_by_clip_and_label_by_label():
    true = [0, 0, 0, 0, 1, 1, 2, 2, 2, 2]
    found = judged(small=[0, 0, 1, 1, 1, 1, 2, 2, 2, 2], whole=[0, 0, 0, 0, 1, 0, 2, 2, 2, 2], true=true)
    assert found["accuracy"] == 0.8 and found["accuracy_drop"] == pytest.approx(0.1)
    assert found["agreement"] == 0.7 and found["largest_score_difference"] == pytest.approx(0.7)
    assert found["p_value"] == binomtest(1, 3).pvalue
    assert found["label_recall_drop"] == 0.5 == -found["recall_change:cello"]
    assert found["recall_change:flute"] == 0.5 and found["recall_change:oboe"] == found["f1_change:oboe"] == 0
    assert found["f1:flute"] == pytest.approx(2 * 2 / (2 + 4), abs=1e-6)


def test_the_same_model_does_no_damage():
    found = judged([0, 1, 2, 2], [0, 1, 2, 2], [0, 1, 2, 1])
    assert (found["accuracy_drop"], found["label_f1_drop"], found["agreement"], found["p_value"]) == (0, 0, 1, 1)


def test_other_clips_cannot_be_compared():
    whole = table([0, 1], [0, 1]).set_index("clip")
    figures = evaluation.measure(whole.reset_index(), LABELS)
    with pytest.raises(ValueError, match="different clips"):
        evaluation.measure_degradation(
            whole.iloc[:1], whole, figures=figures, whole_figures=figures, task="single-label"
        )


@given(
    rows=st.lists(st.tuples(st.integers(0, 4), st.integers(1, 4), st.integers(1, 4)), min_size=1, max_size=8),
)
def test_nothing_on_the_front_is_beaten_and_all_else_is(rows):
    models = pd.DataFrame(rows, columns=["accuracy", "bytes", "milliseconds"])
    front = evaluation.pareto_front(models)
    assert any(front)

    def beats(one, other):
        return (one[0] >= other[0] and one[1] <= other[1] and one[2] <= other[2]) and one != other

    for row, there in zip(rows, front, strict=True):
        assert there == (not any(beats(other, row) for other in rows))


def test_conditions_say_what_breaks_them():
    small, good, late = quality_gate.parse("bytes<=65536, agreement >= 0.9,milliseconds<2e0")
    row = {"bytes": 70000, "agreement": 0.95, "milliseconds": 2.0}
    assert small.broken_by(row) == "bytes is 70000, not <=65536"
    assert good.broken_by(row) is None
    assert late.broken_by(row) == "milliseconds is 2, not <2"
    assert "nan" in good.broken_by({})  # without a test split nothing is shown to hold


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("bytes=3", "expected FIGURE<=NUMBER"),
        ("bytes<=many", "expected FIGURE<=NUMBER"),
        ("", "expected FIGURE<=NUMBER"),
        ("byts<=3", "did you mean 'bytes'"),
        ("bytes<=1e", "expected FIGURE<=NUMBER"),
    ],
)
def test_what_is_no_condition_is_refused(text, message):
    with pytest.raises(BadInput, match=message):
        quality_gate.parse(text)
