"""What a Markdown document names: links, headings, and code in spans and fences, each with its line."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Iterator, NamedTuple

FENCE = re.compile(r"^ *(?:(?:[-*]|\d+\.) +)?(```+|~~~+) *(\w*)")
SPAN = re.compile(r"(`+)(.+?)\1")
LINK = re.compile(r"\[((?:[^\[\]]|\[[^\]]*\])*)\]\(<?([^)\s>]+)>?[^)]*\)")
HEADING = re.compile(r"^#{1,6} +(.+?) *#*$")
ANCHOR = re.compile(r"<a (?:id|name)=[\"']([^\"']+)[\"']")


class Link(NamedTuple):
    line: int
    text: str
    target: str


class Code(NamedTuple):
    """A span, or a line of a fence, whose language is `fence`; None for a span."""

    line: int
    text: str
    fence: str | None


@dataclass(frozen=True)
class Document:
    text: str

    @cached_property
    def _lines(self) -> list[tuple[int, str, str | None]]:
        """Each line with its number and, inside of a fence, the fence's language."""
        lines, fence, language = [], None, ""
        for number, line in enumerate(self.text.splitlines(), 1):
            mark = FENCE.match(line)
            if mark and fence is None:
                fence, language = mark.group(1), mark.group(2)
            elif mark and mark.group(1).startswith(fence):
                fence = None
            else:
                lines.append((number, line, None if fence is None else language))
        return lines

    def prose(self) -> Iterator[tuple[int, str]]:
        return ((number, line) for number, line, fence in self._lines if fence is None)

    def links(self) -> Iterator[Link]:
        for number, line in self.prose():
            # a link inside of code is not one; code inside of a link's text stays
            for text, target in LINK.findall(SPAN.sub(lambda span: span.group().replace("](", "] ("), line)):
                yield Link(number, text, target)

    def code(self) -> Iterator[Code]:
        for number, line, fence in self._lines:
            if fence is None:
                yield from (Code(number, span.group(2).strip(), None) for span in SPAN.finditer(line))
            else:
                yield Code(number, line, fence)

    @cached_property
    def anchors(self) -> set[str]:
        found: dict[str, int] = {}
        anchors = set(ANCHOR.findall(self.text))
        for _, line in self.prose():
            heading = HEADING.match(line)
            if heading:
                base = slug(heading.group(1))
                found[base] = found.get(base, -1) + 1
                anchors.add(f"{base}-{found[base]}" if found[base] else base)
        return anchors


def slug(heading: str) -> str:
    """The anchor that a heading gets."""
    plain = LINK.sub(lambda link: link.group(1), heading).replace("`", "")
    return re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
