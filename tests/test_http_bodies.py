"""Bodies of HTTP responses: whatever codings their headers name, and whatever the truth is."""

from __future__ import annotations

import gzip
import zlib

import pytest
import zstandard

from cleaner.io.http import body
from cleaner.io.records import Limits, RowError

brotli = pytest.importorskip("brotli")

PAGE = b"<p>The ferry to Norrholm had been late all week.</p>" * 20
RAW = zlib.compress(PAGE)[2:-4]
NESTED = [PAGE]
for _ in range(6):
    NESTED.append(gzip.compress(NESTED[-1], mtime=0))
CHUNKED = b"1a\r\n" + PAGE[:26] + b"\r\n" + b"%x\r\n" % len(PAGE[26:]) + PAGE[26:] + b"\r\n0\r\n\r\n"


@pytest.mark.parametrize(
    ("headers", "data"),
    [
        ({}, PAGE),
        ({"Content-Encoding": "identity"}, PAGE),
        ({"Content-Encoding": "gzip"}, gzip.compress(PAGE, mtime=0)),
        ({"Content-Encoding": "x-gzip"}, gzip.compress(PAGE, mtime=0)),
        ({"Content-Encoding": "gzip"}, PAGE),
        ({"Content-Encoding": "deflate"}, zlib.compress(PAGE)),
        ({"Content-Encoding": "deflate"}, RAW),
        ({"Content-Encoding": "ZSTD"}, zstandard.compress(PAGE)),
        ({"Content-Encoding": "zstd"}, zstandard.compress(PAGE[:99]) + zstandard.compress(PAGE[99:]) + b"\r\n"),
        ({"Content-Encoding": "br"}, brotli.compress(PAGE)),
        ({"Content-Encoding": "deflate, gzip"}, gzip.compress(zlib.compress(PAGE), mtime=0)),
        ({"Transfer-Encoding": "chunked"}, CHUNKED),
        ({"Transfer-Encoding": "chunked"}, CHUNKED.replace(b"1a\r", b"1a  \r")),
        ({"Transfer-Encoding": "chunked"}, CHUNKED.replace(b"\r\n0\r", b'\r\n0;a="b"\r')),
        ({"Transfer-Encoding": "chunked"}, CHUNKED.replace(b"1a\r", b"0000000001a ;a=b\r")),
        ({"Transfer-Encoding": "chunked"}, CHUNKED.removesuffix(b"0\r\n\r\n")),
        ({"Transfer-Encoding": "chunked"}, PAGE),
        ({"Content-Encoding": "gzip"}, gzip.compress(PAGE[:99], mtime=0) + gzip.compress(PAGE[99:], mtime=0)),
        ({"Content-Encoding": "gzip"}, gzip.compress(PAGE, mtime=0) + b"\r\n"),
        ({"Content-Encoding": "deflate"}, zlib.compress(PAGE) + b"\r\n"),
        ({"Content-Encoding": "gzip," * 9}, NESTED[5]),
    ],
)
def test_codings_are_taken_off(headers: dict[str, str], data: bytes) -> None:
    assert body(data, headers, Limits()) == PAGE


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_nothing_is_in_no_coding(coding: str) -> None:
    assert body(b"", {"Content-Encoding": coding}, Limits()) == b""


@pytest.mark.parametrize(
    ("headers", "data", "code"),
    [
        ({"Content-Encoding": "gzip"}, gzip.compress(b"\0" * 10_000_000, mtime=0), "bomb"),
        ({"Content-Encoding": "deflate"}, zlib.compress(b"\0" * 10_000_000), "bomb"),
        ({"Content-Encoding": "gzip," * 9}, NESTED[6], "bomb"),
        ({"Content-Encoding": "gzip"}, gzip.compress(b"\0" * 60_000_000, mtime=0), "too-large"),
        ({"Content-Encoding": "gzip"}, b"\x1f\x8b" + b"no gzip at all", "damaged"),
        ({"Content-Encoding": "br"}, b"no brotli at all", "damaged"),
        ({"Content-Encoding": "br"}, brotli.compress(PAGE)[:-9], "damaged"),
        ({"Content-Encoding": "br"}, brotli.compress(b"\0" * 10_000_000), "bomb"),
        ({"Content-Encoding": "br"}, brotli.compress(b"\0" * 60_000_000), "too-large"),
        ({"Content-Encoding": "deflate"}, PAGE, "damaged"),
        ({"Content-Encoding": "pigeon"}, PAGE, "bad-encoding"),
        ({"Content-Encoding": "gzip"}, gzip.compress(PAGE, mtime=0)[:-9], "damaged"),
        ({"Content-Encoding": "deflate"}, zlib.compress(PAGE)[:-9], "damaged"),
        ({"Content-Encoding": "deflate"}, RAW[:-5], "damaged"),
        ({"Content-Encoding": "zstd"}, zstandard.compress(PAGE)[:-9], "damaged"),
        ({"Content-Encoding": "zstd"}, b"\x28\xb5\x2f\xfd and no zstd", "damaged"),
        ({"Content-Encoding": "zstd"}, zstandard.compress(b"\0" * 60_000_000), "too-large"),
        ({"Transfer-Encoding": "chunked"}, CHUNKED[:-99], "damaged"),
        ({"Transfer-Encoding": "chunked"}, CHUNKED.replace(b"\r\n0\r", b"\r\nz\r"), "damaged"),
    ],
)
def test_what_cannot_be_decoded_is_named(headers: dict[str, str], data: bytes, code: str) -> None:
    with pytest.raises(RowError) as caught:
        body(data, headers, Limits(size=50_000_000))
    assert caught.value.code == code
