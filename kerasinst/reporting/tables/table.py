"""Holds tables of reports, and writes them as Markdown, LaTeX and CSV."""

import html
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

LATEX = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "[": r"{[}", "]": r"{]}",
}  # fmt: skip
"""Escapes of characters that mean something in LaTeX. A bracket at the start of a row would be read as an option."""


@dataclass(frozen=True)
class Table:
    """A table of a report.

    Attributes:
        name: name of the table's files, without suffix.
        caption: text that says what the table shows.
        shown: cells as text.
        numbers: content of the CSV, in full precision; None writes the cells as they are shown.
        bold: row numbers and column names of the cells that are bold.
    """

    name: str
    caption: str
    shown: pd.DataFrame
    numbers: pd.DataFrame | None = None
    bold: set[tuple[int, str]] = field(default_factory=set)

    def rows(self) -> list[list[tuple[str, bool]]]:
        """Lists the cells of each row, each with True if it is bold."""
        return [
            [(cell, (number, column) in self.bold) for column, cell in zip(self.shown, row, strict=True)]
            for number, row in enumerate(self.shown.itertuples(index=False))
        ]

    def markdown(self) -> str:
        """Formats the table as GitHub's Markdown.

        Example:
            >>> print(Table("best", "The best.", pd.DataFrame({"model": ["cnn"]}), bold={(0, "model")}).markdown())
            | model   |
            |:--------|
            | **cnn** |
        """
        cells = [[f"**{plain(cell)}**" if bold and cell else plain(cell) for cell, bold in row] for row in self.rows()]
        return pd.DataFrame(cells, columns=map(plain, self.shown)).to_markdown(index=False, disable_numparse=True)

    def latex(self) -> str:
        """Formats the table as LaTeX that needs the packages booktabs and graphicx, and fits the width of a line."""
        columns = list(map(_escaped, self.shown))
        cells = [[_escaped(cell) for cell, _ in row] for row in self.rows()]
        weights = [["font-weight: bold" if bold else "" for _, bold in row] for row in self.rows()]
        styled = pd.DataFrame(cells, columns=columns).style.hide(axis="index")
        styled = styled.apply(lambda table: pd.DataFrame(weights, table.index, table.columns), axis=None)
        table = styled.to_latex(
            hrules=True,
            column_format="l" + "r" * (len(columns) - 1),
            convert_css=True,
            caption=_escaped(self.caption),
            label=f"tab:{self.name}",
            position_float="centering",
        )
        fitted = r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{" + "%\n\\begin{tabular}"
        return table.replace(r"\begin{tabular}", fitted).replace(r"\end{tabular}", r"\end{tabular}}")

    def save(self, folder: Path) -> None:
        """Writes `<name>.md`, `<name>.tex` and `<name>.csv` into a folder.

        Args:
            folder: folder that exists.
        """
        (folder / f"{self.name}.md").write_text(f"{self.markdown()}\n\n{plain(self.caption)}\n", encoding="utf-8")
        (folder / f"{self.name}.tex").write_text(self.latex(), encoding="utf-8")
        (self.shown if self.numbers is None else self.numbers).to_csv(folder / f"{self.name}.csv", index=False)


def plain(text: str) -> str:
    """Escapes what Markdown would read as HTML or as the end of a cell.

    Args:
        text: text of one line.
    """
    return html.escape(text, quote=False).replace("|", "\\|")


def _escaped(text: str) -> str:
    """Escapes what means something in LaTeX."""
    return "".join(LATEX.get(sign, sign) for sign in text)
