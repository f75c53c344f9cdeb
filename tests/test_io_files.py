"""Streams of bytes: every compression, in one or several members, whole or damaged."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import random
import resource
from contextlib import ExitStack
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from cleaner.errors import TargetError
from cleaner.io.archive import begins_as_archive
from cleaner.io.compression import CODECS, blocks, compress
from cleaner.io.files import InputError, content
from cleaner.io.formats import kind_of
from cleaner.io.outputs import atomic_file, write_atomically, writing

THEIRS = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress, "zst": zstandard.compress}
DATA = b"".join(b"line %d of a long text\n" % number for number in range(5000))


def read(data: bytes, codec: str, ratio: float = 200.0) -> bytes:
    return b"".join(blocks(io.BytesIO(data), codec, ratio))


@pytest.mark.parametrize("codec", CODECS)
@given(pieces=st.lists(st.binary(max_size=200), min_size=1, max_size=4), ours=st.booleans())
def test_members_follow_one_another(codec, pieces, ours):
    pack = (lambda data: compress(data, codec)) if ours else THEIRS[codec]
    assert read(b"".join(map(pack, pieces)), codec) == b"".join(pieces)


@pytest.mark.parametrize("how", ["as it is", "compressed"])
@pytest.mark.parametrize("codec", ["zst", ""])
def test_frames_may_share_a_dictionary_that_stands_before_them(codec, how):
    """As in the archives of the Archive Team; it may be longer than a block, and its end may be missing."""
    dictionary = random.Random(1).randbytes(400_000)
    pack = zstandard.ZstdCompressor(dict_data=zstandard.ZstdCompressionDict(dictionary)).compress
    held = dictionary if how == "as it is" else zstandard.compress(dictionary)
    head = b"\x5d\x2a\x4d\x18" + len(held).to_bytes(4, "little") + held
    first, second = dictionary[:9_000], dictionary[-9_000:]
    packed = head + pack(first) + pack(second)
    assert len(packed) < len(head) + 1_000, "the frames lean on it"
    assert read(packed, codec) == first + second
    for cut in (6, 20, len(head) - 1, len(packed) - 1):
        with pytest.raises(InputError) as caught:
            read(packed[:cut], codec)
        assert caught.value.code == "truncated"
    for bad in (head[:4] + b"\xff" * 4 + held, head[:8] + b"\x28\xb5\x2f\xfd" + b"\xff" * (len(held) - 4)):
        with pytest.raises(InputError, match="dictionary") as caught:
            read(bad, codec)
        assert caught.value.code == "damaged"


def test_a_dictionary_that_is_not_there_is_asked_for():
    samples = [f'{{"id": {number}, "text": "The ferry was late again."}}\n'.encode() * 3 for number in range(500)]
    dictionary = zstandard.train_dictionary(2_000, samples)
    with pytest.raises(InputError, match="zstd -d -D"):
        read(zstandard.ZstdCompressor(dict_data=dictionary).compress(samples[0]), "zst")


@pytest.mark.parametrize("codec", CODECS)
def test_what_stands_before_a_break_is_read(codec):
    packed = compress(DATA, codec) + compress(DATA, codec)
    for cut in (1, 10, len(packed) // 2 + 5, len(packed) - 1):
        got = []
        with pytest.raises(InputError) as caught:
            got.extend(blocks(io.BytesIO(packed[:cut]), codec, 200.0))
        assert caught.value.code == "truncated"
        assert (DATA * 2).startswith(b"".join(got))
        assert cut < len(packed) // 2 or len(b"".join(got)) >= len(DATA)


@pytest.mark.parametrize("codec", CODECS)
def test_that_nothing_behind_damage_is_read_is_said(codec):
    """One record is set aside for it, whatever number stood there."""
    member = compress(DATA, codec)
    with pytest.raises(InputError, match=f"^{codec} data damaged after [0-9,]+ bytes, and not read on: ") as caught:
        read(member + member[:9] + bytes(len(member) - 9) + member, codec)
    assert caught.value.code == "damaged"


def test_damaged_members_that_lie_within_one_another_are_a_bomb():
    """Each is read, and all that lies in it once more."""
    data = b""
    while len(data) < 60_000:
        content = b"WARC/1.0\r\n" + data
        size = len(content).to_bytes(2, "little")
        stored = b"\x01" + size + bytes(byte ^ 0xFF for byte in size) + content
        data = gzip.compress(b"", mtime=0)[:10] + stored + b"no checksum"
    with pytest.raises(InputError) as caught:
        list(blocks(io.BytesIO(data), "gz", 200.0, begins_as_archive))
    assert caught.value.code == "bomb"


@pytest.mark.parametrize("codec", CODECS)
def test_damage_is_told_from_truncation(codec):
    with pytest.raises(InputError, match=codec) as caught:
        read(b"this is no compressed data at all", codec)
    assert caught.value.code == "damaged"
    with pytest.raises(InputError) as caught:
        read(b"", codec)
    assert caught.value.code == "truncated"


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("size", [4, 8, 1000, 10_000])
def test_zero_padding_behind_a_member_is_no_damage(codec, size):
    for data in (DATA, b""):
        padded = compress(data, codec) + bytes(size)
        assert read(padded, codec) == data
        assert read(padded * 2, codec) == data * 2
    with pytest.raises(InputError):
        read(bytes(size) + compress(DATA, codec), codec)


@pytest.mark.parametrize("codec", CODECS)
def test_a_bomb_is_stopped_long_before_it_is_unpacked(codec):
    bomb = compress(bytes(20_000_000), codec) * 20
    size = 0
    with pytest.raises(InputError) as caught:
        for block in blocks(io.BytesIO(bomb), codec, 200.0):
            size += len(block)
            assert len(block) < 130_000_000
    assert caught.value.code == "bomb"
    assert size < 200_000_000


def test_a_document_is_read_up_to_its_bound():
    assert content(iter([b"abc", b"def"]), 6) == b"abcdef"
    with pytest.raises(InputError, match="longer than 5 bytes"):
        content(iter([b"abc", b"def"]), 5)


@pytest.mark.parametrize("codec", CODECS)
def test_compression_repeats_to_the_byte(codec, monkeypatch):
    before = compress(DATA, codec)
    monkeypatch.setattr("time.time", lambda: 1e9)
    assert compress(DATA, codec) == before


def test_an_output_appears_whole_or_not_at_all(tmp_path):
    target = tmp_path / "out.txt"
    with pytest.raises(RuntimeError), atomic_file(str(target)) as file:
        file.write(b"half")
        raise RuntimeError
    assert os.listdir(tmp_path) == []
    with atomic_file(str(target)) as file:
        file.write(b"all")
        assert not target.exists()
    assert os.listdir(tmp_path) == ["out.txt"] and target.read_bytes() == b"all"


def test_of_two_writers_the_later_one_has_the_output(tmp_path):
    target = str(tmp_path / "out.txt")
    for later_is_faster in (True, False):
        later = ExitStack()
        with (
            pytest.raises(TargetError, match="another process is writing to it"),
            writing(target),
            atomic_file(target) as file,
        ):
            file.write(b"the first")
            later.enter_context(atomic_file(target)).write(b"the second")
            if later_is_faster:
                later.close()
        later.close()
        assert os.listdir(tmp_path) == ["out.txt"] and Path(target).read_bytes() == b"the second"
        os.unlink(target)


@pytest.mark.parametrize(
    ("name", "format", "codec", "target"),
    [
        ("a.txt", "text", "", "a.txt"),
        ("A.B.TXT.GZ", "text", "gz", "A.B.TXT.GZ"),
        ("x.md.xz", "text", "xz", "x.md.xz"),
        ("x.ndjson.zst", "jsonl", "zst", "x.ndjson.zst"),
        ("x.jsonl.bz2", "jsonl", "bz2", "x.jsonl.bz2"),
    ],
)
def test_the_suffix_says_what_a_file_is(name, format, codec, target):
    kind = kind_of(name)
    assert kind is not None
    assert (kind.format.name, kind.codec, kind.target) == (format, codec, target)


@pytest.mark.parametrize("name", ["a", "a.gz", "a.pdf", "a.txt.zip", "txt", ".txt", ".jsonl.gz", "a.txt.gz.gz"])
def test_other_names_say_nothing(name):
    assert kind_of(name) is None


def test_what_cannot_be_written_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    write_atomically(str(path), b"before")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        with pytest.raises(TargetError, match=f"cannot write {path}: "):
            write_atomically(str(path), b"after" * 100)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (os.listdir(tmp_path), path.read_text()) == (["x.toml"], "before")
