"""A bound on the time that a block may take: an alarm of the system interrupts it."""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Final


class TooSlow(BaseException):
    """The time is over. Not an Exception, so that no handler on the way swallows it."""


class Deadline:
    """Raises TooSlow within its block after some seconds, where the system can (main thread, POSIX)."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._able = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()

    def __enter__(self) -> None:
        if self._able:
            self._before = signal.signal(signal.SIGALRM, _over)
            # Again and again: what is raised within a callback of the garbage collector goes no further.
            signal.setitimer(signal.ITIMER_REAL, self._seconds, self._seconds)

    def __exit__(self, *error: object) -> None:
        if self._able:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, self._before)


def _over(signum: int, frame: FrameType | None) -> None:
    if frame is None or frame.f_code not in _UNDISTURBED:
        raise TooSlow


_UNDISTURBED: Final = tuple(each.__code__ for each in (Deadline.__enter__, Deadline.__exit__, _over))
"""Code that an alarm must not interrupt: the timer would stay on, and nothing would catch what it raises next."""
