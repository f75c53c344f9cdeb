"""The body of an HTTP response as an archive holds it: transfer and content codings removed, within limits."""

from __future__ import annotations

import io
import re
import zlib
from typing import Any, Final

from cleaner.io.records import Limits, RowError

_MAGIC: Final = {"gzip": b"\x1f\x8b", "x-gzip": b"\x1f\x8b", "zstd": b"\x28\xb5\x2f\xfd"}
"""How a coded body begins. Many archives hold bodies decoded and leave the header as it was."""
_CHUNK: Final = re.compile(rb"[0-9a-fA-F]{1,8}\r\n")
_SMALL: Final = 1_000_000
"""Bodies up to this size may be any number of times smaller in their coding."""


def body(data: bytes, headers: Any, limits: Limits, id: str | None = None) -> bytes:
    """``data`` without the codings that the headers (anything with ``get``) name; coded or not, as it turns out to be.

    Raises RowError: "too-large" and "bomb" beyond the limits, "damaged" for what cannot be decoded, "bad-encoding" for
    an unknown coding.
    """
    plain = data
    codings = f"{headers.get('Content-Encoding') or ''},{headers.get('Transfer-Encoding') or ''}".lower()
    for coding in reversed([name.strip() for name in codings.split(",")]):
        if coding in ("", "identity", "none", "binary", "utf-8"):
            continue
        if coding == "chunked" and not _CHUNK.match(plain):
            continue
        if not plain.startswith(_MAGIC.get(coding, b"")):
            continue
        try:
            plain = _decoded(plain, coding, limits.size + 1)
        except (OSError, ValueError, zlib.error) as error:
            raise RowError("damaged", f"the body is no {coding}: {error}", id) from None
        except KeyError:
            raise RowError("bad-encoding", f"unknown content encoding {coding!r}", id) from None
        if len(plain) > limits.size:
            raise RowError("too-large", f"body longer than {limits.size:,} bytes", id)
        if len(plain) > max(_SMALL, limits.ratio * len(data)):
            raise RowError("bomb", f"the body is more than {limits.ratio:g} times as long as its coding", id)
    return plain


def _decoded(data: bytes, coding: str, limit: int) -> bytes:
    """Up to ``limit`` bytes of what was coded. Raises KeyError for an unknown coding."""
    from fastwarc import stream_io

    if coding == "deflate":  # with zlib's frame, as it should be, or without, as some servers send it
        framed = len(data) > 1 and data[0] & 15 == 8 and (data[0] << 8 | data[1]) % 31 == 0
        return zlib.decompressobj(15 if framed else -15).decompress(data, limit)
    reader = {
        "gzip": stream_io.GzipReader,
        "x-gzip": stream_io.GzipReader,
        "br": stream_io.BrotliReader,
        "zstd": stream_io.ZstdReader,
        "chunked": stream_io.ChunkedReader,
    }[coding](io.BytesIO(data))
    parts: list[bytes] = []
    size = 0
    while size < limit and (part := reader.read(min(1 << 20, limit - size))):
        parts.append(part)
        size += len(part)
    return b"".join(parts)
