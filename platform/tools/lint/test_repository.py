"""Plants one error at a time in a small repository that is in order, and expects it to be named with its file and line.

    cd platform/tools/lint && python -m unittest
"""

import io
import json
import tempfile
import unittest
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import oms_repository
from oms_repository import picture
from oms_repository.markdown import Document
from oms_repository.system import system

LINTS = '[lints.rust]\nunsafe_code = "forbid"\n\n[lints.clippy]\nall = { level = "deny", priority = -1 }\nunwrap_used = "deny"\n'
JUSTFILE = """\
set positional-arguments
set shell := ["bash", "-c"]

port := "1"

# Show the logs
[group('look')]
logs *args:
    omsctl logs "$@"

# Handle dead letters
[group('repair')]
dlq *args:
    omsctl dlq "$@"

_quiet name:
    echo "$1"
"""
OMSCTL = """\
#[derive(Debug, Subcommand)]
enum Command {
    /// Show lines.
    Logs {
        /// Of one order.
        #[arg(long)]
        order: Option<String>,
        #[arg(long = "since", default_value = "1h")]
        from: String,
    },
    Dlq(Dlq),
}

#[derive(Debug, Subcommand)]
pub enum Dlq {
    List,
    ShowAll { queue: String },
}
"""
TEMPLATE = """\
Resources:
  Table: { Type: AWS::DynamoDB::Table, Properties: { TableName: !Sub 'oms-${Stage}-orders' } }
  Rule: { Type: AWS::Events::Rule, Properties: {} }
  Api:
    Type: AWS::Serverless::Function
    Properties: { Handler: api, Role: !GetAtt Role.Arn, Environment: { Variables: { TABLE: !Ref Table } } }
  Role: { Type: AWS::IAM::Role, Properties: {} }
"""
FILES = {
    "Justfile": JUSTFILE,
    "README.md": "# Title\n\n[how](docs/how.md#the-way-1) `just logs --order ID --since 1h` `services/orders/src/lib.rs`\n",
    "docs/how.md": "# How\n\n## The way\n\n## The way\n\n```sh\njust port=2 dlq show-all orders  # a comment\ntarget/debug/omsctl logs\n```\n",
    "docs/races.md": "| race | decided by | tests |\n| --- | --- | --- |\n| cancel | [`cancel`](../services/orders/src/lib.rs) | [`race_cancel`](../services/orders/tests/rules.rs) |\n",
    "platform/crates/chassis/Cargo.toml": LINTS,
    "platform/crates/chassis/src/lib.rs": "#![deny(clippy::indexing_slicing, clippy::panic)]\n",
    "platform/tools/omsctl/Cargo.toml": LINTS,
    "platform/tools/omsctl/src/main.rs": OMSCTL,
    "services/orders/Cargo.toml": LINTS,
    "services/orders/README.md": "[rules](src/lib.rs) `tests/rules.rs` `cargo test --test rules`\n",
    "services/orders/src/lib.rs": "#![deny(clippy::indexing_slicing, clippy::panic)]\nfn cancel() {}\n",
    "services/orders/tests/rules.rs": "#[test]\nfn race_cancel() {}\n",
    "services/orders/template.yaml": TEMPLATE,
}


