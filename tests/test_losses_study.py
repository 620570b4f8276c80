"""The comparison of losses: its table, its picture, and that it goes on where it stood."""

import pandas as pd
import pytest
import yaml

from experiments import losses


def test_a_row_is_read_off_the_curve():
    curve = pd.DataFrame({"threshold": [1.0, 0.6, 0.4, 0.0], "found": [0, 0.5, 0.9, 1], "false": [0, 0.2, 1.2, 8]})
    row = losses.row("focal", curve, {"clip": {}, "frame": {"mean_average_precision": 0.5}})
    assert row["found at 0.5"] == pytest.approx(0.7) and row["false at 0.5"] == pytest.approx(0.7)
    assert row["false at 76% found"] == pytest.approx(0.2 + 0.26 / 0.4)
    assert row["found at 1.6 false"] == pytest.approx(0.9 + 0.1 * 0.4 / 6.8)


@pytest.mark.slow
def test_losses_are_compared(content, tmp_path):
    content |= {"task": "multi-label", "search": None}
    content["training"] |= {"epochs": 1}
    file = tmp_path / "tiny.yaml"
    file.write_text(yaml.safe_dump(content))
    for _ in range(2):  # the second time, nothing is trained
        losses.main(str(file), runs=tmp_path / "runs", to=tmp_path / "report")
    table = pd.read_csv(tmp_path / "report" / "losses-tiny.csv")
    assert table.loss.tolist() == list(losses.LOSSES) and table.mAP.between(0, 1).all()
    assert (tmp_path / "report" / "losses-tiny.png").stat().st_size > 10_000
