"""Files as streams of bytes: standard input, compression of every kind, and decompression that survives damage."""

from __future__ import annotations

import bz2
import contextlib
import io
import lzma
import os
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import chain
from math import inf
from typing import IO, Any, Final, Protocol

from cleaner.errors import UsageError, reason_of
from cleaner.io.records import MEGABYTE, Fault

STREAM: Final = "-"
"""The path that stands for standard input or output."""

BLOCK: Final = 1 << 18
"""Bytes asked of a file at once."""

BEGINNING: Final = 20
"""Leading bytes by which content is recognised."""

_PIECE: Final = 1 << 12
"""Compressed bytes given to a decompressor at once: a block of a few bytes can stand for 128 KB of text."""

MEMBER: Final = 8_000_000
"""Bytes of an output that are compressed at once, as a member of their own."""

_TRUST: Final = 16 * MEGABYTE
"""Decompressed bytes below which no ratio is suspicious."""


class InputError(Exception):
    """An input breaks off: what was read so far is good, the rest is lost. ``fault`` has the code and the reason."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = self.fault = Fault(code, reason)


class _Damage(InputError):
    """Compressed content is damaged behind so many bytes, ``packed`` and ``unpacked``. ``left``: what had been read
    beyond, compressed."""

    def __init__(self, codec: str, why: Exception, packed: int, unpacked: int, left: bytes) -> None:
        self.place = f"{codec} data damaged after {unpacked:,} bytes"
        super().__init__("damaged", f"{self.place}, and not read on: {why}")
        self.why, self.passed, self.left = why, (packed, unpacked), left


class Gap(bytes):
    """An empty block, which stands where some of a content is lost; ``error`` says why."""

    error: InputError


def unreadable(error: OSError) -> InputError:
    """What an operating system's error means for an input. A folder is one where its content cannot be listed."""
    if error.filename and os.path.isdir(error.filename):
        reason = (
            f"the folder cannot be read, so nothing below it was: {reason_of(error)}; make it readable and try again"
        )
        return InputError("unreadable", reason)
    return InputError("unreadable", f"cannot be read: {reason_of(error)}")


def standard_input() -> io.BufferedReader:
    """The bytes of standard input. Raises UsageError where it is closed."""
    if sys.stdin is None:
        raise UsageError("standard input is closed: name a file")
    return _with_beginning(sys.stdin.buffer)


def standard_content() -> tuple[str, bytes]:
    """The compression of standard input, "" for none, and the beginning of its content; all remains to be read. The
    beginning is shorter if no more has come yet, unless it may be a web page, and empty if too little has come to be
    decompressed. Raises UsageError."""
    data = standard_input().peek(1)
    codec = codec_shown(data)
    if codec:
        packed, data = data, b""
        with contextlib.suppress(InputError):  # whoever reads it will say so
            data = next(_decompressed(iter([packed]), codec, inf), b"")
    return codec, beginning(data)


def beginning(data: bytes) -> bytes:
    """The first bytes of some content, behind blanks and a byte order mark."""
    return data.lstrip(b"\xef\xbb\xbf \t\r\n")[:BEGINNING]


@cache
def _with_beginning(stream: io.BufferedReader) -> io.BufferedReader:
    """The stream, of which `peek` shows the beginning; the same one whenever it is asked for."""
    return io.BufferedReader(_WholeBeginning(stream), BLOCK)


class _WholeBeginning(io.RawIOBase):
    """A stream whose first read gives all that tells what it holds, even if that comes in several pieces."""

    def __init__(self, stream: io.BufferedReader) -> None:
        self._stream, self._fresh = stream, True

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._stream.fileno()

    def readinto(self, buffer: Any, /) -> int:
        size = more = self._stream.readinto1(buffer)
        while self._fresh and more:
            began = beginning(bytes(buffer[:size]))
            if began and (len(began) == BEGINNING or not began.startswith(b"<")):
                break
            more = self._stream.readinto1(buffer[size:])
            size += more
        self._fresh = False
        return size


class Decompressor(Protocol):
    """What takes apart one member or frame, as those of the standard library do."""

    @property
    def eof(self) -> bool:
        """Whether its end has been reached."""

    @property
    def unused_data(self) -> bytes:
        """What was given to it of what stands behind its end."""

    def decompress(self, data: bytes, /) -> bytes:
        """The content of these bytes, as far as it can be told yet."""


def _zstd_decompressors(pieces: Iterator[bytes]) -> tuple[Callable[[], Decompressor], Iterator[bytes]]:
    """What takes apart the frames of some content, one after the other, and these. Raises InputError."""
    import zstandard

    dictionary, frames = _dictionary(pieces)
    try:
        if codec_shown(dictionary) == "zst":
            dictionary = zstandard.ZstdDecompressor().stream_reader(dictionary).read(_LONGEST_DICTIONARY)
        known = zstandard.ZstdCompressionDict(dictionary) if dictionary else None
        return zstandard.ZstdDecompressor(known, max_window_size=1 << 31).decompressobj, frames
    except zstandard.ZstdError as error:
        raise InputError("damaged", f"the dictionary of the zst data is damaged: {error}") from None


