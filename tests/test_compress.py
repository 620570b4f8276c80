"""One trained run, and all that is made of it: variants, their tables, exports, and what runs them."""

import json
import shutil
import subprocess
import sys

import keras
import numpy as np
import pandas as pd
import pytest
import soundfile

from kerasinst import Tagger, compress, evaluate, export, predict, report
from kerasinst.compression import clustering, pruning
from kerasinst.core.errors import BadInput
from kerasinst.deployment.checks import check
from kerasinst.experiment import PROJECT
from kerasinst.runs import Run
from kerasinst.tflite import flatbuffer
from kerasinst.tflite.description import description_of, with_description

pytestmark = pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="TFLite is made from TensorFlow")
PLAN = {
    "epochs": 2,
    "calibration": 40,
    "learning_rate": 0.003,
    "variants": {
        "float": {},
        "int8": {"quantize": "int8"},
        "sparse": {"prune": {"sparsity": 0.6, "per_layer": {"scores": 0.0}}},
        "broken": {"prune": {"until_drop": 0.05}},
        "two_of_four": {"prune": {"pattern": "2:4"}},
        "everything": {"shrink": 0.75, "prune": 0.5, "cluster": 3, "qat": True, "quantize": "int8"},
        "student": {"student": {"network.filters": [4, 4], "training.epochs": 2}, "quantize": "dynamic"},
    },
}
FAST = ["float", "int8", "sparse"]
"""The variants that most is shown with."""


LADDER = (0.3, 0.99)
"""Sparsities that are tried, in place of ten."""


@pytest.fixture(scope="module")
def run(finished, tmp_path_factory):
    """A finished run with some of the plan's variants."""
    folder = tmp_path_factory.mktemp("compressed") / "run"
    shutil.copytree(finished.path, folder)
    return compress.compress(Run(folder).experiment().override({"compression": PLAN}), folder, variants=FAST)


@pytest.fixture(scope="module")
def all_variants(finished, tmp_path_factory):
    """The same with the others."""
    folder = tmp_path_factory.mktemp("compressed") / "run"
    shutil.copytree(finished.path, folder)
    others = [name for name in PLAN["variants"] if name not in FAST[1:]]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pruning, "LADDER", LADDER)
        return compress.compress(Run(folder).experiment().override({"compression": PLAN}), folder, variants=others)


def metrics(run, variant):
    return run.variant(variant).metrics()


def test_each_variant_is_a_folder_that_other_tools_can_read(run):
    table = run.compression().set_index("variant")
    assert set(table.index) == set(FAST)
    for variant, row in table.iterrows():
        folder = run.variant(variant).path
        assert {"model.tflite", "metrics.json", "predictions.csv", "labels.txt"} == {
            path.name for path in folder.iterdir()
        }
        found = metrics(run, variant)
        assert found["split"] == "test" and found["n_clips"] == run.metrics()["n_clips"]
        assert found["bytes"] == row.bytes == (folder / "model.tflite").stat().st_size > found["gzip_bytes"]
        assert {"accuracy", "accuracy_ci95", "per_label", "confusion", "ece"} <= set(found["clip"])
        assert found["milliseconds"] > 0 and found["peak_arena"] > 0
        assert set(Run(folder).predictions().split) == {"validation", "test"}
        assert {"f1:low", "f1_change:low", "recall_change:high", "p_value", "front", "agreement"} <= set(table)
    assert table.front.any()
    assert "Made smaller" in run.file("report").read_text() and (run.file("figures") / "compression.png").is_file()


def test_floats_say_what_the_network_says(run):
    row = run.compression().set_index("variant").loc["float"]
    assert row.agreement == 1 and row.largest_score_difference < 1e-4
    assert row.accuracy_drop == row.label_recall_drop == row.label_f1_drop == 0 and row.p_value == 1


def test_sparsity_is_what_was_asked_for(run):
    assert 0.45 < metrics(run, "sparse")["sparsity"] < 0.6  # of all, though the scores keep theirs
    assert metrics(run, "float")["sparsity"] < 0.05
    less = {name: metrics(run, name)["nonzero_weights"] for name in ("float", "sparse")}
    assert less["sparse"] < less["float"]


