"""Shows the trials of a running search: a terminal gets a table and progress bars, a log one line for each trial."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pandas as pd
from rich.console import Group
from rich.live import Live
from rich.progress import Progress as RichProgress
from rich.table import Table
from rich.text import Text

from kerasinst.core import console
from kerasinst.core.progress import epoch_note
from kerasinst.core.progress_bars import bars
from kerasinst.reporting.formatting import hyperparameters


class LiveLeaderboard:
    """Shows the trials of a running search.

    Args:
        bars: progress bars, to which a bar for trials and a bar for epochs are added.
        trials: number of trials.
        epochs: number of epochs of each trial.
        refresh: function that is called with the leaderboard after each trial; None prints one line for each new trial.
    """

    def __init__(
        self,
        bars: RichProgress,
        *,
        trials: int,
        epochs: int,
        refresh: Callable[[pd.DataFrame], None] | None = None,
    ):
        self.bars = bars
        self.refresh = refresh or self._log
        self.total = trials
        self.logged: set[str] = set()
        self.trials = bars.add_task("searching", total=trials, note="")
        self.epochs = bars.add_task("  this trial", total=epochs, note="")

    def epoch(self, row: dict) -> None:
        """Shows an epoch of the running trial.

        Args:
            row: row of the trial's history.
        """
        note = epoch_note(row)
        self.bars.update(self.epochs, completed=row["epoch"], note=note)

    def trial(self, leaderboard: pd.DataFrame) -> None:
        """Shows the leaderboard after a trial has ended.

        Args:
            leaderboard: trials that have ended, as leaderboard.csv holds them.
        """
        best = leaderboard.score.iloc[0] if len(leaderboard) else float("nan")
        self.bars.update(self.trials, completed=len(leaderboard), note=f"best {best:.3f}")
        self.bars.reset(self.epochs, note="")
        self.refresh(leaderboard)

    def _log(self, leaderboard: pd.DataFrame) -> None:
        """Prints one line for each trial that was not printed before."""
        for row in leaderboard.sort_values("trial_id").to_dict("records"):
            if row["trial_id"] not in self.logged:
                self.logged.add(row["trial_id"])
                values = "; ".join(f"{key} {value}" for key, value in hyperparameters(row).items())
                score, _, seconds = _trial_cells(row)
                result = f"{score}, {seconds} s" if seconds else score
                console.say(f"trial {len(self.logged)} of {self.total}: {result} ({values})")


def _trial_cells(row: dict) -> tuple[str, str, str]:
    """Formats the score, parameters and seconds of a trial; a trial without a score shows its status alone."""
    if row["score"] != row["score"]:
        return row["status"].lower(), "", ""
    return f"{row['score']:.3f}", f"{row['parameters']:,}", f"{row['seconds']:.0f}"


def _trial_table(leaderboard: pd.DataFrame, most: int) -> Table:
    """Makes the table of the best trials, at most `most` of them."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    rows = leaderboard.head(most).to_dict("records")
    for name in ("trial", "score", "parameters", "s", *(hyperparameters(rows[0]) if rows else ())):
        table.add_column(name, justify="right", overflow="fold")
    for number, row in enumerate(rows):
        cells = (str(row["trial_id"]), *_trial_cells(row), *hyperparameters(row).values())
        table.add_row(*map(Text, cells), style="bold" if not number else "")
    return table


@contextmanager
def live_leaderboard(*, trials: int, epochs: int) -> Iterator[LiveLeaderboard]:
    """Shows a search while the block runs.

    Args:
        trials: number of trials.
        epochs: number of epochs of each trial.

    Yields:
        The `LiveLeaderboard` that is to be told of epochs and trials.
    """
    if console.remarks.quiet or not console.remarks.is_terminal:
        with bars() as shown:
            yield LiveLeaderboard(shown, trials=trials, epochs=epochs)
        return
    shown = bars()
    with Live(shown, console=console.remarks) as live:
        most = max(5, console.remarks.height - 6)

        def refresh(board: pd.DataFrame) -> None:
            live.update(Group(_trial_table(board, most), shown))

        yield LiveLeaderboard(shown, trials=trials, epochs=epochs, refresh=refresh)
