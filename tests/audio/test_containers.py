"""Files are decoded by their content and to their real end, whatever their name and their header say."""

import io
import os
import struct

import av
import numpy as np
import pytest
import soundfile
from conftest import tone
from encoders import encode

from kerasinst import audio
from kerasinst.audio.containers import links
from kerasinst.core.errors import AudioError

RATE = 22050


def seconds(path, **options):
    waveform, sample_rate = audio.read(path, **options)
    return len(waveform) / sample_rate


def written(suffix, waveform=None, sample_rate=RATE, **options):
    """The bytes of a file that soundfile writes."""
    file = io.BytesIO()
    waveform = tone(440, 2.0, sample_rate) if waveform is None else waveform
    soundfile.write(file, waveform, sample_rate, format=suffix, **options)
    return file.getvalue()


def without_first_frame(mp3):
    """An mp3 file without the frame that says how long it is."""
    assert b"Xing" in mp3[:200]
    return mp3[mp3.index(mp3[:2], 4) :]


def with_size(wav, size, name=b"data"):
    """A wav file whose chunk claims another size."""
    at = wav.index(name) + 4
    return wav[:at] + struct.pack("<I", size) + wav[at + 4 :]


def test_an_mp3_file_with_a_wrong_estimate_is_read_to_its_end(tmp_path):
    """Without its first frame its length can only be guessed from the bits a second of its beginning."""
    waveform = np.concatenate([0.3 * np.random.default_rng(0).standard_normal(2 * RATE), np.zeros(8 * RATE)])
    content = written("MP3", np.clip(waveform, -1, 1), bitrate_mode="VARIABLE", compression_level=0.1)
    (tmp_path / "a.mp3").write_bytes(without_first_frame(content))
    with soundfile.SoundFile(tmp_path / "a.mp3") as file:
        assert file.frames < 8 * RATE  # what the other library believes
    assert seconds(tmp_path / "a.mp3") == pytest.approx(10, abs=0.1)


