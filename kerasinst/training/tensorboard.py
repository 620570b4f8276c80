"""Logs for TensorBoard, from every backend."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.event_file_writer import EventFileWriter


@contextmanager
def tensorboard_logs(folder: Path, on_epoch: Callable[[dict], None]) -> Iterator[Callable[[dict], None]]:
    """Yields a function that writes each row of the history to the logs, and hands it on.

    Each seed has a folder of its own. Logs of a killed training are written anew when it goes on, since its old epochs
    are reported again. What else is in the folder stays.

    Args:
        folder: folder for `tensorboard --logdir`.
        on_epoch: is called with each row.

    Example:
        >>> with tensorboard_logs(Path("runs/mine/logs"), print) as on_epoch:
        ...     on_epoch({"seed": 1, "epoch": 1, "loss": 1.6, "val_loss": 1.5})
    """
    for earlier in folder.glob("seed-*"):
        shutil.rmtree(earlier, ignore_errors=True)
    writers: dict[int, EventFileWriter] = {}
    with ExitStack() as open_files:

        def write(row: dict) -> None:
            seed, epoch, *_ = row.values()
            if seed not in writers:
                writers[seed] = EventFileWriter(str(folder / f"seed-{seed}"))
                open_files.callback(writers[seed].close)
            values = [Summary.Value(tag=name, simple_value=row[name]) for name in list(row)[2:]]
            writers[seed].add_event(Event(step=epoch, wall_time=time.time(), summary=Summary(value=values)))
            writers[seed].flush()
            on_epoch(row)

        yield write