@pytest.mark.slow
def test_two_of_four_are_zero(all_variants):
    sparsity = metrics(all_variants, "two_of_four")["sparsity"]
    assert 0.3 < sparsity <= 0.5  # one channel, as pictures have, is not pruned


@pytest.mark.slow
def test_pruning_goes_on_until_it_breaks(all_variants):
    run = all_variants
    curve = metrics(run, "broken")["pruning_curve"]
    whole, *steps = [row["validation_accuracy"] for row in curve]
    assert curve[0]["sparsity"] == 0 and [row["sparsity"] for row in curve[1:]] == list(LADDER[: len(steps)])
    assert all(accuracy >= whole - 0.05 for accuracy in steps[:-1])
    kept = curve[-2] if steps[-1] < whole - 0.05 else curve[-1]
    assert metrics(run, "broken")["sparsity"] == pytest.approx(kept["sparsity"], abs=0.02)
    assert (run.file("figures") / "pruning.png").is_file()


@pytest.mark.slow
def test_shared_values_survive_until_the_file(all_variants):
    """Three values a kernel, and the zeros, after training in simulated integers and conversion."""
    model = flatbuffer.unpack((all_variants.variant("everything").file("tflite")).read_bytes())
    kernels = [
        np.asarray(model.buffers[tensor.buffer].data, np.uint8).view(np.int8).reshape(tensor.shape)
        for tensor in model.subgraphs[0].tensors
        if tensor.type == 9 and model.buffers[tensor.buffer].data is not None and len(tensor.shape) == 4
    ]
    dense = [kernel for kernel in kernels if kernel.shape[0] > 1]  # depthwise ones are not clustered
    assert metrics(all_variants, "everything")["sparsity"] == pytest.approx(0.5, abs=0.05)
    assert dense and all(len(np.unique(channel)) <= 4 for kernel in dense for channel in kernel)
    assert np.mean([(kernel == 0).mean() for kernel in dense]) > 0.2
    assert clustering.most_values(keras.Sequential([keras.Input((4,)), keras.layers.Dense(5)])) <= 20


@pytest.mark.slow
def test_fewer_channels_have_fewer_parameters(all_variants):
    parameters = all_variants.compression().set_index("variant").parameters
    assert parameters.everything < parameters["float"]


@pytest.mark.slow
def test_a_student_has_fewer_parameters(all_variants):
    parameters = all_variants.compression().set_index("variant").parameters
    assert parameters.student < parameters["float"]


def test_what_was_made_is_not_made_again(run, capsys):
    before = {path: path.stat().st_mtime_ns for path in run.file("compressed").glob("*/model.tflite")}
    again = compress.compress(run.experiment().override({"compression": PLAN}), run.path, variants=["float", "int8"])
    assert {path: path.stat().st_mtime_ns for path in run.file("compressed").glob("*/model.tflite")} == before
    assert len(again.compression()) == len(FAST)


def test_gates_are_for_ci(run, run_verb):
    plan = run.path.parent / "plan.yaml"
    plan.write_text(json.dumps(PLAN))
    arguments = (run.path, "--plan", plan, "--variants", "float", "--quiet", "--gate")
    code, out, _ = run_verb(compress, *arguments, "accuracy_drop<=0.0,agreement>=1,bytes<=10000000")
    assert code == 0 and "F1" in out
    code, _, err = run_verb(compress, *arguments, "bytes<=100,milliseconds<=1e9")
    assert code == 1 and "float: bytes is" in err and "not <=100" in err and err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--variants", "int9"], "there is no variant 'int9'; did you mean 'int8'"),
        (["--gate", "size<=3"], "there is no figure 'size'"),
        (["--set", "compression.epochs=3"], "is a run, which keeps its experiment"),
        (["--variants", ""], "there is no variant ''"),
        (["--gate", ""], "expected FIGURE<=NUMBER"),
    ],
)
def test_wrong_arguments_are_told_before_any_work(run, run_verb, arguments, message):
    code, _, err = run_verb(compress, run.path, *arguments)
    assert code == 2 and message in err and "Traceback" not in err


