"""Who may say what on the bus: each source and type is said by the service that owns it, and an archive may repeat all of it.

What a consumer reads inside an event it believes only where source and type outside are the same; chassis compares them, and
testkit's `believes_what_the_bus_vouches_for` tries every pair of the catalogue. So what is left to prove of the templates is that
no role may put a pair that is another service's.
"""

from typing import Iterator, NamedTuple

from .model import Problem, Resource, System, Template, listed, text
from .policies import forwards, statements

# Every consumer reports in the platform's name; there is no service behind it.
PLATFORM = "oms.platform"
EXEMPTION = {"aws:PrincipalIsAWSService": "false"}


class Voice(NamedTuple):
    """A source and a type, as the bus sees them of an event."""

    source: str
    type: str


def check(system: System, template: Template) -> Iterator[Problem]:
    for policy in template.of_type("AWS::Events::EventBusPolicy"):
        yield from (Problem(policy.id, message) for message in pinned(policy.properties.get("Statement", {})))
    if system.catalogue is None:
        return
    service = name_of(template)
    for role, voice in voices(template):
        if not owns(system.catalogue, service, voice):
            yield Problem(role.id, f"may publish {voice.type} from {voice.source}, which {service or 'the template'} does not own")
    yield from (Problem(rule, message) for rule, message in unheard(system, template))


def pinned(statement: dict) -> Iterator[str]:
    """A statement that refuses events lets EventBridge through, and a source to its service alone."""
    if statement.get("Effect") != "Deny" or "events:PutEvents" not in listed(statement.get("Action")):
        return
    condition = statement.get("Condition", {})
    if condition.get("Bool") != EXEMPTION:
        yield "refuses the archive's replays: its Condition needs Bool: { 'aws:PrincipalIsAWSService': 'false' }, as the others have it"
    roles = [text(role).rsplit(":role/", 1)[-1] for role in listed(condition.get("ArnNotLike", {}).get("aws:PrincipalArn"))]
    for source in listed(condition.get("ForAnyValue:StringEquals", {}).get("events:source")):
        owner = f"oms-${{Stage}}-{str(source).removeprefix('oms.')}-*"
        if roles and source != PLATFORM and roles != [owner]:
            yield f"lets {', '.join(roles)} speak for {source}: it belongs to {owner} alone"


def voices(template: Template) -> Iterator[tuple[Resource, Voice]]:
    """What each role may put on the bus, by its own policies."""
    for holder in template.of_type("AWS::IAM::Role", "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        for statement in [] if forwards(holder) else statements(holder):
            if statement.get("Effect") == "Allow" and "events:PutEvents" in listed(statement.get("Action")):
                condition = template.on_aws(statement.get("Condition", {}))
                exactly, all_of = condition.get("StringEquals", {}), condition.get("ForAllValues:StringEquals", {})
                types = listed(exactly.get("events:detail-type")) or listed(all_of.get("events:detail-type"))
                yield from ((holder, Voice(source, kind)) for source in listed(exactly.get("events:source")) for kind in types)


def owns(catalogue: dict[str, str], service: str | None, voice: Voice) -> bool:
    return catalogue.get(voice.type) == voice.source and voice.source in (f"oms.{service}", PLATFORM)


def unheard(system: System, template: Template) -> Iterator[tuple[str, str]]:
    """A rule brings types that its sources publish; one of another source would wait for what nobody may say."""
    for rule in template.of_type("AWS::Events::Rule"):
        pattern = rule.properties.get("EventPattern", {})
        sources = [source for source in listed(pattern.get("source")) if isinstance(source, str) and source.startswith("oms.")]
        for kind in (kind for kind in listed(pattern.get("detail-type")) if isinstance(kind, str) and sources):
            if system.catalogue.get(kind) not in sources:
                yield rule.id, f"waits for {kind}, which none of {', '.join(sources)} publishes"


def confusions(system: System) -> Iterator[tuple[str, Voice, str, Voice]]:
    """Each outer pair that a role may put and a consumer's rule brings, around each other inner pair that the consumer believes."""
    said = {(f"{template.name}/{role.id}", voice) for template in system.templates for role, voice in voices(template)}
    for template in system.templates:
        for rule in template.of_type("AWS::Events::Rule"):
            pattern = rule.properties.get("EventPattern", {})
            brought = [(role, voice) for role, voice in sorted(said) if voice.source in listed(pattern.get("source")) and voice.type in listed(pattern.get("detail-type"))]
            believed = sorted({Voice(system.catalogue.get(kind, ""), kind) for kind in listed(pattern.get("detail-type")) if isinstance(kind, str)})
            yield from ((role, outer, template.name, inner) for role, outer in brought for inner in believed if outer != inner)


def name_of(template: Template) -> str | None:
    """The service whose functions the template deploys."""
    variables = (function.properties.get("Environment", {}).get("Variables", {}) for function in template.of_type("AWS::Lambda::Function"))
    return next((found["SERVICE"] for found in variables if "SERVICE" in found), None)
