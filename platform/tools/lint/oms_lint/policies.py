"""What roles may do: what their function does, and nothing else."""

from typing import Iterator

from .model import Problem, Resource, System, Template, listed, text


def check(_: System, template: Template) -> Iterator[Problem]:
    for holder in template.of_type("AWS::IAM::Role", "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        for name in map(text, holder.properties.get("ManagedPolicyArns", [])):
            if ":aws:policy/" in name:
                yield Problem(holder.id, f"attaches {name.rsplit('/', 1)[-1]}, which allows what AWS chooses: write the statements that it needs")
        for statement in statements(holder):
            if statement.get("Effect") == "Allow":
                yield from (Problem(holder.id, message) for message in too_broad(template, holder, statement))
    yield from closed_to_others(template)


def closed_to_others(template: Template) -> Iterator[Problem]:
    """Other accounts may make rules for what every service publishes: its source is one that only the service may use."""
    owned, offered = set(), {}
    for policy in template.of_type("AWS::Events::EventBusPolicy"):
        statement = policy.properties.get("Statement", {})
        condition = statement.get("Condition", {})
        if statement.get("Effect") == "Deny":
            owned |= set(map(str, listed(condition.get("ForAnyValue:StringEquals", {}).get("events:source"))))
        elif "events:PutRule" in listed(statement.get("Action")):
            offered[policy.id] = set(map(str, listed(condition.get("ForAllValues:StringEquals", {}).get("events:source"))))
    for name, sources in offered.items():
        for source in sorted(owned - sources - {"oms.platform"}):
            yield Problem(name, f"other accounts cannot consume the events of {source}: add it to events:source")


def statements(holder: Resource) -> Iterator[dict]:
    documents = [policy["PolicyDocument"] for policy in holder.properties.get("Policies", [])]
    documents += [holder.properties["PolicyDocument"]] if "PolicyDocument" in holder.properties else []
    for document in documents:
        yield from listed(document["Statement"])


def too_broad(template: Template, holder: Resource, statement: dict) -> Iterator[str]:
    for inverse in ("NotAction", "NotResource"):
        if inverse in statement:
            yield f"allows by {inverse}: name what is allowed"
    actions = listed(statement.get("Action"))
    yield from (f"allows the action `{action}`: name each" for action in actions if "*" in action)
    if "*" in listed(statement.get("Resource")) and not holder.metadata.get("WildcardReason"):
        yield f"allows {', '.join(actions)} on every resource, and its Metadata gives no WildcardReason"
    if "events:PutEvents" not in actions or forwards(holder):
        return
    if not names_its_source(template, statement):
        yield "may publish events of any source: it needs the condition StringEquals events:source"
    elif not names_its_types(template, statement):
        yield "may publish any type of event: it needs a condition on events:detail-type, with the types that events.toml declares"


def forwards(holder: Resource) -> bool:
    """Whether the bus alone assumes the role: then it puts what a rule matches, and the rule's pattern names source and type."""
    trust = listed(holder.properties.get("AssumeRolePolicyDocument", {}).get("Statement"))
    return bool(trust) and all(statement.get("Principal") == {"Service": "events.amazonaws.com"} for statement in trust)


def names_its_source(template: Template, statement: dict) -> bool:
    condition = template.on_aws(statement.get("Condition", {}))
    return bool(condition.get("StringEquals", {}).get("events:source"))


def names_its_types(template: Template, statement: dict) -> bool:
    condition = template.on_aws(statement.get("Condition", {}))
    allowing = ("StringEquals", "ForAllValues:StringEquals")
    return any(condition.get(operator, {}).get("events:detail-type") for operator in allowing)
