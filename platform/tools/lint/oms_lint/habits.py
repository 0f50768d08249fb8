"""What keeps the stacks independent of each other, and what the deployers rely on."""

from typing import Iterator

from .model import Problem, System, Template

CODE = "CodeUri: build/bootstrap.zip"


def check(_: System, template: Template) -> Iterator[Problem]:
    if imports(template.body):
        yield Problem("template", "uses Fn::ImportValue, which ties the stacks' updates together: read the SSM parameter")
    for name, output in template.body.get("Outputs", {}).items():
        if "Export" in output:
            yield Problem(f"Outputs.{name}", "is exported, which ties the stacks' updates together: publish an SSM parameter")
    lines = template.text.splitlines()
    for name in template.body.get("Parameters", {}):
        if not any(line.startswith(f"  {name}:") for line in lines):
            yield Problem(f"Parameters.{name}", "is not indented by two spaces, which omsctl expects")
    named = sum(line.strip() == CODE for line in lines)
    if any(template.of_type("AWS::Lambda::Function")) and named != 1:
        yield Problem("Globals", f"`{CODE}` must be there exactly once, for both deployers; it is {named} times")


def imports(value) -> bool:
    if isinstance(value, dict):
        return "Fn::ImportValue" in value or any(map(imports, value.values()))
    return isinstance(value, list) and any(map(imports, value))
