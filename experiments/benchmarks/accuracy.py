"""How often the best recipe is right on small real collections, beside what is known, and whether it is honest.

    python -m experiments.benchmarks.accuracy --data fsd-mini
    python -m experiments.benchmarks.accuracy --data fsd-mini --ideas experiments/benchmarks/ideas.yaml --no-probes
    python -m experiments.benchmarks.accuracy --data TRAIN --test OTHER --test-reader philharmonia

Five-fold cross-validation over the files of --data, grouped by file and by session, several seeds, one thread; accuracy
of clips with a 95 % interval (bootstrap over groups). With --test: trained on all of --data, scored on the other
collection. Then four probes of honesty. Nothing here is tuned; what was tuned, and how, is in reports/accuracy.md.
"""

# ruff: noqa: E402 (threads are counted before anything is imported)
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

for name in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
    os.environ.setdefault(name, "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pandas as pd
import soundfile
import typer
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import StratifiedGroupKFold

from kerasinst import classical, evaluation
from kerasinst.core import cli, console
from kerasinst.datasets import Clip
from kerasinst.experiment import PROJECT, Experiment, read_yaml

FIVE = ["Acoustic_guitar", "Cello", "Clarinet", "Double_bass", "Saxophone"]
FOLDS = 5
DRAWS = 100


def main(
    data: Annotated[Path, typer.Option(help="Collection that is trained on.")],
    reader: Annotated[str, typer.Option(help="Its reader.")] = "fsdkaggle2018",
    test: Annotated[Path | None, typer.Option(help="Another collection, with the same labels, that is scored.")] = None,
    test_reader: Annotated[str, typer.Option(help="Its reader.")] = "fsdkaggle2018",
    recipe: Annotated[Path, typer.Option(help="The experiment.")] = PROJECT / "experiments" / "best.yaml",
    seeds: Annotated[int, typer.Option(help="How many.")] = 3,
    ideas: Annotated[
        Path | None, typer.Option(help="Changes to the experiment by name, to be tried beside it.")
    ] = None,
    labels: Annotated[list[str] | None, typer.Option(help="With --test: only these; give it once for each.")] = None,
    tables: Annotated[bool, typer.Option(help="Cross-validate.")] = True,
    probes: Annotated[bool, typer.Option(help="Probe honesty.")] = True,
) -> None:
    """Prints one table for each question."""
    cli.load_keras()
    best = Experiment.from_yaml(recipe).on_data(data, reader).override({"split.published": False})
    models = {"best": best}
    if ideas:
        models |= {name: best.override(changes) for name, changes in read_yaml(ideas).items()}
    if test:
        on_others(
            {name: each.override({"dataset.labels": labels}) for name, each in models.items()}, test, test_reader, seeds
        )
        return
    every = len(prepared(best, None, "group").labels)
    for wanted in tables * ([FIVE] if ideas else [FIVE, None] if every > len(FIVE) else [None]):
        for by in ("group",) if ideas else ("group", "session"):
            cross_validation(models, wanted, by, seeds)
    if probes:
        permuted(best, seeds)
        altered(best)
        swapped(best)


def prepared(experiment: Experiment, labels: list[str] | None, by: str):
    """The collection, with sessions as groups if asked."""
    from kerasinst.features import prepare_data

    wanted = labels or experiment.dataset.labels
    return prepare_data(experiment.override({"dataset.labels": wanted, "split.by": by, "split.test": 0})).collection


def score(experiment: Experiment, collection, parts: dict[str, list], seed: int) -> pd.DataFrame:
    """Scores of the clips of `parts["test"]` by a network trained on `parts["train"]`, both lists of segments."""
    from kerasinst.features import PreparedData
    from kerasinst.training.seeds import fit_all_seeds

    alone = experiment.override({"training.seeds": [seed]})
    with tempfile.TemporaryDirectory() as state:
        data = PreparedData(collection, {**parts, "validation": []}, alone.audio)
        result = fit_all_seeds(alone, data, state=Path(state))
    return result.predictions


def folds(clips: Sequence[Clip], labels: list[str], seed: int):
    """Five pairs of training and test clips, whole groups together; also where a label has fewer sessions than folds,
    which `datasets.folds` refuses. A folding that leaves nothing to learn some label from is drawn again.
    """
    truth = np.array([labels.index(clip.labels[0]) for clip in clips])
    groups = [clip.group for clip in clips]
    for draw in range(DRAWS):
        folding = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed + 1000 * draw)
        parts = list(folding.split(clips, truth, groups))
        if all(len(np.unique(truth[train])) == len(labels) for train, _ in parts):
            break
    for train, test in parts:
        yield [clips[index] for index in train], [clips[index] for index in test]


