"""Programs that stand in for the real ones in the tests: each writes down what it was called with."""

import os
import stat
from pathlib import Path

SCRIPT = """#!/usr/bin/env bash
# at once, since two of them may run beside each other
printf '%s\\0' "$(basename "$0")" "$PWD" "$@" $'\\036' >>"{log}.raw"
{then}
"""


class Fakes:
    """A folder of such programs, to be put first on the PATH."""

    def __init__(self, folder: Path, *names: str, then: str = ""):
        self.folder, self.log = folder, folder / "called"
        folder.mkdir(parents=True, exist_ok=True)
        for name in names:
            self.add(name, then)

    def add(self, name: str, then: str = "") -> None:
        """A program that, having written down its call, does what the shell commands `then` say."""
        program = self.folder / name
        program.write_text(SCRIPT.format(log=self.log, then=then), encoding="utf-8")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)

    def environment(self) -> dict[str, str]:
        return {**os.environ, "PATH": f"{self.folder}{os.pathsep}{os.environ['PATH']}"}

    def calls(self) -> list[list[str]]:
        """Each call: the program, its arguments. The folder that it ran in is left out; see `folders`."""
        return [[call[0], *call[2:]] for call in self._raw()]

    def folders(self) -> list[str]:
        return [call[1] for call in self._raw()]

    def _raw(self) -> list[list[str]]:
        raw = Path(f"{self.log}.raw")
        if not raw.exists():
            return []
        calls = raw.read_text(encoding="utf-8").split("\x1e\0")
        return [call.split("\0")[:-1] for call in calls if call]
