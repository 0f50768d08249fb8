"""Enumerations that later releases may extend."""

import re
from enum import StrEnum
from typing import Self

_LATER = re.compile(r"[A-Z][A-Z0-9_]{0,63}")


class Open(StrEnum):
    """A text that is one of the members, or a value of a later release: a member named `UNKNOWN` that has its text.

    A `match` over the members needs a general case.
    """

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str) or not _LATER.fullmatch(value):
            return None
        unknown = str.__new__(cls, value)
        unknown._name_, unknown._value_ = "UNKNOWN", value
        return unknown
