"""Decoding real files, refusing broken ones, and cutting."""

import av
import librosa
import numpy as np
import pytest
import soundfile
from conftest import tone
from hypothesis import given
from hypothesis import strategies as st

from kerasinst import audio
from kerasinst.audio import limits
from kerasinst.core.errors import AudioError


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "mp3", "aiff"])
def test_formats_decode_to_the_same_tone(tmp_path, suffix):
    waveform = tone(440, sample_rate=44100)
    soundfile.write(tmp_path / f"a.{suffix}", np.stack([waveform, waveform], axis=1), 44100)
    decoded, sample_rate = audio.read(tmp_path / f"a.{suffix}")
    assert sample_rate == 44100
    assert decoded.dtype == np.float32
    assert np.corrcoef(decoded[: len(waveform)], waveform[: len(decoded)])[0, 1] > 0.99


def test_m4a_decodes(tmp_path):
    waveform = tone(440, sample_rate=44100)
    with av.open(str(tmp_path / "a.m4a"), "w") as container:
        stream = container.add_stream("aac", rate=44100)
        frame = av.AudioFrame.from_ndarray(waveform[None], format="fltp", layout="mono")
        frame.sample_rate = 44100
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    decoded, sample_rate = audio.read(tmp_path / "a.m4a")
    assert sample_rate == 44100
    spectrum = np.abs(np.fft.rfft(decoded))
    assert spectrum.argmax() * 44100 / len(decoded) == pytest.approx(440, abs=2)
    np.testing.assert_array_equal(audio.read(tmp_path / "a.m4a", 0.25, end=0.5)[0], decoded[11025:22050])
    content = (tmp_path / "a.m4a").read_bytes()
    (tmp_path / "a.m4a").write_bytes(content.replace(b"mp4a", b"xxxx").replace(b"esds", b"xxxx"))
    with pytest.raises(AudioError, match="unknown codec"):
        audio.read(tmp_path / "a.m4a")


def test_channels_are_averaged_and_parts_are_cut(tmp_path):
    stereo = np.array([[0.2, 0.4], [0.4, 0.0], [-0.5, -0.1], [0.0, 0.0]], np.float32)
    soundfile.write(tmp_path / "a.wav", stereo, 4000, subtype="FLOAT")
    np.testing.assert_allclose(audio.read(tmp_path / "a.wav")[0], [0.3, 0.2, -0.3, 0.0], atol=1e-6)
    np.testing.assert_allclose(audio.read(tmp_path / "a.wav", start=0.25e-3, end=0.75e-3)[0], [0.2, -0.3], atol=1e-6)


def test_resampling_equals_librosa(phrases, tmp_path):
    waveform, sample_rate = phrases[0]
    soundfile.write(tmp_path / "a.wav", waveform, sample_rate, subtype="FLOAT")
    theirs = librosa.resample(waveform, orig_sr=sample_rate, target_sr=16000, res_type="soxr_hq")
    np.testing.assert_allclose(audio.load(tmp_path / "a.wav", 16000)[: len(theirs)], theirs, atol=1e-5)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("text.wav", b"not audio at all", "cannot be decoded"),
        ("empty.flac", b"", "cannot be decoded"),
        ("text.m4a", b"not audio at all", "cannot be decoded"),
        ("cut.mp3", b"\xff\xfb\x90", "cannot be decoded"),
    ],
)
def test_what_is_no_audio_is_one_clear_error(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(AudioError, match=message):
        audio.read(tmp_path / name)


@pytest.mark.parametrize(
    ("samples", "message"),
    [([], "holds no samples"), ([0.1, np.nan], "NaN or infinite"), ([np.inf], "NaN or infinite")],
)
def test_empty_and_nan_files_are_refused(tmp_path, samples, message):
    soundfile.write(tmp_path / "a.wav", np.array(samples, np.float32), 8000, subtype="FLOAT")
    with pytest.raises(AudioError, match=message):
        audio.read(tmp_path / "a.wav")


@pytest.mark.parametrize(("sample_rate", "loudest", "message"), [
    (999, 0.1, "its header says 999 Hz"), (800_000, 0.1, "says 800000 Hz"), (8000, 3e38, r"3e\+38 times full scale"),
])  # fmt: skip
def test_senseless_headers_and_samples_are_refused(tmp_path, sample_rate, loudest, message):
    soundfile.write(tmp_path / "a.wav", np.full((9, 2), loudest, np.float32), sample_rate, subtype="FLOAT")
    with pytest.raises(AudioError, match=message):
        audio.read(tmp_path / "a.wav")


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "mp3"])
def test_blocks_join_and_a_file_that_unpacks_to_too_much_is_refused(tmp_path, suffix, monkeypatch):
    soundfile.write(tmp_path / f"a.{suffix}", np.stack([tone(440), tone(550)], axis=1), 8000)
    whole, _ = audio.read(tmp_path / f"a.{suffix}")
    monkeypatch.setattr(limits, "BLOCK", 2 * 999)
    np.testing.assert_allclose(audio.read(tmp_path / f"a.{suffix}")[0], whole, atol=1e-6)
    monkeypatch.setattr(limits, "LONGEST", 7999)
    with pytest.raises(AudioError, match="too long to decode"):
        audio.read(tmp_path / f"a.{suffix}")


