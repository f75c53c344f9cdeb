"""Arrow columns of texts, in whatever type they come, and the column of removals: for Parquet files and for adapters.

Arrow does not check that its texts are UTF-8, so columns are read and written with those that are not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def is_text(type: Any) -> bool:
    """Whether a column of this type holds texts."""
    from pyarrow import types

    if types.is_dictionary(type):
        return is_text(type.value_type)
    return bool(types.is_string(type) or types.is_large_string(type) or types.is_string_view(type))


def values_of(array: Any) -> list[object]:
    """The values of an array, None for nulls; bytes for texts that are no UTF-8."""
    import pyarrow as pa

    if pa.types.is_dictionary(array.type):
        used = array.indices.to_pylist()  # those alone: the array may be a small part of what the dictionary serves
        words = {at: values_of(array.dictionary[at : at + 1])[0] for at in set(used) - {None}}
        return [words.get(at) for at in used]
    try:
        return list(array.to_pylist())
    except UnicodeDecodeError:
        raw = array.cast(pa.large_string()).view(pa.large_binary()).to_pylist()
        return [None if value is None else _text(value) for value in raw]


def _text(value: bytes) -> str | bytes:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value


def as_type(values: Sequence[object], type: Any) -> Any:
    """Texts, and bytes that are none, as an array of a string type: the inverse of `values_of`."""
    import pyarrow as pa

    if pa.types.is_dictionary(type):
        return as_type(values, type.value_type).dictionary_encode().cast(type)
    if not any(isinstance(value, bytes) for value in values):
        return pa.array(values, type)
    raw = [value.encode() if isinstance(value, str) else value for value in values]
    large = pa.array(raw, pa.large_binary()).view(pa.large_string())  # as it came: not checked
    return large if type == pa.large_string() else large.cast(type)


def removals_type() -> Any:
    """Type of the column that annotating adds: offsets in code points of the original, half-open."""
    import pyarrow as pa

    members = [("start", pa.int64()), ("end", pa.int64()), ("rule", pa.string()), ("text", pa.string())]
    return pa.list_(pa.struct(members))


def is_removals(type: Any) -> bool:
    """Whether a column of this type holds removals: as written here, or by a program that has other lists and texts."""
    from pyarrow import types

    of = type.value_type if types.is_list(type) or types.is_large_list(type) else None
    if of is None or not types.is_struct(of):
        return False
    found = {field.name: field.type for field in of}
    return found.keys() == {field.name for field in removals_type().value_type} and all(
        is_text(each) if name in ("rule", "text") else types.is_integer(each) for name, each in found.items()
    )
