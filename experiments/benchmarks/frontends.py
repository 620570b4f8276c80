"""How fast front ends compute, against other libraries and against the floor, on one core.

    python -m experiments.benchmarks.frontends              hours of audio a second, and TFLite's milliseconds
    python -m experiments.benchmarks.frontends --rounds 15

Clips of two seconds at 22,050 Hz, 16 at a time where a library takes batches, one at a time where it does not, as
people call them. All rows are measured in turn, round by round, and the median of the rounds counts. The floor of a row
is what no such front end can do without: one `scipy.fft.rfft` of the same frames and one float32 matrix product. kapre
and torchaudio are measured if they are installed. TFLite runs one clip in one thread.
"""

import argparse
import contextlib
import importlib.util
import io
import os
import platform
import statistics
import time
from collections.abc import Callable

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from kerasinst.core import console
from kerasinst.core.progress import track
from kerasinst.core.progress_bars import progress_bar

RATE, SECONDS, BATCH = 22050, 2, 16
LOG_MEL = {"n_fft": 2048, "hop_length": 512, "n_mels": 128}
SMALL = {"n_fft": 1024, "hop_length": 512, "n_mels": 64}
BEST = {"n_fft": 2048, "hop_length": 512, "n_mels": 64, "fmin": 30.0, "top_db": 80.0}

Work = Callable[[], object]


def clips() -> np.ndarray:
    """Noise, which is as hard as music: `(BATCH, samples)`."""
    return 0.1 * np.random.default_rng(1).standard_normal((BATCH, RATE * SECONDS)).astype(np.float32)


