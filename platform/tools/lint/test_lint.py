"""Plants one error at a time in a sound template, and expects it to be named.

    cd platform/tools/lint && python -m unittest
"""

import io
import unittest
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from samtranslator.yaml_helper import yaml_parse

from oms_lint import queues
from oms_lint.command import PLACES, catalogue, lint, main, own_problems, table
from oms_lint.expand import cfn_problems, expand, read
from oms_lint.model import Problem, System, Template
from oms_lint.voices import Voice, confusions

RUNBOOK = "# Runbook\n\n## Queue age\n\n### x-queue-age\n\n```sh\n# comment\n```\n"
FIXTURE = Path(__file__).parent / "fixtures" / "sound.yaml"
SOUND = FIXTURE.read_text(encoding="utf-8")


def template(text: str) -> Template:
    return Template(name="template.yaml", text=text, body=expand(yaml_parse(text)))


def problems(*edits: tuple[str, str], runbook: str | None = RUNBOOK) -> list[str]:
    """What the checks find in the sound template after the edits."""
    text = SOUND
    for old, new in edits:
        if text.count(old) != 1:
            raise AssertionError(f"{old!r} is {text.count(old)} times in the fixture")
        text = text.replace(old, new)
    edited = template(text)
    return [f"{problem.resource}: {problem.message}" for problem in own_problems(System([edited], runbook), edited)]


def without(body: dict, logical_id: str) -> dict:
    return {**body, "Resources": {name: found for name, found in body["Resources"].items() if name != logical_id}}