@pytest.mark.parametrize("suffix", ["wav", "aiff", "au", "caf", "w64", "flac", "ogg", "mp3"])
def test_files_one_behind_the_other_are_read_to_the_last(suffix, tmp_path):
    one, other = written(suffix), written(suffix, tone(660, 1.0, RATE))
    (tmp_path / f"a.{suffix}").write_bytes(one + other)
    waveform, sample_rate = audio.read(tmp_path / f"a.{suffix}")
    assert len(waveform) / sample_rate == pytest.approx(3, abs=0.15 if suffix == "mp3" else 1e-3)
    last = np.abs(np.fft.rfft(waveform[-RATE // 2 :]))
    assert last.argmax() * 2 == pytest.approx(660, abs=3)
    part, _ = audio.read(tmp_path / f"a.{suffix}", 1.5, end=2.5)
    assert len(part) == pytest.approx(RATE, abs=1)


@pytest.mark.parametrize(("codec", "suffix"), [("aac", "m4a"), ("tta", "tta"), ("aac", "aac")])
def test_compressed_files_one_behind_the_other(codec, suffix, tmp_path):
    encode(
        tmp_path / "one", tone(440, 2.0, RATE), RATE, codec, format={"m4a": "mp4", "aac": "adts"}.get(suffix, suffix)
    )
    content = (tmp_path / "one").read_bytes()
    (tmp_path / f"a.{suffix}").write_bytes(content * 2)
    assert seconds(tmp_path / f"a.{suffix}") == pytest.approx(2 * seconds(tmp_path / "one"), abs=1e-3)


@pytest.mark.parametrize("suffix", ["ogg", "flac", "mp3", "wav"])
def test_rate_and_channels_may_change_within_a_file(suffix, tmp_path):
    other = np.stack([tone(660, 1.0, 44100)] * 2, axis=1)
    (tmp_path / f"a.{suffix}").write_bytes(written(suffix) + written(suffix, other, 44100))
    waveform, sample_rate = audio.read(tmp_path / f"a.{suffix}")
    assert sample_rate == RATE
    assert len(waveform) == pytest.approx(3 * RATE, abs=0.15 * RATE if suffix == "mp3" else 2)
    last = np.abs(np.fft.rfft(waveform[-RATE // 2 :]))
    assert last.argmax() * 2 == pytest.approx(660, abs=3)


def test_the_streams_of_one_ogg_file_are_not_files(tmp_path):
    """A film's sound and picture begin side by side."""
    file = io.BytesIO(written("OGG"))
    first = struct.unpack_from("<B", file.getvalue(), 26)[0]
    page = file.getvalue()[: 27 + first + sum(file.getvalue()[27 : 27 + first])]
    assert len(links(io.BytesIO(page + file.getvalue()))) == 1


@pytest.mark.parametrize("promised", [0, 1000, 33_333, 44_100])
def test_a_recorder_that_was_killed_leaves_all_that_it_heard(promised, tmp_path):
    waveform, remarks = tone(440, 2.0, RATE), []
    (tmp_path / "a.wav").write_bytes(with_size(written("WAV", waveform), promised))
    heard, _ = audio.read(tmp_path / "a.wav", on_remark=remarks.append)
    np.testing.assert_allclose(heard, waveform, atol=1e-4)
    assert remarks == ["its header gives a wrong length; it is read to its end"]


@pytest.mark.parametrize("promised", [2**32 - 1, 2**31 - 1, 2**32 - 100])
def test_a_stream_that_did_not_know_its_length_is_no_cause_for_remarks(promised, tmp_path):
    (tmp_path / "a.wav").write_bytes(with_size(written("WAV"), promised))
    remarks = []
    assert seconds(tmp_path / "a.wav", on_remark=remarks.append) == 2.0 and not remarks


@pytest.mark.parametrize(
    "behind",
    [
        b"LIST\x04\0\0\0INFO",
        b"id3 \x02\0\0\0xx",
        bytes(100),
        b"TAGsomething" + b" " * 116,
        b"ID3\3\0\0\0\0\0\2xx",
        b"x",
    ],
)
def test_what_stands_behind_the_audio_is_not_heard(behind, tmp_path):
    (tmp_path / "a.wav").write_bytes(written("WAV") + behind)
    remarks = []
    assert seconds(tmp_path / "a.wav", on_remark=remarks.append) == 2.0 and not remarks


def test_an_empty_recording_stays_empty(tmp_path):
    (tmp_path / "a.wav").write_bytes(written("WAV", np.zeros(0)) + b"LIST\x04\0\0\0INFO")
    with pytest.raises(AudioError, match="holds no samples"):
        audio.read(tmp_path / "a.wav")


def test_what_is_cut_off_is_said(tmp_path):
    wav = written("WAV")
    encode(tmp_path / "whole.mka", tone(440, 2.0, RATE), RATE, "aac", format="matroska")
    for name, content in (
        ("a.wav", wav[: len(wav) // 2]),
        ("a.flac", written("FLAC")[:20_000]),
        ("a.mka", (tmp_path / "whole.mka").read_bytes()[:12_000]),
    ):
        (tmp_path / name).write_bytes(content)
        remarks = []
        assert 0.2 < seconds(tmp_path / name, on_remark=remarks.append) < 1.8
        assert any("cut off" in remark for remark in remarks), (name, remarks)


@pytest.mark.parametrize(("codec", "format", "name"), [
    ("aac", "adts", "a.wav"), ("aac", "mp4", "a.wav"), ("aac", "mp4", "a.mp3"), ("aac", "mp4", "a.m4b"),
    ("aac", "3gp", "a.3gp"), ("aac", "matroska", "a.mka"), ("alac", "caf", "a.caf"), ("wavpack", "wv", "a.wv"),
    ("tta", "tta", "a.tta"), ("flac", "flac", "a.mp3"), ("mp2", "mp2", "a.wav"), ("adpcm_yamaha", "wav", "a.wav"),
    ("pcm_s24le", "matroska", "a.mkv"),
])  # fmt: skip
def test_the_content_decides_not_the_name(codec, format, name, tmp_path):
    waveform = tone(440, 2.0, RATE)
    encode(tmp_path / name, waveform, RATE, codec, format=format)
    heard, sample_rate = audio.read(tmp_path / name)
    assert sample_rate == RATE and len(heard) / RATE == pytest.approx(2, abs=0.1)
    assert np.abs(np.fft.rfft(heard, 4 * RATE)).argmax() / 4 == pytest.approx(440, abs=1)
    assert audio.is_audio(name)


def test_speech_codecs_in_wav_files_are_read(tmp_path):
    soundfile.write(tmp_path / "a.wav", tone(440), 8000, subtype="GSM610")
    encode(tmp_path / "b.wav", tone(440), 8000, "g726", format="wav")
    assert seconds(tmp_path / "a.wav") == pytest.approx(1, abs=0.05)
    assert seconds(tmp_path / "b.wav") == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("name", [b"RF64", b"BW64"])
def test_wav_files_with_long_sizes_are_read(name, tmp_path):
    content = written("RF64")
    (tmp_path / "a.wav").write_bytes(name + content[4:])
    assert seconds(tmp_path / "a.wav") == 2.0


def test_flac_of_unknown_length_is_read_whole(tmp_path):
    content = bytearray(written("FLAC"))
    content[21:26] = bytes([content[21] & 0xF0, 0, 0, 0, 0])  # 36 bits of STREAMINFO
    (tmp_path / "a.flac").write_bytes(bytes(content))
    assert seconds(tmp_path / "a.flac") == 2.0


def test_an_unknown_codec_and_a_list_of_other_files_are_refused(tmp_path):
    encode(tmp_path / "a.wav", tone(440, 1.0, RATE), RATE, "aac", format="wav")
    with pytest.raises(AudioError, match="codec aac: its packets are damaged"):
        audio.read(tmp_path / "a.wav")
    soundfile.write(tmp_path / "secret.wav", tone(440), 8000)
    for text in ("ffconcat version 1.0\nfile 'secret.wav'\n", "#EXTM3U\n#EXTINF:1,\nsecret.wav\n"):
        (tmp_path / "a.mp3").write_text(text)
        with pytest.raises(AudioError, match="cannot be decoded"):
            audio.read(tmp_path / "a.mp3")


def test_eight_channels_in_planes_of_their_own_are_read(tmp_path):
    channels = np.stack([tone(440, 1.0, RATE)] * 8, axis=1)
    encode(tmp_path / "a.mka", channels, RATE, "aac", format="matroska", layout="7.1")
    for _ in range(5):
        heard, _ = audio.read(tmp_path / "a.mka")
    assert np.abs(np.fft.rfft(heard, 4 * RATE)).argmax() / 4 == pytest.approx(440, abs=1)


def test_links_to_folders_are_followed_once(tmp_path):
    for name in ("data/cello/a.wav", "elsewhere/flute/b.wav", "elsewhere/flute/deep/c.wav"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    os.symlink(tmp_path / "elsewhere" / "flute", tmp_path / "data" / "flute")
    os.symlink(tmp_path / "data" / "cello", tmp_path / "data" / "a-second-name-of-cello")
    os.symlink(tmp_path / "data", tmp_path / "elsewhere" / "flute" / "deep" / "back")
    os.symlink(tmp_path / "nowhere.wav", tmp_path / "data" / "cello" / "gone.wav")
    found = [path.relative_to(tmp_path / "data").as_posix() for path in audio.files(tmp_path / "data")]
    assert found == ["cello/a.wav", "cello/gone.wav", "flute/b.wav", "flute/deep/c.wav"]


@pytest.mark.parametrize(("codec", "name"), [
    ("pcm_s16le", "a.wav"), ("flac", "a.flac"), ("aac", "a.m4a"), ("libmp3lame", "a.mp3"), ("wavpack", "a.wv"),
    ("tta", "a.tta"), ("mp2", "a.mp2"), ("alac", "a.caf"),
])  # fmt: skip
def test_a_part_of_a_file_is_a_part_of_the_whole(codec, name, tmp_path):
    encode(tmp_path / name, tone(440, 3.0, RATE, harmonics=5), RATE, codec)
    whole, _ = audio.read(tmp_path / name)
    for start, end in ((0.0, 1.0), (0.5, 1.25), (2.0, 9.0), (1.0, None)):
        part, _ = audio.read(tmp_path / name, start, end=end)
        last = len(whole) if end is None else round(end * RATE)
        np.testing.assert_array_equal(part, whole[round(start * RATE) : last])


def sized(kind, size):
    """A file of that kind whose header claims so many bytes of audio, of ten seconds that are there."""
    content = written(kind, tone(440, 10.0, RATE))
    if kind == "AU":
        return content[:8] + struct.pack(">I", size) + content[12:]
    name, format = {
        "AIFF": (b"SSND", ">I"),
        "CAF": (b"data", ">q"),
        "W64": (b"data\xf3", "<Q"),
        "WAV": (b"data", "<I"),
    }[kind]
    at = content.index(name) + (16 if kind == "W64" else 4)
    extra = {"AIFF": 8, "CAF": 4, "W64": 24}.get(kind, 0)
    return content[:at] + struct.pack(format, size + extra) + content[at + struct.calcsize(format) :]


@pytest.mark.parametrize("seconds_promised", [0, 1])
@pytest.mark.parametrize("kind", ["WAV", "AIFF", "AU", "CAF", "W64"])
def test_no_header_hides_audio(kind, seconds_promised, tmp_path):
    remarks, path = [], tmp_path / f"a.{kind.lower()}"
    path.write_bytes(sized(kind, 2 * RATE * seconds_promised))
    heard, _ = audio.read(path, on_remark=remarks.append)
    np.testing.assert_allclose(heard, tone(440, 10.0, RATE), atol=1e-4)
    assert remarks == ["its header gives a wrong length; it is read to its end"]


@pytest.mark.parametrize("kind", ["WAV", "AIFF", "AU", "CAF", "W64"])
def test_a_header_that_promises_more_is_cut_off(kind, tmp_path):
    remarks, path = [], tmp_path / f"a.{kind.lower()}"
    path.write_bytes(sized(kind, 2 * RATE * 20))
    assert seconds(path, on_remark=remarks.append) == pytest.approx(10, abs=0.01)
    assert remarks == ["it is cut off: 50% of the audio that its header promises is missing"]
    remarks.clear()
    path.write_bytes(written(kind)[:-2])  # a sample less is nothing to speak of
    assert seconds(path, on_remark=remarks.append) == pytest.approx(2, abs=0.01) and not remarks


def test_a_recorder_that_was_killed_may_have_heard_silence_first(tmp_path):
    waveform = np.concatenate([np.zeros(40 * RATE), tone(440, 2.0, RATE)])
    (tmp_path / "a.wav").write_bytes(with_size(written("WAV", waveform), 0))
    assert seconds(tmp_path / "a.wav") == 42.0


def test_a_few_stray_bytes_behind_the_audio_are_no_audio_and_named(tmp_path):
    remarks = []
    (tmp_path / "a.wav").write_bytes(written("WAV") + b"<?xml version='1.0'?>" * 20)
    assert seconds(tmp_path / "a.wav", on_remark=remarks.append) == 2.0
    assert remarks == ["420 unknown bytes behind its audio are not read"]


def test_tags_in_any_encoding_stop_no_decoder(tmp_path):
    tag = b"TAG" + "Für Elise".encode("latin-1").ljust(125, b"\xe9")
    waveform = np.concatenate([0.3 * np.random.default_rng(0).standard_normal(2 * RATE), np.zeros(8 * RATE)])
    content = written("MP3", np.clip(waveform, -1, 1), bitrate_mode="VARIABLE", compression_level=0.1)
    (tmp_path / "a.mp3").write_bytes(without_first_frame(content) + tag)
    assert seconds(tmp_path / "a.mp3") == pytest.approx(10, abs=0.1)
    encode(tmp_path / "a.aac", tone(440, 2.0, RATE), RATE, "aac", format="adts")
    (tmp_path / "a.aac").write_bytes((tmp_path / "a.aac").read_bytes() + tag)
    assert seconds(tmp_path / "a.aac") == pytest.approx(2, abs=0.1)


def test_what_cannot_be_read_is_one_clear_error(tmp_path, monkeypatch):
    (tmp_path / "a.wav").write_bytes(written("WAV"))

    def refused(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refused)
    with pytest.raises(AudioError, match=r"a\.wav: cannot be read \(Permission denied\)"):
        audio.read(tmp_path / "a.wav")


def test_a_folder_that_cannot_be_read_is_named_and_passed_over(tmp_path, monkeypatch):
    for name in ("a/1.wav", "b/2.wav"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).touch()
    whole = os.scandir

    def scandir(path):
        if os.path.basename(path) == "b":
            raise PermissionError(13, "Permission denied", str(path))
        return whole(path)

    monkeypatch.setattr(os, "scandir", scandir)
    unreadable = []
    found = list(audio.walk(tmp_path, on_unreadable=unreadable.append))
    assert [path.name for path, _ in found] == [tmp_path.name, "a"] and unreadable == [tmp_path / "b"]


def test_a_crafted_file_is_read_in_little_time():
    """Beginnings, chunks and boxes without end: what is looked for is bounded, not the time that it takes."""
    many = b"fLaC\0\0\0\x22" * 100_000
    assert len(links(io.BytesIO(many))) <= 1000
    for content in (b"RIFF\0\0\0\0WAVE" + bytes(8_000_000), b"\0\0\0\x08ftyp" * 1_000_000):
        assert 1 <= len(links(io.BytesIO(content))) <= 1000


@pytest.mark.parametrize("kind", ["OGG", "FLAC", "MP3"])
def test_late_parts_of_real_files_are_parts_of_the_whole(kind, tmp_path):
    """Libsndfile finds wrong places near the end of Vorbis."""
    (tmp_path / "a").write_bytes(written(kind, tone(330, 5.0, 44100, harmonics=6), 44100))
    whole, _ = audio.read(tmp_path / "a")
    for start in (0.3, 2.5, 4.0, 4.5, 4.9):
        np.testing.assert_allclose(audio.read(tmp_path / "a", start)[0], whole[round(44100 * start) :], atol=1e-6)


def test_all_chunks_with_audio_are_read(tmp_path):
    content, listed = written("WAV"), b"LIST\x04\0\0\0INFO"
    at = content.index(b"data")
    samples = content[at + 8 :]

    def chunk(part):
        return b"data" + struct.pack("<I", len(part)) + part

    half = len(samples) // 2
    for chunks in ([chunk(samples[:half]), listed, chunk(samples[half:])], [chunk(b""), listed, chunk(samples)]):
        (tmp_path / "a.wav").write_bytes(content[:at] + b"".join(chunks))
        np.testing.assert_allclose(audio.read(tmp_path / "a.wav")[0], tone(440, 2.0, RATE), atol=1e-4)


APE = b"APETAGEX" + struct.pack("<4I8x", 2000, 32, 0, 0)


@pytest.mark.parametrize("behind", [b"TAG" + bytes(125), APE, APE + b"TAG" + bytes(125), bytes(5000)])
def test_tags_behind_flac_cost_no_audio(behind, tmp_path):
    remarks = []
    (tmp_path / "a.flac").write_bytes(written("FLAC") + behind)
    assert seconds(tmp_path / "a.flac", on_remark=remarks.append) == 2.0 and not remarks


def test_rf64_with_one_right_size_is_read(tmp_path):
    content = written("RF64")
    at = content.index(b"ds64") + 16
    data = content.index(b"data") + 4
    length = struct.pack("<I", len(content) - data - 4)
    for long_size, size in ((0, length), (2**64 - 1, content[data : data + 4]), (0, b"\xff" * 4)):
        changed = content[:at] + struct.pack("<Q", long_size) + content[at + 8 : data] + size + content[data + 4 :]
        (tmp_path / "a.wav").write_bytes(changed)
        assert seconds(tmp_path / "a.wav") == 2.0


def test_several_audio_streams_are_named(tmp_path):
    with av.open(str(tmp_path / "a.mka"), "w", format="matroska") as container:
        streams = [container.add_stream("pcm_s16le", rate=RATE, layout="mono") for _ in range(2)]
        for stream in streams:
            frame = av.AudioFrame.from_ndarray((tone(440, 1.0, RATE) * 32767).astype(np.int16)[None], "s16", "mono")
            frame.sample_rate = RATE
            container.mux([*stream.encode(frame), *stream.encode(None)])
    remarks = []
    assert seconds(tmp_path / "a.mka", on_remark=remarks.append) == 1.0
    assert remarks == ["it holds 2 audio streams, and number 1 is read"]
