"""Queues, and the functions that consume them and the streams."""

from typing import Iterator

from .model import Problem, Resource, System, Template, listed, target, text

DAY = 86_400
LONGEST = 14 * DAY
# The longest waits of a message whose handling failed, while it is urgent and later: the back-off of chassis, which takes
# any part of them. And how many receives over three days leave room below the 1,000 that SQS allows.
URGENT_WAIT, PATIENT_WAIT, MOST_RECEIVES = 30, 900, 900
# What SQS takes where the template sets nothing.
RETENTION, VISIBILITY, TIMEOUT = 4 * DAY, 30, 3


def check(system: System, template: Template) -> Iterator[Problem]:
    for queue in template.of_type("AWS::SQS::Queue"):
        yield from keeps_long_enough(system, template, queue)
    for queue in fed_by_rules(template):
        yield from fed_by_its_rule_alone(template, queue)
    for mapping in template.of_type("AWS::Lambda::EventSourceMapping"):
        yield from reports_each_item(mapping)
        if is_queue(system, template, mapping):
            yield from consumes_with_care(system, template, mapping)


def keeps_long_enough(system: System, template: Template, queue: Resource) -> Iterator[Problem]:
    """A message keeps its first send time, so a dead-letter queue that keeps no longer than its source loses it at once."""
    retained = retention(template, queue)
    policy = queue.properties.get("RedrivePolicy")
    if policy is None:
        if text(queue.properties.get("QueueName")).endswith("-dlq") and retained != LONGEST:
            yield Problem(queue.id, f"a dead-letter queue keeps messages {retained} s, not 14 days ({LONGEST} s)")
        return
    if retained >= LONGEST:
        yield Problem(queue.id, f"keeps messages {retained} s: no dead-letter queue can keep them longer, so it deletes them on arrival")
    found = system.find(template, policy.get("deadLetterTargetArn"))
    if found and retained >= retention(*found):
        yield Problem(queue.id, f"keeps messages {retained} s, its dead-letter queue {found[1].id} only {retention(*found)} s")
    if not found:
        yield Problem(queue.id, "no template declares its dead-letter queue")


def retention(template: Template, queue: Resource) -> int:
    return int(template.number(queue.properties.get("MessageRetentionPeriod", RETENTION)))


def fed_by_rules(template: Template) -> list[Resource]:
    targets = [to for rule in template.of_type("AWS::Events::Rule") for to in rule.properties.get("Targets", [])]
    found = (template.resource(target(to.get("Arn")) or "") for to in targets)
    return list({queue.id: queue for queue in found if queue and queue.type == "AWS::SQS::Queue"}.values())


def fed_by_its_rule_alone(template: Template, queue: Resource) -> Iterator[Problem]:
    policies = [policy for policy in template.of_type("AWS::SQS::QueuePolicy")
                if queue.id in map(target, policy.properties.get("Queues", []))]
    if not policies:
        yield Problem(queue.id, "has no QueuePolicy: the bus cannot deliver to it")
    for policy in policies:
        for statement in listed(policy.properties["PolicyDocument"]["Statement"]):
            if statement.get("Effect") == "Allow" and not names_a_rule(template, queue, statement):
                yield Problem(policy.id, f"lets others than a rule of {queue.id} send: it needs the condition ArnEquals aws:SourceArn = rule ARN")


def names_a_rule(template: Template, queue: Resource, statement: dict) -> bool:
    conditions = statement.get("Condition", {})
    arns = [arn for operator in ("ArnEquals", "ArnLike", "StringEquals")
            for arn in listed(conditions.get(operator, {}).get("aws:SourceArn"))]
    rules = [template.resource(target(arn) or "") for arn in arns]
    return bool(arns) and all(
        rule and rule.type == "AWS::Events::Rule" and queue.id in (target(to.get("Arn")) for to in rule.properties.get("Targets", []))
        for rule in rules)


def reports_each_item(mapping: Resource) -> Iterator[Problem]:
    if "ReportBatchItemFailures" not in mapping.properties.get("FunctionResponseTypes", []):
        yield Problem(mapping.id, "lacks ReportBatchItemFailures: one failure sends the whole batch again, and its answer is ignored")


def is_queue(system: System, template: Template, mapping: Resource) -> bool:
    source = mapping.properties.get("EventSourceArn")
    found = system.find(template, source)
    # A stream has a starting position, a queue has none.
    return found[1].type == "AWS::SQS::Queue" if found else "StartingPosition" not in mapping.properties