@pytest.mark.parametrize(("start", "end"), [(None, 0.0), (2.0, None), (1e308, None), (0.9, 0.8)])
def test_a_part_that_is_not_there_is_one_clear_error(tmp_path, start, end):
    soundfile.write(tmp_path / "a.wav", tone(440), 8000)
    with pytest.raises(AudioError, match="holds no samples"):
        audio.read(tmp_path / "a.wav", start, end=end)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(AudioError, match="the file is missing"):
        audio.read(tmp_path / "none.wav")


def test_a_truncated_wav_gives_what_is_there_or_an_error(tmp_path):
    soundfile.write(tmp_path / "a.wav", tone(440), 8000)
    whole = (tmp_path / "a.wav").read_bytes()
    for size in (3, 20, 44, 45, 1000):
        (tmp_path / "a.wav").write_bytes(whole[:size])
        try:
            waveform, _ = audio.read(tmp_path / "a.wav")
            assert 0 < len(waveform) <= (size - 44) / 2
        except AudioError as error:
            assert "a.wav" in str(error)


@given(n_samples=st.integers(1, 5000), length=st.integers(1, 2000), hop=st.integers(1, 3000))
def test_starts_cover_every_sample_when_the_hop_allows_it(n_samples, length, hop):
    starts = audio.starts(n_samples, length, hop=hop)
    assert starts[0] == 0
    assert (np.diff(starts) >= 0).all()
    assert (np.diff(starts) <= hop).all()
    assert starts[-1] == max(0, n_samples - length)


def test_cut_fills_up_with_zeros():
    segments = audio.cut(np.arange(1, 6, dtype=np.float32), np.array([0, 3]), length=4)
    np.testing.assert_array_equal(segments, [[1, 2, 3, 4], [4, 5, 0, 0]])


def test_hidden_files_are_left_out(tmp_path):
    for name in ("a.wav", "._a.wav", ".hidden/b.wav", "notes.txt", "sub/c.FLAC"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert [path.relative_to(tmp_path).as_posix() for path in audio.files(tmp_path)] == ["a.wav", "sub/c.FLAC"]


def test_silence_at_the_ends_and_quiet_segments_are_not_heard():
    loud, soft = np.full(100, 0.5), np.full(100, 0.01)
    recording = np.concatenate([np.zeros(37), loud, soft, loud, np.full(50, 1e-5)])
    assert audio.sounding(recording, trim_db=60) == (37, 337)
    assert audio.sounding(recording, trim_db=None) == (0, len(recording))
    assert audio.sounding(np.zeros(5), trim_db=60) == (0, 5)
    assert audio.starts_in(recording, 100, hop=100, trim_db=60, quiet_db=20).tolist() == [37, 237]
    assert audio.starts_in(recording, 100, hop=100, trim_db=60).tolist() == [37, 137, 237]
    np.testing.assert_array_equal(audio.starts_in(recording, 100, hop=100), audio.starts(len(recording), 100, hop=100))


@given(st.integers(1, 400), st.integers(1, 100), st.integers(1, 100), st.floats(-40, 40), st.integers(0, 50))
def test_what_is_heard_depends_on_no_gain_and_no_silence_before(samples, length, hop, gain_db, silence):
    recording = np.random.default_rng(samples).normal(0, 0.1, samples) * np.linspace(0.01, 1, samples)
    options = dict(length=length, hop=hop, trim_db=50, quiet_db=14)
    found = audio.starts_in(recording, **options)
    assert len(found) and found.max() < samples
    louder = np.concatenate([np.zeros(silence), recording * 10 ** (gain_db / 20)])
    np.testing.assert_array_equal(audio.starts_in(louder, **options) - silence, found)