class Planted(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        for name, text in FILES.items():
            self.write(name, text)

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def edit(self, name: str, old: str, new: str) -> None:
        text = (self.root / name).read_text(encoding="utf-8")
        self.assertEqual(text.count(old), 1, f"{old!r} in {name}")
        self.write(name, text.replace(old, new))

    def add(self, name: str, text: str) -> None:
        self.write(name, (self.root / name).read_text(encoding="utf-8") + text)

    def findings(self) -> list[str]:
        return [str(finding) for finding in oms_repository.findings(self.root)]

    def expect(self, *wanted: str) -> None:
        self.assertEqual(self.findings(), list(wanted))


class InOrder(Planted):
    def test_nothing_is_found(self):
        self.expect()

    def test_what_was_built_is_not_looked_at(self):
        self.write("target/README.md", "[no](no.md)\n")
        self.write("contracts/node_modules/a/README.md", "[no](no.md)\n")
        self.expect()

    def test_the_command_line(self):
        for status, said in ((0, "repository  ok\n"), (1, "repository: 1 finding\n")):
            shown, wrong = io.StringIO(), io.StringIO()
            with redirect_stdout(shown), redirect_stderr(wrong):
                self.assertEqual(oms_repository.main(self.root), status)
            self.assertEqual(shown.getvalue(), said)
            self.write("CHANGES.md", "[no](no.md)\n")
        self.assertEqual(wrong.getvalue(), "CHANGES.md:1: the link to no.md leads nowhere\n")


class Replacements(Planted):
    LIST = "platform/tests/system/next-minor.toml"

    def test_a_text_that_is_gone_or_there_twice_and_a_file_that_is_gone(self):
        self.write(self.LIST, "")
        for file, find in (("src/lib.rs", "fn cancel"), ("src/lib.rs", "fn refund"), ("src/lib.rs", "l"), ("src/no.rs", "x")):
            self.add(self.LIST, f"[[change]]\nfile = 'services/orders/{file}'\nfind = '{find}'\nreplace = ''\n")
        self.expect(
            f"{self.LIST}:5: services/orders/src/lib.rs must have this exactly once, and has it 0 times: fn refund",
            f"{self.LIST}:9: services/orders/src/lib.rs must have this exactly once, and has it 4 times: l",
            f"{self.LIST}:13: there is no services/orders/src/no.rs",
        )


class Manifests(Planted):
    MODEL = "platform/crates/chassis/Cargo.toml"

    def test_a_lint_of_another_level(self):
        self.edit("services/orders/Cargo.toml", 'unwrap_used = "deny"', 'unwrap_used = "warn"')
        self.expect(f"services/orders/Cargo.toml:6: the lint clippy.unwrap_used is 'warn'; in {self.MODEL} it is 'deny'")

    def test_a_lint_that_is_missing_and_one_too_many(self):
        self.edit("services/orders/Cargo.toml", 'unwrap_used = "deny"', 'expect_used = "allow"')
        self.expect(f"services/orders/Cargo.toml:6: the lint clippy.expect_used is 'allow'; in {self.MODEL} it is not set",
                    f"services/orders/Cargo.toml:1: the lint clippy.unwrap_used is not set; in {self.MODEL} it is 'deny'")

    def test_no_lints_at_all(self):
        self.write("services/orders/Cargo.toml", "[package]\n")
        self.assertEqual(len(self.findings()), 3)

    def test_a_crate_that_ships_and_may_panic(self):
        self.edit("services/orders/src/lib.rs", ", clippy::panic", "")
        self.expect("services/orders/src/lib.rs:1: lacks #![deny(clippy::panic)]: what ships must not be able to panic")

    def test_both_may_be_denied_apart(self):
        self.edit("services/orders/src/lib.rs", "#![deny(clippy::indexing_slicing, clippy::panic)]", "#![deny(clippy::panic)]\n#![deny(clippy::indexing_slicing)]")
        self.expect()


class Recipes(Planted):
    def test_an_argument_in_the_text(self):
        self.edit("Justfile", 'omsctl logs "$@"', "omsctl logs {{ args }}")
        (finding,) = self.findings()
        self.assertTrue(finding.startswith("Justfile:8: recipe logs puts {{ variable args }} into its text"), finding)

    def test_a_variable_in_the_text(self):
        self.edit("Justfile", 'omsctl logs "$@"', "omsctl logs '{{ port }}'")
        self.assertIn("puts {{ variable port }}", self.findings()[0])

    def test_an_argument_without_quotes(self):
        for bare in ("$@", "${1:-x}", "$*", "$1", "'' $2", '"$(basename $1)"', '"x" $(cat "$1" $2)', "`cat x`", "$PORT", "(cd $1)", "\\\\$1", '"${#} $1"$2'):
            with self.subTest(bare):
                self.write("Justfile", JUSTFILE.replace('omsctl logs "$@"', f"omsctl logs {bare}"))
                self.assertIn("without quotes", (self.findings() or ["nothing"])[0])

    def test_a_text_that_a_shell_runs(self):
        for runs in ('bash -c "$1"', 'sh -euo pipefail -c "cat $1"', 'eval "$@"', 'true; source "$1"'):
            with self.subTest(runs):
                self.write("Justfile", JUSTFILE.replace('omsctl logs "$@"', runs))
                self.assertIn("gives a shell a text to run", (self.findings() or ["nothing"])[0])

    def test_quoted_arguments(self):
        for quoted in ('"$1" "${@:2}"', '"services/$1/template.yaml"', "'$1'", '"$(basename "$1")"', "$# $(dirname *)", "\\$1", '"$(a "$(b "$1")")"', "bash -c true"):
            self.write("Justfile", JUSTFILE.replace('omsctl logs "$@"', f"omsctl logs {quoted}"))
            self.expect()

    def test_without_positional_arguments(self):
        self.edit("Justfile", "set positional-arguments\n", "")
        self.assertIn("Justfile:1: lacks `set positional-arguments`", self.findings()[0])

    def test_a_recipe_without_a_group(self):
        self.edit("Justfile", "[group('look')]\n", "")
        self.expect("Justfile:7: recipe logs has no [group('…')]")

    def test_a_recipe_without_a_comment_or_with_a_long_one(self):
        self.edit("Justfile", "# Show the logs\n", "")
        self.expect("Justfile:7: recipe logs needs a comment above it of at most 90 characters (has 0)")
        self.edit("Justfile", "[group('look')]\n", "# " + "x" * 91 + "\n[group('look')]\n")
        self.assertIn("(has 91)", self.findings()[0])

    def test_an_imported_recipe_is_found_in_its_file(self):
        self.add("Justfile", "\nimport 'more.just'\n")
        self.write("more.just", "\nmore:\n    true\n")
        self.assertIn("more.just:2: recipe more has no [group('…')]", self.findings())


class Documents(Planted):
    def test_a_link_to_nothing(self):
        self.add("README.md", "\n[no](docs/no.md) ![no](no.svg) [out](../no.md)\n")
        self.expect(*(f"README.md:5: the link to {path} leads nowhere" for path in ("docs/no.md", "no.svg", "../no.md")))

    def test_a_heading_that_is_not_there(self):
        self.add("README.md", "\n[no](docs/how.md#no) [here](#title) [none](#none)\n")
        self.expect("README.md:5: docs/how.md has no heading #no", "README.md:5: README.md has no heading #none")

    def test_a_source_without_the_name_that_links_to_it(self):
        self.add("README.md", "\n[`cancel`](services/orders/src/lib.rs) [`confirm`](services/orders/src/lib.rs)\n")
        self.expect("README.md:5: services/orders/src/lib.rs does not contain confirm")

    def test_what_is_not_a_link(self):
        self.add("README.md", "\n`a[0](no.md)` [out](https://no.example/no.md)\n\n```\n[no](no.md)\n```\n\n1. ```sh\n   # no heading\n   ```\n\n   [t](#title)\n")
        self.expect()

    def test_a_path_that_is_not_there(self):
        self.add("docs/how.md", "\n`services/ordres/src/lib.rs`\n\n```sh\ncat platform/no.yaml\n```\n")
        self.expect("docs/how.md:12: there is no services/ordres/src/lib.rs", "docs/how.md:15: there is no platform/no.yaml")

    def test_placeholders_and_patterns(self):
        self.add("docs/how.md", "\n`services/NAME/src/lib.rs` `services/<service>/tests/*.rs` `services/loyalty/` `services/orders/{src/lib,tests/rules}.rs` `platform/…/lib.rs`\n")
        self.expect()
        self.add("docs/how.md", "\n`services/NAME/src/no.rs` `services/*.rs` `services/orders/{src/lib,tests/no}.rs`\n")
        self.expect(*(f"docs/how.md:14: there is no {path}" for path in ("services/NAME/src/no.rs", "services/*.rs", "services/orders/tests/no.rs")))

    def test_a_path_inside_of_a_project(self):
        self.add("services/orders/README.md", "\n`tests/no.rs` `src/lib.rs`\n")
        self.add("docs/how.md", "\n`src/no.rs` `src/lib.rs`\n")
        self.expect("docs/how.md:12: there is no src/no.rs", "services/orders/README.md:3: there is no tests/no.rs")

    def test_a_file_by_its_name_alone(self):
        self.add("docs/how.md", "\n`template.yaml` `no.yaml` `records.json`\n")
        self.expect("docs/how.md:12: there is no no.yaml")

    def test_what_is_built_need_not_be_there(self):
        self.add("docs/how.md", "\n`contracts/pages/build/index.html` `.oms/venv` `POST /v1/orders` `application/json`\n")
        self.expect()

    def test_a_recipe_that_names_a_path(self):
        self.add("Justfile", "\n_more:\n    cat services/no.yaml \"services/$1\"\n")
        self.expect("Justfile:20: there is no services/no.yaml")

    def test_the_model_of_new_services_is_read_where_it_will_be(self):
        self.write("platform/tools/new-service/README.md", "[how](../../docs/how.md#newcomer-queue-age) `services/newcomer/src/lib.rs`\n")
        self.expect()

    def test_headings_make_anchors(self):
        text = "# `just up` fails, *twice*\n## [A](b.md) & B\n## Twice\n## Twice\n<a id='own'></a>\n"
        self.assertEqual(Document(text).anchors, {"just-up-fails-twice", "a--b", "twice", "twice-1", "own"})


class Commands(Planted):
    def found(self, text: str) -> list[str]:
        self.write("NEW.md", f"```sh\n{text}\n```\n")
        return [finding.split(": ", 1)[1] for finding in self.findings()]

    def test_a_recipe(self):
        self.assertEqual(self.found("just lgos | just logs; echo $(just logsy)"), ["there is no recipe: just lgos", "there is no recipe: just logsy"])

    def test_a_variable_of_the_justfile(self):
        self.assertEqual(self.found("just prot=1 logs"), ["there is no variable prot in the Justfile"])
        self.assertEqual(self.found("just logs Parameter=1"), [], "an argument of the recipe")

    def test_what_a_recipe_hands_on(self):
        self.assertEqual(self.found("just dlq redrive orders"), ["there is no command: just dlq redrive"])
        self.assertEqual(self.found("just logs --ordre 1 --since=2h --help"), ["there is no option --ordre (just logs)"])

    def test_an_option_that_a_program_in_python_matches(self):
        self.write("platform/tools/make.py", 'match arguments:\n    case [name, "--publishes", event]:\n        run("cargo", "--locked")\n')
        self.assertEqual(self.found("just logs --publishes A --locked"), ["there is no option --locked (just logs)"])

    def test_a_command_of_a_tool(self):
        self.assertEqual(self.found("target/debug/omsctl log"), ["there is no command: omsctl log"])
        self.assertEqual(self.found("omsctl logs --no"), ["there is no option --no (omsctl logs)"])

    def test_cargo_run_needs_a_project(self):
        nothing = "there is nothing that `cargo run` could run here: name a project with --manifest-path"
        self.assertEqual(self.found("cargo run -- generate"), [nothing])
        self.assertEqual(self.found("cargo run --manifest-path services/orders/Cargo.toml"), [nothing])
        self.assertEqual(self.found("cargo run --manifest-path platform/tools/omsctl/Cargo.toml"), [])

    def test_a_test(self):
        self.assertEqual(self.found("cargo test --test rules --test no"), ["there is no test no in **/tests"])
        self.add("platform/crates/chassis/Cargo.toml", "")
        self.write("platform/crates/chassis/README.md", "`cargo test --test rules`\n")
        self.assertIn("there is no test rules in platform/crates/chassis/tests", self.found("true"))

    def test_in_a_span_but_not_in_prose_or_another_language(self):
        self.write("NEW.md", "It is just what. `just what`\n\n```yaml\nrun: just who\n```\n")
        self.expect("NEW.md:1: there is no recipe: just what")


class Races(Planted):
    RULES = "services/orders/tests/rules.rs"

    def test_a_function_that_is_not_there(self):
        self.edit("services/orders/src/lib.rs", "fn cancel()", "fn canceled() { let cancel = 1; }")
        self.expect("docs/races.md:3: services/orders/src/lib.rs has no function cancel")

    def test_a_test_that_no_race_names(self):
        self.add(self.RULES, "#[test]\nfn race_other() {}\n")
        self.expect(f"{self.RULES}:4: race_other is missing in docs/races.md")

    def test_a_race_without_a_test(self):
        self.add("docs/races.md", "| expiry | [`cancel`](../services/orders/src/lib.rs) | none |\n")
        self.expect("docs/races.md:4: the race 'expiry' names no test")

    def test_a_race_that_nothing_decides(self):
        self.add("docs/races.md", f"| expiry |  | [`race_cancel`](../{self.RULES}) |\n")
        self.expect("docs/races.md:4: the race 'expiry' names neither a rule nor a mechanism")

    def test_a_test_of_the_same_name_elsewhere(self):
        self.write("services/orders/tests/other.rs", "fn race_cancel() {}\n")
        self.expect("services/orders/tests/other.rs:1: race_cancel is missing in docs/races.md")

    def test_a_test_without_a_link(self):
        self.add("docs/races.md", "| expiry | the mechanism | `race_expiry` |\n")
        self.expect("docs/races.md:4: race_expiry needs a link to its file")


class Picture(Planted):
    def draw(self) -> None:
        self.write(picture.PLACE, f"<svg>\n<!-- {picture.PREFIX}{json.dumps(system(self.root))} -->\n</svg>\n")

    def test_a_picture_of_the_templates(self):
        self.draw()
        self.expect()

    def test_a_template_that_has_moved_on(self):
        self.draw()
        self.edit("services/orders/template.yaml", "TABLE: !Ref Table", "GATEWAY_URL: x")
        self.expect(f"{picture.PLACE}:1: does not show orders roles api calls: gateway: run `just picture`",
                    f"{picture.PLACE}:1: shows orders roles api tables: orders, which no template has: run `just picture`")

    def test_a_picture_that_tells_nothing(self):
        self.write(picture.PLACE, "<svg/>\n")
        self.assertTrue(self.findings())

    def test_what_a_template_tells(self):
        self.write("services/orders/template.yaml", TEMPLATE + """\
  Events:
    Type: AWS::Serverless::Function
    Properties:
      Handler: events
      Role: !GetAtt Mailing.Arn
      Environment: { Variables: { DLQ_URL: !Sub '{{resolve:ssm:/oms/${Stage}/dead-letters/orders/url}}' } }
      Events: { Queue: { Type: SQS, Properties: { Queue: !GetAtt Queue.Arn } } }
  Letters:
    Type: AWS::Serverless::Function
    Properties:
      Handler: dead-letters
      Events: { Queue: { Type: SQS, Properties: { Queue: !Sub '{{resolve:ssm:/oms/${Stage}/dead-letters/orders/arn}}' } } }
  Sweep:
    Type: AWS::Serverless::Function
    Properties: { Handler: sweep, Events: { Minute: { Type: Schedule, Properties: { Schedule: rate(1 minute) } } } }
  Relay:
    Type: AWS::Serverless::Function
    Properties: { Handler: relay, Role: !GetAtt Putting.Arn, Events: { Stream: { Type: DynamoDB, Properties: {} } } }
  Mailing: { Type: AWS::IAM::Role, Properties: { Policies: [{ Action: 'ses:SendEmail' }] } }
  Putting: { Type: AWS::IAM::Role, Properties: { Policies: [{ Action: ['events:PutEvents'] }] } }
""")
        self.assertEqual(system(self.root), {"orders": {"tables": ["orders"], "reads the bus": True, "roles": {
            "api": {"invoked by": "HTTP", "tables": ["orders"]},
            "events": {"invoked by": "queue", "calls": ["SES"], "parks in": ["dead-letters/orders"]},
            "dead-letters": {"invoked by": "dead-letters/orders"},
            "sweep": {"invoked by": "rate(1 minute)"},
            "relay": {"invoked by": "stream", "publishes": True},
        }}})



if __name__ == "__main__":
    unittest.main()
