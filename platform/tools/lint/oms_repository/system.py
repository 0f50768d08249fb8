"""What the templates deploy, as far as the architecture picture shows it: roles, what invokes them, and what they use."""

import re
from pathlib import Path
from typing import Iterator

import yaml

# In the order of the picture; more services follow by name.
FIRST = ("orders", "inventory", "payments", "notifications")
SSM = re.compile(r"\{\{resolve:ssm:/oms/\$\{Stage\}/([a-z/-]+)\}\}")


class Loader(yaml.SafeLoader):
    """Reads CloudFormation's tags as their text or parts: `!Ref Table` is "Table", `!GetAtt Queue.Arn` is "Queue.Arn"."""


def untagged(loader: Loader, _: str, node: yaml.Node) -> object:
    match node:
        case yaml.ScalarNode():
            return loader.construct_scalar(node)
        case yaml.SequenceNode():
            return loader.construct_sequence(node, deep=True)
    return loader.construct_mapping(node, deep=True)


Loader.add_multi_constructor("!", untagged)


def system(root: Path) -> dict[str, dict]:
    """Each stack that has functions, by its name; in the order in which the picture shows them."""
    services = {path.parent.name: path for path in sorted(root.glob("services/*/template.yaml"))}
    order = sorted(services, key=lambda name: (FIRST.index(name) if name in FIRST else len(FIRST), name))
    paths = {name: services[name] for name in order} | {"watcher": root / "platform/watcher/template.yaml"}
    return {name: stack(path) for name, path in paths.items() if path.is_file()}


def stack(path: Path) -> dict:
    resources = yaml.load(path.read_text(encoding="utf-8"), Loader)["Resources"]
    functions = [resource for resource in resources.values() if resource["Type"] == "AWS::Serverless::Function"]
    tables = {name: suffix(resource["Properties"]["TableName"]) for name, resource in resources.items() if resource["Type"] == "AWS::DynamoDB::Table"}
    return {
        "tables": list(tables.values()),
        "roles": {function["Properties"]["Handler"]: role(function["Properties"], tables, resources) for function in functions},
        "reads the bus": any(resource["Type"] == "AWS::Events::Rule" for resource in resources.values()),
    }


def role(properties: dict, tables: dict[str, str], resources: dict) -> dict:
    variables = properties.get("Environment", {}).get("Variables", {})
    policies = list(texts(resources[str(properties["Role"]).split(".")[0]])) if "Role" in properties else []
    found = {
        "invoked by": invoker(properties),
        "tables": [tables[value] for value in variables.values() if isinstance(value, str) and value in tables],
        "calls": [name for name, uses in (("gateway", "GATEWAY_URL" in variables), ("SES", "ses:SendEmail" in policies)) if uses],
        "publishes": "events:PutEvents" in policies and "relay" == properties["Handler"],
        "parks in": [parked(text) for name, text in variables.items() if name == "DLQ_URL"],
    }
    return {name: value for name, value in found.items() if value}


def invoker(properties: dict) -> str:
    """HTTP where the template gives the function no event: then an API integrates it."""
    for event in properties.get("Events", {}).values():
        source = event["Properties"]
        match event["Type"]:
            case "SQS":
                parameter = SSM.search(source["Queue"])
                return parameter.group(1).removesuffix("/arn") if parameter else "queue"
            case "DynamoDB":
                return "stream"
            case "Schedule":
                return source["Schedule"]
    return "HTTP"


def parked(url: str) -> str:
    found = SSM.search(url)
    return found.group(1).removesuffix("/url") if found else url


def suffix(name: str) -> str:
    return name.removeprefix("oms-${Stage}-")


def texts(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from texts(each)
    elif isinstance(value, str):
        yield value