def cross_validation(models: dict[str, Experiment], labels: list[str] | None, by: str, seeds: int) -> None:
    """One table: networks, classical models and shortcuts on the same folds."""
    from kerasinst.features import cover_clips

    best = models["best"]
    collection = prepared(best, labels, by)
    decoded, labels, clips = collection.decoded, collection.labels, collection.clips
    rows, mistakes = [], {}
    for name, experiment in models.items():
        began, tables = time.perf_counter(), []
        for seed in range(1, seeds + 1):
            for train, test in folds(clips, labels, seed):
                cut = {
                    "train": cover_clips(train, decoded, cut=experiment.audio),
                    "test": cover_clips(test, decoded, cut=experiment.audio),
                }
                tables.append(score(experiment, collection, cut, seed).assign(seed=seed))
        seconds = (time.perf_counter() - began) / seeds / FOLDS
        rows.append((name, *figures(pd.concat(tables), labels), f"{seconds:.1f}"))
        mistakes[name] = most_mistaken(pd.concat(tables), labels)
        console.say("  ".join(rows[-1]))
    statistics = {"MFCC statistics": mfcc_statistics(best, clips, decoded), "shortcuts": shortcuts(clips, decoded)}
    for what, name in (
        ("MFCC statistics", "svm_rbf"),
        ("MFCC statistics", "svm_linear"),
        ("MFCC statistics", "random_forest"),
        ("shortcuts", "random_forest"),
    ):
        began, tables = time.perf_counter(), []
        for seed in range(1, seeds + 1):
            for train, test in folds(clips, labels, seed):
                tables.append(classify(name, statistics[what], train, test, labels, seed))
        seconds = (time.perf_counter() - began) / seeds / FOLDS
        rows.append((f"{name} on {what}", *figures(pd.concat(tables), labels), f"{seconds:.1f}"))
    groups = len({clip.group for clip in clips})
    title = f"{len(clips)} clips, {len(labels)} labels, {groups} {'sessions' if by == 'session' else 'groups'}, by {by}"
    console.show_table(title, ["model", "accuracy (95 %)", "seeds", "seconds a fit"], rows=rows)
    for seed in range(1, seeds + 1):
        for train, _ in folds(clips, labels, seed):
            if missing := set(labels) - {clip.labels[0] for clip in train}:
                console.results.print(f"seed {seed}: one fold has no {' and no '.join(sorted(missing))} to learn from")
    console.results.print(f"{next(iter(models))} takes most often {', '.join(mistakes[next(iter(models))])}\n")


def most_mistaken(table: pd.DataFrame, labels: list[str], count: int = 3) -> list[str]:
    """The pairs of labels that are confused most, with their shares of the true label's clips."""
    answers = pd.Series(np.array(labels)[table[labels].to_numpy().argmax(axis=1)], index=table.index, name="answer")
    shares = answers.groupby(table.labels).value_counts(normalize=True).rename("share").reset_index()
    wrong = shares[shares.labels != shares.answer].nlargest(count, "share")
    return [f"{row.labels} for {row.answer} ({row.share:.0%})" for row in wrong.itertuples()]


def figures(table: pd.DataFrame, labels: list[str]) -> tuple[str, str]:
    """Mean accuracy over seeds with its interval, and the accuracy of each seed."""
    right = table[labels].to_numpy().argmax(axis=1) == table.labels.map(labels.index).to_numpy()
    by_seed = pd.Series(right).groupby(table.seed.to_numpy()).mean()
    low, high = evaluation.bootstrap_accuracy(right, table.group.to_numpy())
    return f"{right.mean():.3f} ({low:.3f}, {high:.3f})", " ".join(f"{value:.3f}" for value in by_seed)


