"""The base class of all front ends."""

import inspect
from collections.abc import Sequence
from typing import Any, ClassVar

import keras
from keras import ops

from kerasinst.core.errors import suggest
from kerasinst.core.types import Shape, Tensor
from kerasinst.frontends.dsp.validation import checked


class FrontEnd(keras.layers.Layer):
    """A Keras layer from waveforms to features.

    A subclass sets each argument of its `__init__` as an attribute, and defines `compute_features` and
    `features_shape`. With `sample_rate`, `hop_length`, `center`, `bins`, `bin_unit` and `channels` it says what stands
    where in its features. Arguments are checked by their annotations when a layer is made.

    A front end computes in float32 and casts its features to its dtype, whatever the global policy: in float16, squares
    would overflow and the logarithm of silence would be infinite. With `dtype="float64"` it computes in float64 where
    the backend can.

    Args:
        dtype: data type of the features.
        **kwargs: other arguments of `keras.layers.Layer`.

    Input shape: `(batch, samples)`, floats in [-1, 1]; the number of samples is fixed.
    Output shape: `(batch, frames, bins, channels)`.
    """

    presets: ClassVar[dict[str, dict[str, Any]]] = {}
    """Arguments of each preset, by its name."""

    bin_unit: ClassVar[str] = "Hz"
    """Unit of `bins`: "Hz", "note" or "coefficient"."""

    sample_rate: float
    """Sample rate of the waveform, in Hz."""

    hop_length: int
    """Distance between two frames, in samples."""

    center: bool = False
    """Whether frame t is centred at sample `t * hop_length`; otherwise it begins there."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "__init__" in vars(cls):
            cls.__init__ = checked(cls.__init__)  # type: ignore[method-assign]  # a checked __init__ takes its place

    def __init__(self, dtype: "str | keras.DTypePolicy" = "float32", **kwargs: Any) -> None:
        super().__init__(dtype=dtype, autocast=False, **kwargs)

    @classmethod
    def from_preset(cls, preset: str, **changes: Any) -> "FrontEnd":
        """Makes a front end with the arguments of a preset.

        Args:
            preset: name of the preset.
            **changes: arguments that replace those of the preset.

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
        """Data type that the front end computes in."""
        return "float64" if self.compute_dtype == "float64" else "float32"

    @property
    def bins(self) -> Sequence[float] | Sequence[str]:
        """What each bin of the features stands for, in `bin_unit`."""
        raise NotImplementedError

    @property
    def channels(self) -> list[str]:
        """Name of each channel of the features."""
        return [""]

    def bins_of(self, channel: int) -> Sequence[float] | Sequence[str]:
        """Gives the `bins` of one channel, where channels differ."""
        return self.bins

    def compute_features(self, waveform: Tensor) -> Tensor:
        """Computes the features, in `precision`.

        Args:
            waveform: waveforms of shape `(batch, samples)`, in `precision`.

        Returns:
            Features of shape `(batch, frames, bins, channels)`.
        """
        raise NotImplementedError

    def features_shape(self, samples: int) -> tuple[int, int, int]:
        """Gives the shape `(frames, bins, channels)` of the features of a waveform.

        Args:
            samples: length of the waveform.

        Raises:
            ValueError: if the waveform is too short.
        """
        raise NotImplementedError

    def call(self, waveform: Tensor) -> Tensor:
        """Computes the features, and casts them to the layer's dtype."""
        return ops.cast(self.compute_features(ops.cast(waveform, self.precision)), self.compute_dtype)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Gives the shape `(batch, frames, bins, channels)`."""
        batch, samples = input_shape
        if samples is None:
            raise ValueError("front ends need waveforms of a fixed length: keras.Input((samples,))")
        return (batch, *self.features_shape(samples))

    def get_config(self) -> dict[str, Any]:
        """Gives all arguments, as Keras saves them."""
        own = [name for name in inspect.signature(type(self).__init__).parameters if name not in ("self", "kwargs")]
        return {**super().get_config(), **{name: getattr(self, name) for name in own}}