def _dictionary(pieces: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """The dictionary that stands before the frames of some content, if any, and what comes behind it."""
    began, begin = b"", len(_DICTIONARY) + 4
    end = begin
    while len(began) < end and (piece := next(pieces, b"")):
        began += piece
        if not _DICTIONARY.startswith(began[: len(_DICTIONARY)]):
            break
        end = begin + int.from_bytes(began[len(_DICTIONARY) : begin], "little")
        if end > _LONGEST_DICTIONARY:
            raise InputError("damaged", f"the dictionary of the zst data is longer than {_LONGEST_DICTIONARY:,} bytes")
    if not began.startswith(_DICTIONARY):
        return b"", chain([began], pieces)
    if len(began) < end:
        raise InputError("truncated", "zst data ends too early, within its dictionary")
    return began[begin:end], chain([began[end:]], pieces)


def _gzip(data: bytes) -> bytes:
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)  # 31: gzip frame, without name and time, so bytes repeat
    return packer.compress(data) + packer.flush()


def _zstd(data: bytes) -> bytes:
    import zstandard

    return zstandard.ZstdCompressor(level=3, write_checksum=True).compress(data)


_DECOMPRESSORS: Final[dict[str, Callable[[], Decompressor]]] = {
    "gz": lambda: zlib.decompressobj(31),
    "bz2": bz2.BZ2Decompressor,
    "xz": lambda: lzma.LZMADecompressor(format=lzma.FORMAT_XZ),
}
_COMPRESSORS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "": lambda data: data,
    "gz": _gzip,
    "zst": _zstd,
    "bz2": bz2.compress,
    "xz": lzma.compress,
}
CODECS: Final = tuple(filter(None, _COMPRESSORS))
"""Compressions, by suffix without its dot. The empty string stands for none."""

_DICTIONARY: Final = b"\x5d\x2a\x4d\x18"
"""How a frame begins that holds the dictionary of all that follow, as in many archives of web pages. Behind this stand
its length, in four bytes, and the dictionary, which may be compressed itself."""
_LONGEST_DICTIONARY: Final = 16 * MEGABYTE

_MEMBER: Final = b"\x1f\x8b\x08"
"""How a gzip member begins."""

_MAGIC: Final = {
    b"\x1f\x8b": "gz",
    b"\x28\xb5\x2f\xfd": "zst",
    _DICTIONARY: "zst",
    **{b"BZh%d1AY&SY" % level: "bz2" for level in range(1, 10)},
    b"\xfd7zXZ\0": "xz",
}
"""How what is compressed begins."""


def compress(data: bytes, codec: str) -> bytes:
    """The data as one complete member (gzip) or frame; several of them in a row are a valid file too."""
    return _COMPRESSORS[codec](data)


Begins = Callable[[bytes], bool]
"""Whether some content begins as a record does."""


def blocks(file: IO[bytes], codec: str, ratio: float, begins: Begins | None = None) -> Iterator[bytes]:
    """The decompressed content of an open file, in blocks of no fixed size. Without a ``codec``, its first bytes tell
    whether it is compressed. With ``begins``, damaged gzip data is read on at the next member that begins so, behind a
    `Gap`.

    Raises InputError where the content ends too early, is damaged, or grows past ``ratio`` times its compressed size;
    all that was good up to there has been yielded then.
    """
    pieces = iter(lambda: file.read(BLOCK), b"")
    return guarded_read(_sound(pieces, codec, ratio, begins)) if codec else unpacked(pieces, ratio, begins)


def _sound(pieces: Iterator[bytes], codec: str, ratio: float, begins: Begins | None) -> Iterator[bytes]:
    """Decompressed content, as far as it is sound; with ``begins`` without the gzip members that are damaged."""
    rest, passed = b"", (0, 0)
    while True:
        try:
            yield from _decompressed(chain([rest], pieces) if rest else pieces, codec, ratio, *passed)
            return
        except _Damage as error:
            if codec != "gz" or begins is None:
                raise
            passed = error.passed
            rest = _next_member(error.left, pieces, begins)
            if not rest:
                raise
            gap = Gap()
            gap.error = InputError(
                "damaged", f"{error.place}, and what stands up to the next sound member is lost: {error.why}"
            )
            yield gap


