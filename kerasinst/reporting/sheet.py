"""A table as a report shows it, and as Markdown, LaTeX and CSV."""

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd


@dataclass(frozen=True)
class Sheet:
    """A table.

    Attributes:
        name: of its files.
        caption: one sentence.
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
            >>> print(Sheet("best", "The best.", pd.DataFrame({"model": ["cnn"]}), bold={(0, "model")}).markdown())
            | model   |
            |:--------|
            | **cnn** |
        """
        cells = [[f"**{cell}**" if bold and cell else cell for cell, bold in row] for row in self.rows()]
        table = pd.DataFrame(cells, columns=self.shown.columns).replace(r"\|", r"\\|", regex=True)
        return table.to_markdown(index=False, disable_numparse=True)

    def latex(self) -> str:
        """A table with the rules of the booktabs package."""
        styled = self.shown.style.hide(axis="index").format(escape="latex").format_index(escape="latex", axis=1)
        weights = pd.DataFrame("", self.shown.index, self.shown.columns)
        for row, column in self.bold:
            weights.loc[row, column] = "font-weight: bold;"
        styled = styled.apply(lambda _: weights, axis=None)
        caption = self.caption
        for sign in "\\&%$#_{}":
            caption = caption.replace(sign, r"\textbackslash " if sign == "\\" else f"\\{sign}")
        return styled.to_latex(
            hrules=True, convert_css=True, caption=caption, label=f"tab:{self.name}", position_float="centering"
        )

    def save(self, folder: Path) -> None:
        """Writes NAME.md, NAME.tex and NAME.csv into a folder."""
        (folder / f"{self.name}.md").write_text(f"{self.markdown()}\n\n{self.caption}\n", encoding="utf-8")
        (folder / f"{self.name}.tex").write_text(self.latex(), encoding="utf-8")
        (self.shown if self.numbers is None else self.numbers).to_csv(folder / f"{self.name}.csv", index=False)