def classify(name: str, statistics: dict[str, np.ndarray], train, test, labels: list[str], seed: int) -> pd.DataFrame:
    """Scores of test clips by a classical model."""
    fitted = classical.create(name, seed=seed).fit(
        [statistics[each.name] for each in train], [x.labels[0] for x in train]
    )
    scores = pd.DataFrame(fitted.predict_proba([statistics[each.name] for each in test]), columns=fitted.classes_)
    about = pd.DataFrame(
        [(each.name, each.group, each.labels[0]) for each in test], columns=["clip", "group", "labels"]
    )
    return pd.concat([about, scores.reindex(columns=labels, fill_value=0.0)], axis=1).assign(seed=seed)


def mfcc_statistics(experiment: Experiment, clips, decoded) -> dict[str, np.ndarray]:
    """Means and deviations of 20 MFCC and their changes, over each whole clip."""
    import librosa

    rate, found = experiment.audio.sample_rate, {}
    for clip in clips:
        picture = librosa.feature.mfcc(y=decoded.waveform(clip), sr=rate, n_mfcc=20)
        found[clip.name] = classical.summarize(picture.T[None, :, :, None])[0]
    return found


def shortcuts(clips, decoded) -> dict[str, np.ndarray]:
    """Loudness, peak, offset and duration: what a recording tells without any instrument in it."""
    found = {}
    for clip in clips:
        waveform = decoded.waveform(clip)
        loudness = 20 * np.log10(np.sqrt(np.mean(np.square(waveform))) + 1e-9)
        found[clip.name] = np.array([loudness, np.abs(waveform).max(), waveform.mean(), len(waveform)])
    return found


def on_others(models: dict[str, Experiment], test: Path, reader: str, seeds: int) -> None:
    """Trained on all of one collection, scored on all of another."""
    from kerasinst.evaluate import evaluate
    from kerasinst.models.tagger import Tagger
    from kerasinst.train import train

    rows = []
    for name, experiment in models.items():
        for seed in range(1, seeds + 1):
            with tempfile.TemporaryDirectory() as folder:
                everything = {"split.test": 0, "training.seeds": [seed]}
                run = train(experiment.override(everything), Path(folder, "run"))
                found = evaluate(run.path, test, run=Path(folder, "test"), changes={"dataset.reader": reader}).metrics()
                low, high = found["clip"]["accuracy_ci95"]
                accuracy = f"{found['clip']['accuracy']:.3f} ({low:.3f}, {high:.3f})"
                parameters = Tagger(run.path).model.network.count_params()
                rows.append((f"{name}, seed {seed}", found["n_clips"], accuracy, f"{parameters:,}"))
    console.show_table(
        f"trained on all, scored on {test.name}", ["model", "clips", "accuracy (95 %)", "parameters"], rows=rows
    )


def permuted(best: Experiment, seeds: int) -> None:
    """Labels shuffled over files: nothing can be learned but the files themselves, which only a leaky split rewards."""
    from dataclasses import replace

    from kerasinst.features import cover_clips

    collection = prepared(best, FIVE if set(FIVE) <= set(prepared(best, None, "group").labels) else None, "group")
    free = best.override({"training.pretrain": None, "training.epochs": 40, "training.learning_rate": 0.003})
    grouped, leaky, forest = [], [], []
    for seed in range(1, seeds + 1):
        random = np.random.default_rng(seed)
        order = random.permutation(len(collection.clips))
        shuffled = [
            replace(clip, labels=collection.clips[other].labels)
            for clip, other in zip(collection.clips, order, strict=True)
        ]
        segments = cover_clips(shuffled, collection.decoded, cut=best.audio.model_copy(update={"hop_seconds": 0.25}))
        for train, test in folds(shuffled, collection.labels, seed):
            cut = {
                "train": cover_clips(train, collection.decoded, cut=best.audio),
                "test": cover_clips(test, collection.decoded, cut=best.audio),
            }
            grouped.append(score(best, collection, cut, seed).assign(seed=seed))
        held = random.random(len(segments)) < 0.2
        torn = {
            "train": [segment for segment, out in zip(segments, held, strict=True) if not out],
            "test": [segment for segment, out in zip(segments, held, strict=True) if out],
        }
        leaky.append(score(free, collection, torn, seed).assign(seed=seed))
        forest.append(remembered(torn, collection, seed))
    rows = [
        ("best, split by file", *figures(pd.concat(grouped), collection.labels)),
        ("the same network from random weights, split by segment", *figures(pd.concat(leaky), collection.labels)),
        ("random forest, split by segment", f"{np.mean(forest):.3f}", " ".join(f"{value:.3f}" for value in forest)),
    ]
    console.show_table("labels shuffled over files", ["model", "accuracy (95 %)", "seeds"], rows=rows)
    console.results.print()


