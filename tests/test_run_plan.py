"""What a run refuses before it writes anything, what it passes over, and in which order it reads."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from runs import Call, obedient, row, summary, tree

from cleaner.cli.choices import to_bytes


def refused(call: Call, *args: object, said: str) -> None:
    done = call("run", *args)
    assert done.code == 2, done
    assert said in done.err and done.err.count("\n") == 1


@pytest.fixture
def src(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    (folder / "sub").mkdir(parents=True)
    (folder / "x.txt").write_text("cut\nkeep")
    return folder


def test_paths_that_make_no_sense_together(
    tmp_path: Path, src: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = src / "x.txt"
    before = tree(tmp_path)
    refused(call, tmp_path / "no", tmp_path / "out", said="no such file or folder")
    (tmp_path / "link.txt").symlink_to(tmp_path / "no")
    refused(call, tmp_path / "link.txt", tmp_path / "out", said=f"link.txt links to {tmp_path}/no, which is not there")
    (tmp_path / "link.txt").unlink()
    refused(call, src, src, said="the same folder")
    refused(call, src, src / "sub" / ".." / "." / "", said="the same folder")
    refused(call, src, src / "out", said="DST lies inside SRC")
    refused(call, src / "sub", src, said="SRC lies inside DST")
    refused(call, src, file, said="is a file")
    refused(call, src, "-", said="name a folder")
    refused(
        call, src, tmp_path / "o.jsonl.gz", said=f"a folder to write to ({tmp_path}/o.jsonl.gz/ if it is to be one)"
    )
    packed = tmp_path / "o.txt.zip"
    refused(call, src, packed, said=f"a folder to write to ({packed}/ if it is to be one)")
    refused(
        call, file, packed, said=f"{packed}: .zip is not written: name a .gz .zst .bz2 .xz file, or leave the suffix"
    )
    os.symlink(file, tmp_path / "x.txt.7z")
    refused(call, tmp_path / "x.txt.7z", tmp_path / "o", said="x.txt.7z: .7z is not read: unpack it first")
    os.unlink(tmp_path / "x.txt.7z")
    refused(call, file, file, said="the same file")
    refused(call, file, src, said="the same file")
    refused(call, "-", src, said="name a file")
    refused(call, file, tmp_path / "x.jsonl", said="text is written as text, not as jsonl")
    refused(call, file, tmp_path / "x.html", said="text is written as text, not as html: name a .txt file")
    for suffix, asked in (("warc", "warc"), ("wet.gz", "warc"), ("parquet", "parquet")):
        said = f"jsonl is written as jsonl, not as {asked}: name a .jsonl file"
        refused(call, file, tmp_path / f"x.{suffix}", "--format", "jsonl", said=said)
    refused(call, src, tmp_path / "out", "--format", "text", said="a single file only")
    refused(call, file, tmp_path / "o", "--format", "odt", said="choose one of")
    refused(call, file, tmp_path / "o", "--resume", "--overwrite", said="one of them")
    refused(call, file, "-", "--json", said="mixed with the data")
    refused(call, file, tmp_path / "o", "--on-guard", "cry", said="set-aside")
    for size in ("big", "-1", "0", "0.5", "1e9", "9" * 400):
        refused(call, file, tmp_path / "o", f"--max-size={size}", said="500kB, 128MB or 1.5GB")
    for seconds in ("-1", "0", "nan", "inf", "1e30", "0.00002", "0.000999"):
        refused(call, file, tmp_path / "o", "--max-seconds", seconds, said="--max-seconds is a number from 0.001 on")
    for share in ("-1", "1.1", "inf"):
        refused(call, file, tmp_path / "o", f"--max-removed={share}", said="'--max-removed'")
    for ratio in ("-1", "0.9", "nan", "inf", "1e999"):
        refused(call, file, tmp_path / "o", "--max-ratio", ratio, said="--max-ratio is a number from 1 on")
    refused(call, file, tmp_path / "o", "--report", "-", said="--report is written to a file, not to standard output")
    monkeypatch.chdir(tmp_path)
    for dst in ("", "file://"):
        refused(call, file, dst, said="DST is empty")
        refused(call, src, dst, said="DST is empty")
    refused(call, "", tmp_path / "o", said="SRC is empty")
    os.link(file, tmp_path / "link.txt")
    refused(call, file, tmp_path / "link.txt", said="the same file")
    (tmp_path / "link.txt").unlink()
    assert tree(tmp_path) == before and sorted(os.listdir(tmp_path)) == ["in"]


def test_an_output_has_no_name_of_a_format_that_is_not_written(tmp_path: Path, src: Path, call: Call) -> None:
    rows = tmp_path / "x.jsonl"
    rows.write_bytes(row(text="a"))
    for name in ("o.csv", "o.TSV", "o.xlsx.gz"):
        refused(call, rows, tmp_path / name, said=" is not written: name a .jsonl file")
    refused(call, src / "x.txt", tmp_path / "o.pdf", said=f"{tmp_path}/o.pdf: .pdf is not written: name a .txt file")
    refused(call, src, tmp_path / "o.csv", said="looks like one file")
    assert sorted(os.listdir(tmp_path)) == ["in", "x.jsonl"]
    rows.rename(tmp_path / "x.csv")
    assert call("run", tmp_path / "x.csv", tmp_path / "o.csv", "--format", "text").code == 0


def test_what_goes_with_an_output_is_no_input_of_it(tmp_path: Path, src: Path, call: Call) -> None:
    (tmp_path / "o.jsonl.rejected.jsonl").write_bytes(row(text="a"))
    (tmp_path / "o.txt.removals.json").write_bytes(b"a")
    (src / "x.jsonl").write_bytes(row(text=7))
    assert call("run", src, tmp_path / "out").code == 3
    before = tree(tmp_path)
    said = "keeps its own records: name another DST"
    refused(call, tmp_path / "o.jsonl.rejected.jsonl", tmp_path / "o.jsonl", said=said)
    refused(call, tmp_path / "o.txt.removals.json", tmp_path / "o.txt", "--format", "text", said=said)
    books = tmp_path / "out" / ".cleaner" / "rejected.jsonl"
    kept = books.read_bytes()
    refused(call, books, tmp_path / "out", "--overwrite", said=said)
    assert tree(tmp_path) == before and books.read_bytes() == kept


def test_what_lies_beside_an_output_that_is_gone_is_not_replaced_unasked(tmp_path: Path, src: Path, call: Call) -> None:
    """It may be all that is left of an earlier run: what this set aside, or cut out."""
    (src / "y.jsonl").write_bytes(row(text="cut\na"))
    beside = tmp_path / "o.jsonl.rejected.jsonl"
    beside.write_text("the only copy")
    for options in ((), ("--resume",)):
        said = "o.jsonl.rejected.jsonl exists: replace it with --overwrite"
        refused(call, src / "y.jsonl", tmp_path / "o.jsonl", *options, said=said)
    assert beside.read_text() == "the only copy" and not (tmp_path / "o.jsonl").exists()
    assert call("run", src / "y.jsonl", tmp_path / "o.jsonl", "--overwrite").code == 0
    assert not beside.exists()
    (tmp_path / "out").mkdir()
    for name in ("o.txt", "out/x.txt"):
        side = tmp_path / f"{name}.removals.json"
        side.write_text("the only copy")
        dst = tmp_path / name if name == "o.txt" else tmp_path / "out"
        refused(call, src / "x.txt" if name == "o.txt" else src, dst, said=f"{name}.removals.json exists")
        assert side.read_text() == "the only copy"
        assert not (tmp_path / name).exists()
    (tmp_path / "out" / "y.jsonl.removals.json").write_text("of somebody else")
    assert call("run", src, tmp_path / "out", "--overwrite").code == 0
    assert sorted(tree(tmp_path / "out")) == ["x.txt", "y.jsonl", "y.jsonl.removals.json"]


def test_nothing_is_replaced_unasked(tmp_path: Path, src: Path, call: Call) -> None:
    file, out = src / "x.txt", tmp_path / "out"
    (tmp_path / "o.txt").write_text("mine")
    refused(call, file, tmp_path / "o.txt", said="o.txt exists: replace it with --overwrite")
    assert "exists, and no run of it is unfinished" in call("run", file, tmp_path / "o.txt", "--resume").err
    assert (tmp_path / "o.txt").read_text() == "mine"
    assert call("run", file, tmp_path / "o.txt", "--overwrite").code == 0
    assert (tmp_path / "o.txt").read_text() == "keep"
    assert call("run", src, out).code == 0
    refused(call, src, out, said="holds a finished run")
    (src / "x.txt").write_bytes(b"\xff")
    assert call("run", src, out, "--overwrite").code == 3
    assert tree(out) == {}, "what an earlier run wrote must not pass for the output of this one"


def test_only_files_are_replaced_and_links_are_followed(tmp_path: Path, src: Path, call: Call) -> None:
    file, pipe, far = src / "x.txt", tmp_path / "pipe", tmp_path / "far" / "data.txt"
    os.mkfifo(pipe)
    (tmp_path / "pipes.txt").symlink_to(pipe)
    for name in ("pipe", "pipes.txt"):
        refused(call, file, tmp_path / name, "--overwrite", said=f"{name} is no regular file")
    assert pipe.is_fifo()
    link = tmp_path / "o.md"
    link.symlink_to(far)
    assert call("run", file, link).code == 0, "a link into nothing makes a file there, as in a shell"
    refused(call, file, link, said="data.txt exists")
    file.write_text("cut\nkeep too")
    assert call("run", file, link, "--overwrite").code == 0
    assert link.is_symlink() and far.read_text() == "keep too" and os.listdir(far.parent) == [far.name]


def test_two_inputs_for_one_output_are_named(tmp_path: Path, src: Path, call: Call) -> None:
    (src / "sub" / "a.txt").mkdir()
    (src / "sub" / "a.txt" / "b.txt").touch()
    assert call("run", src, tmp_path / "out").code == 0, "a folder may be called like a file"
    (src / "sub" / "a.html").touch()
    new = tmp_path / "new"
    refused(call, src, new, said=f"sub/a.txt would both be written as {new}/sub/a.txt: rename one of them")
    (src / "sub" / "a.html").rename(src / "x.html")
    refused(call, src, new, said=f"x.txt would both be written as {new}/x.txt: rename one of them")
    for name in ("\x1b[2J\x07.txt", "\x1b[2J\x07.html"):
        (src / "sub" / name).touch()
    refused(call, src / "sub", new, said=f"written as {new}/\\x1b[2J\\x07.txt: rename one of them")


def test_what_is_no_input_has_no_output_to_clash(tmp_path: Path, src: Path, call: Call) -> None:
    pytest.importorskip("trafilatura")
    for name in (".a.txt", ".a.html", "pipe.html"):
        (src / name).touch()
    os.mkfifo(src / "pipe.txt")
    (src / "pipe.html").write_text("<p>She wrote the letter twice, and both times it came back to her unopened.</p>")
    assert call("run", src, tmp_path / "out").code == 0
    assert sorted(tree(tmp_path / "out")) == ["pipe.txt", "x.txt"]


def test_rejects_beside_an_output_are_no_input(tmp_path: Path, src: Path, call: Call) -> None:
    """Of the next step; a file that is only called so is one."""
    (src / "a.jsonl").write_bytes(row(text="a") + b"{bad\n")
    assert call("run", src / "a.jsonl", tmp_path / "one" / "b.jsonl").code == 3
    (tmp_path / "one" / "c.rejected.jsonl").write_bytes(row(text="c"))
    assert call("run", tmp_path / "one", tmp_path / "two").code == 0
    assert sorted(tree(tmp_path / "two")) == ["b.jsonl", "c.rejected.jsonl"]
    assert summary(tmp_path / "two")["skipped"] == {"rejects of a run": 1}


def test_what_is_no_input_is_counted(tmp_path: Path, src: Path, call: Call) -> None:
    for name in ("a.pdf", "b.PDF", "README", ".hidden.txt", "x.zip"):
        (src / name).touch()
    (src / ".git").mkdir()
    (src / ".git" / "y.txt").touch()
    os.mkfifo(src / "pipe.txt")
    done = call("run", src, tmp_path / "out")
    assert done.code == 0 and sorted(tree(tmp_path / "out")) == ["x.txt"]
    assert summary(tmp_path / "out")["skipped"] == {
        ".pdf": 2, ".zip": 1, "hidden": 2, "no regular file": 1, "no suffix": 1
    }  # fmt: skip
    assert "skipped 7: 2 .pdf, 2 hidden, 1 .zip" in done.err
    refused(call, src / "a.pdf", tmp_path / "o.txt", said="unknown kind of file; known are .txt")
    assert call("run", src / "README", tmp_path / "o.txt", "--format", "text").code == 0


def test_a_folder_without_a_file_to_read_is_told(tmp_path: Path, src: Path, call: Call) -> None:
    done = call("run", src, tmp_path / "out")
    assert "no file to read" not in done.err
    (src / "x.txt").rename(src / "x.docx")
    done = call("run", src, tmp_path / "none")
    assert done.code == 0 and f"{src}: no file to read; those are read that end in .txt" in done.err
    assert call("run", src, tmp_path / "quiet", "--quiet").err == ""


def test_links_are_followed_but_not_in_circles(tmp_path: Path, src: Path, call: Call) -> None:
    (src / "sub" / "up").symlink_to(src)
    (src / "sub" / "self").symlink_to("self")
    (tmp_path / "far").mkdir()
    (tmp_path / "far" / "y.txt").write_text("far")
    (src / "sub" / "far").symlink_to(tmp_path / "far")
    assert call("run", src, tmp_path / "out").code == 0
    assert sorted(tree(tmp_path / "out")) == ["sub/far/y.txt", "x.txt"]
    assert summary(tmp_path / "out")["skipped"] == {"loop of links": 1, "no suffix": 1}
    (src / "sub" / "out").symlink_to(tmp_path / "out")
    refused(call, src, tmp_path / "out", "--overwrite", said="leads into DST")


def test_a_folder_of_outputs_may_be_on_another_disk(
    tmp_path: Path, src: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, rename = tmp_path / "other", os.replace
    (src / "sub" / "y.txt").write_text("cut\ny")
    (tmp_path / "out").mkdir()
    other.mkdir()
    (tmp_path / "out" / "sub").symlink_to(other)

    def on_one_disk(old: str, new: str) -> None:
        if len({os.path.realpath(os.path.dirname(path)) == str(other) for path in (old, new)}) > 1:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        rename(old, new)

    monkeypatch.setattr(os, "replace", on_one_disk)
    done = call("run", src, tmp_path / "out", "--annotate")
    assert done.code == 0, done.err
    assert sorted(os.listdir(other)) == ["y.txt", "y.txt.removals.json"] and (other / "y.txt").read_text() == "y"


def test_no_link_makes_an_output_of_an_input(tmp_path: Path, src: Path, call: Call) -> None:
    out = tmp_path / "out"
    (out / "sub").mkdir(parents=True)
    (out / "a.txt").write_text("cut\nmine")
    for link, target, said in [
        (src / "a.txt", out / "a.txt", "a.txt leads into DST"),
        (src / "new.txt", out / "new.txt", "new.txt leads into DST"),
        (src / "far", out / "sub", "far leads into DST"),
        (out / "sub" / "deep", src, "sub/deep leads into SRC"),
    ]:
        (src / "sub" / "deep").mkdir(exist_ok=True)
        link.symlink_to(target)
        refused(call, src, out, "--overwrite", said=said)
        link.unlink()
    assert (out / "a.txt").read_text() == "cut\nmine"


@pytest.mark.parametrize("scheme", ["file", "local"])
def test_a_url_of_this_machine_is_a_path(tmp_path: Path, src: Path, call: Call, scheme: str) -> None:
    def url(path: Path) -> str:
        return f"{scheme}://{path}"

    file = src / "x.txt"
    before = tree(tmp_path)
    refused(call, url(file), file, "--overwrite", said="the same file")
    refused(call, file, url(file), "--overwrite", said="the same file")
    refused(call, src, url(src / "out"), said="DST lies inside SRC")
    refused(call, url(src / "sub"), src, said="SRC lies inside DST")
    refused(call, url(file), tmp_path / "o.txt", "--report", file, said="written over, or among")
    assert tree(tmp_path) == before
    assert call("run", url(src), url(tmp_path / "out")).code == 0
    assert tree(tmp_path / "out") == {"x.txt": b"keep"}
    assert "nothing to do" in call("retry", url(tmp_path / "out")).err


def test_names_may_hold_anything(tmp_path: Path, src: Path, call: Call) -> None:
    name = os.fsdecode(b"caf\xe9 \n\x01 \xf0\x9f\x8e\x88.txt")
    (src / name).write_text("cut\nodd")
    (src / os.fsdecode(b"bad\xff.jsonl")).write_bytes(b"{\n" + row(text="cut\nx"))
    out = tmp_path / "out"
    assert call("run", src, out, "--resume").code == 3
    assert (out / name).read_text() == "odd"
    assert call("run", src, out, "--resume").code == 3
    assert "already finished" in call("run", src, out, "--resume").err


def test_names_may_be_long(tmp_path: Path, src: Path, call: Call) -> None:
    long, wide = "a" * 250 + ".txt", "港" * 80 + ".jsonl"
    (src / long).write_text("cut\nodd")
    (src / wide).write_bytes(row(text="cut\nx"))
    assert call("run", src, tmp_path / "out").code == 0
    assert (tmp_path / "out" / long).read_text() == "odd"
    out = tmp_path / "annotated"
    done = call("run", src, out, "--annotate")
    assert done.code == 3 and "its name is too long for a file with .removals.json behind it" in done.err
    assert sorted(tree(out)) == ["x.txt", "x.txt.removals.json", wide]
    assert call("restore", out, tmp_path / "again").code == 0
    assert tree(tmp_path / "again") == {name: (src / name).read_bytes() for name in ("x.txt", wide)}
    for options in ((), ("--resume",), ("--overwrite",)):
        refused(call, src / long, tmp_path / long, *options, said="too long for a file with .rejected.jsonl behind it")
    assert call("run", src / long, tmp_path / ("a" * 240)).code == 0
    done = call("run", src, tmp_path / "a" / ("a" * 300))
    assert done.code == 1 and "File name too long" in done.err and "damaged" not in done.err


def test_a_name_too_long_for_an_output_is_told_before_anything_is_written(
    tmp_path: Path, src: Path, call: Call
) -> None:
    (src / ("a" * 250 + ".warc")).touch()
    refused(call, src, tmp_path / "out", said=f"{'a' * 250}.jsonl, a name too long for a file: rename it")
    assert os.listdir(tmp_path) == ["in"]


def test_a_folder_that_cannot_be_read_costs_no_other(
    tmp_path: Path, src: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(src / "sub")
    for _ in range(20):  # until its path is longer than the system takes
        os.mkdir("a" * 250)
        monkeypatch.chdir("a" * 250)
    monkeypatch.chdir(tmp_path)
    done = call("run", src, tmp_path / "out")
    assert done.code == 3 and "cannot be read: File name too long" in done.err
    assert tree(tmp_path / "out") == {"x.txt": b"keep"}


def test_a_folder_without_permission_is_told_with_the_mend(tmp_path: Path, src: Path, call: Call) -> None:
    (src / "sub" / "y.txt").write_text("keep too")
    (src / "sub").chmod(0)
    try:
        done = obedient("run", src, tmp_path / "out")
    finally:
        (src / "sub").chmod(0o755)
    told, concluded = done.err.splitlines()[-2:]
    assert done.code == 3 and told == (
        f"cleaner: {src}/sub: the folder cannot be read, so nothing below it was: Permission denied; "
        "make it readable and try again"
    )
    out = tmp_path / "out"
    assert concluded.endswith(f"set aside, see {out}/.cleaner/rejected.jsonl, then cleaner retry {out}")
    assert call("retry", tmp_path / "out").code == 0
    assert tree(tmp_path / "out") == {"x.txt": b"keep", "sub/y.txt": b"keep too"}


def test_a_command_that_a_message_names_can_be_given_as_it_stands(tmp_path: Path, call: Call) -> None:
    (tmp_path / "x.jsonl").write_text('{"text": 7}\n')
    out = tmp_path / "o u t"
    out.mkdir()
    assert call("run", tmp_path / "x.jsonl", out).err.endswith(f"then cleaner retry '{out}'\n")
    rules = tmp_path / "my rules.toml"
    assert call("rules", "new", rules).out.decode().endswith(f"then: cleaner rules check '{rules}'\n")
    rules.write_text("a=1\n")
    assert call("rules", "format", "--check", rules).err.endswith(f": cleaner rules format '{rules}'\n")


@pytest.mark.parametrize("name", ["sub/y.txt", "sub/deep/y.txt", "sub/deep"])
def test_what_lies_in_a_folder_without_permission_is_not_said_to_be_missing(
    tmp_path: Path, src: Path, name: str
) -> None:
    (src / "sub").chmod(0)
    try:
        done = obedient("run", src / name, tmp_path / "out")
    finally:
        (src / "sub").chmod(0o755)
    assert (done.code, done.err) == (1, f"cleaner: {src / name} cannot be read: Permission denied\n")


def test_a_folder_may_be_called_like_a_file(tmp_path: Path, src: Path, call: Call) -> None:
    assert call("run", src, f"{tmp_path}/o.jsonl/").code == 0
    assert call("run", src, f"{tmp_path}/o.jsonl", "--overwrite").code == 0
    assert tree(tmp_path / "o.jsonl") == {"x.txt": b"keep"}


def test_a_folder_stands_where_a_file_is_set_aside(tmp_path: Path, src: Path, call: Call) -> None:
    (src / "y.txt").mkdir()
    (src / "y.txt" / "z.txt").write_text("z")
    assert call("run", src, tmp_path / "out").code == 0
    (src / "y.txt" / "z.txt").unlink()
    (src / "y.txt").rmdir()
    (src / "y.txt").write_bytes(b"\xff")
    done = call("run", src, tmp_path / "out", "--overwrite")
    assert done.code == 3 and "y.txt: invalid UTF-8" in done.err
    assert tree(tmp_path / "out") == {"x.txt": b"keep"}


def test_a_format_that_is_named_though_the_suffix_says_it(tmp_path: Path, src: Path, call: Call) -> None:
    (tmp_path / "x.warc").touch()
    assert call("run", tmp_path / "x.warc", f"{tmp_path}/out/", "--format", "warc").code == 0
    assert list(tree(tmp_path / "out")) == ["x.jsonl"]


def test_a_single_file_into_a_folder_keeps_books_there(tmp_path: Path, src: Path, call: Call) -> None:
    (tmp_path / "out").mkdir()
    assert call("run", src / "x.txt", tmp_path / "out").code == 0
    assert call("run", src / "x.txt", f"{tmp_path}/new/").code == 0
    for folder in ("out", "new"):
        assert (tmp_path / folder / "x.txt").read_text() == "keep"
        assert (tmp_path / folder / ".cleaner" / "summary.json").exists()


def test_the_suffix_of_the_output_decides_its_compression(tmp_path: Path, src: Path, call: Call) -> None:
    import gzip

    assert call("run", src / "x.txt", tmp_path / "o.md.gz").code == 0
    assert gzip.decompress((tmp_path / "o.md.gz").read_bytes()) == b"keep"
    assert call("run", tmp_path / "o.md.gz", tmp_path / "plain").code == 0
    assert (tmp_path / "plain").read_bytes() == b"keep"


def test_a_named_format_leaves_the_compression_to_the_suffix(tmp_path: Path, call: Call) -> None:
    import gzip

    packed, plain = tmp_path / "x.json.GZ", tmp_path / "gz"
    packed.write_bytes(gzip.compress(row(text="cut\nx")))
    assert call("run", packed, plain, "--format", "jsonl").code == 0
    assert plain.read_bytes() == row(text="x")
    assert call("run", plain, tmp_path / "o.dat.gz", "--format", "jsonl").code == 0
    assert call("run", packed, f"{tmp_path}/out/", "--format", "jsonl").code == 0
    for path in (tmp_path / "o.dat.gz", tmp_path / "out" / packed.name):
        assert gzip.decompress(path.read_bytes()) == row(text="x")
    refused(call, packed, tmp_path / "o", "--format", "parquet", said="parquet is not read from .gz")


def test_sizes_as_people_write_them() -> None:
    assert [to_bytes(said) for said in ("10", "1KB", "2 kb", "1.5GB")] == [10, 1_000, 2_000, 1_500_000_000]