class Planted(unittest.TestCase):
    def expect(self, wanted: str, *edits: tuple[str, str]):
        found = problems(*edits)
        self.assertEqual([wanted in problem for problem in found], [True], found)

    def test_a_sound_template_has_no_problem(self):
        self.assertEqual(problems(), [])
        self.assertEqual(cfn_problems(template(SOUND)), [])

    def test_cfn_lint_sees_what_sam_expands(self):
        planted = template(SOUND.replace("Runtime: provided.al2023", "Runtime: provided.al1999"))
        self.assertIn("provided.al1999", str(cfn_problems(planted)))

    def test_a_pattern_whose_source_is_not_a_list(self):
        self.expect("Rule: the event pattern's `source` is not a list", ("source: [oms.orders]", "source: oms.orders"))

    def test_a_nested_pattern_that_is_not_a_list(self):
        self.expect("`detail.subject` is not a list", ("source: [oms.orders]", "source: [oms.orders]\n        detail: { subject: x }"))

    def test_a_pattern_without_a_source(self):
        self.expect("names no `source`", ("source: [oms.orders]", "account: ['1']"))

    def test_a_pattern_without_a_type(self):
        self.expect("names no `detail-type`", ("        detail-type: [OrderCreated.v1]\n", ""))

    def test_a_type_without_its_major_version(self):
        self.expect("`OrderCreated` names no major version", ("[OrderCreated.v1]", "[OrderCreated]"))

    def test_what_aws_publishes_has_no_major_version(self):
        self.assertEqual(problems(("source: [oms.orders]", "source: [aws.ses]"), ("[OrderCreated.v1]", "[Email Bounced]")), [])

    def test_a_target_without_a_dead_letter_queue(self):
        self.expect("Rule: target `queue` has no DeadLetterConfig", ("          DeadLetterConfig: { Arn: !GetAtt DeadLetters.Arn }\n", ""))

    def test_a_queue_without_a_policy(self):
        self.expect("Queue: has no QueuePolicy", ("Queues: [!Ref Queue]", "Queues: [!Ref DeadLetters]"))

    def test_a_queue_policy_without_a_condition(self):
        self.expect("QueuePolicy: lets others", ("            Condition: { ArnEquals: { 'aws:SourceArn': !GetAtt Rule.Arn } }\n", ""))

    def test_a_queue_policy_that_admits_any_rule(self):
        self.expect("QueuePolicy: lets others", ("{ 'aws:SourceArn': !GetAtt Rule.Arn }", "{ 'aws:SourceArn': '*' }"))

    def test_a_visibility_under_six_timeouts(self):
        self.expect("VisibilityTimeout is 179 s", ("VisibilityTimeout: 180", "VisibilityTimeout: 179"))

    def test_a_timeout_over_a_sixth_of_the_visibility(self):
        self.expect("six times the 31 s", ("    Timeout: 30", "    Timeout: 31"))

    def test_a_queue_mapping_without_partial_failures(self):
        self.expect("FunctionQueue: lacks ReportBatch", ("            FunctionResponseTypes: [ReportBatchItemFailures]\n", ""))

    def test_a_stream_mapping_without_partial_failures(self):
        old = "            FunctionResponseTypes:\n              - ReportBatchItemFailures\n"
        self.expect("FunctionStream: lacks ReportBatch", (old, ""))

    def test_a_queue_mapping_without_a_bound(self):
        self.expect("has no ScalingConfig.MaximumConcurrency", ("            ScalingConfig: { MaximumConcurrency: 2 }\n", ""))

    def test_a_function_that_expects_more_receives_than_its_queue(self):
        self.expect("has MAX_RECEIVES 701, and Queue has maxReceiveCount 700", ("MAX_RECEIVES: '700'", "MAX_RECEIVES: '701'"))

    def test_receives_that_are_equal_by_default_alone(self):
        parameter = ("Parameters:\n", "Parameters:\n  MaxReceives: { Type: Number, Default: 700 }\n")
        count, variable = ("maxReceiveCount: 700", "maxReceiveCount: !Ref MaxReceives"), ("MAX_RECEIVES: '700'", "MAX_RECEIVES: !Ref MaxReceives")
        self.assertEqual(problems(parameter, count, variable), [])
        self.expect("has MAX_RECEIVES 700, and Queue has maxReceiveCount MaxReceives of template.yaml", parameter, count)
        self.expect("has MAX_RECEIVES MaxReceives of template.yaml, and Queue has maxReceiveCount 700", parameter, variable)

    def test_receives_of_a_parameter_without_a_default(self):
        parameter = ("Parameters:\n", "Parameters:\n  MaxReceives: { Type: Number }\n")
        self.expect("and Queue has maxReceiveCount MaxReceives of", parameter, ("maxReceiveCount: 700", "maxReceiveCount: !Ref MaxReceives"))

    def test_a_consumer_that_does_not_know_its_last_receive(self):
        self.assertEqual(problems((", MAX_RECEIVES: '700', DLQ_URL: x", "")), [])
        self.expect("FunctionQueue: its function has a DLQ_URL, but no MAX_RECEIVES", (", MAX_RECEIVES: '700'", ""))

    def test_a_consumer_that_does_not_know_how_long_to_retry(self):
        for variable in (", URGENT_SECONDS: '900'", ", GIVE_UP_SECONDS: '259200'"):
            self.expect("but not both of URGENT_SECONDS and GIVE_UP_SECONDS", (variable, ""))

    def test_a_message_that_is_received_too_often_while_a_table_is_away(self):
        self.expect("FunctionQueue: a message that fails for 259200 s is received 2514 times: more than 900", ("URGENT_SECONDS: '900'", "URGENT_SECONDS: '30000'"))
        counts = ("maxReceiveCount: 700", "maxReceiveCount: 639"), ("MAX_RECEIVES: '700'", "MAX_RECEIVES: '639'")
        self.expect("is received 639 times: more than 900, or not below the maxReceiveCount 639 of Queue", *counts)

    def test_the_waits_are_those_of_chassis(self):
        text = (Path(__file__).parents[2] / "crates" / "chassis" / "src" / "backoff.rs").read_text(encoding="utf-8")
        full_jitter = "first: Duration::from_secs(1), longest: Duration::from_secs(30), at_least: 0.0"
        self.assertIn(f"pub const URGENT: Backoff = Backoff {{ {full_jitter} }};", text)
        self.assertIn("pub const PATIENT: Backoff = Backoff { longest: Duration::from_mins(15), ..URGENT };", text)
        self.assertEqual((queues.URGENT_WAIT, queues.PATIENT_WAIT), (30, 15 * 60))

    def test_a_message_that_sqs_deletes_before_it_is_given_up(self):
        self.expect("gives a message up after 259200 s, but Queue deletes it after 259300 s", ("MessageRetentionPeriod: 345600", "MessageRetentionPeriod: 259300"))

    def test_a_message_that_kills_its_function_until_sqs_deletes_it(self):
        self.expect("Queue: a message that kills its function each time comes back for 420000 s", ("VisibilityTimeout: 180", "VisibilityTimeout: 600"))

    def test_an_urgency_that_ends_before_a_hold(self):
        hold = ("Parameters:\n", "Parameters:\n  HoldSeconds: { Type: Number, Default: 1000 }\n")
        self.expect("has URGENT_SECONDS 900, under the longest hold of 1000 s", hold)

    def test_a_consumed_queue_without_a_dead_letter_queue(self):
        redrive = next(line for line in SOUND.splitlines(keepends=True) if "RedrivePolicy" in line)
        self.expect("Queue: is consumed but has no RedrivePolicy", (redrive, ""))

    def test_a_dead_letter_queue_that_no_template_declares(self):
        self.expect("no template declares its dead-letter queue", ("resolve:ssm:/oms/${Stage}/dead-letters/x/", "resolve:ssm:/y/"))

    def test_a_queue_that_keeps_as_long_as_its_dead_letters(self):
        found = problems(("MessageRetentionPeriod: 345600", "MessageRetentionPeriod: 1209600"))
        self.assertIn("deletes them on arrival", found[0])

    def test_a_dead_letter_queue_that_forgets_early(self):
        self.expect("keeps messages 864000 s, not 14 days", ("MessageRetentionPeriod: 1209600", "MessageRetentionPeriod: 864000"))

    def test_a_function_that_logs_text(self):
        self.expect("does not log JSON", ("LogFormat: JSON", "LogFormat: Text"))
        self.expect("pays for Lambda's own lines", (", SystemLogLevel: WARN", ""))

    def test_a_function_whose_debug_lines_lambda_drops(self):
        self.expect("LOG_LEVEL=debug would show nothing", (", ApplicationLogLevel: DEBUG", ""))
        self.expect("LOG_LEVEL=debug would show nothing", ("ApplicationLogLevel: DEBUG", "ApplicationLogLevel: INFO"))

    def test_a_function_that_is_not_traced(self):
        self.expect("is not traced", ("    Tracing: Active\n", ""))

    def test_a_function_without_a_log_group(self):
        self.expect("declares no log group", (", LogGroup: !Ref Logs", ""))

    def test_a_variable_that_is_a_number(self):
        self.expect("Function: its variable MAX_RECEIVES is not text", ("MAX_RECEIVES: '700'", "MAX_RECEIVES: 700"))

    def test_a_variable_that_is_a_number_somewhere(self):
        self.expect("its variable MAX_RECEIVES is not text", ("MAX_RECEIVES: '700'", "MAX_RECEIVES: !If [OnAws, '700', 0.5]"))

    def test_a_variable_that_is_a_boolean(self):
        self.expect("its variable MAX_RECEIVES is not text", ("MAX_RECEIVES: '700'", "MAX_RECEIVES: true"))

    def test_a_log_group_that_never_deletes(self):
        self.expect("has no RetentionInDays", (", RetentionInDays: 30", ""))

    def test_a_log_group_of_another_name(self):
        self.expect("is not named /aws/lambda/<function name>", ("FunctionName: !Sub 'oms-${Stage}-x-events'", "FunctionName: other"))

    def test_an_action_with_a_wildcard(self):
        self.expect("allows the action `xray:*`", ("xray:PutTraceSegments", "xray:*"))

    def test_a_wildcard_resource_without_a_reason(self):
        self.expect("gives no WildcardReason", ("    Metadata: { WildcardReason: X-Ray knows no resources. }\n", ""))

    def test_a_role_that_may_publish_for_any_service(self):
        condition = next(line for line in SOUND.splitlines(keepends=True) if "events:source" in line)
        self.expect("of any source", (condition, ""))

    def test_a_role_of_the_bus_forwards_what_its_rule_matches(self):
        condition = next(line for line in SOUND.splitlines(keepends=True) if "events:source" in line)
        trusted = "Principal: { Service: lambda.amazonaws.com }"
        self.assertEqual(problems((condition, ""), (trusted, "Principal: { Service: events.amazonaws.com }")), [])

    def test_a_role_that_may_publish_any_type(self):
        self.expect("may publish any type of event", (", 'events:detail-type': OrderCreated.v1", ""))

    def test_a_source_that_other_accounts_cannot_consume(self):
        policies = """Resources:
  OnlyXSpeaksForX:
    Type: AWS::Events::EventBusPolicy
    Properties: { Statement: { Effect: Deny, Condition: { 'ForAnyValue:StringEquals': { 'events:source': oms.x } } } }
  ConsumersMakeTheirRules:
    Type: AWS::Events::EventBusPolicy
    Properties: { Statement: { Effect: Allow, Action: 'events:PutRule', Condition: { 'ForAllValues:StringEquals': { 'events:source': [oms.x, oms.y] } } } }
"""
        self.assertEqual(problems(("Resources:\n", policies)), [])
        self.expect("cannot consume the events of oms.x: add it", ("Resources:\n", policies.replace("oms.x, ", "")))

    def test_a_condition_that_only_the_emulator_gets(self):
        self.expect("of any source", ("[!Ref Emulated, 'false']", "[!Ref Emulated, 'true']"))

    def test_a_role_with_a_policy_that_aws_wrote(self):
        arn = "      ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess']\n      Policies:\n"
        self.expect("attaches AdministratorAccess", ("      Policies:\n", arn))

    def test_the_role_that_sam_makes_of_its_own(self):
        found = problems(("      Role: !GetAtt Role.Arn\n", ""))
        self.assertTrue(any("FunctionRole: attaches AWSLambdaBasicExecutionRole" in problem for problem in found), found)

    def test_an_export(self):
        self.expect("Outputs.QueueArn: is exported", ("{ Value: !GetAtt Queue.Arn }", "{ Value: !GetAtt Queue.Arn, Export: { Name: q } }"))

    def test_an_import(self):
        self.expect("uses Fn::ImportValue", ("BillingMode: PAY_PER_REQUEST", "TableName: !ImportValue t\n      BillingMode: PAY_PER_REQUEST"))

    def test_code_from_elsewhere(self):
        self.expect("must be there exactly once", ("CodeUri: build/bootstrap.zip", "CodeUri: target/bootstrap.zip"))

    def test_a_queue_of_another_template_is_found_by_its_parameter(self):
        consumer = template(SOUND.replace("Queue: !GetAtt Queue.Arn", "Queue: !Sub '{{resolve:ssm:/oms/${Stage}/dead-letters/x/arn}}'"))
        owner = template(SOUND)
        apart = Template("consumer.yaml", consumer.text, without(consumer.body, "DeadLettersArn"))
        found = [problem.message for problem in own_problems(System([apart, owner]), apart)]
        self.assertIn("is consumed but has no RedrivePolicy: a poison message is retried until it expires", found)
        self.assertIn("VisibilityTimeout is 30 s, under six times the 30 s of its function and the window: 180 s", found)


