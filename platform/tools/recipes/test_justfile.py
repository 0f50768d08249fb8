"""Calls the Justfile's recipes, with programs that only write down what they were called with.

    cd platform/tools/recipes && python -m unittest
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from fakes import Fakes

ROOT = Path(__file__).resolve().parents[3]
# What somebody might paste as an order's id; if a shell ran it, there would be a file.
PASTED = ("$(touch {file})", "`touch {file}`", "'; touch {file}; '", '"; touch {file}; "', "x; touch {file} #", "| touch {file}", "\n touch {file}")


class Justfile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.just = shutil.which("just", path=str(Path(sys.executable).parent)) or shutil.which("just")
        dumped = subprocess.run([cls.just, "--dump", "--dump-format", "json"], cwd=ROOT, capture_output=True, text=True, check=True)
        cls.recipes = json.loads(dumped.stdout)["recipes"]

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        # the Justfile puts what was built first on the PATH
        self.fakes = Fakes(self.folder / "debug", "omsctl", "contracts", "simulation", "mutants", "bench", "cargo", "python3", "node", "just")
        self.environment = {**os.environ, "CARGO_TARGET_DIR": str(self.folder)}

    def call(self, *arguments: str) -> list[list[str]]:
        command = [self.just, "--justfile", str(ROOT / "Justfile"), *arguments]
        self.ended = subprocess.run(command, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False)
        return self.fakes.calls()

    def with_parameters(self) -> dict[str, int]:
        """Each public recipe that takes arguments, and how many it takes at least."""
        return {name: sum(parameter["kind"] == "singular" and parameter["default"] is None for parameter in recipe["parameters"])
                for name, recipe in self.recipes.items() if recipe["parameters"] and not recipe["private"]}

    def test_no_recipe_runs_what_an_argument_contains(self):
        ran = self.folder / "ran"
        for name, least in self.with_parameters().items():
            for pasted in PASTED:
                with self.subTest(recipe=name, pasted=pasted):
                    argument = pasted.format(file=ran)
                    calls = self.call(name, *[argument] * max(least, 1))
                    self.assertFalse(ran.exists(), self.ended.stderr)
                    reached = any(argument in part for call in calls for part in call)
                    # `independence` refuses a service that does not exist, before it calls anything
                    self.assertTrue(reached or name == "independence", f"{calls} {self.ended.stderr}")

    def test_no_variable_runs_what_it_contains(self):
        ran = self.folder / "ran"
        for variable, recipe in (("test_port", ["test-deployed"]), ("gateway", ["deploy", "prod"]), ("watcher", ["deploy", "prod"])):
            for pasted in PASTED:
                with self.subTest(variable=variable, pasted=pasted):
                    self.call(f"{variable}={pasted.format(file=ran)}", *recipe)
                    self.assertFalse(ran.exists(), self.ended.stderr)

    def test_an_argument_arrives_as_one_word(self):
        self.assertEqual(self.call("logs", "--order", "ord 1", "*")[-1], ["omsctl", "logs", "--order", "ord 1", "*"])

    def test_a_service_is_checked_in_its_folder_and_with_its_template(self):
        checked, linted = self.call("check-service", "orders")
        self.assertEqual(checked[-2:], ["check", "services/orders"])
        self.assertEqual(linted[-1], "services/orders/template.yaml")

    def test_one_service_is_deployed_to_its_stage(self):
        self.assertEqual(self.call("deploy-service", "orders", "prod")[-1], ["omsctl", "deploy", "prod", "orders"])

    def test_a_stage_is_deployed_with_the_gateway_and_the_watcher_that_were_asked_for(self):
        wanted = ["omsctl", "deploy", "prod", "--gateway=stripe", "--watcher=on"]
        self.assertEqual(self.call("gateway=stripe", "watcher=on", "deploy", "prod")[-1], wanted)
        self.assertEqual(self.call("deploy", "prod")[-1][-2:], ["--gateway=sandbox", "--watcher=off"])

    def test_a_failure_ends_a_recipe_with_its_status(self):
        self.fakes.add("omsctl", "exit 7")
        self.call("stuck")
        self.assertEqual((self.ended.returncode, self.ended.stderr), (7, ""))

    def test_a_bare_just_lists_the_groups(self):
        self.fakes.add("just", f"exec {self.just} \"$@\"")
        self.call()
        for group in ("run", "look", "repair", "contracts", "test", "deploy"):
            self.assertIn(f"[{group}]", self.ended.stdout)


if __name__ == "__main__":
    unittest.main()
