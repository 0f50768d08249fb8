"""A new service has a place, passes the lint, and takes no name that is in use.

    cd platform/tools/new-service/birth && python -m unittest
"""

import shutil
import sys
import tempfile
import unittest
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

from create import OLD, ROOT, Refused, create

sys.path.append(str(ROOT / "platform/tools/lint"))
from oms_lint.command import PLACES, main as lint  # noqa: E402

NAME = "loyalty"


class Born(unittest.TestCase):
    def setUp(self):
        """The templates and the runbook that a new service is added to, without the code."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        for path in [ROOT / "docs/runbook.md", *(path for place in PLACES for path in ROOT.glob(place))]:
            (self.root / path.relative_to(ROOT)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, self.root / path.relative_to(ROOT))

    def test_a_new_service_passes_the_lint_with_all_others(self):
        create(NAME, self.root)
        with redirect_stdout(StringIO()) as printed:
            self.assertEqual(lint([], repository=self.root), 0, printed.getvalue())
        self.assertIn(f"services/{NAME}/template.yaml", printed.getvalue())

    def test_nothing_of_it_has_the_name_that_it_was_copied_from(self):
        for path in create(NAME, self.root):
            self.assertNotIn(OLD, f"{path.relative_to(self.root)}{path.read_text(encoding='utf-8')}".lower(), path)
        copied = {path.relative_to(self.root / "services" / NAME) for path in (self.root / "services" / NAME).rglob("*.rs")}
        self.assertIn(Path("src/main.rs"), copied)

    def test_its_lock_file_is_in_cargos_order(self):
        create("aardvark", self.root)
        lock = (self.root / "services/aardvark/Cargo.lock").read_text(encoding="utf-8")
        names = [line for line in lock.splitlines() if line.startswith("name = ")]
        self.assertEqual(names, sorted(names))

    def test_a_bad_name_is_refused_with_the_rule_and_writes_nothing(self):
        for name, rule in {
            "": "3 to 20 lower-case letters and digits", "ab": "3 to 20", "Loyalty": "3 to 20", "1st": "3 to 20", "a/../b": "3 to 20",
            "loyalty-points": "3 to 20", "orders": "services/orders", "undeliverable": "platform/stacks/dead-letters.yaml",
            "stock": "services/inventory/template.yaml", "serde": "a crate", "match": "a word of Rust", "platform": "a stack", "find": "a command",
        }.items():
            before = sorted(self.root.rglob("*"))
            with self.assertRaisesRegex(Refused, rule):
                create(name, self.root)
            self.assertEqual(sorted(self.root.rglob("*")), before)

    def test_a_second_one_of_the_same_name_is_refused(self):
        create(NAME, self.root)
        with self.assertRaisesRegex(Refused, "already"):
            create(NAME, self.root)

    def test_a_platform_without_the_place_is_named(self):
        bus = self.root / "platform/stacks/platform.yaml"
        bus.write_text(bus.read_text(encoding="utf-8").replace("OnlyConsumersSpeakForPlatform", "Renamed"), encoding="utf-8")
        with self.assertRaisesRegex(Refused, "OnlyConsumersSpeakForPlatform"):
            create(NAME, self.root)
        self.assertFalse((self.root / "services" / NAME).exists())


if __name__ == "__main__":
    unittest.main()