class Voices(unittest.TestCase):
    """Who may say what: the fixture's rule hears `oms.orders`, and its role says one type of `oms.x`."""

    CATALOGUE = {"OrderCreated.v1": "oms.orders", "XMoved.v1": "oms.x", "EventProcessingFailed.v1": "oms.platform"}
    SAID = "'events:source': oms.x, 'events:detail-type': OrderCreated.v1"
    PINNED = """Resources:
  OnlyXSpeaksForX:
    Type: AWS::Events::EventBusPolicy
    Properties:
      Statement:
        Effect: Deny
        Action: events:PutEvents
        Condition:
          'ForAnyValue:StringEquals': { 'events:source': oms.x }
          ArnNotLike: { 'aws:PrincipalArn': !Sub 'arn:aws:iam::1:role/oms-${Stage}-x-*' }
          Bool: { 'aws:PrincipalIsAWSService': 'false' }
"""

    def found(self, source: str, types: str, *edits: tuple[str, str]) -> list[str]:
        said = f"'events:source': {source}, 'events:detail-type': {types}"
        text = SOUND.replace(self.SAID, said).replace("Variables: { STAGE", "Variables: { SERVICE: x, STAGE")
        for old, new in edits:
            self.assertEqual(text.count(old), 1, old)
            text = text.replace(old, new)
        edited = template(text)
        system = System([edited], RUNBOOK, self.CATALOGUE)
        return [f"{problem.resource}: {problem.message}" for problem in own_problems(system, edited)]

    def test_a_service_says_what_it_owns_and_what_went_wrong(self):
        self.assertEqual(self.found("oms.x", "XMoved.v1"), [])
        self.assertEqual(self.found("oms.platform", "EventProcessingFailed.v1"), [])

    def test_a_service_says_nothing_of_anothers(self):
        for source, kind in (("oms.orders", "OrderCreated.v1"), ("oms.x", "OrderCreated.v1"), ("oms.platform", "XMoved.v1"), ("oms.x", "Unknown.v1")):
            wanted = f"Role: may publish {kind} from {source}, which x does not own"
            self.assertEqual(self.found(source, kind), [wanted])
        both = self.found("oms.x", "[XMoved.v1, OrderCreated.v1]")
        self.assertEqual(both, ["Role: may publish OrderCreated.v1 from oms.x, which x does not own"])

    def test_a_rule_that_waits_for_what_none_of_its_sources_says(self):
        waits = self.found("oms.x", "XMoved.v1", ("[OrderCreated.v1]", "[OrderCreated.v1, XMoved.v1]"))
        self.assertEqual(waits, ["Rule: waits for XMoved.v1, which none of oms.orders publishes"])

    def test_every_statement_that_refuses_lets_a_replay_through(self):
        self.assertEqual(problems(("Resources:\n", self.PINNED)), [])
        for wrong in ("", "          Bool: { 'aws:PrincipalIsAWSService': 'true' }\n"):
            planted = self.PINNED.replace("          Bool: { 'aws:PrincipalIsAWSService': 'false' }\n", wrong)
            (problem,) = problems(("Resources:\n", planted))
            self.assertIn("OnlyXSpeaksForX: refuses the archive's replays", problem)

    def test_a_source_that_another_service_may_speak_for(self):
        (problem,) = problems(("Resources:\n", self.PINNED.replace("-x-*", "-y-*")))
        self.assertEqual(problem, "OnlyXSpeaksForX: lets oms-${Stage}-y-* speak for oms.x: it belongs to oms-${Stage}-x-* alone")

    def test_without_a_catalogue_nobody_owns_a_type(self):
        self.assertEqual(problems(), [])

    def test_what_a_role_may_put_around_what_a_consumer_believes(self):
        """The case that was demonstrated: a report outside, a payment inside. Chassis refuses each pair of the list."""
        root = Path(__file__).resolve().parents[3]
        paths = sorted(path for place in PLACES for path in root.glob(place))
        system = System([read(path, path.relative_to(root).as_posix()) for path in paths], None, catalogue(root))
        pairs = set(confusions(system))
        orders, report = "services/orders/template.yaml", Voice("oms.platform", "EventProcessingFailed.v1")
        self.assertIn(("services/notifications/template.yaml/EventsRole", report, orders, Voice("oms.payments", "PaymentSucceeded.v1")), pairs)
        self.assertTrue(all(outer != inner for _, outer, _, inner in pairs))
        put = {outer for _, outer, _, _ in pairs}
        self.assertEqual({voice for voice in put if system.catalogue.get(voice.type) != voice.source}, set(), "each is of the catalogue")


