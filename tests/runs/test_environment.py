"""What a run says that it was made with."""

import subprocess
import sys

from kerasinst.runs import environment


def test_the_commit_is_that_of_a_checkout_of_kerasinst_alone(tmp_path, monkeypatch):
    git = ["git", "-C", str(tmp_path), "-c", "user.name=test", "-c", "user.email=test@example.org"]
    (tmp_path / "site-packages" / "kerasinst").mkdir(parents=True)
    subprocess.run([*git, "init", "--quiet"], check=True)
    subprocess.run([*git, "commit", "--quiet", "--allow-empty", "--message", "Begin"], check=True)
    monkeypatch.setattr(environment, "PACKAGE", tmp_path / "site-packages" / "kerasinst")
    assert environment.made_with(1, [1])["commit"] is None  # a repository that it is merely installed in
    (tmp_path / "kerasinst").mkdir()
    monkeypatch.setattr(environment, "PACKAGE", tmp_path / "kerasinst")
    assert len(environment.made_with(1, [1])["commit"]) == 40


def test_the_command_is_what_was_typed(monkeypatch):
    for program in ("/usr/bin/kerasinst", str(environment.PACKAGE / "__main__.py")):
        monkeypatch.setattr(sys, "argv", [program, "train", "best"])
        assert environment.made_with(1, [1])["command"] == "kerasinst train best"
    monkeypatch.setattr(sys, "argv", [str(environment.PACKAGE / "train.py"), "my file.yaml"])
    assert environment.made_with(1, [1])["command"] == "python -m kerasinst.train 'my file.yaml'"
