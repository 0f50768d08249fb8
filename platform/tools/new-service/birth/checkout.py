"""A copy of what a new service is added to: templates, documents, the event types. It has no code of services."""

import shutil
import subprocess
import sys
import tempfile
import unittest
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

from model import ROOT, Service

sys.path.append(str(ROOT / "platform/tools/lint"))
from oms_lint.command import PLACES, main as lint  # noqa: E402

COPIED = (*PLACES, "docs/*.md", "README.md", "rustfmt.toml", "services/*/events.toml", ".github/workflows/*.yml",
          "contracts/src/**/*.rs", "contracts/CHANGELOG.md", "contracts/releases/**/*.json")


def free(wanted: str) -> str:
    """A name that no service has: the repository may have gained one of any name."""
    while (ROOT / "services" / wanted).exists():
        wanted += "x"
    return wanted


NAME = free("probe")
EVENT = f"{NAME.capitalize()}Ended"
QUIET, PUBLISHER = Service(NAME), Service(NAME, EVENT)
# Its name begins as the other's does.
OTHER = Service(free(f"{NAME}r"), f"{NAME.capitalize()}Began")


class Checkout(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        for path in (path for place in COPIED for path in ROOT.glob(place)):
            (self.root / path.relative_to(ROOT)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, self.root / path.relative_to(ROOT))

    def read(self, place: str) -> str:
        return (self.root / place).read_text(encoding="utf-8")

    def write(self, place: str, text: str) -> None:
        (self.root / place).parent.mkdir(parents=True, exist_ok=True)
        (self.root / place).write_text(text, encoding="utf-8")

    def edit(self, place: str, old: str, new: str) -> None:
        self.assertIn(old, self.read(place))
        self.write(place, self.read(place).replace(old, new))

    def commit(self) -> None:
        commit(self.root)

    def status(self) -> str:
        return status(self.root)

    def lint(self) -> str:
        with redirect_stdout(StringIO()) as printed:
            self.assertEqual(lint([], repository=self.root), 0, printed.getvalue())
        return printed.getvalue()


def commit(root: Path) -> None:
    """Everything that is there, as a repository of its own."""
    for command in (["init", "--quiet"], ["add", "--all"], ["-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "--quiet", "-m", "all"]):
        subprocess.run(["git", *command], cwd=root, check=True)


def status(root: Path) -> str:
    return subprocess.run(["git", "status", "--porcelain"], cwd=root, capture_output=True, text=True, check=True).stdout
