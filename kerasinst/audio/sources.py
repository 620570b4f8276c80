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
    sources: Sequence[str | Path],
    sample_rate: int | None = None,
    *,
    default_rate: int,
    on_remark: Callable[[str], None] = lambda text: None,
) -> Iterator[dict[Path, str]]:
    """Lists the files that sources name, each once; standard input is a temporary file while the block works.

    Args:
        sources: paths and patterns, as `files_of` takes them, or "-" for standard input.
        sample_rate: see `standard_input.as_file`.
        default_rate: see `standard_input.as_file`.
        on_remark: called with a sentence on files that are passed over, and on raw samples.

    Yields:
        The paths of files, and the names to show for them.

    Raises:
        BadInput: as `files_of` and `standard_input.as_file` do.
    """
    with ExitStack() as stack:
        named: dict[Path, str] = {}
        for source in sources:
            if str(source) == standard_input.NAME:
                if standard_input.SHOWN not in named.values():
                    stream = sys.stdin.buffer if sys.stdin else None
                    opened = standard_input.as_file(stream, sample_rate, default_rate=default_rate, on_remark=on_remark)
                    named[stack.enter_context(opened)] = standard_input.SHOWN
            else:
                named |= {file: printable(str(file)) for file in files_of(source, on_remark=on_remark)}
        yield named


def files_of(source: str | Path, *, on_remark: Callable[[str], None] = lambda text: None) -> list[Path]:
    """Lists a file, the audio files under a folder, or what a pattern matches.

    Args:
        source: path of a file or of a folder, or a pattern such as "music/**/*.mp3", in which `**` stands for any
            folders. If files with suffixes of audio match, others that match are left out.
        on_remark: called with a sentence on files in a folder that are passed over.

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
        hint = "; write [[] for a [ that is part of a name" if "[" in str(source) else ""
        raise BadInput(f"{source}: matches no audio file{hint}")
    return list(dict.fromkeys(each for each in found if is_audio(each.name))) or found


def _in_folder(folder: Path, on_remark: Callable[[str], None]) -> list[Path]:
    """Lists the audio files under a folder."""
    found = files(folder)
    if not found:
        raise BadInput(f"{folder}: no audio found in this folder")
    others = sum(len(names) for _, names in walk(folder)) - len(found)
    if others:
        on_remark(f"{folder}: {others} other file{'s are' if others > 1 else ' is'} passed over")
    return found
