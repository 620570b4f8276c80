"""Prints what `prepare` counted and found in a data set."""

import pandas as pd

from kerasinst.core import console
from kerasinst.datasets import SPLITS
from kerasinst.runs import Run

REMARKS = 20
"""Largest number of remarks that are printed; audit.json holds all of them."""


def show_data_set(run: Run) -> None:
    """Prints the clips of each label and split, and what is broken or would leak.

    Args:
        run: run with split.csv and audit.json.
    """
    audit, split = run.audit(), run.split()
    rows = [
        (label, count["clips"], count["groups"], f"{count['hours']:.3f}", *_per_split(split, label))
        for label, count in audit["labels"].items()
    ]
    total = (audit["clips"], audit["groups"], f"{audit['hours']:.3f}", *_per_split(split))
    columns = ["label", "clips", "groups", "hours", *SPLITS]
    console.show_table(run.experiment().name, columns, rows=[*rows, ("all", *total)])
    console.show_facts(_found(audit))
    for row in audit["broken"]:
        console.complain(f"{row['clip']}: {row['problem']}; left out")
    for remark in audit["remarks"][:REMARKS]:
        console.say(remark)
    if len(audit["remarks"]) > REMARKS:
        console.say(f"{len(audit['remarks']) - REMARKS} more remarks stand in audit.json")


def _per_split(split: pd.DataFrame, label: str | None = None) -> list[int]:
    """Counts the clips in each split, of one label or of all."""
    chosen = split if label is None else split[[label in labels.split("|") for labels in split.labels]]
    return [int((chosen.split == name).sum()) for name in SPLITS]


def _found(audit: dict) -> list[tuple[str, str]]:
    """Describes what was found in a data set: pairs of a name and a text."""
    rates = ", ".join(
        f"{rate} Hz" + f" ({n})" * (len(audit["sample_rates"]) > 1) for rate, n in audit["sample_rates"].items()
    )
    sessions_by = {"number": "numbers of the uploads", "sound": "sound"}[audit["sessions_by"]]
    leaked = audit["pairs_leaked_by_a_random_split"]
    of_one_recording = leaked["duplicates"] + leaked["near_duplicates"]
    return [
        (
            "holds",
            f"{audit['clips']} clips, {audit['hours']:.2f} hours, {audit['shortest_seconds']} to "
            f"{audit['longest_seconds']} s each, {rates}",
        ),
        (
            "left out",
            f"{len(audit['broken'])} broken, {len(audit['silent'])} silent, {audit['too_short']} too short, "
            f"{audit['other_labels']} of other labels",
        ),
        ("clipped", f"{len(audit['clipped'])} clips reach full scale"),
        (
            "joined",
            f"{_sets(audit['duplicates'])} with the same audio, {_sets(audit['near_duplicates'])} with the same "
            f"recording in another form, {len(audit['same_audio_other_labels'])} of these under different labels",
        ),
        ("sessions", f"{_sets(audit['sessions'])}, by {sessions_by}; joined with split.by=session"),
        (
            "leak",
            f"a random split of clips would part {leaked['group']} pairs of one group, "
            f"{of_one_recording} of one recording and {leaked['sessions']} of one session",
        ),
    ]


def _sets(sets: list[list[str]]) -> str:
    """Says how many sets of clips there are, and how many clips they hold."""
    return f"{len(sets)} set{'s' * (len(sets) != 1)} ({sum(map(len, sets))} clips)" if sets else "no clips"
