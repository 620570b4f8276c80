"""Runs a TFLite model with one input and one output by LiteRT alone, without TensorFlow and Keras."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from kerasinst.core.timing import milliseconds


class TFLiteInterpreter:
    """Runs a TFLite model on one example at a time.

    Args:
        content: content of a `.tflite` file.
        threads: number of threads.

    Attributes:
        input_shape: shape of the input, which holds one example.
        output_shape: shape of the output for one example.

    Raises:
        ValueError: if LiteRT cannot run the model, or it has several inputs or outputs.

    Example:
        >>> TFLiteInterpreter(Path("model.tflite").read_bytes()).run(waveforms).shape
        (8, 5)
    """

    def __init__(self, content: bytes, *, threads: int = 1):
        from ai_edge_litert.interpreter import Interpreter

        with _silence():
            self._interpreter = Interpreter(model_content=content, num_threads=threads)
            self._interpreter.allocate_tensors()
        (given,), (gives,) = self._interpreter.get_input_details(), self._interpreter.get_output_details()
        self._given, self._gives = given["index"], gives["index"]
        self.input_shape: tuple[int, ...] = tuple(map(int, given["shape"]))
        self.output_shape: tuple[int, ...] = tuple(map(int, gives["shape"]))

    def run(self, examples: np.ndarray) -> np.ndarray:
        """Runs the model on each example.

        Args:
            examples: examples of shape `(examples, ...)`.

        Returns:
            Float32 outputs of shape `(examples, ...)`.
        """
        results = np.zeros((len(examples), *self.output_shape[1:]), np.float32)
        for result, example in zip(results, examples, strict=True):
            self._interpreter.set_tensor(self._given, np.asarray(example, np.float32)[None])
            self._interpreter.invoke()
            result[:] = self._interpreter.get_tensor(self._gives)[0]
        return results

    def milliseconds(self) -> float:
        """Measures the median time in ms that one example of noise takes on this machine."""
        example = np.random.default_rng(0).standard_normal(self.input_shape).astype("float32")
        return milliseconds(lambda: self.run(example), rounds=100)


@contextmanager
def _silence() -> Iterator[None]:
    """Keeps away what LiteRT writes to standard error about its delegates."""
    stderr, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(nowhere)
