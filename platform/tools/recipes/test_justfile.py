"""Calls the Justfile's recipes, with programs that only write down what they were called with.

    cd platform/tools/recipes && python -m unittest
"""

import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Iterator

from fakes import Fakes

ROOT = Path(__file__).resolve().parents[3]
# What somebody might paste as an order's id; if a shell or just itself ran it, there would be a file.
PASTED = ("$(touch {file})", "`touch {file}`", ";touch {file}", "'; touch {file}; '", '"; touch {file}; "', "x; touch {file} #", "| touch {file}",
          "& touch {file} &", "\n touch {file}", "x\ntouch {file}\n", "\\$(touch {file})", "\\\"; touch {file}; \\\"", "<(touch {file})", "${{x:=$(touch {file})}}",
          "{{{{ `touch {file}` }}}}", "--order=$(touch {file})", "--$(touch {file})", "-- ;touch {file}", "x=$(touch {file})")
PROGRAMS = ("omsctl", "contracts", "simulation", "mutants", "bench", "cargo", "python3", "node", "just")
# Variables with which the stand-ins are found.
KEPT = {"PATH", "CARGO_TARGET_DIR"}
# Recipes that refuse a name before they call anything.
REFUSES = {"independence"}
# Recipes that take a file or a folder: of the folder in which one stands.
FILES = {"invoke", "validate", "mutants", "bench-compute", "test-instructions"}