def consumes_with_care(system: System, template: Template, mapping: Resource) -> Iterator[Problem]:
    if not mapping.properties.get("ScalingConfig", {}).get("MaximumConcurrency"):
        yield Problem(mapping.id, "has no ScalingConfig.MaximumConcurrency: a flood takes every concurrent execution of the account")
    found = system.find(template, mapping.properties.get("EventSourceArn"))
    if not found:
        yield Problem(mapping.id, "no template declares the queue that it consumes")
        return
    owner, queue = found
    if "RedrivePolicy" not in queue.properties:
        yield Problem(queue.id, "is consumed but has no RedrivePolicy: a poison message is retried until it expires")
    function = template.resource(target(mapping.properties.get("FunctionName")) or "")
    timeout = int(template.number(function.properties.get("Timeout", TIMEOUT))) if function else TIMEOUT
    window = int(mapping.properties.get("MaximumBatchingWindowInSeconds", 0))
    visible, wanted = int(owner.number(queue.properties.get("VisibilityTimeout", VISIBILITY))), 6 * timeout + window
    if visible < wanted:
        yield Problem(queue.id, f"VisibilityTimeout is {visible} s, under six times the {timeout} s of its function and the window: {wanted} s")
    yield from parks_at_the_last_receive(template, mapping, function, owner, queue)
    yield from retries_as_long_as_it_can_help(system, template, mapping, function, owner, queue)


def retries_as_long_as_it_can_help(system: System, template: Template, mapping: Resource, function: Resource | None, owner: Template, queue: Resource) -> Iterator[Problem]:
    """A table that is away must not use up the receives, and neither SQS nor a crash may end a message without a dead letter."""
    variables = function.properties.get("Environment", {}).get("Variables", {}) if function else {}
    if "DLQ_URL" not in variables:
        return
    numbers = [template.number(template.on_aws(variables.get(name))) for name in ("URGENT_SECONDS", "GIVE_UP_SECONDS")]
    if None in numbers:
        yield Problem(mapping.id, "its function has a DLQ_URL, but not both of URGENT_SECONDS and GIVE_UP_SECONDS: it cannot tell how long to retry")
        return
    urgent, give_up = map(int, numbers)
    count = int(owner.number(queue.properties.get("RedrivePolicy", {}).get("maxReceiveCount")) or 0)
    visible = int(owner.number(queue.properties.get("VisibilityTimeout", VISIBILITY)))
    retained, receives = retention(owner, queue), expected_receives(urgent, give_up)
    if receives > MOST_RECEIVES or 0 < count <= receives:
        yield Problem(mapping.id, f"a message that fails for {give_up} s is received {receives} times: more than {MOST_RECEIVES}, or not below the maxReceiveCount {count} of {queue.id}")
    if give_up + visible >= retained:
        yield Problem(mapping.id, f"gives a message up after {give_up} s, but {queue.id} deletes it after {retained} s: before it comes once more")
    if count * visible >= retained:
        yield Problem(queue.id, f"a message that kills its function each time comes back for {count * visible} s, and is deleted after {retained} s: it never is a dead letter")
    holds = [int(other.number({"Ref": "HoldSeconds"}) or 0) for other in system.templates]
    if urgent < max(holds, default=0):
        yield Problem(mapping.id, f"its function has URGENT_SECONDS {urgent}, under the longest hold of {max(holds)} s: an order may expire between two tries")


def expected_receives(urgent: int, give_up: int) -> int:
    """Of a message that fails each time, on average: full jitter takes half of each wait. The shorter first waits add five."""
    return 5 + round(urgent / (URGENT_WAIT / 2) + max(0, give_up - urgent) / (PATIENT_WAIT / 2))


def parks_at_the_last_receive(template: Template, mapping: Resource, function: Resource | None, owner: Template, queue: Resource) -> Iterator[Problem]:
    """Our consumer has to know the last receive. What is equal by a parameter's default alone is not: a deployment may set it."""
    variables = function.properties.get("Environment", {}).get("Variables", {}) if function else {}
    value = template.on_aws(variables.get("MAX_RECEIVES"))
    count = queue.properties.get("RedrivePolicy", {}).get("maxReceiveCount")
    if value is None and "DLQ_URL" in variables:
        yield Problem(mapping.id, "its function has a DLQ_URL, but no MAX_RECEIVES: it cannot tell which receive is the last")
    if value is None or count is None or isinstance(value, bool):
        return
    expected, given_up = as_written(template, value), as_written(owner, count)
    if expected != given_up:
        yield Problem(mapping.id, f"its function has MAX_RECEIVES {expected}, and {queue.id} has maxReceiveCount {given_up}: the last failure is lost, or retried for nothing")


def as_written(template: Template, value) -> str:
    """A literal, or the parameter that is referred to: each template has its own."""
    return f"{value['Ref']} of {template.name}" if isinstance(value, dict) and "Ref" in value else str(value)
