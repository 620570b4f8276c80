"""`search.limits`: what a network may cost."""

from pydantic import Field

from kerasinst.experiment.section import Section


class LimitsSection(Section):
    """Says what a network may cost at most; `null` sets no limit.

    Values over a limit are drawn again before any training. `tflite_bytes`, `milliseconds` and `arena_bytes` are those
    of the untrained network's int8 file, front end included, for which TensorFlow must be the backend.

    - `parameters`: number of parameters.
    - `multiply_adds`: multiply-adds of the network for one segment, without the front end.
    - `tflite_bytes`: bytes of the file.
    - `milliseconds`: time from the waveform of a segment to its scores, on one thread of this machine.
    - `arena_bytes`: bytes of memory for tensors, at most.
    """

    parameters: int | None = Field(default=None, ge=1)
    multiply_adds: int | None = Field(default=None, ge=1)
    tflite_bytes: int | None = Field(default=None, ge=1)
    milliseconds: float | None = Field(default=None, gt=0)
    arena_bytes: int | None = Field(default=None, ge=1)


COSTS = tuple(LimitsSection.model_fields)
"""Names of what a network may cost."""