class Runbook(unittest.TestCase):
    def left_over(self, runbook: str | None) -> list[str]:
        found = lint(System([template(SOUND)], runbook)).get("docs/runbook.md", [])
        return [problem.resource for problem in found]

    def test_an_alarm_without_an_entry(self):
        wanted = ["Alarm: has no entry in docs/runbook.md: it needs the heading `x-queue-age`"]
        self.assertEqual(problems(runbook="# Runbook\n"), wanted)
        self.assertEqual(problems(runbook="```sh\n# x-queue-age\n```\n"), wanted)
        self.assertEqual(problems(runbook="See x-queue-age.\n"), wanted)

    def test_an_entry_has_a_heading_or_an_explicit_anchor(self):
        for entry in ("## `x-queue-age`", "#### X queue age", '<a id="x-queue-age"></a>'):
            self.assertEqual(problems(runbook=f"{entry}\n"), [], entry)

    def test_what_outlives_its_stack_is_named(self):
        kept = ("    UpdateReplacePolicy: Retain\n    Properties:\n",
                "    UpdateReplacePolicy: Retain\n    Properties:\n      TableName: !Sub 'oms-${Stage}-x'\n")
        wanted = ["Table: outlives its stack: docs/runbook.md has to say how `oms-<stage>-x` is adopted again"]
        self.assertEqual(problems(kept), wanted)
        self.assertEqual(problems(kept, runbook=RUNBOOK + "Adopt `oms-<stage>-x` again.\n"), [])

    def test_an_alarm_of_no_stage(self):
        found = problems(("AlarmName: !Sub 'oms-${Stage}-x-queue-age'", "AlarmName: x-queue-age"))
        self.assertEqual(found, ["Alarm: is not named oms-${Stage}-…, so docs/runbook.md can have no entry for it"])

    def test_entries_without_an_alarm(self):
        self.assertEqual(self.left_over(RUNBOOK), [])
        self.assertEqual(self.left_over(RUNBOOK + "### y-dlq\n\n<a id='z-dlq'></a>\n"), ["y-dlq", "z-dlq"])

    def test_without_a_runbook_nothing_is_missing(self):
        self.assertEqual(problems(runbook=None), [])
        self.assertNotIn("docs/runbook.md", lint(System([template(SOUND)])))


class AwayFromTheRepository(unittest.TestCase):
    def run_on(self, *names: str) -> tuple[int, str]:
        shown = io.StringIO()
        with redirect_stdout(shown), redirect_stderr(shown):
            return main(list(names)), shown.getvalue()

    def test_a_template_that_is_not_there(self):
        self.assertEqual(self.run_on("/no/template.yaml"), (2, "there is no template /no/template.yaml\n"))

    def test_without_a_repository_there_is_no_everything(self):
        self.assertEqual(self.run_on(), (2, "which template? oms-lint TEMPLATE…\n"))

    def test_a_template_alone(self):
        code, said = self.run_on(str(FIXTURE))
        self.assertEqual((code, said.split()[-1]), (0, "ok"), said)


class Table(unittest.TestCase):
    def test_names_each_template_once(self):
        found = {"a.yaml": [], "bb.yaml": [Problem("Queue", "one"), Problem("Rule", "two")]}
        self.assertEqual(table(found), "a.yaml   ok\nbb.yaml  Queue: one\n         Rule: two")


if __name__ == "__main__":
    unittest.main()
