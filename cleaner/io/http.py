"""HTTP responses as an archive holds them: their header, and their body without its codings, within limits."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from cleaner.errors import UsageError
from cleaner.io.compression import Decompressor
from cleaner.io.header import END, LONGEST, Header
from cleaner.io.records import Limits, RowError

_MAGIC: Final = {"gzip": b"\x1f\x8b", "x-gzip": b"\x1f\x8b", "zstd": b"\x28\xb5\x2f\xfd"}
"""How a coded body begins. Many archives hold bodies decoded and leave the header as it was."""
_CHUNK: Final = re.compile(rb"([0-9a-fA-F]{1,16})[ \t]*(?:;[^\r\n]*)?\r\n")
"""How a chunk begins: its size, padded by some servers, and what else the protocol lets stand there."""
_PIECE: Final = 1 << 9
"""Bytes given to a decompressor at once: each can stand for a thousand, and in zstd for 32,000."""
_LAYERS: Final = 5
"""Codings that a body may be in at once, as for curl: a thousand would take the time of a thousand bodies."""
_SMALL: Final = 1_000_000
"""Bodies up to this size may be any number of times smaller in their coding."""
_STATUS: Final = re.compile(rb"HTTP/[0-9.]+[ \t]+([0-9]{3})(?![0-9])", re.IGNORECASE)
"""How a response begins."""
_CHARSET: Final = re.compile(r"charset\s*+=\s*+[\"']?\s*+([^\s\"';,]+)", re.IGNORECASE)
"""Where the type of some content names its encoding."""


@dataclass(frozen=True, slots=True)
class Response:
    """What stands before the body of a response."""

    status: int | None
    header: Header


def charset_of(content_type: str) -> str | None:
    """The encoding that the type of some content names, as a server or an archive gives it."""
    found = _CHARSET.search(content_type)
    return found[1] if found else None


def response(header: bytes) -> Response:
    """The response that begins with these bytes, up to its body. Raises RowError where they are no whole header."""
    if len(header) >= LONGEST and not END.search(header):
        raise RowError("damaged", f"the header of the response is longer than {LONGEST:,} bytes")
    status = _STATUS.match(header)
    return Response(int(status[1]) if status else None, Header(header))


def body(data: bytes, header: Header | Mapping[str, str], limits: Limits) -> bytes:
    """``data`` without the codings that the header names; coded or not, as it turns out to be.

    Raises RowError: "too-large" and "bomb" beyond the limits, "damaged" for what cannot be decoded, "bad-encoding" for
    an unknown coding.
    """
    plain = data
    layers = 0
    codings = f"{header.get('Content-Encoding') or ''},{header.get('Transfer-Encoding') or ''}".lower()
    for coding in reversed([name.strip() for name in codings.split(",")]):
        if coding in ("", "identity", "none", "binary", "utf-8") or not plain:
            continue
        if coding == "chunked" and not _CHUNK.match(plain):
            continue
        if not plain.startswith(_MAGIC.get(coding, b"")):
            continue
        layers += 1
        if layers > _LAYERS:
            raise RowError("bomb", f"the body is coded more than {_LAYERS} times")
        if coding not in _DECODERS:
            raise RowError("bad-encoding", f"unknown content encoding {coding!r}")
        try:
            plain = _first_of(_DECODERS[coding](plain), limits.size + 1)
        except ValueError as error:
            raise RowError("damaged", f"the body is no sound {coding}: {error}") from None
        if len(plain) > limits.size:
            raise RowError("too-large", f"body longer than {limits.size:,} bytes: see --max-size")
        if len(plain) > max(_SMALL, limits.ratio * len(data)):
            reason = f"the body is more than {limits.ratio:g} times as long as its coding: see --max-ratio"
            raise RowError("bomb", reason)
    return plain


def _first_of(pieces: Iterator[bytes], limit: int) -> bytes:
    """The first ``limit`` bytes of some pieces, or hardly more."""
    parts: list[bytes] = []
    size = 0
    for part in pieces:
        parts.append(part)
        size += len(part)
        if size >= limit:
            break
    return b"".join(parts)


def _chunks(data: bytes) -> Iterator[bytes]:
    """The chunks of a body, of which the last, an empty one, may be missing."""
    at = 0
    while at < len(data):
        head = _CHUNK.match(data, at)
        if head is None:
            raise ValueError(f"no chunk begins at byte {at:,}")
        size = int(head[1], 16)
        if size == 0:
            return
        at = head.end() + size
        if at > len(data):
            raise ValueError("it ends too early")
        yield data[head.end() : at]
        at += len(b"\r\n")


def _frames(data: bytes, make: Callable[[], Decompressor], more: bytes | None = None) -> Iterator[bytes]:
    """The content of a body. Behind a frame that begins with ``more`` there may be others; what else stands there, such
    as a line break, is passed over, as by browsers."""
    at = 0
    while at == 0 or (more and data.startswith(more, at)):
        unpacker = make()
        while not unpacker.eof:
            piece = data[at : at + _PIECE]
            if not piece:
                raise ValueError("it ends too early")
            try:
                yield unpacker.decompress(piece)
            except Exception as error:  # each library has its own error class
                raise ValueError(error) from None
            at += len(piece) - len(unpacker.unused_data)


def _gzip(data: bytes) -> Iterator[bytes]:
    return _frames(data, lambda: zlib.decompressobj(31), _MAGIC["gzip"])


def _deflate(data: bytes) -> Iterator[bytes]:
    """With zlib's frame, as it should be, or without, as some servers send it."""
    framed = len(data) > 1 and data[0] & 15 == 8 and (data[0] << 8 | data[1]) % 31 == 0
    return _frames(data, lambda: zlib.decompressobj(15 if framed else -15))


def _zstd(data: bytes) -> Iterator[bytes]:
    import zstandard

    return _frames(data, zstandard.ZstdDecompressor().decompressobj, _MAGIC["zstd"])


def _brotli(data: bytes) -> Iterator[bytes]:
    """The content of a body in Brotli, behind which nothing may stand."""
    try:
        import brotli
    except ModuleNotFoundError:
        raise UsageError("bodies in br need Brotli: pip install 'cleaner[warc]'") from None
    unpacker = brotli.Decompressor()
    try:
        part = unpacker.process(data, output_buffer_limit=_SMALL)
        while part:
            yield part
            part = unpacker.process(b"", output_buffer_limit=_SMALL)
    except brotli.error as error:
        raise ValueError(error) from None
    if not unpacker.is_finished():
        raise ValueError("it ends too early")


_DECODERS: Final[dict[str, Callable[[bytes], Iterator[bytes]]]] = {
    "chunked": _chunks,
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "zstd": _zstd,
    "br": _brotli,
}
"""By the name of a coding: the pieces of what was coded. They raise ValueError for what cannot be decoded."""
