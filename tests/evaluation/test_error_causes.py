"""Error sheets: filled by a listener, counted, and shown."""

import pandas as pd
import pytest

from kerasinst import evaluate
from kerasinst.core.errors import BadInput
from kerasinst.evaluation.error_causes import CAUSES, count_causes


def sheet(*rows: tuple[str, str]) -> pd.DataFrame:
    """Makes a sheet of labels and causes."""
    filled = [(f"{number}.wav", label, "x", cause, "") for number, (label, cause) in enumerate(rows)]
    return pd.DataFrame(filled, columns=["clip", "labels", "predicted", "cause", "remark"])


def test_causes_are_shares_of_the_mistakes_that_were_judged():
    filled = sheet(
        ("cello", "soft"), ("cello", "Too  soft"), ("cello", ""), ("flute", "none"), ("cello|flute", "several")
    )
    table = count_causes(filled).set_index("cause")
    assert table.columns.tolist() == ["cello", "flute", "all"]
    assert table.loc["too soft", "cello"] == pytest.approx(2 / 3) and table.loc["too soft", "flute"] == 0
    assert table.loc["more than one instrument", "flute"] == table.loc["no audible reason", "flute"] == 0.5
    assert table.loc["mistakes judged"].tolist() == [3, 2, 4]
    assert table.drop("mistakes judged").sum().tolist() == pytest.approx([1, 1, 1]) and len(table) == len(CAUSES) + 1


@pytest.mark.parametrize(
    ("filled", "message"),
    [
        (sheet(("cello", ""), ("cello", "sofd")), r"line 3: there is no cause 'sofd'; did you mean 'soft'"),
        (sheet(("cello", "")), "no cause was written into the sheet"),
        (pd.DataFrame({"clip": ["a.wav"]}), "lacks the column labels"),
    ],
)
def test_sheets_that_cannot_be_counted_are_one_line(filled, message):
    with pytest.raises(BadInput, match=message):
        count_causes(filled)


def test_a_filled_sheet_is_counted_by_the_verb_and_shown_on_the_page(run_verb, finished, tmp_path):
    file = tmp_path / "filled.csv"
    sheet(("high", "noise"), ("low", "<b>similar</b>"), ("low", "similar")).to_csv(file, index=False)
    code, _, err = run_verb(evaluate, finished.path, "--sheet", file)
    assert code == 2 and "filled.csv: line 3: there is no cause" in err
    sheet(("high", "noise"), ("low", "similar"), ("low", "None")).to_csv(file, index=False)
    code, out, err = run_verb(evaluate, finished.path, "--sheet", file)
    assert code == 0 and "noise or a bad recording" in out and "50%" in out, err
    assert finished.read("error_causes").loc[3, "high"] == 1
    assert "Causes of mistakes, as a listener judged them" in finished.file("report").read_text()
    code, _, err = run_verb(evaluate, finished.path, "--sheet", tmp_path / "nowhere.csv")
    assert code == 2 and "nowhere.csv: not a table that can be read" in err
