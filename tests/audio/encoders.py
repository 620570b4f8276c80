"""Writing audio in any codec and container, as other programs do."""

import av
import numpy as np


def encode(path, waveform, sample_rate, codec, *, format=None, layout="mono", options=None):
    """Writes a waveform `(samples,)` or `(samples, channels)`; the container follows from the name unless given."""
    samples = np.ascontiguousarray(waveform, np.float32).reshape(1, -1)
    with av.open(str(path), "w", format=format, options=options or {}) as container:
        stream = container.add_stream(codec, rate=sample_rate, layout=layout)
        context = stream.codec_context
        context.open()
        frame = av.AudioFrame.from_ndarray(samples, format="flt", layout=layout)
        frame.sample_rate = sample_rate
        resampler = av.AudioResampler(context.format, layout, sample_rate, frame_size=context.frame_size or None)
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    return path
