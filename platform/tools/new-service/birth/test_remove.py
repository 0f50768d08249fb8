"""Removing undoes what making did, and refuses what others still need.

    cd platform/tools/new-service/birth && python -m unittest
"""

import json
import os
import sys
import unittest
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from unittest.mock import patch

from checkout import EVENT, NAME, OTHER, PUBLISHER, QUIET, Checkout
from create import create
from model import ROOT
from remove import main

sys.path.append(str(ROOT / "platform/tools/recipes"))
from fakes import Fakes  # noqa: E402


class Removed(Checkout):
    def setUp(self):
        super().setUp()
        self.fakes = Fakes(self.root.parent / f"{self.root.name}-programs", "omsctl", "just")
        environment = patch.dict(os.environ, self.fakes.environment())
        environment.start()
        self.addCleanup(environment.stop)
        self.addCleanup(lambda: [path.unlink() for path in self.fakes.folder.iterdir()] and self.fakes.folder.rmdir())

    def remove(self, *arguments: str) -> int:
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()) as said:
            status = main(list(arguments), self.root)
        self.said = said.getvalue()
        return status

    def refuses(self, because: str, name: str = NAME) -> None:
        self.commit()
        self.assertEqual(self.remove(name), 2)
        self.assertRegex(self.said, because)
        self.assertEqual((self.status(), self.fakes.calls()), ("", []))

    def test_nothing_is_left_of_a_new_service(self):
        self.commit()
        for service in (QUIET, PUBLISHER):
            with self.subTest(publishes=service.publishes):
                create(service, self.root)
                self.assertNotEqual(self.status(), "")
                self.assertEqual(self.remove(NAME), 0, self.said)
                self.assertEqual(self.status(), "")

    def test_a_repetition_changes_nothing(self):
        self.commit()
        self.assertEqual(self.remove(NAME), 0)
        self.assertIn(f"nothing of a service {NAME} is here; the services: inventory, ", self.said)
        self.assertEqual(self.status(), "")

    def test_another_service_whose_name_begins_alike_stays(self):
        create(OTHER, self.root)
        self.commit()
        create(PUBLISHER, self.root)
        self.assertEqual(self.remove(NAME), 0, self.said)
        self.assertEqual(self.status(), "")

    def test_what_was_added_since_in_the_same_places_goes_too(self):
        self.commit()
        create(PUBLISHER, self.root)
        self.edit("contracts/src/catalogue.rs", f"entry::<{NAME}::{EVENT}>(),", f"entry::<{NAME}::{EVENT}>(),\n        entry::<{NAME}::{EVENT}Again>(),")
        self.edit("contracts/CHANGELOG.md", f"`{EVENT}.v1`", f"`{EVENT}.v1`, `{EVENT}Again.v1`")
        self.write(f"contracts/golden/{EVENT}.v1.1.json", "{}")
        self.edit("docs/runbook.md", f"### {NAME}-dlq\n", f"### {NAME}-dlq\n```sh\n# a remark\n## two\n```\n")
        self.edit("docs/runbook.md", "## API errors\n", f"## {NAME}-sweep-errors\n\nIts own alarm.\n\n## API errors\n")
        self.assertEqual(self.remove(NAME), 0)
        self.assertEqual(self.status(), "")

    def test_what_people_wrote_about_it_is_listed_for_them(self):
        create(QUIET, self.root)
        self.edit("docs/races.md", "# ", f"See {NAME}.\n\n# ")
        self.remove(NAME)
        self.assertIn("still named in docs/races.md:1\n", self.said)
        self.assertNotIn("runbook", self.said)

    def test_an_event_that_is_released_must_be_retired_first(self):
        create(PUBLISHER, self.root)
        last = json.loads(self.read("contracts/releases/1.0.0.json"))
        last["types"][f"{EVENT}.v1"] = {"minor": 0, "schema": "", "samples": []}
        self.write("contracts/releases/1.10.0.json", json.dumps(last))
        self.write(f"contracts/releases/schemas/{EVENT}.v1.0.json", json.dumps({"properties": {"source": {"const": f"oms.{NAME}"}}}))
        self.refuses(rf"^{EVENT}\.v1 is released: .*docs/events\.md, Retire an event")

    def test_an_event_that_a_release_has_retired_stays_in_the_earlier_release(self):
        last = self.read("contracts/releases/1.0.0.json")
        self.test_an_event_that_is_released_must_be_retired_first()
        self.write("contracts/releases/2.0.0.json", last)
        self.assertEqual(self.remove(NAME), 0)
        self.assertTrue((self.root / f"contracts/releases/schemas/{EVENT}.v1.0.json").exists())

    def test_consumers_of_its_events_are_named(self):
        create(PUBLISHER, self.root)
        self.write("services/orders/events.toml", self.read("services/orders/events.toml") + f'\n[consumes."{EVENT}.v1"]\nreads = ["/data/orderId"]\n')
        self.refuses(rf"other services consume its events:\n  orders consumes {EVENT}\.v1\n")

    def test_a_name_that_is_no_name_is_refused(self):
        self.refuses("lower-case letters and digits only", "../orders")
        self.assertEqual(self.remove(), 2)

    def test_the_stack_goes_before_the_files_and_stays_with_them(self):
        create(QUIET, self.root)
        self.fakes.add("omsctl", f"[[ -e services/{NAME} ]] || exit 9; exit 1")
        self.commit()
        self.assertEqual(self.remove(NAME), 1)
        self.assertEqual((self.fakes.calls(), self.status()), ([["omsctl", "uninstall", NAME]], ""))

    def test_what_aws_still_has_is_named_with_the_commands_in_their_order(self):
        create(QUIET, self.root)
        self.remove(NAME)
        steps = ["just dlq list", f"aws cloudformation delete-stack --stack-name oms-STAGE-{NAME}", "just deploy-platform STAGE"]
        at = [self.said.index(step) for step in steps]
        self.assertEqual(at, sorted(at))

    def test_what_shows_the_service_is_generated_again(self):
        create(QUIET, self.root)
        self.edit("docs/message-schemas.md", "# Message", f"{NAME}\n# Message")
        self.write("docs/architecture/architecture.svg", f'<!-- drawn from {{"{NAME}": 1}} -->')
        self.fakes.add("just", "exit 3")
        self.assertEqual(self.remove(NAME), 1)
        self.assertIn("then run `just contracts`", self.said)
        self.fakes.add("just")
        self.assertEqual(self.remove(NAME), 0, "it goes on where it was stopped")
        self.assertEqual([call[1:] for call in self.fakes.calls() if call[0] == "just"], [["contracts"], ["contracts"], ["picture"]])


if __name__ == "__main__":
    unittest.main()