def remembered(torn: dict[str, list], collection, seed: int) -> float:
    """Accuracy of a random forest on spectra of segments whose clips it has heard."""
    import librosa

    def table(segments):
        spectra = []
        for segment in segments:
            piece = collection.decoded.shard_of[segment.clip.name].waveform(segment.clip, segment.start, 44100)
            spectra.append(librosa.feature.mfcc(y=piece, sr=collection.decoded.sample_rate, n_mfcc=20).mean(axis=1))
        return np.array(spectra), [segment.labels[0] for segment in segments]

    forest = RandomForestClassifier(200, random_state=seed).fit(*table(torn["train"]))
    return forest.score(*table(torn["test"]))


def altered(best: Experiment) -> None:
    """Test files made louder, softer, later, and renamed: the answers should stay."""
    from kerasinst.models.tagger import Tagger
    from kerasinst.train import train

    rate, rows = 44100, []
    with tempfile.TemporaryDirectory() as folder:
        run = train(best.override({"training.seeds": [1]}), Path(folder, "run"))
        tagger, truth = Tagger(run.path), run.split().query("split == 'test'")
        sounds = []
        for clip in prepared(best, best.dataset.labels, "group").clips:
            if clip.name in set(truth["clip"]):
                waveform, rate = soundfile.read(clip.path, dtype="float32")
                sounds.append((clip.labels[0], waveform, rate))
        plain = None
        for what, change in {
            "as it is": lambda x, rate: x,
            "12 dB softer": lambda x, rate: x * 10 ** (-12 / 20),
            "12 dB louder": lambda x, rate: x * 10 ** (12 / 20),
            "1 s of silence before": lambda x, rate: np.concatenate([np.zeros((rate, *x.shape[1:]), x.dtype), x]),
            "renamed": lambda x, rate: x,
        }.items():
            answers = []
            for index, (_, waveform, rate) in enumerate(sounds):
                name = f"x{len(sounds) - index}.wav" if what == "renamed" else f"{index}.wav"
                soundfile.write(Path(folder, name), change(waveform, rate), rate, subtype="FLOAT")
                answers.append(tagger(Path(folder, name)).label)
            right = np.mean([answer == label for answer, (label, _, _) in zip(answers, sounds, strict=True)])
            plain = plain or answers
            same = np.mean([now == then for now, then in zip(answers, plain, strict=True)])
            rows.append((what, f"{right:.3f}", f"{same:.3f}"))
    console.show_table(f"{len(sounds)} test files altered", ["how", "accuracy", "same answers"], rows=rows)
    console.results.print()


def swapped(best: Experiment) -> None:
    """Labels of the test clips exchanged: the trained weights must be the same to the last bit."""
    from dataclasses import replace

    from kerasinst.features import prepare_data
    from kerasinst.training.seeds import fit_all_seeds

    best = best.override({"training.seeds": [1]})
    data = prepare_data(best)
    labels = data.labels
    test = [
        replace(each, clip=replace(each.clip, labels=(labels[(labels.index(each.labels[0]) + 1) % len(labels)],)))
        for each in data.segments["test"]
    ]
    weights = []
    for segments in (data.segments, {**data.segments, "test": test}):
        with tempfile.TemporaryDirectory() as state:
            exchanged = replace(data, segments=segments)
            weights.append(fit_all_seeds(best, exchanged, state=Path(state)).model.get_weights())
    same = all(np.array_equal(one, other) for one, other in zip(*weights, strict=True))
    console.show_table(
        "labels of test clips exchanged", ["weights", "identical"], rows=[(f"{len(weights[0])} arrays", str(same))]
    )


if __name__ == "__main__":
    typer.run(main)