@pytest.mark.parametrize(
    ("variant", "message"),
    [
        ({"frontend": "int8"}, "power spans more than 100 dB"),
        ({"qat": True}, "set quantize: int8"),
        ({"prune": {"sparsity": 0.5, "initial_sparsity": 0.7}}, "must be below sparsity"),
        ({"prune": {"pattern": "2:4", "sparsity": 0.7}}, "is a sparsity of 0.5"),
        ({"cluster": 1}, "greater than or equal to 3"),
        ({"quantize": "int9"}, "int8"),
        ({"shrnk": 0.5}, "there is no such key"),
    ],
)
def test_variants_that_make_no_sense_are_refused(run, run_verb, tmp_path, variant, message):
    plan = tmp_path / "plan.yaml"
    plan.write_text(json.dumps({"variants": {"mine": variant}}))
    code, _, err = run_verb(compress, run.path, "--plan", plan)
    assert code == 2 and message in err and err.startswith("kerasinst: ")


@pytest.mark.parametrize("name", ["..", ".", ".hidden", "a/b"])
def test_a_variant_is_no_path(run, run_verb, tmp_path, name):
    plan = tmp_path / "plan.yaml"
    plan.write_text(json.dumps({"variants": {name: {}}}))
    before = sorted(run.path.rglob("*"))
    code, _, err = run_verb(compress, run.path, "--plan", plan)
    assert code == 2 and "compression.variants" in err and sorted(run.path.rglob("*")) == before


def test_a_gate_judges_what_is_asked_for(run, run_verb, tmp_path):
    plan = tmp_path / "plan.yaml"
    plan.write_text(json.dumps({**PLAN, "variants": {"float": {}}}))
    limit = metrics(run, "float")["bytes"]
    assert metrics(run, "int8")["bytes"] > limit  # of so small a network
    assert run_verb(compress, run.path, "--plan", plan, "--quiet", "--gate", f"bytes<={limit}")[0] == 0


@pytest.mark.slow
def test_a_variant_that_cannot_be_made_says_why_and_leaves_the_others(run, run_verb, tmp_path):
    bad = {
        "unknown": {"prune": {"per_layer": {"conv9": 0.5}}},
        "other_data": {"student": {"split.test": 0.5}},
        "shares": {"shrink": [0.5, 0.5, 0.5, 0.5]},
        "too_fast": {"prune": 0.5, "learning_rate": 1e20},
    }
    plan = tmp_path / "plan.yaml"
    plan.write_text(json.dumps({**PLAN, "variants": {**bad, "half": {"quantize": "float16"}}}))
    code, _, err = run_verb(compress, run.path, "--plan", plan, "--quiet")
    assert code == 1 and "unknown was not made: prune.per_layer: no 'conv9' can be pruned" in err
    for message in ("leave split out", "4 shares, where", "training diverged in epoch 1: lower"):
        assert message in err
    assert (run.variant("half").file("tflite")).is_file()
    assert not any((run.variant(name).path).exists() for name in bad)
    shutil.rmtree(run.variant("half").path)


def test_reports_show_variants(run, tmp_path):
    report.report([run.path], tmp_path / "report")
    page = (tmp_path / "report" / "index.html").read_text()
    assert '<h2 id="compression">' in page and "sparse" in page
    tables = [path.name for path in (tmp_path / "report" / "tables").glob("compression*.csv")]
    assert len(tables) == 2
    assert (tmp_path / "report" / "figures" / "compression-run.svg").is_file()


@pytest.fixture(scope="module")
def exported(run):
    return export.export(run.path, "int8")


def test_a_variant_of_another_plan_is_exported_as_it_is(run):
    before = (run.variant("sparse").file("tflite")).read_bytes()
    folder = export.export(run.path, "sparse")  # which the run's own experiment does not know
    assert (folder / "model.tflite").read_bytes() == before
    assert json.loads((folder / "export.json").read_text())["variant"] == "sparse"


def test_damage_in_a_run_is_made_good_or_told(run, tmp_path):
    """A killed compression leaves no table; variants may be of an older version, or cut."""
    folder = tmp_path / "run"
    shutil.copytree(run.path, folder)
    (folder / "compression.csv").unlink()
    (folder / "compressed" / "sparse" / "metrics.json").write_text('{"bytes": ')
    (folder / "compressed" / "float" / "metrics.json").write_text("{}")
    told = json.loads((export.export(folder, "int8") / "export.json").read_text())
    assert told["conversion"]["agreement"] > 0.9 and not {"sparse", "float"} & set(Run(folder).compression().variant)
    file = folder / "compressed" / "int8" / "model.tflite"
    file.write_bytes(file.read_bytes()[:3000])
    with pytest.raises(BadInput, match=r"damaged|not a TFLite model that kerasinst wrote"):
        export.export(folder, "int8")


