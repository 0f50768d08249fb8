"""The repository as a set of files, and what was found wrong with one of them."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Iterator, NamedTuple

# Built, installed or remembered, and so in no commit.
IGNORED = {".git", ".oms", "target", "build", "node_modules", "__pycache__"}


class Finding(NamedTuple):
    """What is wrong, and on which line of which file."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


@dataclass(frozen=True)
class Repository:
    root: Path
    _texts: dict[str, str] = field(default_factory=dict)

    @cached_property
    def files(self) -> list[str]:
        """Every file that is not ignored, by its path from the root."""
        found = []
        for folder, folders, names in os.walk(self.root):
            folders[:] = sorted(name for name in folders if name not in IGNORED and not name.endswith(".egg-info"))
            inside = Path(folder).relative_to(self.root)
            found += [(inside / name).as_posix() for name in names]
        return sorted(found)

    @cached_property
    def paths(self) -> set[str]:
        """The files and the folders that hold them."""
        return {parent.as_posix() for file in self.files for parent in Path(file).parents if parent.name} | set(self.files)

    @cached_property
    def projects(self) -> list[str]:
        return [Path(file).parent.as_posix() for file in self.files if Path(file).name == "Cargo.toml"]

    @cached_property
    def justfile(self) -> dict:
        """What just itself understands of the Justfile and its imports; nothing without one."""
        if "Justfile" not in self.paths:
            return {"recipes": {}, "assignments": {}, "settings": {"positional_arguments": True}}
        just = shutil.which("just", path=str(Path(sys.executable).parent)) or "just"
        command = [just, "--justfile", str(self.root / "Justfile"), "--dump", "--dump-format", "json"]
        return json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)

    def text(self, file: str) -> str:
        if file not in self._texts:
            self._texts[file] = (self.root / file).read_text(encoding="utf-8")
        return self._texts[file]

    def named(self, *suffixes: str) -> Iterator[str]:
        return (file for file in self.files if file.endswith(suffixes))

    def matches(self, pattern: str) -> bool:
        """Whether something has this path, in which `*` stands for any part of a name and `**` for any part of a path."""
        if "*" not in pattern:
            return pattern.rstrip("/") in self.paths
        pieces = {"*": "[^/]*", "**": ".*"}
        wanted = re.compile("".join(pieces.get(part, re.escape(part)) for part in re.split(r"(\*+)", pattern.rstrip("/"))))
        return any(wanted.fullmatch(path) for path in self.paths)


def line_of(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1