def _next_member(ahead: bytes, pieces: Iterator[bytes], begins: Begins) -> bytes:
    """What has been read from the next gzip member on whose content begins as it should; nothing where there is none.
    Three bytes alone tell no member: they stand in whatever is compressed, too."""
    for piece in chain([b""], pieces, [None]):
        ahead, at = ahead + (piece or b""), 0
        while (at := ahead.find(_MEMBER, at)) >= 0 and (piece is None or len(ahead) - at >= _PIECE):
            with contextlib.suppress(zlib.error):
                if begins(zlib.decompressobj(31).decompress(ahead[at : at + _PIECE], BEGINNING)):
                    return ahead[at:]
            at += 1
        ahead = ahead[at:] if at >= 0 else ahead[-len(_MEMBER) :]
    return b""


def check_ratio(unpacked: int, packed: int, ratio: float) -> None:
    """Raise InputError if so few bytes have grown to so many that they are a decompression bomb."""
    if unpacked > _TRUST and unpacked > ratio * packed:
        reason = f"decompresses to more than {ratio:g} times its size, and was not read on: see --max-ratio"
        raise InputError("bomb", reason)


def codec_shown(began: bytes) -> str:
    """The compression that the first bytes of some content show, "" for none."""
    return next((codec for magic, codec in _MAGIC.items() if began.startswith(magic)), "")


def unpacked(pieces: Iterator[bytes], ratio: float, begins: Begins | None = None) -> Iterator[bytes]:
    """Content whose name does not say whether it is compressed, as `blocks` gives it: its first bytes say so. Reads no
    further than it takes to tell."""
    pieces = guarded_read(pieces)
    began = b""
    for piece in pieces:
        began += piece
        if not any(magic.startswith(began) for magic in _MAGIC):
            break
    codec = codec_shown(began)
    pieces = chain([began], pieces)
    yield from _sound(pieces, codec, ratio, begins) if codec else pieces


def guarded_read(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same pieces; an operating system's error on the way becomes an InputError."""
    try:
        yield from pieces
    except OSError as error:
        raise unreadable(error) from None


def _decompressed(
    pieces: Iterator[bytes], codec: str, ratio: float, packed: int = 0, unpacked: int = 0
) -> Iterator[bytes]:
    """The content of some pieces, behind so many bytes of it, ``packed`` and ``unpacked``."""
    make, pieces = _zstd_decompressors(pieces) if codec == "zst" else (_DECOMPRESSORS[codec], pieces)
    member = make()
    fresh = True  # nothing of the present member has been read
    for block in pieces:
        for start in range(0, len(block), _PIECE):
            data = block[start : start + _PIECE]
            packed += len(data)
            while data:
                if fresh and len(data) < packed:  # zero padding behind a member, as xz, tapes and some tools leave it
                    data = data.lstrip(b"\0")
                    if not data:
                        break
                try:
                    out = member.decompress(data)
                except Exception as error:  # each library has its own error class
                    if len(data) == packed and codec_shown(data) != codec:
                        reason = f"holds no {codec} data, whatever its name says: rename it"
                        raise InputError("damaged", reason) from None
                    left = data[fresh:] + block[start + _PIECE :]  # without the beginning of this very member
                    raise _Damage(codec, error, packed, unpacked, left) from None
                unpacked += len(out)
                if out:
                    yield out
                check_ratio(unpacked, packed, ratio)
                fresh = member.eof
                data = member.unused_data if member.eof else b""
                if member.eof:
                    member = make()
    if not fresh:
        raise InputError("truncated", f"{codec} data ends too early, after {unpacked:,} bytes of content")
    if not packed:
        raise InputError("truncated", f"empty file where {codec} data should be")


def content(stream: Iterable[bytes], limit: int) -> bytes:
    """All of a stream as one string. Raises InputError where it is longer than ``limit`` bytes."""
    parts = []
    size = 0
    for block in stream:
        parts.append(block)
        size += len(block)
        if size > limit:
            raise InputError("too-large", f"longer than {limit:,} bytes: see --max-size")
    return b"".join(parts)


def lines(stream: Iterable[bytes], limit: int) -> Iterator[tuple[bytes, int]]:
    r"""The lines of a stream, each with its "\n" (the last may lack it), and their sizes in bytes.

    Of a line longer than ``limit`` bytes only the first ``limit + 1`` are kept in memory and yielded, without "\n".
    """
    carry: list[bytes] = []  # the unfinished line, as far as it is kept
    size = 0
    for block in stream:
        head, newline, rest = block.partition(b"\n")
        if size <= limit:
            carry.append(head)
        size += len(head)
        if not newline:
            continue
        yield _bounded(b"".join(carry), size, limit), size + 1
        *inner, tail = rest.split(b"\n")
        for line in inner:
            yield _bounded(line, len(line), limit), len(line) + 1
        carry, size = [tail], len(tail)
    if size:
        line = b"".join(carry)
        yield line[: limit + 1], size


def _bounded(line: bytes, size: int, limit: int) -> bytes:
    return line[: limit + 1] if size > limit else line + b"\n"
