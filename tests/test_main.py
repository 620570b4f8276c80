"""`kerasinst`: its verbs, their names, and what it says when there is none of that name."""

import sys

import pytest

import kerasinst
from kerasinst import __main__ as program
from kerasinst.core.errors import BadInput
from kerasinst.experiment import PROJECT, Experiment, packaged
from kerasinst.runs.arguments import experiment_from


@pytest.fixture
def run(monkeypatch, capsys):
    """Runs `kerasinst` with arguments; gives its exit code, stdout and stderr."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["kerasinst", *arguments])
        code = 0
        try:
            program.main()
        except SystemExit as stop:
            code = stop.code
        return code, *capsys.readouterr()

    return run


def test_without_a_verb_all_of_them_are_listed(run):
    code, out, _ = run()
    lines = [line.split()[0] for line in out.splitlines() if line.strip()]
    assert code == 0 and [line for line in lines if line in program.VERBS] == list(program.VERBS)
    modules = {
        path.stem
        for path in (PROJECT / "kerasinst").glob("[!_]*.py")
        if '__name__ == "__main__"' in path.read_text(encoding="utf-8")
    }
    assert modules == set(program.VERBS)


def test_a_misspelt_verb_is_suggested(run):
    code, out, err = run("serach", "--quiet")
    assert (code, out, err.count("\n")) == (2, "", 1) and "did you mean 'search'?" in err


def test_the_version_is_that_of_the_package(run):
    assert run("--version")[:2] == (0, f"kerasinst {kerasinst.__version__}\n")


def test_a_verb_is_run_with_its_arguments(run):
    code, out, _ = run("train", "--help")
    assert code == 0 and "Usage: kerasinst train [OPTIONS]" in out
    code, _, err = run("train", "nowhere.yaml")
    assert code == 2 and "nowhere.yaml: no such file" in err


def test_a_package_that_is_not_installed_names_the_extra(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "kerasinst.train", None)
    monkeypatch.setattr(program.cli.importlib, "import_module", _without_keras)
    code, _, err = run("train")
    assert code == 2 and err == "kerasinst: train needs keras, which is not installed: pip install 'kerasinst[train]'\n"


def _without_keras(name):
    raise ModuleNotFoundError("No module named 'keras'", name="keras")


def test_packaged_experiments_go_by_their_names(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert {"best", "ee5180", "quickstart", "small"} <= set(packaged()) and "compression" not in packaged()
    assert experiment_from("best").network.name == Experiment.from_yaml(PROJECT / "experiments/best.yaml").network.name
    with pytest.raises(BadInput, match="did you mean 'best'"):
        experiment_from("bset")
    (tmp_path / "best").write_text("name: mine")  # a file of that name comes first
    with pytest.raises(BadInput, match="dataset: this key is missing"):
        experiment_from("best")
