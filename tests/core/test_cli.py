"""The command line: what is said of a backend that cannot be used."""

import os
import subprocess
import sys

import pytest

MISSING = "import sys; sys.modules['jax'] = None; from kerasinst import train; train.cli.command(train.main)"


@pytest.mark.parametrize(
    ("backend", "message"),
    [("jax", "the backend of Keras is jax, which is not installed"), ("theano", "Keras has no backend 'theano'")],
)
def test_a_backend_that_cannot_be_used_is_one_line(backend, message, tmp_path):
    environment = {**os.environ, "KERAS_BACKEND": backend}
    done = subprocess.run(
        [sys.executable, "-c", MISSING], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 2 and message in done.stderr and len(done.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []
