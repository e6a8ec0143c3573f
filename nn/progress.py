"""Progress of a long run: a bar if tqdm is installed, else a line an epoch, on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PATIENCE = 2.0  # seconds of silence before a run that nobody asked about shows its progress
INTERVAL = 1.0  # seconds between its lines, at least

Report = Callable[[int, float], None]


@contextmanager
def reporter(epochs: int, progress: bool | None) -> Iterator[Report]:
    """A function to call with the number of each epoch and its loss."""
    if progress is False:
        yield lambda epoch, loss: None
        return
    try:
        from tqdm import tqdm
    except ImportError:
        yield _lines(epochs, asked=progress is True)
        return
    with tqdm(total=epochs, unit="epoch", delay=0 if progress else PATIENCE, file=sys.stderr) as bar:

        def advance(epoch: int, loss: float) -> None:
            bar.set_postfix(loss=f"{loss:.4g}", refresh=False)
            bar.update(epoch - bar.n)

        yield advance


def _lines(epochs: int, asked: bool) -> Report:
    """A line for every epoch if asked for; else after a while, and never more than one a second."""
    start = last = time.monotonic()

    def report(epoch: int, loss: float) -> None:
        nonlocal last
        now = time.monotonic()
        if asked or (now - start > PATIENCE and now - last > INTERVAL):
            last = now
            print(f"epoch {epoch}/{epochs}  loss {loss:.4g}  {now - start:.1f} s", file=sys.stderr)

    return report
