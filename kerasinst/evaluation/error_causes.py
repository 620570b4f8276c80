"""Counts the causes of mistakes that a listener wrote into an error sheet."""

from pathlib import Path

import pandas as pd

from kerasinst.core.errors import BadInput, suggest

CAUSES = {
    "label": "the label is wrong",
    "several": "more than one instrument",
    "soft": "too soft",
    "noise": "noise or a bad recording",
    "playing": "an unusual way of playing",
    "similar": "it sounds like the other",
    "none": "no audible reason",
}
"""Causes of mistakes, by the word that stands for them in an error sheet."""
COLUMNS = ("clip", "labels", "predicted", "cause")
"""Columns that a sheet must have."""


def read_sheet(file: str | Path) -> pd.DataFrame:
    """Reads a filled error sheet, and counts its causes.

    Args:
        file: path of the sheet, a table as `error_sheet.csv`.

    Returns:
        The table of `count_causes`.

    Raises:
        BadInput: if it cannot be read, or as `count_causes` does.
    """
    try:
        return count_causes(pd.read_csv(file, dtype=str, keep_default_na=False, encoding="utf-8-sig"))
    except BadInput as error:
        raise BadInput(f"{file}: {error}") from None
    except (OSError, ValueError) as error:
        raise BadInput(f"{file}: not a table that can be read: {' '.join(str(error).split())[:200]}") from None


def count_causes(sheet: pd.DataFrame) -> pd.DataFrame:
    """Counts how often each cause was written for the mistakes of each label.

    A cause is one of the words of `CAUSES`, or what it stands for; an empty cell was not judged yet.

    Args:
        sheet: content of an `error_sheet.csv` as text, with the column `cause` filled in.

    Returns:
        Table with a row for each cause, and the columns cause, one for each true label, and all: shares of the mistakes
        that were judged. The last row, "mistakes judged", has their numbers.

    Raises:
        BadInput: if a column is missing, a cause is unknown, or none was written.

    Example:
        >>> count_causes(pd.read_csv("error_sheet.csv", dtype=str)).query("cause == 'too soft'")["all"]
        2    0.25
    """
    if missing := [name for name in COLUMNS if name not in sheet]:
        raise BadInput(f"the sheet lacks the column {missing[0]}; begin with the error_sheet.csv of a run")
    written = sheet.assign(cause=[_cause(text, row) for row, text in enumerate(sheet.cause.fillna(""), start=2)])
    judged = written[written.cause != ""]
    if judged.empty:
        raise BadInput(f"no cause was written into the sheet; write one of {', '.join(CAUSES)} into the column cause")
    pairs = judged.assign(label=judged["labels"].str.split("|")).explode("label")
    counts = pd.crosstab(pairs.cause, pairs.label).reindex(list(CAUSES), fill_value=0)
    counts["all"] = judged.cause.value_counts().reindex(list(CAUSES), fill_value=0)
    shares = counts / counts.sum()
    total = counts.sum().rename("mistakes judged").to_frame().T
    table = pd.concat([shares.rename(index=CAUSES), total])
    return table.rename_axis("cause").reset_index()


def _cause(text: str, row: int) -> str:
    """Reads the word of a cause; empty if there is none."""
    plain = " ".join(str(text).split()).casefold()
    if not plain or plain in CAUSES:
        return plain
    words = {meaning: word for word, meaning in CAUSES.items()}
    if plain not in words:
        raise BadInput(f"line {row}: there is no cause '{plain[:100]}'; {suggest(plain, list(CAUSES))}")
    return words[plain]
