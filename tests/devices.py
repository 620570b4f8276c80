"""`make devices`: MediaPipe's AudioClassifier takes exported files as they are, and gives the scores of LiteRT."""

import json
import shutil
import subprocess
import sys

import numpy as np
import pytest

from kerasinst import export
from kerasinst.deployment.checks import check
from kerasinst.experiment.locations import EXPERIMENTS
from kerasinst.models import tflite_model, waveform_model
from kerasinst.tflite import metadata

CHILD = """
import json, sys
import numpy as np
from mediapipe.tasks import python as tasks
from mediapipe.tasks.python import audio
from mediapipe.tasks.python.components import containers
base = tasks.BaseOptions(model_asset_path=sys.argv[1])
options = audio.AudioClassifierOptions(base_options=base, max_results=-1)
with audio.AudioClassifier.create_from_options(options) as classifier:
    heard = containers.AudioData.create_from_array(np.load(sys.argv[2]), int(sys.argv[3]))
    found = classifier.classify(heard)
named = [{each.category_name: each.score for each in result.classifications[0].categories} for result in found]
print(json.dumps(named))
"""
READER = """
import json, sys
from mediapipe.tasks.metadata import metadata_schema_py_generated as schema
model = schema.ModelMetadataT.InitFromPackedBuf(open(sys.argv[1], "rb").read(), 0)
audio = model.subgraphMetadata[0].inputTensorMetadata[0].content.contentProperties
labels = model.subgraphMetadata[0].outputTensorMetadata[0].associatedFiles[0]
texts = [model.name, model.description, model.version, model.author, model.license, labels.name]
print(json.dumps([audio.sampleRate, audio.channels, labels.type, *(text.decode() for text in texts)]))
"""


def child(program, *arguments):
    """The result of a program in a process of its own."""
    command = [sys.executable, "-c", program, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def run(finished, tmp_path_factory):
    return shutil.copytree(finished.path, tmp_path_factory.mktemp("devices") / "run")


@pytest.mark.parametrize("variant", ["float", "int8"])
def test_mediapipe_gives_the_scores_of_litert(run, tmp_path, variant):
    """And floats those of Keras, too."""
    file = export.export(run, variant) / "model.tflite"
    lite = tflite_model.load(file)
    length = lite.segment_samples
    waveform = np.random.default_rng(0).uniform(-0.5, 0.5, round(3.5 * length)).astype("float32")
    waveform *= np.linspace(0.01, 1, len(waveform), dtype="float32")
    np.save(tmp_path / "waveform.npy", waveform)
    found = child(CHILD, file, tmp_path / "waveform.npy", lite.sample_rate)
    scores = np.array([[each[label] for label in lite.labels] for each in found])
    segments = np.pad(waveform, (0, 4 * length - len(waveform))).reshape(4, length)  # it fills up the last one
    np.testing.assert_allclose(scores, lite.score(segments), atol=1e-6)
    if variant == "float":
        np.testing.assert_allclose(scores, waveform_model.load(run / "model.keras").score(segments), atol=1e-5)


def test_metadata_are_what_the_schema_of_mediapipe_reads(tmp_path):
    card = {"name": "näme", "description": "What it does.", "version": "3", "author": "A lab", "license": "MIT"}
    (tmp_path / "metadata").write_bytes(metadata.metadata(sample_rate=22050, **card))
    assert child(READER, tmp_path / "metadata") == [22050, 1, 2, *card.values(), "labels.txt"]


def test_what_mediapipe_refuses_is_named_by_check(tmp_path):
    """Loops of recurrent layers are graphs of their own."""
    np.save(tmp_path / "waveform.npy", np.zeros(220500, "float32"))
    command = [sys.executable, "-c", CHILD, EXPERIMENTS / "timeline.tflite", tmp_path / "waveform.npy", "22050"]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    assert done.returncode and "single subgraph" in done.stderr
    assert any(
        each.place == "MediaPipe" and "graphs" in each.problem for each in check(EXPERIMENTS / "timeline.tflite")
    )
