"""A table as a report shows it, and as Markdown, LaTeX and CSV."""

import html
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

LATEX = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "[": r"{[}", "]": r"{]}",
}  # fmt: skip
"""Signs that mean something in LaTeX; a bracket at the start of a row would be an option of the row before."""


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes:
        name: name of its files.
        caption: what it shows.
        shown: its cells as text.
        numbers: the same in full precision, for the CSV; None is as shown.
        bold: cells, as (row, column name), that are the best of their columns.
    """

    name: str
    caption: str
    shown: pd.DataFrame
    numbers: pd.DataFrame | None = None
    bold: set[tuple[int, str]] = field(default_factory=set)

    def rows(self) -> list[list[tuple[str, bool]]]:
        """Cells, each with whether it is bold."""
        return [
            [(cell, (number, column) in self.bold) for column, cell in zip(self.shown, row, strict=True)]
            for number, row in enumerate(self.shown.itertuples(index=False))
        ]

    def markdown(self) -> str:
        """A table of GitHub's Markdown.

        Example:
            >>> print(Table("best", "The best.", pd.DataFrame({"model": ["cnn"]}), bold={(0, "model")}).markdown())
            | model   |
            |:--------|
            | **cnn** |
        """
        cells = [
            [f"**{_plain(cell)}**" if bold and cell else _plain(cell) for cell, bold in row] for row in self.rows()
        ]
        return pd.DataFrame(cells, columns=map(_plain, self.shown)).to_markdown(index=False, disable_numparse=True)

    def latex(self) -> str:
        """A table with the rules of the booktabs package, made to fit the line by the graphicx package."""
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
        """Writes NAME.md, NAME.tex and NAME.csv into a folder."""
        (folder / f"{self.name}.md").write_text(f"{self.markdown()}\n\n{_plain(self.caption)}\n", encoding="utf-8")
        (folder / f"{self.name}.tex").write_text(self.latex(), encoding="utf-8")
        (self.shown if self.numbers is None else self.numbers).to_csv(folder / f"{self.name}.csv", index=False)


def _plain(text: str) -> str:
    """Text that Markdown neither reads as HTML nor as the end of a cell."""
    return html.escape(text, quote=False).replace("|", "\\|")


def _escaped(text: str) -> str:
    return "".join(LATEX.get(sign, sign) for sign in text)