def test_an_export_is_all_that_a_device_needs(run, exported):
    assert {path.name for path in exported.iterdir()} == {
        "model.tflite", "labels.txt", "model_card.md", "example.py", "decide.py", "export.json", "test_vectors"
    }  # fmt: skip
    facts = json.loads((exported / "export.json").read_text())
    assert facts["variant"] == "int8" and facts["bytes"] == (exported / "model.tflite").stat().st_size
    assert facts["hears"]["sample_rate"] == 8000 and 0 <= facts["agreement"] <= 1 and facts["milliseconds"] > 0
    assert (exported / "labels.txt").read_text().split() == run.labels()


def test_the_example_runs_alone_and_agrees(run, exported, tmp_path):
    shutil.copytree(exported, tmp_path / "alone")
    root = run.experiment().dataset.path
    clips = [root / clip for clip in run.split().query("split == 'test'")["clip"]]
    command = [sys.executable, str(tmp_path / "alone" / "example.py"), *map(str, clips)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    tagger = Tagger(exported / "model.tflite")
    tags = [tagger(clip) for clip in clips]
    assert done.stdout.splitlines() == [f"{tag.file}: {tag.label} ({tag.scores[tag.label]:.2f})" for tag in tags]


def test_the_example_tests_itself_and_names_what_it_cannot_hear(exported, tmp_path):
    alone = shutil.copytree(exported, tmp_path / "alone")
    command = [sys.executable, str(alone / "example.py")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout.count("differ by at most 0.0000") == 3, done.stderr
    soundfile.write(tmp_path / "silent.wav", np.zeros(8000), 8000)
    soundfile.write(tmp_path / "empty.wav", np.zeros(0), 8000)
    soundfile.write(tmp_path / "heard.wav", np.sin(np.arange(8000)), 8000)
    (tmp_path / "text.wav").write_text("no audio")
    names = ["silent.wav", "empty.wav", "text.wav", "missing.wav", "heard.wav"]
    done = subprocess.run([*command, *names], cwd=tmp_path, capture_output=True, text=True)
    skipped = [line for line in done.stderr.splitlines() if line.endswith("; skipped")]
    assert done.returncode == 1 and [line.partition(":")[0] for line in skipped] == names[:-1]
    assert done.stdout.startswith("heard.wav: ") and "Traceback" not in done.stderr
    content = bytearray((alone / "model.tflite").read_bytes())
    content[len(content) // 3] ^= 1
    (alone / "model.tflite").write_bytes(content)
    done = subprocess.run([*command, "heard.wav"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1 and "model.tflite: damaged" in done.stderr and done.stdout == ""


def test_expected_scores_are_those_of_the_trained_network(run, tmp_path):
    folder = export.export(shutil.copytree(run.path, tmp_path / "run"), "float") / "test_vectors"
    expected = json.loads((folder / "expected.json").read_text())
    assert set(expected) == {"tones.wav", "chord.wav", "noise.wav"}
    trained = Tagger(run.path)
    for name, values in expected.items():
        assert np.shape(values["segments"]) == (len(values["starts"]), len(run.labels()))
        np.testing.assert_allclose(np.mean(values["segments"], axis=0), list(values["scores"].values()), atol=1e-5)
        tag = trained(folder / name)
        np.testing.assert_allclose(list(values["scores"].values()), list(tag.scores.values()), atol=1e-4)
        assert values["labels"] == [max(values["scores"], key=values["scores"].get)]


def test_the_card_says_what_it_is_and_what_it_was_tested_on(run, tmp_path):
    copy = shutil.copytree(run.path, tmp_path / "run")
    told = {"author": "A <b>lab</b>", "license": "CC BY 4.0", "version": "7", "description": "High | low."}
    folder = export.export(copy, "int8", card=told)
    card = (folder / "model_card.md").read_text()
    assert card.startswith("# tiny 7\n\nHigh \\| low.") and "CC BY 4.0" in card and "<b>" not in card
    assert "## Where it runs" in card and "16 KB" in card and "MediaPipe's AudioClassifier" in card
    figures = run.variant("int8").metrics()
    assert f"{(folder / 'model.tflite').stat().st_size:,}" in card
    assert (
        f"on {figures['n_clips']} test clips, with 95 % intervals: accuracy {figures['clip']['accuracy']:.3f}" in card
    )
    assert all(f"| {label} " in card for label in run.labels())
    facts = json.loads((folder / "export.json").read_text())
    assert facts["card"] == {"name": "tiny", **told} and "checksum" not in facts["hears"]
    with pytest.raises(BadInput, match="card"):
        export.export(copy, "int8", card={"author": "two\nlines"})
    with pytest.raises(BadInput, match="card"):
        export.export(copy, "int8", card={"licence": "MIT"})


def test_only_the_card_can_be_set(run, run_verb):
    code, _, err = run_verb(export, run.path, "--set", "training.epochs=3")
    assert code == 2 and "only card.description" in err


def test_files_have_no_fault_and_floats_bear_any_loudness(run, exported):
    """Noise of an amplitude of a million gives numbers, too."""
    for file in (exported / "model.tflite", run.variant("float").file("tflite")):
        assert [each for each in check(file) if each.fault] == []


def test_files_are_run_without_tensorflow_or_keras(run, exported, tmp_path):
    root = run.experiment().dataset.path
    program = f"""
import json, sys
from kerasinst import Tagger, predict, evaluate
sys.argv = ["predict", {str(exported / "model.tflite")!r}, {str(root)!r}, "--json", "--quiet"]
predict.cli.command(predict.main)
found = evaluate.evaluate({str(exported / "model.tflite")!r}, run={str(tmp_path / "scored")!r})
assert not {{"tensorflow", "keras", "tf_keras"}} & set(sys.modules), "imported"
print(found.metrics()["clip"]["accuracy"])
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    *tags, accuracy = done.stdout.splitlines()
    assert len(tags) == 16
    assert {"file", "label", "labels", "scores", "timeline", "needs_review"} == set(json.loads(tags[0]))
    assert float(accuracy) == pytest.approx(metrics(run, "int8")["clip"]["accuracy"])
    again = Run(tmp_path / "scored").predictions().set_index("clip")[run.labels()]
    test = run.variant("int8").predictions().query("split == 'test'").set_index("clip")[run.labels()]
    pd.testing.assert_frame_equal(again.sort_index(), test.sort_index(), atol=1e-5)
    assert Run(tmp_path / "scored").metrics()["parameters"] == run.metrics()["parameters"]


@pytest.mark.parametrize("damage", ["", "TFL3 is not here", "cut", "no labels", "no weights"])
def test_broken_files_are_one_line(exported, run_verb, tmp_path, damage):
    file = tmp_path / "model.tflite"
    content = (exported / "model.tflite").read_bytes()
    if damage == "cut":
        content = content[: len(content) // 2]
    elif damage == "no labels":
        content = with_description(content, {**description_of(content), "labels": ["one"]})
    elif damage == "no weights":
        model = flatbuffer.unpack(content)
        max(model.buffers, key=lambda buffer: 0 if buffer.data is None else len(buffer.data)).data = None
        content = flatbuffer.pack(model)
    else:
        content = damage.encode()
    file.write_bytes(content)
    code, _, err = run_verb(predict, file, exported)
    assert code == 2 and ("damaged" in err or "not a TFLite model that kerasinst wrote" in err) and err.count("\n") == 1


def test_unknown_targets_and_runs_are_refused(run, run_verb, tmp_path):
    code, _, err = run_verb(export, run.path, "--to", "toaster")
    assert code == 2 and "there is no such target" in err and "tflite" in err
    code, _, err = run_verb(export, tmp_path)
    assert code == 2 and "not a run directory" in err


def test_evaluating_elsewhere_needs_data(exported, run_verb, tmp_path):
    shutil.copy(exported / "model.tflite", tmp_path / "model.tflite")
    code, _, err = run_verb(evaluate, tmp_path / "model.tflite")
    assert code == 2 and "give --data DIR" in err
