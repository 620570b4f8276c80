"""What holds for the whole package."""

import ast
import subprocess
import sys

from kerasinst.experiment import PROJECT


def _python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_importing_kerasinst_imports_nothing_heavy():
    heavy = "{'tensorflow', 'keras', 'librosa', 'sklearn', 'pandas', 'matplotlib', 'numpy'}"
    assert _python(f"import kerasinst, sys; print({heavy} & set(sys.modules))") == "set()"


def test_an_experiment_is_read_and_checked_without_keras():
    code = (
        "import kerasinst as ki, sys; ki.Experiment.from_yaml('experiments/ee5180.yaml'); print('keras' in sys.modules)"
    )
    assert _python(code) == "False"


def test_the_promised_names_are_there():
    names = (
        "ki.Experiment, ki.Run, ki.Tagger, ki.datasets.read, ki.datasets.split, ki.frontends.create, ki.networks.create"
    )
    assert _python(f"import kerasinst as ki; print(len([{names}]))") == "7"


def test_a_saved_model_loads_with_keras_alone_once_kerasinst_is_imported(finished):
    for imports in ("import keras, kerasinst", "import kerasinst, keras"):
        loaded = f"{imports}; print(keras.models.load_model({str(finished.model_file)!r}, safe_mode=True).output_shape)"
        assert _python(loaded).endswith("(None, 2)")


def test_keras_can_be_used_beside_the_half_that_only_tags():
    assert _python("import sys; sys.modules['librosa'] = None; import keras, kerasinst; print(keras.Input((3,)).shape)")


def test_options_after_two_arguments_are_given_by_name():
    not_ours = {
        "__call__",
        "change",
        "compute_loss",
        "compute_metrics",
        "predict",
        "update_state",
        "main",
    }  # called by frameworks
    no_options = {"interval"}
    found = []
    for file in sorted((PROJECT / "kerasinst").rglob("*.py")):
        for function in ast.walk(ast.parse(file.read_text())):
            if isinstance(function, ast.FunctionDef) and (function.name == "__init__" or function.name[0] != "_"):
                names = [each.arg for each in function.args.posonlyargs + function.args.args]
                options = names[2 + (names[:1] in (["self"], ["cls"])) :]
                if options and function.name not in not_ours | no_options:
                    found.append((file.name, function.name, options))
    assert found == []
