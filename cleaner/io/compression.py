"""Compression of every kind, and decompression that survives damage."""

from __future__ import annotations

import bz2
import contextlib
import lzma
import zlib
from collections.abc import Callable, Iterator
from itertools import chain
from typing import IO, Final, Protocol

from cleaner.io.files import BEGINNING, BLOCK, InputError, guarded_read
from cleaner.io.records import MEGABYTE

_PIECE: Final = 1 << 12
"""Compressed bytes given to a decompressor at once: a block of a few bytes can stand for 128 KB of text."""

MEMBER: Final = 8_000_000
"""Bytes of an output that are compressed at once, as a member of their own."""

_TRUST: Final = 16 * MEGABYTE
"""Decompressed bytes below which no ratio is suspicious."""


class _Damage(InputError):
    """Compressed content is damaged behind so many bytes, ``packed`` and ``unpacked``. ``left``: what of the block that
    was read last stands behind the beginning of the damaged member, as that may have run on into the next ones."""

    def __init__(self, codec: str, why: Exception, packed: int, unpacked: int, left: bytes) -> None:
        self.place = f"{codec} data damaged after {unpacked:,} bytes"
        super().__init__("damaged", f"{self.place}, and not read on: {why}")
        self.why, self.passed, self.left = why, (packed, unpacked), left


class Gap(bytes):
    """An empty block, which stands where some of a content is lost; ``error`` says why."""

    error: InputError


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

    dictionary, began = _dictionary(pieces)
    try:
        if codec_shown(dictionary) == "zst":
            dictionary = zstandard.ZstdDecompressor().stream_reader(dictionary).read(_LONGEST_DICTIONARY)
        known = zstandard.ZstdCompressionDict(dictionary) if dictionary else None
        make = zstandard.ZstdDecompressor(known, max_window_size=1 << 31).decompressobj
    except zstandard.ZstdError as error:
        raise InputError("damaged", f"the dictionary of the zst data is damaged: {error}") from None
    with contextlib.suppress(zstandard.ZstdError):  # this is no frame, as will be said where it is read
        if zstandard.get_frame_parameters(began).dict_id not in (0, known.dict_id() if known else 0):
            reason = "was compressed with a dictionary that it does not hold: run zstd -d -D on it first"
            raise InputError("damaged", reason)
    return make, chain([began], pieces)


def _dictionary(pieces: Iterator[bytes]) -> tuple[bytes, bytes]:
    """The dictionary that stands before the frames of some content, if any, and what has been read behind it."""
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
        return b"", began
    if len(began) < end:
        raise InputError("truncated", "zst data ends too early, within its dictionary")
    return began[begin:end], began[end:]


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
            yield from decompressed(chain([rest], pieces) if rest else pieces, codec, ratio, *passed)
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


def decompressed(
    pieces: Iterator[bytes], codec: str, ratio: float, packed: int = 0, unpacked: int = 0
) -> Iterator[bytes]:
    """The content of some pieces, behind so many bytes of it, ``packed`` and ``unpacked``."""
    make, pieces = _zstd_decompressors(pieces) if codec == "zst" else (_DECOMPRESSORS[codec], pieces)
    member = make()
    fresh = True  # nothing of the present member has been read
    for block in pieces:
        before = packed
        begun = 0 if fresh else -1  # where in the block the present member begins; -1: before it
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
                    begun += 1
                    raise _Damage(codec, error, before + begun, unpacked, block[begun:]) from None
                unpacked += len(out)
                if out:
                    yield out
                check_ratio(unpacked, packed, ratio)
                fresh = member.eof
                data = member.unused_data if member.eof else b""
                if member.eof:
                    begun = packed - before - len(data)
                    member = make()
    if not fresh:
        raise InputError("truncated", f"{codec} data ends too early, after {unpacked:,} bytes of content")
    if not packed:
        raise InputError("truncated", f"empty file where {codec} data should be")
