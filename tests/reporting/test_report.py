"""Reports: what they compare, what they say is missing, and the files that they leave."""

import json
import re
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import yaml
from written_runs import (
    FAIR,
    GOOD,
    LABELS,
    POOR,
    RIGHT,
    experiment,
    gathered,
    predictions,
    table_of,
    write_figures,
    write_run,
    write_three,
)

from kerasinst import evaluation, report
from kerasinst.experiment import PROJECT
from kerasinst.reporting import summary_text
from kerasinst.reporting.comparison import compare
from kerasinst.reporting.model_card import model_card
from kerasinst.reporting.plots import saving
from kerasinst.reporting.plots.comparison import models_over_costs
from kerasinst.reporting.plots.hyperparameters import hyperparameter_importance, parallel_coordinates
from kerasinst.reporting.run_data import RunData, model_results
from kerasinst.reporting.tables.comparison import comparison_table
from kerasinst.reporting.tables.protocols import protocol_table
from kerasinst.reporting.tables.search import search_table
from kerasinst.reporting.tables.table import Table


@pytest.fixture
def three(tmp_path):
    """Runs that are right on 19, 17 and 9 of the same 20 clips."""
    return write_three(tmp_path)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Such runs, their comparison and their report, which no test may change."""
    folder = tmp_path_factory.mktemp("made")
    runs = write_three(folder)
    (comparison,) = report.report(runs[::-1], folder / "report")
    return SimpleNamespace(runs=runs, comparison=comparison, report=folder / "report")


def test_models_are_compared_by_the_tests_that_the_caption_names(made):
    table, comparison = table_of(made.report, "comparison-1-group"), made.comparison
    assert table.model.tolist() == ["good", "fair", "poor"] and comparison.best.name == "good"
    exact = [evaluation.mcnemar(np.array(GOOD), np.array(other)) for other in (FAIR, POOR)]
    best, *others = comparison.results
    true, named = best.judged()
    of_f1 = [
        evaluation.compare_f1(true, named, other_predicted=each.judged()[1], groups=best.tested.group, n_labels=2)[2]
        for each in others
    ]
    np.testing.assert_allclose([*table.p_accuracy[1:], *table.p_f1[1:]], evaluation.holm([*exact, *of_f1]))
    assert np.isnan(table.p_accuracy[0]) and table.p_f1[1] > 0.05 > table.p_f1[2]
    assert [result.name for result in comparison.alike()] == ["fair"]
    shown = (made.report / "tables" / "comparison-1-group.md").read_text().splitlines()
    assert "**0.950 (0.850, 1.000)**" in shown[2] and shown[2].split("|")[3].strip() == "best"
    assert "no significant difference" in shown[3] and "different (p = 0.0" in shown[4]


def test_intervals_are_those_of_the_run(made):
    row = table_of(made.report, "comparison-1-group").iloc[0]
    clip = json.loads((made.runs[0] / "metrics.json").read_text())["clip"]
    assert [row.accuracy_low, row.accuracy_high] == clip["accuracy_ci95"] and row.macro_f1 == clip["macro_f1"]
    assert row.f1_low < row.macro_f1 <= row.f1_high and row.bytes == 1000 and row.parameters == 500


def test_models_that_were_tested_on_other_clips_are_not_compared(three, tmp_path):
    other = write_run(tmp_path / "other", [True] * 20, prefix="other-", name="other")
    (comparison,) = compare(result for path in [*three, other] for result in model_results(RunData(path)))
    assert comparison.best.name == "good" and comparison.table.p_accuracy.isna().tolist() == [True, False, False, True]
    sheet = comparison_table(comparison, 1)
    assert sheet.shown["against the best"].iloc[-1] == "not compared: other clips or data"


def test_classical_and_compressed_models_stand_beside_the_network(three, tmp_path):
    about = {"model": "svm_rbf", "features": "picture", "bytes": 70, "milliseconds": 0.5, "seconds_to_train": 1}
    write_figures(three[0] / "baselines" / "picture-svm_rbf", predictions(FAIR), about)
    write_figures(three[0] / "compressed" / "int8", predictions(GOOD), {"parameters": 500, "bytes": 250})
    report.report(three[:1], tmp_path / "report")
    table = table_of(tmp_path / "report", "comparison-1-group")
    assert dict(zip(table.model, table.kind, strict=True)) == {
        "good": "network", "good (int8)": "compressed", "svm_rbf (picture)": "classical"
    }  # fmt: skip
    assert table.bytes.tolist() == [250, 1000, 70]  # of equals, the smaller first


def test_the_same_model_by_both_protocols_shows_the_leak(tmp_path):
    runs = [
        write_run(tmp_path / "leaky", GOOD, name="cnn", split={"by": "segment"}),
        write_run(tmp_path / "whole", FAIR, name="cnn", split={"by": "group"}),
        write_run(
            tmp_path / "wider", FAIR, name="wider", network={"name": "separable", "filters": [8, 8], "blocks": 1}
        ),
    ]
    grouped, leaky = report.report(runs, tmp_path / "report")
    assert (grouped.best.leaky, leaky.best.leaky) == (False, True)
    table = table_of(tmp_path / "report", "protocols")
    assert table.model.tolist() == ["cnn"] and table.leak[0] == pytest.approx(0.95 - 0.85)
    page = (tmp_path / "report" / "index.html").read_text()
    assert "score 0.100 more on average" in page and "for 0 of 1 the interval of that leak lies above 0" in page


def test_published_figures_stand_beside_the_rows_that_they_are_of(tmp_path):
    published = {
        "study": "A study",
        "protocol": "segment",
        "results": [{"where": {"training.augment": []}, "accuracy": 0.7}, {"model": "mlp", "accuracy": 0.6}],
    }
    plain = write_run(tmp_path / "plain", FAIR, name="plain", published=published, training={"augment": []})
    mixed = write_run(tmp_path / "mixed", GOOD, name="mixed", published=published, training={"augment": ["cutmix"]})
    about = {"model": "mlp", "features": "picture", "bytes": 70}
    write_figures(mixed / "baselines" / "picture-mlp", predictions(POOR), about)
    report.report([plain, mixed], tmp_path / "report")
    table = table_of(tmp_path / "report", "comparison-1-group").set_index("model").published_accuracy
    assert table["plain"] == 0.7 and np.isnan(table["mixed"]) and table["mlp (picture)"] == 0.6
    assert table_of(tmp_path / "report", "protocols").model.tolist() == ["plain", "mlp (picture)"]


def test_a_study_that_reports_no_accuracy_has_its_figures_on_the_page_and_is_reported_again(tmp_path):
    published = {"study": "A study", "protocol": "group", "results": [{"macro_f1": 0.7}]}
    run = write_run(tmp_path / "run", FAIR, published=published)
    for _ in range(2):
        report.report([run], tmp_path / "report")
    assert not (tmp_path / "report" / "tables" / "protocols.csv").exists()
    page = (tmp_path / "report" / "index.html").read_text()
    assert table_of(tmp_path / "report", "published").published[0] == 0.7 and "macro F1" in page
    assert '"tables/published.csv"' in page and 'href="#leak"' in page


def test_other_peoples_files_are_not_replaced_and_an_earlier_report_is(three, tmp_path, run_verb, monkeypatch):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    code, _, err = run_verb(report, three[0], "--to", tmp_path / "mine")
    assert code == 2 and "give another --to" in err and (tmp_path / "mine" / "notes.txt").read_text() == "mine"
    (tmp_path / "paper" / "figures").mkdir(parents=True)
    (tmp_path / "paper" / "figures" / "mine.png").write_bytes(b"mine")
    assert run_verb(report, three[0], "--to", tmp_path / "paper")[0] == 2
    assert (tmp_path / "paper" / "figures" / "mine.png").read_bytes() == b"mine"
    report.report(three[:1], tmp_path / "report")
    (tmp_path / "report" / "tables" / "mine.csv").write_text("mine")
    assert run_verb(report, three[0], "--to", tmp_path / "report")[0] == 2
    (tmp_path / "report" / "tables" / "mine.csv").unlink()
    before = (tmp_path / "report" / "index.html").read_bytes()

    def dies(figure, stem):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(saving, "save", dies)
        report.report(three, tmp_path / "report")
    assert (tmp_path / "report" / "index.html").read_bytes() == before
    report.report(three, tmp_path / "report")
    assert (tmp_path / "report" / "index.html").read_bytes() != before
    assert {path.name for path in tmp_path.glob(".*")} == set()


def test_runs_of_one_name_keep_their_own_files_and_none_is_counted_twice(tmp_path, run_verb):
    runs = [write_run(tmp_path / by / "cnn", FAIR, name="cnn") for by in ("one", "two")]
    trials = {"trial_id": range(5), "status": "COMPLETED", "score": np.arange(5) / 5, "parameters": 9, "seconds": 1.0}
    for number, run in enumerate(runs):
        table = pd.DataFrame({**trials, "network.width": np.arange(5) + number})
        table.to_csv(run / "leaderboard.csv", index=False)
    report.report(runs, tmp_path / "report")
    assert table_of(tmp_path / "report", "comparison-1-group").model.tolist() == ["cnn, one-cnn", "cnn, two-cnn"]
    widths = [table_of(tmp_path / "report", f"search-{key}")["network.width"][0] for key in ("one-cnn", "two-cnn")]
    assert widths == [0, 1]
    code, _, err = run_verb(report, runs[0], runs[1], runs[0], "--to", tmp_path / "report")
    assert code == 2 and "named twice" in err


def test_every_table_and_figure_is_there_in_every_form(made):
    tables, drawn = (sorted((made.report / part).iterdir()) for part in ("tables", "figures"))
    assert {path.suffix for path in tables} == {".md", ".tex", ".csv"} and len(tables) % 3 == 0
    assert {path.stem for path in drawn} == {"training", "confusions", "cost-comparison-1-group"} and len(drawn) == 6
    page = (made.report / "index.html").read_text()
    for link in re.findall(r'href="((?:tables|figures)/[^"]+)"', page):
        assert (made.report / link).stat().st_size
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)


def test_names_are_escaped_in_every_form(tmp_path):
    labels = ["<b>bow & arrow", "50% plucked"]
    run = write_run(tmp_path / "run", FAIR, labels, name="x_y")
    report.report([run], tmp_path / "report")
    page = (tmp_path / "report" / "index.html").read_text()
    assert "<b>bow" not in page and "&lt;b&gt;bow &amp; arrow" in page
    latex = (tmp_path / "report" / "tables" / "labels.tex").read_text()
    assert r"\toprule" in latex and r"\bottomrule" in latex and r"<b>bow \& arrow" in latex and r"50\% plucked" in latex
    assert r"x\_y" in (tmp_path / "report" / "tables" / "comparison-1-group.tex").read_text()
    markdown = Table("t", "Bars.", pd.DataFrame({"model": ["a|b"], "F1": ["1"]})).markdown()
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in markdown.splitlines()} == {3}


def test_latex_bold_is_that_of_booktabs_tables():
    sheet = Table("t", "Costs 5 %.", pd.DataFrame({"model": ["a_b", "c"], "F1": ["1.0", "0.5"]}), bold={(0, "F1")})
    latex = sheet.latex()
    assert r"\bfseries 1.0" in latex and r"\bfseries 0.5" not in latex and r"\caption{Costs 5 \%.}" in latex


def test_the_summary_is_five_sentences_with_numbers(made):
    said = summary_text.sentences([made.comparison], None)
    assert len(said) == 5
    assert said[0].startswith("3 models of 3 runs were compared, 3 of them on the same 20 test clips of 2 labels, with")
    assert "“good”, is right on 95.0% of them (95 % interval 85.0% to 100.0%)" in said[1]
    assert "1 of 2 others does not differ" in said[2] and "1,000 bytes" in said[2]
    assert said[4].endswith("plucked is taken for bow_ed in 1 of 10 clips.")


def test_the_card_tells_what_the_review_rule_did(tmp_path):
    run = write_run(
        tmp_path / "run", FAIR, decision={"review_below": 0.9}, told={"probes": {"silence": {"bow_ed": 0.6}}}
    )
    (comparison,) = compare(model_results(RunData(run)))
    card = model_card([comparison])
    assert card.review == "A best score below 0.9 needs review: so do 100% of the test clips, that is, all of them."
    assert "Of silence it says bow_ed, with a score of 0.60." in card.failures
    assert ("licence", "Your own.") in card.data and not any("elsewhere" in text for _, text in card.data)
    assert all(label in card.intended[0] for label in LABELS)


def test_the_hyperparameter_that_decides_is_the_most_important():
    random = np.random.default_rng(0)
    rate, width = 10 ** random.uniform(-4, -1, 20), random.choice([8, 16, 32], 20)
    trials = {
        "trial_id": range(20),
        "status": "COMPLETED",
        "score": np.log10(rate) / 4,
        "parameters": 9,
        "seconds": 1.0,
    }
    leaderboard = pd.DataFrame({**trials, "network.width": width, "training.learning_rate": rate})
    bars = hyperparameter_importance(leaderboard).axes[0]
    assert [text.get_text() for text in bars.get_yticklabels()][-1] == "training.learning_rate"
    assert hyperparameter_importance(leaderboard.head(9)) is None
    lines = parallel_coordinates(leaderboard).axes[0].lines
    assert len([line for line in lines if len(line.get_xdata()) == 3]) == 20


def test_neither_keras_nor_tensorflow_is_imported(three, tmp_path):
    code = (
        "import sys; from pathlib import Path; from kerasinst import report;"
        f"report.report({[str(path) for path in three]!r}, {str(tmp_path / 'report')!r});"
        "print(sorted({'keras', 'tensorflow', 'jax', 'torch'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_leak_does_not_depend_on_where_data_lies_and_may_be_none(tmp_path):
    for folder, right, by in (("leaky", POOR, "segment"), ("whole", GOOD, "group")):
        dataset = {"reader": "folder", "path": f"/{folder}/recordings"}
        write_run(tmp_path / folder, right, name="cnn", split={"by": by}, dataset=dataset)
    _, comparisons = gathered(tmp_path / "leaky", tmp_path / "whole")
    sheet = protocol_table(comparisons)
    assert (
        sheet.numbers.leak[0] == pytest.approx(-0.5)
        and sheet.numbers.leak_low[0] < -0.5 < sheet.numbers.leak_high[0] < 0
    )
    assert "score 0.500 less on average" in summary_text.sentences(comparisons, sheet)[3]


def test_an_evaluation_is_compared_but_is_no_half_of_a_leak_and_has_no_card(tmp_path):
    leaky = write_run(tmp_path / "leaky", GOOD, name="cnn", split={"by": "segment"})
    evaluated = write_run(tmp_path / "evaluated", FAIR, name="cnn", told={"model": "runs/leaky"})
    (evaluated / "history.csv").unlink()
    (evaluated / "model.keras").unlink()
    runs, comparisons = gathered(leaky, evaluated)
    assert runs[1].missing == [] and len(comparisons) == 2
    assert protocol_table(comparisons) is None
    assert model_card(comparisons).result.run_data.key == "leaky"
    assert model_card(comparisons[:1]) is None


def test_a_search_is_described_by_what_it_found(tmp_path):
    published = {
        "study": "A",
        "protocol": "group",
        "results": [{"where": {"network.filters": [4, 8]}, "accuracy": 0.9}],
    }
    run = write_run(tmp_path / "run", GOOD, published=published)
    assert gathered(run)[1][0].best.published.accuracy == 0.9
    found = {"name": "separable", "filters": [64, 64], "blocks": 1}
    (run / "best.yaml").write_text(yaml.safe_dump(experiment(published=published, network=found)))
    assert gathered(run)[1][0].best.published is None
    report.report([run], tmp_path / "report")
    assert "- 64" in (tmp_path / "report" / "index.html").read_text()


def test_seeds_and_several_labels_have_their_figures(tmp_path):
    told = {"over_seeds": {"accuracy": {"mean": 0.8, "standard_deviation": 0.05}}, "task": "multi-label"}
    runs = [
        write_run(tmp_path / name, right, told=told, name=name, task="multi-label") for name, right in RIGHT.items()
    ]
    (comparison,) = gathered(*runs)[1]
    table = comparison_table(comparison, 1).shown
    assert table.seeds.tolist() == ["0.800 ± 0.050"] * 3
    assert comparison.table[["f1_low", "f1_high"]].notna().all(axis=None) and comparison.table.p_f1[2] < 0.05


def test_bold_and_the_front_are_of_models_that_were_tested_on_the_same_clips(three, tmp_path):
    other = write_run(tmp_path / "other", [True] * 20, prefix="other-", name="other")
    swapped = write_run(tmp_path / "swapped", [True] * 20, name="swapped")
    table = pd.read_csv(swapped / "predictions.csv")
    table[LABELS], table.labels = (
        table[LABELS[::-1]].to_numpy(),
        table.labels.map(dict(zip(LABELS, LABELS[::-1], strict=True))),
    )
    table.to_csv(swapped / "predictions.csv", index=False)
    (comparison,) = gathered(*three, other, swapped)[1]
    assert comparison.table[comparison.table.compared].model.tolist() == ["good", "fair", "poor"]
    assert {comparison.results[row].name for row, _ in comparison_table(comparison, 1).bold} == {"good"}
    drawn = models_over_costs(comparison).axes[0]
    assert [text.get_text() for text in drawn.texts] == ["good"]


def test_choices_of_every_kind_are_drawn():
    trials = {
        "trial_id": range(12),
        "status": "COMPLETED",
        "score": np.arange(12) / 12,
        "parameters": 9,
        "seconds": 1.0,
    }
    leaderboard = pd.DataFrame({**trials, "network.conv_filters.0": np.arange(12), "network.kernel_sizes.0": 3})
    leaderboard["frontend.center"] = [True, False] * 6
    leaderboard["training.loss"] = [None, "focal", "mse"] * 4
    lines = parallel_coordinates(leaderboard).axes[0]
    assert {"True", "False", "focal"} <= {text.get_text() for text in lines.texts}
    assert len(hyperparameter_importance(leaderboard).axes[0].patches) == 3  # what never changes cannot matter
    sheet = search_table(SimpleNamespace(name="a", key="a", leaderboard=leaderboard))
    assert {"network.conv filters.0", "network.kernel sizes.0"} <= set(sheet.shown)