def floor(waveforms: np.ndarray, win_length: int, n_fft: int, hop_length: int, n_mels: int) -> Work:
    """The Fourier transform and one matrix product."""
    import scipy.fft

    matrix = np.ones((n_fft // 2 + 1, n_mels), np.float32)
    padded = np.pad(waveforms, ((0, 0), (win_length // 2, win_length // 2)))
    frames = np.lib.stride_tricks.sliding_window_view(padded, win_length, axis=1)[:, ::hop_length]
    return lambda: np.abs(scipy.fft.rfft(frames, n_fft)) @ matrix


def ours(waveforms: np.ndarray, name: str, **options) -> Work:
    """The layer, compiled, as a training's features are computed."""
    import keras

    from kerasinst import frontends

    layer = frontends.create(name, **options)
    model = keras.Sequential([keras.Input(waveforms.shape[1:]), layer])
    model.compile(jit_compile=False)
    return lambda: model.predict_on_batch(waveforms)


def librosa_log_mel(waveforms: np.ndarray) -> Work:
    """`librosa.feature.melspectrogram` and `power_to_db` of each clip."""
    import librosa

    return lambda: [
        librosa.power_to_db(librosa.feature.melspectrogram(y=clip, sr=RATE, **LOG_MEL)) for clip in waveforms
    ]


def librosa_mfcc(waveforms: np.ndarray) -> Work:
    """`librosa.feature.mfcc` of each clip."""
    import librosa

    return lambda: [librosa.feature.mfcc(y=clip, sr=RATE) for clip in waveforms]


def python_speech_features_mfcc(waveforms: np.ndarray) -> Work:
    """`python_speech_features.mfcc` of each clip."""
    import python_speech_features

    return lambda: [python_speech_features.mfcc(clip) for clip in waveforms]


def kapre_log_mel(waveforms: np.ndarray) -> Work:
    """Kapre's composed layer, compiled."""
    import keras
    from kapre.composed import get_melspectrogram_layer

    layer = get_melspectrogram_layer(
        input_shape=(waveforms.shape[1], 1), sample_rate=RATE, return_decibel=True, **LOG_MEL
    )
    model = keras.Sequential([layer])
    model.compile(jit_compile=False)
    return lambda: model.predict_on_batch(waveforms[..., None])


def torchaudio_log_mel(waveforms: np.ndarray) -> Work:
    """Torchaudio's transforms, on the batch."""
    import torch
    import torchaudio

    torch.set_num_threads(1)
    mel = torchaudio.transforms.MelSpectrogram(RATE, n_fft=2048, hop_length=512, n_mels=128)
    decibels = torchaudio.transforms.AmplitudeToDB()
    batch = torch.from_numpy(waveforms)
    return lambda: decibels(mel(batch))


def torchaudio_mfcc(waveforms: np.ndarray) -> Work:
    """Torchaudio's MFCC, on the batch."""
    import torch
    import torchaudio

    torch.set_num_threads(1)
    mfcc = torchaudio.transforms.MFCC(RATE, 20, melkwargs={"n_fft": 2048, "hop_length": 512, "n_mels": 128})
    batch = torch.from_numpy(waveforms)
    return lambda: mfcc(batch)


def tflite(name: str, **options) -> Work:
    """One clip in one thread."""
    import keras
    import tensorflow as tf
    from ai_edge_litert.interpreter import Interpreter

    from kerasinst import frontends

    inputs = keras.Input((RATE * SECONDS,), batch_size=1)
    model = keras.Model(inputs, frontends.create(name, **options)(inputs))
    with contextlib.redirect_stdout(io.StringIO()):  # the converter is talkative
        content = tf.lite.TFLiteConverter.from_keras_model(model).convert()
    interpreter = Interpreter(model_content=content, num_threads=1)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], clips()[:1])

    def work() -> None:
        for _ in range(BATCH):
            interpreter.invoke()

    work.bytes = len(content)
    return work


def measure(works: dict[str, Work], rounds: int) -> dict[str, float]:
    """Median seconds of each, in turn; the first round does not count."""
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for _ in track(range(rounds + 1), "rounds", progress=progress_bar):
        for name, work in works.items():
            began = time.perf_counter()
            work()
            seconds[name].append(time.perf_counter() - began)
    return {name: statistics.median(of_work[1:]) for name, of_work in seconds.items()}


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:1])  # before TensorFlow counts cores
    waveforms = clips()
    comparisons = {
        "log_mel, librosa's frames": {
            "floor": floor(waveforms, 2048, 2048, 512, 128),
            "kerasinst": ours(waveforms, "log_mel", sample_rate=RATE, **LOG_MEL),
            "librosa": librosa_log_mel(waveforms),
        },
        "mfcc, librosa's": {
            "floor": floor(waveforms, 2048, 2048, 512, 128),
            "kerasinst": ours(waveforms, "mfcc", sample_rate=RATE, preset="librosa"),
            "librosa": librosa_mfcc(waveforms),
        },
        "mfcc, the ee5180 study's": {
            "floor": floor(waveforms, 400, 512, 160, 26),
            "kerasinst": ours(waveforms, "mfcc", sample_rate=16000),
            "python_speech_features": python_speech_features_mfcc(waveforms),
        },
    }
    if importlib.util.find_spec("kapre"):
        comparisons["log_mel, librosa's frames"]["kapre"] = kapre_log_mel(waveforms)
    if importlib.util.find_spec("torchaudio"):
        comparisons["log_mel, librosa's frames"]["torchaudio"] = torchaudio_log_mel(waveforms)
        comparisons["mfcc, librosa's"]["torchaudio"] = torchaudio_mfcc(waveforms)
    on_device = {
        f"{label}, {dft}": tflite(name, dft=dft, **options)
        for label, name, options in (
            ("log_mel, the small recipe's", "log_mel", {"sample_rate": RATE, **SMALL}),
            ("log_mel, librosa's frames", "log_mel", {"sample_rate": RATE, **LOG_MEL}),
            ("log_mel, the best recipe's", "log_mel", {"sample_rate": RATE, **BEST}),
            ("mfcc, the ee5180 study's", "mfcc", {"sample_rate": 16000}),
            ("mfcc, librosa's", "mfcc", {"sample_rate": RATE, "preset": "librosa"}),
        )
        for dft in ("rfft", "conv", "computed")
    }
    on_device |= {
        f"multi_stft, nine spectrograms, {dft}": tflite("multi_stft", sample_rate=RATE, dft=dft)
        for dft in ("rfft", "conv", "computed")
    }
    on_device |= {
        f"{name}, {tables}": tflite(name, sample_rate=RATE, tables=tables)
        for name in ("cqt", "morlet")
        for tables in ("stored", "computed")
    }
    every = {f"{table}|{name}": work for table, works in comparisons.items() for name, work in works.items()}
    seconds = measure({**every, **on_device}, rounds)
    print(f"{platform.machine()}, 1 core, Python {platform.python_version()}, median of {rounds} rounds")
    hours = BATCH * SECONDS / 3600
    rows = []
    for table, works in comparisons.items():
        base = seconds[f"{table}|floor"]
        for name in works:
            took = seconds[f"{table}|{name}"]
            rows.append((table, name, f"{hours / took:.3f}", f"{took / base:.2f}"))
    console.show_table("", ["front end", "computed by", "hours of audio a second", "time, floor = 1"], rows=rows)
    rows = [(name, f"{1000 * seconds[name] / BATCH:.2f}", f"{work.bytes:,}") for name, work in on_device.items()]
    console.show_table("", ["TFLite, 2 s of audio", "ms", "bytes"], rows=rows)


if __name__ == "__main__":
    main()
