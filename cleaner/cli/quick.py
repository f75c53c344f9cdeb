"""Commands that start quickly, because values that need no conversion bypass the library that converts them.

Recent versions of Typer convert every value, even defaults, with pydantic, whose import takes longer than cleaning a
text. Defaults and strings already have their type; integers are easily converted here. Whatever is wrong is
left to Typer, which reports it.
"""

from __future__ import annotations

import re
from functools import partial
from inspect import cleandoc
from typing import Any

from typer.core import TyperCommand, TyperGroup


class _Quick:
    def __init__(self, *args: Any, **how: Any) -> None:
        # Typer keeps the line breaks of a docstring beyond its first paragraph, wherever a terminal's edge is
        how["help"] = re.sub(r"(?<!\n)\n(?!\n)", " ", cleandoc(how.get("help") or ""))
        super().__init__(*args, **how)

    def get_params(self, ctx: Any) -> list[Any]:
        params: list[Any] = super().get_params(ctx)  # type: ignore[misc] # of the commands that this is mixed into
        for param in params:
            if not isinstance(param.process_value, partial):
                param.process_value = partial(_process, param, param.process_value)
            if getattr(param, "is_flag", False) and param.metavar is None:
                param.metavar = ""  # recent versions show one of flags, too, as if it took a value
        return params


class QuickCommand(_Quick, TyperCommand):
    """A command whose arguments are strings, and whose options have defaults of their own types."""


class QuickGroup(_Quick, TyperGroup):
    """The same for a group of commands."""


def _process(param: Any, convert: Any, ctx: Any, value: Any) -> Any:
    """The value of a parameter, converted where it has to be."""
    descriptor: Any = getattr(param, "type_descriptor", None)  # of recent versions; older ones convert quickly
    wanted = descriptor.annotation if descriptor else None
    is_text = isinstance(value, str) and (wanted is str or param.param_type_name == "argument")
    if is_text or (value is param.default and not param.required):
        return param.callback(ctx, param, value) if param.callback else value
    if wanted is int and isinstance(value, str) and re.fullmatch("[0-9]{1,18}", value):
        least, most = descriptor.parameter_info.min, descriptor.parameter_info.max
        if (least is None or int(value) >= least) and (most is None or int(value) <= most):
            return int(value)
    return convert(ctx, value)
