"""Lists the audio files that paths, folders and patterns name."""

import glob
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from kerasinst.audio import standard_input
from kerasinst.audio.folders import files, is_audio, walk
from kerasinst.core.errors import BadInput, printable


@contextmanager
def named_files(
    sources: Sequence[str | Path], sample_rate: int, *, on_remark: Callable[[str], None] = lambda text: None
) -> Iterator[dict[Path, str]]:
    """Lists the files that sources name, each once; standard input is a temporary file while the block works.

    Args:
        sources: paths and patterns, as `files_of` takes them, or "-" for standard input.
        sample_rate: sample rate in Hz of raw samples on standard input, see `standard_input.as_file`.
        on_remark: called with a sentence on files that are passed over.

    Yields:
        The paths of files, and the names to show for them.

    Raises:
        BadInput: as `files_of` and `standard_input.as_file` do.
    """
    with ExitStack() as stack:
        named: dict[Path, str] = {}
        for source in sources:
            if str(source) == standard_input.NAME:
                file = stack.enter_context(standard_input.as_file(sys.stdin.buffer, sample_rate))
                named[file] = "standard input"
            else:
                named |= {file: printable(str(file)) for file in files_of(source, on_remark=on_remark)}
        yield named


def files_of(source: str | Path, *, on_remark: Callable[[str], None] = lambda text: None) -> list[Path]:
    """Lists a file, the audio files under a folder, or what a pattern matches.

    Args:
        source: path of a file or of a folder, or a pattern such as "music/**/*.mp3", in which `**` stands for any
            folders.
        on_remark: called with a sentence on files that are passed over.

    Raises:
        BadInput: if there is no such file or folder, a folder holds no audio, or a pattern matches nothing.

    Example:
        >>> files_of("music/*.wav")
        [PosixPath('music/cello.wav'), PosixPath('music/flute.wav')]
    """
    path = Path(source)
    if path.is_dir():
        return _in_folder(path, on_remark)
    if path.exists():
        return [path]
    if not glob.has_magic(str(source)):
        raise BadInput(f"{source}: no such run, model, file or folder")
    matching = sorted(map(Path, glob.glob(str(source), recursive=True)))
    found = [file for each in matching for file in (files(each) if each.is_dir() else [each])]
    if not found:
        raise BadInput(f"{source}: matches no audio file")
    return list(dict.fromkeys(each for each in found if is_audio(each.name))) or found


def _in_folder(folder: Path, on_remark: Callable[[str], None]) -> list[Path]:
    """Lists the audio files under a folder."""
    found = files(folder)
    if not found:
        raise BadInput(f"{folder}: no audio found in this folder")
    others = sum(len(names) for _, names in walk(folder)) - len(found)
    if others:
        on_remark(f"{folder}: {others} files of other kinds are passed over")
    return found
