"""Reads a small page as each team would; `just test-languages` follows the real one.

    cd platform/tools/recipes && python -m unittest
"""

import subprocess
import unittest
from pathlib import Path

import outside
from command import Refused

PAGE = """
## Say
```sh
export STAGE=local CONSUMER=shipping AT=http://127.0.0.1:4566
```
### In the account of the bus
```sh
one
```
### In another account
```sh operators
two
```
### In Python
```python a.py
print('$x')
```
```sh
three
```
### In TypeScript
```toml
service = "x"
```
"""


class Outside(unittest.TestCase):
    def script(self, team: outside.Team) -> list[str]:
        lines = outside.script(outside.as_here(PAGE, team, "http://here"), team, Path("/root")).splitlines()
        return [line for line in lines[2:] if line and not line.startswith("line=")]

    def test_a_team_runs_the_blocks_of_its_sections_in_their_order(self):
        python, typescript = outside.TEAMS
        said = "export STAGE=outside CONSUMER=python AT=http://here"
        written = ["until [[ -e placed ]]; do sleep 0.1; done", "cat >a.py <<'END OF a.py'", "print('$x')", "END OF a.py"]
        self.assertEqual(self.script(python), [said, "one", "touch ready", *written, "three"])
        self.assertEqual(self.script(typescript), [said.replace("=python", "=typescript"), '(cd "/root"; two', ")", "touch ready"])

    def test_a_failure_names_the_line_of_the_page(self):
        failed = subprocess.run(["bash", "-c", outside.script("## A\n\n```sh\ntrue\nfalse\n```\n", outside.TEAMS[0], Path("/"))], capture_output=True, text=True, check=False)
        self.assertEqual((failed.returncode, failed.stderr), (1, "failed at line 3\n"))

    def test_a_page_that_does_not_say_what_its_reader_fills_in(self):
        with self.assertRaisesRegex(Refused, "`STAGE=local` 0 times"):
            outside.as_here(PAGE.replace("STAGE=local", "STAGE=prod"), outside.TEAMS[0], "http://here")

    def test_the_page_is_one_that_both_teams_can_follow(self):
        page = (outside.ROOT / outside.PAGE).read_text(encoding="utf-8")
        for team in outside.TEAMS:
            self.assertLessEqual(set(team.sections), {block.section for block in outside.blocks(page)})
            self.assertIn("touch ready", outside.script(outside.as_here(page, team, "http://here"), team, outside.ROOT))

    def test_what_a_team_did_not_receive_is_named(self):
        said = "o1 placed: 9 EUR, 1 lines\no1 completed\nlater placed: x\nlater cancelled: x\nrefused, not deleted: why\n"
        self.assertEqual(outside.missing(said, ["o1"]), [])
        for lost in said.splitlines(keepends=True):
            self.assertEqual(len(outside.missing(said.replace(lost, ""), ["o1"])), 1, lost)
        self.assertEqual(len(outside.missing(said + "o1 completed\n", ["o1"])), 1, "twice")


if __name__ == "__main__":
    unittest.main()
