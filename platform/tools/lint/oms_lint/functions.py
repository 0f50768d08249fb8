"""Functions: their environment, and the logs and traces that they leave to find a fault by."""

from typing import Iterator

from .model import Problem, Resource, System, Template, target, text


def check(_: System, template: Template) -> Iterator[Problem]:
    for function in template.of_type("AWS::Lambda::Function"):
        yield from (Problem(function.id, message) for message in observable(template, function))
        for name, value in function.properties.get("Environment", {}).get("Variables", {}).items():
            if unquoted(value):
                yield Problem(function.id, f"its variable {name} is not text, and the emulator refuses it: quote it")


def observable(template: Template, function: Resource) -> Iterator[str]:
    logging = function.properties.get("LoggingConfig", {})
    if logging.get("LogFormat") != "JSON":
        yield "does not log JSON (LoggingConfig.LogFormat)"
    if logging.get("SystemLogLevel") != "WARN":
        yield "pays for Lambda's own lines about every invocation (LoggingConfig.SystemLogLevel is not WARN)"
    if logging.get("ApplicationLogLevel") != "DEBUG":
        yield "LOG_LEVEL=debug would show nothing: Lambda drops the lines (LoggingConfig.ApplicationLogLevel is not DEBUG)"
    if function.properties.get("TracingConfig", {}).get("Mode") != "Active":
        yield "is not traced (Tracing: Active)"
    group = template.resource(target(logging.get("LogGroup")) or "")
    if not group or group.type != "AWS::Logs::LogGroup":
        yield "declares no log group (LoggingConfig.LogGroup): Lambda creates one that never deletes anything"
    elif not group.properties.get("RetentionInDays"):
        yield f"its log group {group.id} has no RetentionInDays"
    elif text(group.properties.get("LogGroupName")) != f"/aws/lambda/{text(function.properties.get('FunctionName'))}":
        yield f"its log group {group.id} is not named /aws/lambda/<function name>"


def unquoted(value) -> bool:
    """A literal number or boolean, also in a branch of an `If`; what a parameter brings is text."""
    if isinstance(value, dict) and list(value) == ["Fn::If"]:
        return any(map(unquoted, value["Fn::If"][1:]))
    return isinstance(value, (int, float))
