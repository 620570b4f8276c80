"""How much of what sounds a network finds, on the sound bank that trained it and on another one, idea by idea.

    python -m experiments.benchmarks.polyphony --bank FluidR3_GM.sf2
    python -m experiments.benchmarks.polyphony --bank FluidR3_GM.sf2 --idea "as it is" --idea mixup --seeds 3
    python -m experiments.benchmarks.polyphony --bank FluidR3_GM.sf2 --more sf_GMbank.sf2 --more NOTES

Trains experiments/timeline.yaml with each change of polyphony.yaml, and scores it on its own test pieces (pieces and
makers unseen, the same bank) and on the same pieces played with another bank. `--more` adds an idea: to train on these
sources of sound, too, each a bank (.sf2) or a folder of recorded notes. Banks that share recorded notes are
reported as they are rendered. Runs lie in --runs; a killed benchmark goes on where it stood.
"""

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pandas as pd
import typer

from kerasinst.core import cli, console
from kerasinst.core.errors import BadInput
from kerasinst.core.files import slug
from kerasinst.experiment import PROJECT, Experiment, read_yaml
from kerasinst.runs import Run

FALSE, FOUND = 1.6, 0.76
"""The musicnet study's figure: how much it finds at how many false reports a frame, in MusicNet."""


def main(
    bank: Annotated[list[str] | None, typer.Option(help="Another sound bank (.sf2) to test on.")] = None,
    idea: Annotated[list[str] | None, typer.Option(help="Only this one; give it once for each.")] = None,
    more: Annotated[list[str] | None, typer.Option(help="Sources of sound of the last idea.")] = None,
    changes: cli.SetOption = None,
    seeds: Annotated[int, typer.Option(help="How many trainings of each idea.")] = 1,
    runs: Annotated[Path, typer.Option(metavar="DIR", help="Folder of the trainings.")] = Path("runs/polyphony"),
) -> None:
    """Print one table: each idea on the bank that trained it, and on another one."""
    cli.load_keras()
    ideas = read_yaml(Path(__file__).with_suffix(".yaml"))
    if more:
        named = ", ".join(Path(each).stem for each in more)
        ideas[f"further sources ({named})"] = {"dataset.banks": ["TimGM6mb", *more], "dataset.test_banks": ["TimGM6mb"]}
    for name in idea or ():
        if name not in ideas:
            raise BadInput(f"--idea '{name}': there are only {', '.join(ideas)}")
    base = Experiment.from_yaml(PROJECT / "experiments" / "timeline.yaml").override(cli.assignments(changes))
    rows = []
    for name in idea or list(ideas):
        of_seeds = []
        for seed in range(1, seeds + 1):
            experiment = base.override({**ideas[name], "training.seeds": [seed]})
            of_seeds.append(measured(experiment, bank, folder=runs / slug(f"{name}-{seed}")))
        rows.append({"idea": name, **pd.DataFrame(of_seeds).mean().to_dict()})
        console.say("  ".join(name if key == "idea" else f"{key} {value:.3f}" for key, value in rows[-1].items()))
    table = pd.DataFrame(rows)
    shown = [tuple(each if isinstance(each, str) else f"{each:.3f}" for each in row) for row in table.to_numpy()]
    console.show_table(f"{base.dataset.options.get('pieces')} pieces, seeds: {seeds}", list(table), rows=shown)


def measured(experiment: Experiment, bank: list[str] | None, *, folder: Path) -> dict[str, float]:
    """Trains an idea unless it was, and gives its figures on both banks."""
    from kerasinst.evaluate import evaluate
    from kerasinst.train import train

    run = train(experiment, folder)
    figures = {**of(run), "minutes": run.metrics()["seconds_to_train"] / 60}
    if bank:
        other = Run(folder / "other-bank")
        if not other.finished:
            evaluate(folder, run=other.path, changes={"dataset.banks": ["TimGM6mb"], "dataset.test_banks": bank})
        figures |= {f"other: {key}": value for key, value in of(other).items()}
    return figures


def of(run: Run) -> dict[str, Any]:
    """Figures of a run: what is found at the study's price, the price of what the study finds, and mean precision."""
    curve, metrics = run.read("operating_curve"), run.metrics()
    return {
        "found": float(np.interp(FALSE, curve.false, curve.found)),
        "false": float(np.interp(FOUND, curve.found, curve.false)),
        "frame mAP": metrics["frame"]["mean_average_precision"],
        "clip mAP": metrics["clip"]["mean_average_precision"],
        "polyphony": metrics["frame"]["polyphony"],
    }


if __name__ == "__main__":
    cli.command(main)
