"""How much a search costs beside its trials, and how many trials a minute workers finish.

    python -m experiments.benchmarks.search ask         seconds until `bayesian` proposes a trial, against keras-tuner
    python -m experiments.benchmarks.search overhead    200 trials of one second on 4 workers, against no overhead
    python -m experiments.benchmarks.search workers     trials a minute of the quickstart's search, by `--workers`
    python -m experiments.benchmarks.search reach       time to accuracies, and of all trials, against keras-tuner's

The load of the machine before each measurement is printed, since workers need idle cores.
"""

import math
import os
import platform
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import joblib
import typer

from kerasinst.core import cli, console, parallel

app = typer.Typer(add_completion=False, help=__doc__.splitlines()[0])


@app.command()
def ask(done: int = 100, dimensions: int = 10, repeats: int = 3) -> None:
    """Seconds until a trial is proposed when so many have ended."""
    cli.load_keras()
    import keras_tuner

    from kerasinst.tuning import oracles
    from kerasinst.tuning.oracle import arguments

    def space() -> Any:
        hyperparameters = keras_tuner.HyperParameters()
        for number in range(dimensions):
            hyperparameters.Float(f"key {number}", 0.0, 1.0)
        return hyperparameters

    def seconds(oracle: Any, folder: str) -> list[float]:
        oracle._set_project_dir(folder, "trials")
        oracle.verbose = 0
        taken = []
        for number in range(done + repeats):
            oracle.num_initial_points = done  # the trials before are random, which takes no time
            began = time.perf_counter()
            trial = oracle.create_trial(str(number))
            taken.append(time.perf_counter() - began)
            score = -sum((value - 0.3) ** 2 for value in trial.hyperparameters.values.values())
            oracle.update_trial(trial.trial_id, {"val_accuracy": score})
            trial.status = "COMPLETED"
            oracle.end_trial(trial)
        return sorted(taken[done:])

    with tempfile.TemporaryDirectory() as folder:
        ours = oracles.create("bayesian", space(), objective="val_accuracy", trials=10**6, epochs=1, seed=1)
        theirs = keras_tuner.oracles.BayesianOptimizationOracle(
            **arguments(space(), objective="val_accuracy", seed=1), max_trials=10**6
        )
        rows = [(name, seconds(oracle, f"{folder}/{name}")) for name, oracle in (("ours", ours), ("theirs", theirs))]
    medians = [taken[len(taken) // 2] for _, taken in rows]
    _show(
        f"seconds until bayesian proposes a trial, {done} trials done, {dimensions} dimensions, median of {repeats}",
        ["", "seconds", "ratio"],
        [
            ("kerasinst", f"{medians[0]:.2f}", "1.0"),
            ("keras-tuner", f"{medians[1]:.2f}", f"{medians[1] / medians[0]:.1f}"),
        ],
    )


@app.command()
def overhead(trials: int = 200, workers: int = 4, seconds: float = 1.0) -> None:
    """What the coordinator adds to trials that only wait."""
    cli.load_keras()
    import keras_tuner

    from kerasinst.tuning import oracles
    from kerasinst.tuning.search import Loop

    hyperparameters = keras_tuner.HyperParameters()
    hyperparameters.Float("key", 0.0, 1.0)
    oracle = oracles.create("random", hyperparameters, objective="val_accuracy", trials=trials, epochs=1, seed=1)
    with tempfile.TemporaryDirectory() as folder, parallel.backend(workers), parallel.pool(_wait) as pool:
        oracle.open(Path(folder) / "trials")
        for future in [pool.submit((0.0, 0.0)) for _ in range(workers)]:  # processes start and import Keras
            future.result()
        began = time.perf_counter()
        for future in [pool.submit((0.0, seconds)) for _ in range(trials)]:
            future.result()
        alone = time.perf_counter() - began
        before, began = _cpu(), time.perf_counter()
        loop = Loop(
            oracle,
            pool,
            make=lambda asked: (asked.hyperparameters.values["key"], seconds),
            on_end=lambda: None,
            on_running=lambda folders: None,
        )
        loop.run()
        wall, cpu = time.perf_counter() - began, _cpu() - before
        lost = trials - len(oracle.ended())
    ideal = trials * seconds / workers
    _show(
        f"{trials} trials of {seconds} s on {workers} workers",
        ["", "seconds", ""],
        [
            ("nothing but waiting", f"{ideal:.2f}", ""),
            ("on the workers, without an oracle", f"{alone:.2f}", f"{(alone - ideal) / ideal:.2%} more"),
            ("as a search", f"{wall:.2f}", f"{(wall - ideal) / ideal:.2%} more"),
            ("coordinator's CPU", f"{cpu:.2f}", f"{cpu / (trials * seconds):.2%}"),
            ("trials lost", str(lost), ""),
        ],
    )


def _wait(trial: tuple[float, float]) -> Any:
    from kerasinst.tuning.trial import Outcome

    score, seconds = trial
    time.sleep(seconds)
    return Outcome(score, {"parameters": 1, "seconds": seconds, "epochs": 1})


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


@app.command()
def workers(trials: int = 14, epochs: int = 4, counts: str = "0,1,2") -> None:
    """Trials a minute by the number of workers; 0 is one trial at a time on all cores."""
    cli.load_keras()
    from kerasinst.experiment import QUICKSTART, Experiment
    from kerasinst.features import extract_features, prepare_data
    from kerasinst.tuning.search import tune

    experiment = Experiment.from_yaml(QUICKSTART).override({"search.trials": trials, "search.epochs": epochs})
    data = prepare_data(experiment)
    extract_features(experiment, data, splits=("train", "validation"))
    rates = {}
    for count in map(int, counts.split(",")):
        with tempfile.TemporaryDirectory() as folder, parallel.backend(count or None):
            ended: list[float] = []
            tune(
                experiment,
                data,
                directory=Path(folder) / "trials",
                on_trial=[lambda board, ended=ended: ended.append(time.perf_counter()) if len(board) else None],
            )
            first = max(1, count)  # trials that wait for their processes to start
            rates[count] = 60 * (trials - first) / (ended[trials - 1] - ended[first - 1])
    one = rates.get(1, next(iter(rates.values())))
    _show(
        f"quickstart, {trials} trials of {epochs} epochs, without the first of each worker",
        ["workers", "trials a minute", "ratio to one worker"],
        [(str(count or "none"), f"{rate:.1f}", f"{rate / one:.2f}") for count, rate in rates.items()],
    )


@app.command()
def reach(targets: str = "0.7", trials: int = 10, epochs: int = 12, seeds: int = 5) -> None:
    """Seconds until the quickstart's search reaches accuracies, and those of all trials, beside keras-tuner's."""
    cli.load_keras()
    from kerasinst.experiment import QUICKSTART, Experiment
    from kerasinst.features import extract_features, prepare_data

    asked = {"search.trials": trials, "search.epochs": epochs, "search.measure": False, "search.halving": {}}
    experiment = Experiment.from_yaml(QUICKSTART).override(asked)
    data = prepare_data(experiment)
    extract_features(experiment, data, splits=("train", "validation"))
    searches = {
        "keras-tuner": _keras_tuner_search,
        "kerasinst": _our_search,
        "kerasinst, halved": _our_search,
    }
    columns = [f"seconds to {target}" for target in targets.split(",")] + [f"seconds for {trials} trials"]
    times: dict[str, list[list[float]]] = {name: [] for name in searches}
    for seed in range(1, seeds + 1):
        for name, run in searches.items():
            changes = {"training.seeds": [seed], **({} if "halved" in name else {"search.halving": None})}
            scores, began = [(0.0, 0.0)], time.perf_counter()

            def on_epoch(row: dict, began: float = began, scores: list[tuple[float, float]] = scores) -> None:
                scores.append((time.perf_counter() - began, row["val_accuracy"]))

            run(experiment.override(changes), data, on_epoch)
            whole = time.perf_counter() - began
            times[name].append(
                [
                    next((at for at, score in scores if score >= float(target)), math.inf)
                    for target in targets.split(",")
                ]
                + [whole]
            )
            print(f"seed {seed}, {name}: {[round(value, 1) for value in times[name][-1]]}", file=sys.stderr)
    rows = []
    for name, ours in times.items():
        row = [name]
        for peer, own in zip(zip(*times["keras-tuner"], strict=True), zip(*ours, strict=True), strict=True):
            ratios = [a / b for a, b in zip(peer, own, strict=True) if math.isfinite(a) or math.isfinite(b)]
            row += [f"{statistics.median(own):.1f}", f"{statistics.median(ratios):.2f}" if ratios else ""]
        rows.append(tuple(row))
    _show(
        f"quickstart, {trials} trials of {epochs} epochs, median of {seeds} seeds",
        ["", *(title for column in columns for title in (column, "times as fast"))],
        rows,
    )


def _our_search(experiment: Any, data: Any, on_epoch: Any) -> None:
    from kerasinst.tuning.search import tune

    with tempfile.TemporaryDirectory() as folder:
        tune(experiment, data, directory=Path(folder) / "trials", on_epoch=on_epoch)


def _keras_tuner_search(experiment: Any, data: Any, on_epoch: Any) -> None:
    """A plain script with keras-tuner: features in memory, the same space, network, augmentation and schedule."""
    import keras
    import keras_tuner

    from kerasinst.features import extract_features
    from kerasinst.training import augmentations
    from kerasinst.training.network import create_network
    from kerasinst.training.optimizers import create_optimizer
    from kerasinst.training.training_model import TrainingModel
    from kerasinst.tuning.oracle import spread
    from kerasinst.tuning.space import Space

    search = experiment.search
    space = Space(search.space, experiment)
    features = extract_features(experiment, data, splits=("train", "validation"))
    arrays = {split: (features.scaled(split), data.targets(split)) for split in ("train", "validation")}

    class Model(keras_tuner.HyperModel):
        def drawn(self, hp: Any) -> Any:
            space.declare(hp)
            return space.experiment_with(hp.values, {"training.epochs": search.epochs})

        def build(self, hp: Any) -> Any:
            asked = self.drawn(hp)
            network = create_network(asked, features.frontend, n_labels=len(data.labels))
            layers = [
                augmentations.create(name, **options)
                for each in asked.training.augment
                for name, options in each.items()
            ]
            model = TrainingModel(network, None, augmentations=layers)
            model.build([(None, *arrays["train"][0].shape[1:]), (None, len(data.labels))])
            steps = -(-len(arrays["train"][1]) // asked.training.batch_size)
            accuracy = keras.metrics.CategoricalAccuracy("accuracy")
            model.compile(create_optimizer(asked.training, steps), "categorical_crossentropy", metrics=[accuracy])
            return model

        def fit(self, hp: Any, model: Any, *arguments: Any, callbacks: Any, **options: Any) -> Any:
            told = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: on_epoch(logs))
            (x, y), held_out = arrays["train"], arrays["validation"]
            return model.fit(
                (x, y), y, validation_data=((held_out[0], held_out[1]), held_out[1]), epochs=search.epochs,
                batch_size=self.drawn(hp).training.batch_size, callbacks=[*callbacks, told], verbose=0,
            )  # fmt: skip

    with tempfile.TemporaryDirectory() as folder:
        tuner = keras_tuner.RandomSearch(
            Model(), objective="val_accuracy", max_trials=search.trials, seed=spread(experiment.training.seeds[0]),
            directory=folder, project_name="plain", overwrite=True,
        )  # fmt: skip
        tuner.search(verbose=0)


def _show(title: str, columns: list[str], rows: list[tuple]) -> None:
    machine = platform.processor() or platform.machine()
    load = os.getloadavg()[0]
    print(f"{machine}, {joblib.cpu_count()} cores, load {load:.1f}, Python {platform.python_version()}")
    console.show_table(title, columns, rows=rows)


if __name__ == "__main__":
    console.remarks.quiet = True
    app()
