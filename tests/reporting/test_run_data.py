"""Runs that lack files, or hold damaged ones: what is said of them, and that the report goes on."""

import base64
import json

import pytest
from written_runs import FAIR, GOOD, gathered, predictions, table_of, write_run, write_three

from kerasinst import report


@pytest.fixture
def three(tmp_path):
    """Runs that are right on 19, 17 and 9 of the same 20 clips."""
    return write_three(tmp_path)


def test_a_run_that_lacks_half_its_files_is_reported_as_far_as_it_goes(three, tmp_path, run_verb):
    lacking, damaged = three[1], three[2]
    for name in ("metrics.json", "history.csv", "environment.json", "audit.json", "model.keras"):
        (lacking / name).unlink()
    (damaged / "split.csv").unlink()
    (damaged / "audit.json").write_text('{"clips": 2')
    written = (damaged / "experiment.yaml").read_text()
    (damaged / "experiment.yaml").write_text(written.replace("name: separable", "name: of_another_version"))
    code, out, err = run_verb(report, *three, "--to", tmp_path / "report")
    assert code == 0
    for name in ("metrics.json", "history.csv", "environment.json", "audit.json", "model.keras", "split.csv"):
        assert f"there is no {name}" in err
    assert "audit.json cannot be used" in err and "there is no network 'of_another_version'" in err
    page = (tmp_path / "report" / "index.html").read_text()
    assert "What is missing" in page and page.count("there is no ") == 7
    table = table_of(tmp_path / "report", "comparison-1-group")
    assert table.model.tolist() == ["good", "poor"] and table.p_accuracy.isna().all()  # no groups, so no test
    assert "good" in out


def test_predictions_of_other_labels_are_named_and_not_compared(three, tmp_path):
    predictions(FAIR, ["brass", "voice"]).to_csv(three[1] / "predictions.csv", index=False)
    run_data, (comparison,) = gathered(*three)
    assert comparison.table.p_accuracy.isna().tolist() == [True, False, True]
    assert run_data[1].missing == ["predictions.csv cannot be used (no scores of bow_ed and plucked)"]


@pytest.mark.parametrize("what", ["no such run", "nothing of a run"])
def test_what_is_no_run_is_refused(what, tmp_path, run_verb):
    if what == "nothing of a run":
        (tmp_path / "folder").mkdir()
    code, _, err = run_verb(report, tmp_path / "folder", "--to", tmp_path / "report")
    assert code == 2 and err.count("\n") == 1 and "run directory" in err
    assert not (tmp_path / "report").exists()


def test_a_run_without_a_test_split_is_shown_without_figures(three, tmp_path):
    untested = write_run(tmp_path / "untested", GOOD, name="untested")
    (untested / "metrics.json").write_text('{"split": null, "task": "single-label", "protocol": "group", "n_clips": 0}')
    run_data, comparisons = gathered(*three, untested)
    assert len(comparisons[0].results) == 3 and run_data[3].missing == []
    report.report([untested], tmp_path / "report")
    assert "nothing can be compared" in (tmp_path / "report" / "index.html").read_text()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        *((name, "3") for name in ("environment.json", "audit.json", "metrics.json", "experiment.yaml")),
        *((name, "{}") for name in ("environment.json", "audit.json", "metrics.json", "experiment.yaml")),
        ("metrics.json", '{"split": "test", "task": "single-label", "protocol": "group", "n_clips": 20, "clip": null}'),
        ("labels.txt", ""),
        ("labels.txt", "bow_ed\n"),
        *((name, "a,b\n1,2\n") for name in ("split.csv", "predictions.csv", "history.csv", "leaderboard.csv")),
        *((name, "a,b\n1,2\n") for name in ("ablation.csv", "slices.csv")),
        *((name, "") for name in ("split.csv", "predictions.csv", "history.csv", "leaderboard.csv", "ablation.csv")),
        ("split.csv", "clip,group,labels,split\n00.wav,a,bow_ed,test\n"),
        ("predictions.csv", "clip,labels,split,bow_ed,plucked\n00.wav,bow_ed,test,1,0\n"),
        ("history.csv", "seed,epoch,accuracy\n"),
        ("ablation.csv", "changed,to,accuracy,accuracy_low,accuracy_high,macro_f1,difference,p_value,parameters\n"),
        ("explanations/explanation.json", '{"layer": "a", "method": "b", "faithfulness": {}, "clips": [{}]}'),
        ("baselines/picture-mlp/metrics.json", "[]"),
        ("baselines/picture-mlp/metrics.json", '{"features": "picture"}'),
        ("compressed/int8/metrics.json", "{"),
    ],
)
def test_a_damaged_file_is_named_and_the_report_goes_on(name, content, tmp_path):
    run = write_run(tmp_path / "run", GOOD)
    (run / name).parent.mkdir(parents=True, exist_ok=True)
    (run / name).write_text(content)
    report.report([run], tmp_path / "report")
    page = (tmp_path / "report" / "index.html").read_text()
    told = name.removesuffix("/metrics.json").removesuffix("/explanation.json")
    assert told in page.partition("What is missing")[2].partition("The report goes on")[0]


def test_files_outside_of_a_run_are_not_shown(tmp_path):
    run = write_run(tmp_path / "run", GOOD)
    (tmp_path / "secret.png").write_bytes(b"\x89PNG secret")
    clip = {
        "clip": "a",
        "label": "b",
        "predicted": "c",
        "score": 1,
        "figure": "../../secret.png",
        "audio": "../labels.txt",
    }
    told = {"layer": "x", "method": "grad_cam", "clips": [clip]}
    told["faithfulness"] = {name: {"deletion": 0.5} for name in ("heatmaps", "random")}
    (run / "explanations").mkdir()
    (run / "explanations" / "explanation.json").write_text(json.dumps(told))
    report.report([run], tmp_path / "report")
    page = (tmp_path / "report" / "index.html").read_text()
    assert (
        "lies outside the run" in page and "iVBORw" in page and base64.b64encode(b"\x89PNG secret").decode() not in page
    )


def test_a_search_of_which_all_trials_failed_has_a_table_and_no_curves(tmp_path):
    run = write_run(tmp_path / "run", GOOD)
    (run / "leaderboard.csv").write_text("trial_id,status,score,parameters,seconds\n1,FAILED,,,\n")
    report.report([run], tmp_path / "report")
    page = (tmp_path / "report" / "index.html").read_text()
    assert "<td>FAILED</td>" in page and "What is missing" not in page and "search-run-coordinates" not in page
