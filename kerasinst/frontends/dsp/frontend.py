"""What all front ends have in common."""

import inspect
from typing import Any, ClassVar

import keras
from keras import ops

from kerasinst.core.errors import suggest
from kerasinst.frontends.dsp.validation import checked


class FrontEnd(keras.layers.Layer):
    """A Keras layer from waveform to picture.

    A front end sets each argument of its `__init__` as an attribute, defines `picture` and `features_shape`, and says
    with `bins`, `bin_unit`, `channels`, `hop_length`, `center` and `sample_rate` what stands where in its picture.
    Arguments are checked by their annotations.

    It computes in float32 and casts its picture to its dtype, whatever the global policy: squares of float16 overflow
    and float16's logarithm of silence is infinite. With `dtype="float64"` it computes in float64 where the backend can.

    Args:
        dtype: of the picture.
        **kwargs: of `keras.layers.Layer`.

    Input shape: `(batch, samples)`, floats in [-1, 1]; the number of samples is fixed.
    Output shape: `(batch, frames, bins, channels)`.
    """

    presets: ClassVar[dict[str, dict[str, Any]]] = {}
    """Arguments by the name of what they reproduce."""

    bin_unit: ClassVar[str] = "Hz"
    """Of `bins`: "Hz", "note" or "coefficient"."""

    center = False
    """Whether frame t is centred at `t * hop_length`, and does not begin there."""

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if "__init__" in vars(cls):
            cls.__init__ = checked(cls.__init__)

    def __init__(self, dtype="float32", **kwargs):
        super().__init__(dtype=dtype, autocast=False, **kwargs)

    @classmethod
    def from_preset(cls, preset: str, **changes: Any) -> "FrontEnd":
        """Makes a front end with the arguments of a preset, some of them changed.

        Raises:
            ValueError: if there is no such preset, or it is for another sample rate.

        Example:
            >>> LogMel.from_preset("panns", n_mels=128)
        """
        if preset not in cls.presets:
            raise ValueError(f"there is no preset '{preset}'; {suggest(preset, cls.presets)}")
        options = {**cls.presets[preset], **changes}
        rate = cls.presets[preset].get("sample_rate", options.get("sample_rate"))
        if options.get("sample_rate") != rate:
            raise ValueError(f"preset '{preset}' is for {rate} Hz, not {options['sample_rate']}: set audio.sample_rate")
        return cls(**options)

    @property
    def precision(self) -> str:
        """The dtype that it computes in."""
        return "float64" if self.compute_dtype == "float64" else "float32"

    @property
    def bins(self) -> list[float] | list[str]:
        """What each bin of the picture stands for, in `bin_unit`."""
        raise NotImplementedError

    @property
    def channels(self) -> list[str]:
        """Name of each channel of the picture."""
        return [""]

    def bins_of(self, channel: int) -> list[float] | list[str]:
        """`bins` of one channel, where they differ."""
        return self.bins

    def picture(self, waveform):
        """Computes the picture of `(batch, samples)` in `precision`."""
        raise NotImplementedError

    def features_shape(self, samples: int) -> tuple[int, int, int]:
        """`(frames, bins, channels)` of so many samples.

        Raises:
            ValueError: if they are too few.
        """
        raise NotImplementedError

    def call(self, waveform):
        """Computes the picture."""
        return ops.cast(self.picture(ops.cast(waveform, self.precision)), self.compute_dtype)

    def compute_output_shape(self, input_shape):
        """`(batch, frames, bins, channels)`."""
        batch, samples = input_shape
        if samples is None:
            raise ValueError("front ends need waveforms of a fixed length: keras.Input((samples,))")
        return (batch, *self.features_shape(samples))

    def get_config(self):
        """All arguments."""
        own = [name for name in inspect.signature(type(self).__init__).parameters if name not in ("self", "kwargs")]
        return {**super().get_config(), **{name: getattr(self, name) for name in own}}
