"""`kerasinst ablate`: train again with parts taken away or changed, on the same split and budget."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kerasinst import reporting
from kerasinst.core import cli, console, files
from kerasinst.core.errors import BadInput
from kerasinst.experiment import Experiment, read_yaml
from kerasinst.runs import Run
from kerasinst.runs.arguments import experiment_or_run_from

if TYPE_CHECKING:
    import pandas as pd

WHOLE = "nothing"
"""What is changed in the row of the experiment as it is."""


def ablate(experiment: Experiment, run: str | Path | None = None) -> Run:
    """Trains an experiment and each change that its `ablation` section lists, with the same split, epochs and seeds.

    Each change is a run of its own in `ablation/` of the run, so a killed ablation goes on with the one it stood at.

    Args:
        experiment: with an ablation section.
        run: directory, which may be that of the finished experiment; None is `runs/<name>`.

    Returns:
        The run, with ablation.csv: one row for the experiment as it is and one for each change, with the difference in
        accuracy and the p-value of McNemar's test against the first row, Holm-corrected over the table.

    Raises:
        BadInput: if there is nothing to change, or a change makes no valid experiment.

    Example:
        >>> ablate(Experiment.from_yaml("experiments/ee5180.yaml")).ablation().accuracy.tolist()
        [0.62, 0.41, 0.53, 0.6, 0.58, 0.6, 0.61]
    """
    from kerasinst.train import train

    if not variants(experiment):
        raise BadInput(
            f"{experiment.name}: there is nothing to take away: add an ablation section, such as "
            "ablation: {network.conv_filters: [[], [40]]}, or give --parts FILE.yaml"
        )
    whole = train(experiment, run)
    if whole.metrics()["split"] is None:
        raise BadInput(f"{experiment.name}: ablations are compared on a test split; make split.test larger than 0")
    trained = whole.trained(experiment).model_copy(update={"ablation": experiment.ablation})
    changed, rows = variants(trained), [(WHOLE, "", whole)]
    for number, ((key, value), variant) in enumerate(changed.items(), 1):
        console.say(f"ablation {number} of {len(changed)}: {key} {value}".rstrip())
        rows.append((key, value, train(variant, whole.path / "ablation" / _folder(key, value))))
    whole.write_table("ablation", _table(rows))
    return whole


def variants(experiment: Experiment) -> dict[tuple[str, str], Experiment]:
    """The experiments that an ablation section asks for, by what is changed and what it is changed to.

    Raises:
        BadInput: if one of them is no valid experiment, or has other data or another split.
    """
    plain = experiment.override({"ablation": {}})
    found = {}
    for key, change in experiment.ablation.items():
        if isinstance(change, dict):
            found[key, ""] = plain.override(change)
        else:
            found |= {(key, str(value)): plain.override({key: value}) for value in change}
    for (key, _), variant in found.items():
        if (variant.dataset, variant.split, variant.task) != (plain.dataset, plain.split, plain.task):
            raise BadInput(f"ablation: {key}: all rows keep the data set, the split and the task; leave them out")
    return found


def _folder(key: str, value: str) -> str:
    """A name that no other change has, however alike they read."""
    return f"{files.slug(f'{key} {value}')[:60]}-{hashlib.sha256(f'{key}: {value}'.encode()).hexdigest()[:6]}"


def _table(rows: list[tuple[str, str, Run]]) -> "pd.DataFrame":
    """One row a training, compared with the first."""
    import pandas as pd

    from kerasinst import evaluation

    whole = rows[0][2]
    labels, task = whole.labels(), whole.experiment().task
    tested = evaluation.tested(whole.predictions(), whole.split())
    right = evaluation.correct(tested, labels, task=task)
    found, p_values = [], []
    for key, value, run in rows:
        metrics, predictions = run.metrics(), evaluation.tested(run.predictions(), run.split())
        if set(predictions.index) != set(tested.index):
            raise BadInput(f"{run.path}: was not tested on the clips of {whole.path}; remove it to train it again")
        predictions = predictions.loc[tested.index]
        over_seeds = metrics.get("over_seeds", {}).get("accuracy", {})
        published = run.experiment().as_published()
        found.append(
            {
                "changed": key,
                "to": value,
                **evaluation.row(metrics["clip"]),
                "difference": round(metrics["clip"]["accuracy"] - whole.metrics()["clip"]["accuracy"], 6),
                "seeds_mean": over_seeds.get("mean"),
                "seeds_deviation": over_seeds.get("standard_deviation"),
                "parameters": metrics["parameters"],
                "seconds_to_train": metrics["seconds_to_train"],
                "segment_accuracy": metrics["segment"]["accuracy"],
                "published": published and published.accuracy,
            }
        )
        p_values.append(
            evaluation.mcnemar(evaluation.correct(predictions, labels, task=task), right, groups=tested.group)
        )
    table = pd.DataFrame(found)
    table.insert(table.columns.get_loc("difference") + 1, "p_value", [None, *evaluation.holm(p_values[1:])])
    return table


def main(
    experiment: cli.ExperimentOrRun = None,
    run: cli.RunOption = None,
    data: cli.DataOption = None,
    changes: cli.SetOption = None,
    seed: cli.SeedOption = None,
    quiet: cli.QuietOption = False,
    parts: Annotated[
        Path | None, typer.Option(metavar="FILE.yaml", help="What to change, in place of the ablation section.")
    ] = None,
) -> None:
    """Train an experiment again with parts taken away or changed, on the same split and budget.

    Example: kerasinst ablate experiments/ee5180.yaml --data ~/data/FSDKaggle2018 --run runs/ee5180
    """
    console.quieten(quiet)
    asked, where = experiment_or_run_from(experiment, run, data=data, changes=changes, seed=seed)
    if parts:
        asked = asked.override({"ablation": read_yaml(parts)})
    cli.load_keras()
    reporting.show_ablation(ablate(asked, where))


if __name__ == "__main__":
    cli.command(main)
