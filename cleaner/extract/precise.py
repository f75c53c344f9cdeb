"""The precise path: trafilatura, bounded in time, with no state carried from one page to the next."""

from __future__ import annotations

import ctypes
import logging
import threading
from collections.abc import Callable
from itertools import count
from typing import Any, Final, TypeVar

from cleaner.extract.fast import Extraction

T = TypeVar("T")

SETTINGS: Final = {
    "favor_precision": False,
    "include_comments": False,
    "include_tables": True,
    "deduplicate": False,
    "with_metadata": True,
    "date_extraction_params": {"original_date": True, "extensive_search": False},
}
"""Deduplication keeps a cache across pages, so a page's text would depend on the pages before it. An extensive search
for the date takes longer than everything else."""

_CACHES_EVERY: Final = 500
"""Pages after which trafilatura's caches are emptied; they grow with every page."""
_pages: Final = count(1)
"""Counts the pages of this process."""


class OutOfTime(BaseException):
    """Raised into the thread that works on a page for too long; no handler of a library catches it by accident."""


def within(seconds: float, work: Callable[[], T]) -> T:
    """The result of ``work``. Raises TimeoutError if it takes longer than ``seconds``.

    Needs no signal, so it works in every thread and process. The time is checked between steps of Python; what runs
    in C between them is bounded by the size of the page.
    """
    done = threading.Event()
    lock = threading.Lock()
    thread = threading.get_ident()

    def watch() -> None:
        if not done.wait(seconds):
            with lock:
                if not done.is_set():
                    _raise_in(thread, OutOfTime)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        try:
            result = work()
        finally:
            with lock:
                done.set()
    except OutOfTime:
        raise TimeoutError(f"no result after {seconds:g} seconds") from None
    finally:
        watcher.join()
        _raise_in(thread, None)
    return result


def _raise_in(thread: int, error: type[BaseException] | None) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(error) if error else None)


def find(html: str, url: str | None, markdown: bool, seconds: float) -> Extraction | None:
    """What trafilatura finds on a page, or None. Raises TimeoutError, and whatever trafilatura raises."""
    import trafilatura
    from trafilatura.meta import reset_caches

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    if next(_pages) % _CACHES_EVERY == 0:
        reset_caches()
    settings: dict[str, Any] = {**SETTINGS, "include_formatting": markdown}
    if url is not None:
        settings["url"] = url
    found: Any = within(seconds, lambda: trafilatura.bare_extraction(html, **settings))
    if found is None or not (found.text or "").strip():
        return None
    return Extraction(found.text.strip(), found.title, found.author, found.date, found.language, found.url)
