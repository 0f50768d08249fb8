"""A new service has a place, passes the lint, and takes no name that is in use.

    cd platform/tools/new-service/birth && python -m unittest
"""

import re
import unittest
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path

from checkout import EVENT, NAME, OTHER, PUBLISHER, QUIET, Checkout, free
from create import create, main
from model import OLD, OLD_EVENT, Refused, Service


class Created(Checkout):
    def test_new_services_pass_the_lint_with_all_others(self):
        quiet = free("aquiet")
        create(Service(quiet), self.root)
        create(PUBLISHER, self.root)
        linted = self.lint()
        self.assertIn(f"services/{quiet}/template.yaml", linted)
        self.assertIn(f"services/{NAME}/template.yaml", linted)
        self.assertNotIn(f"{quiet}-relay-lag", self.read("docs/runbook.md"))

    def test_no_other_service_may_publish_in_its_name(self):
        create(PUBLISHER, self.root)
        statement = self.read("platform/stacks/platform.yaml").partition(f"\n  Only{NAME.capitalize()}SpeaksFor{NAME.capitalize()}:\n")[2]
        self.assertRegex(statement, rf"(?s)^.{{0,400}}'events:source': oms.{NAME} }}\n.{{0,200}}role/oms-\$\{{Stage\}}-{NAME}-\*")
        self.assertRegex(self.read("platform/stacks/platform.yaml"), rf"'events:source': \[.*oms\.orders.*, oms\.{NAME}\]")
        self.assertIn(f"### {NAME}-relay-lag\n", self.read("docs/runbook.md"))
        self.assertIn(f"`services/{NAME}`", self.read("README.md"))

    def test_a_relay_opens_its_first_connection_to_the_bus(self):
        create(PUBLISHER, self.root)
        self.assertIn("if matches!(role, Role::Relay) { First::EventBridge } else { First::DynamoDb }", self.read(f"services/{NAME}/src/main.rs"))

    def test_the_event_of_a_publisher_is_part_of_the_language(self):
        create(PUBLISHER, self.root)
        self.assertIn(f'const TYPE: &\'static str = "{EVENT}.v1"', self.read(f"contracts/src/{NAME}.rs"))
        self.assertIn(f"impl Samples for {EVENT}", self.read(f"contracts/src/samples/{NAME}.rs"))
        self.assertIn(f"entry::<{NAME}::{EVENT}>(),", self.read("contracts/src/catalogue.rs"))
        for place in ("contracts/src/lib.rs", "contracts/src/samples.rs"):
            declared = re.findall(r"(?m)^(?:pub )?mod (\w+);$", self.read(place))
            self.assertIn(NAME, declared)
            self.assertEqual(declared, sorted(declared), place)
        self.assertIn(f"produces = [\"{EVENT}.v1\", ", self.read(f"services/{NAME}/events.toml"))
        self.assertRegex(self.read("contracts/CHANGELOG.md"), rf"## \[Unreleased\]\n\n(?s:.*?)- `oms.{NAME}`: `{EVENT}.v1`\n(?s:.*?)\n## \[1")

    def test_a_second_event_is_noted_below_the_first(self):
        create(PUBLISHER, self.root)
        create(OTHER, self.root)
        self.assertIn(f"- `oms.{NAME}`: `{EVENT}.v1`\n- `oms.{OTHER.name}`: `{OTHER.event}.v1`\n\n", self.read("contracts/CHANGELOG.md"))

    def test_nothing_of_it_has_the_name_that_it_was_copied_from(self):
        for service in (QUIET, OTHER):
            for path in create(service, self.root):
                text = f"{path.relative_to(self.root)}{path.read_text(encoding='utf-8')}"
                self.assertNotIn(OLD, text.lower(), path)
                self.assertNotIn(OLD_EVENT, text, path)
            copied = {path.relative_to(self.root / "services" / service.name) for path in (self.root / "services" / service.name).rglob("*.rs")}
            self.assertIn(Path("src/main.rs"), copied)
            self.assertEqual(Path("src/outbound/events.rs") in copied, service.publishes)

    def test_its_lock_file_is_in_cargos_order(self):
        name = free("aardvark")
        create(Service(name), self.root)
        names = [line for line in self.read(f"services/{name}/Cargo.lock").splitlines() if line.startswith("name = ")]
        self.assertEqual(names, sorted(names))


class NotCreated(Checkout):
    def refuses(self, rule: str, name: str, event: str | None = None) -> None:
        before = sorted(self.root.rglob("*"))
        with self.assertRaisesRegex(Refused, rule):
            create(Service(name, event), self.root)
        self.assertEqual(sorted(self.root.rglob("*")), before)

    def test_a_bad_name_is_refused_with_the_rule_and_writes_nothing(self):
        for name, rule in {
            "": "3 to 20 lower-case letters and digits", "ab": "3 to 20", "Loyalty": "3 to 20", "1st": "3 to 20", "a/../b": "3 to 20",
            "loyalty-points": "3 to 20", "orders": "services/orders", "undeliverable": "platform/stacks/dead-letters.yaml",
            "stock": "services/inventory/template.yaml", "serde": "a crate", "match": "a word of Rust", "platform": "a stack",
            "find": r"a command of this machine \(/.*/find\)", "mutants": "a program of this repository", "watcher": "a program",
            "telemetry": "imports something", "relay": "imports something", "samples": "contracts/src/samples.rs",
        }.items():
            with self.subTest(name=name):
                self.refuses(rule, name)

    def test_a_bad_event_is_refused_with_the_rule_and_writes_nothing(self):
        for event, rule in {
            "": "two words in the past tense", "Earned": "two words", "pointsEarned": "two words", "POINTS_EARNED": "two words",
            "PointsEarned.v1": r"PointsEarned becomes PointsEarned.v1 \(was 'PointsEarned.v1'\)", "OrderCreated": "contracts/src/.* uses this name",
            "EventData": "is taken", "OrderId": "is taken",
        }.items():
            with self.subTest(event=event):
                self.refuses(rule, NAME, event)

    def test_the_name_of_a_retired_event_is_not_used_again(self):
        self.write(f"contracts/releases/schemas/{EVENT}.v1.0.json", "{}")
        self.refuses("the archive still contains it", NAME, EVENT)

    def test_a_second_one_of_the_same_name_is_refused(self):
        create(QUIET, self.root)
        self.refuses("already", NAME)

    def test_a_place_that_is_gone_is_named(self):
        for place, old, named in (("platform/stacks/platform.yaml", "OnlyConsumersSpeakForPlatform", "OnlyConsumersSpeakForPlatform"),
                                  ("docs/runbook.md", "## Relay lag", "## Relay lag"), ("contracts/src/catalogue.rs", "use crate::{", "use crate::")):
            with self.subTest(place=place):
                text = self.read(place)
                self.edit(place, old, old.replace("e", "x"))
                self.refuses(re.escape(named), NAME, EVENT)
                self.write(place, text)

    def test_wrong_arguments_show_the_right_ones(self):
        for arguments in ([], ["--help"], ["a", "b"], [NAME, "--publishes"], [NAME, "--publish", EVENT], ["--publishes", EVENT]):
            with redirect_stderr(StringIO()) as said:
                self.assertEqual(main(arguments), 2, arguments)
            self.assertIn("just new-service NAME [--publishes EVENT]", said.getvalue())


if __name__ == "__main__":
    unittest.main()