class Justfile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.just = shutil.which("just", path=str(Path(sys.executable).parent)) or shutil.which("just")
        dumped = subprocess.run([cls.just, "--dump", "--dump-format", "json"], cwd=ROOT, capture_output=True, text=True, check=True)
        cls.recipes, cls.variables = (json.loads(dumped.stdout)[part] for part in ("recipes", "assignments"))

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        # the Justfile puts what was built first on the PATH
        self.fakes = Fakes(self.folder / "debug", *PROGRAMS)
        self.environment = {**os.environ, "CARGO_TARGET_DIR": str(self.folder)}

    def call(self, *arguments: str) -> list[list[str]]:
        command = [self.just, "--justfile", str(ROOT / "Justfile"), *arguments]
        self.ended = subprocess.run(command, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False)
        return self.fakes.calls()

    def with_parameters(self) -> Iterator[tuple[str, int, float]]:
        """Each public recipe that takes arguments: how many it takes at least, and at most."""
        for name, recipe in self.recipes.items():
            parameters = recipe["parameters"]
            needed = [parameter["kind"] for parameter in parameters if parameter["default"] is None]
            if parameters and not recipe["private"]:
                most = len(parameters) if all(parameter["kind"] == "singular" for parameter in parameters) else math.inf
                yield name, len(needed) - needed.count("star"), most

    def pasted(self) -> list[str]:
        """Each with a file of its own, so that a failure tells which of them was run."""
        return [text.format(file=self.folder / f"ran-{number}") for number, text in enumerate(PASTED)]

    def expect_that_nothing_ran(self):
        ran = [PASTED[int(file.name.removeprefix("ran-"))] for file in self.folder.glob("ran-*")]
        self.assertEqual(ran, [], self.ended.stderr)

    def test_no_recipe_runs_what_an_argument_contains(self):
        tested = list(self.with_parameters())
        self.assertGreater(len(tested), 20)
        for name, least, most in tested:
            with self.subTest(recipe=name):
                rest = self.pasted()
                while rest:
                    taken = min(len(rest), most)
                    # The last may be too few for a recipe of two arguments.
                    given, rest = (rest[:taken] + self.pasted())[:max(taken, least)], rest[taken:]
                    arguments = [word for call in self.call(name, *given) for word in call]
                    self.expect_that_nothing_ran()
                    lost = [] if name in REFUSES else [word for word in given if not any(word in argument for argument in arguments)]
                    self.assertEqual(lost, [], self.ended.stderr)

    def test_no_variable_runs_what_it_contains(self):
        """Variables of the Justfile, wherever a recipe's text or an exported variable names them, as `just NAME=VALUE` sets them."""
        exported = {name for name, variable in self.variables.items() if variable["export"]} - KEPT
        users = {name: min(len(recipe["parameters"]), 1) for name, recipe in self.recipes.items()
                 if not recipe["private"] and any(f"${variable}" in json.dumps(recipe["body"]) for variable in exported)}
        self.assertTrue(users)
        for pasted in self.pasted():
            for recipe, arguments in users.items():
                with self.subTest(recipe=recipe, pasted=pasted):
                    set_here = [f"{variable}={pasted}" for variable in self.variables.keys() - KEPT]
                    self.call(*set_here, recipe, *["prod"] * arguments)
                    self.expect_that_nothing_ran()

    def test_the_environment_is_not_run(self):
        """The variables that omsctl reads, and the folder that the Justfile puts into a recipe's text."""
        fakes = Fakes(self.folder / "elsewhere", "omsctl", "cargo")
        variables = ("CARGO_TARGET_DIR", "OMS_STAGE", "OMS_SUPPORT_TOKEN", "TEST_PORT")
        for pasted in self.pasted():
            with self.subTest(pasted=pasted):
                self.environment = fakes.environment() | dict.fromkeys(variables, pasted)
                self.call("stuck", "--json")
                self.expect_that_nothing_ran()
        self.assertIn(["omsctl", "stuck", "--json"], fakes.calls())

    def test_a_file_is_looked_for_where_one_stands(self):
        for recipe in FILES:
            with self.subTest(recipe=recipe):
                self.fakes = Fakes(self.folder / "debug", *PROGRAMS)
                self.call(recipe, *["a", "b", "c"][:max(len(self.recipes[recipe]["parameters"]) - 1, 1)])
                self.assertEqual(self.fakes.folders()[-1], str(self.folder))

    def test_an_argument_arrives_as_one_word(self):
        self.assertEqual(self.call("logs", "--order", "ord 1", "*")[-1], ["omsctl", "logs", "--order", "ord 1", "*"])

    def test_a_long_run_takes_its_sizes_and_goes_on_after_a_failure(self):
        (program, *options, instructions, bench, outages, explore, mutants, simulate), = self.call("nightly", "500", "40", "7")
        self.assertEqual((program, options[1:], instructions, bench), ("python3", ["--keep-going"], "test-instructions --release", "bench 40"))
        self.assertEqual((outages, explore, mutants), ("test-outages", "explore --orders 3", "mutants --orders 100000 --seed 7"))
        self.assertEqual(simulate, "simulate --orders 500 --seed 7")
        self.assertIn("bench-flash-sale --buyers 40", self.call("bench", "40")[-1])

    def test_the_day_is_the_seed_of_a_night(self):
        self.assertRegex(self.call("nightly")[-1][-1], r"^simulate --orders 10000000 --seed 20\d{6}$")

    def test_a_service_is_checked_in_its_folder_and_with_its_template(self):
        checked, linted = self.call("check-service", "orders")
        self.assertEqual(checked[-2:], ["check", "services/orders"])
        self.assertEqual(linted[-1], "services/orders/template.yaml")

    def test_one_service_is_deployed_to_its_stage(self):
        self.assertEqual(self.call("deploy-service", "orders", "prod")[-1], ["omsctl", "deploy", "prod", "orders"])

    def test_a_stage_is_deployed_with_the_gateway_and_the_parameters_that_were_asked_for(self):
        wanted = ["prod", "gateway=stripe", "watcher=on", "AlarmEmail=a@b.example"]
        self.assertEqual(self.call("deploy", *wanted)[-1], ["omsctl", "deploy", *wanted])
        self.assertEqual(self.call("deploy", "prod")[-1], ["omsctl", "deploy", "prod"], "omsctl asks for the gateway")

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
