"""A template and its neighbours, with what CloudFormation would make of a reference."""

import re
from dataclasses import dataclass
from typing import Iterator, NamedTuple

RESOLVE = re.compile(r"\{\{resolve:ssm:(.+)\}\}")


class Problem(NamedTuple):
    """What is wrong, and with which resource."""

    resource: str
    message: str


class Resource(NamedTuple):
    """A resource of an expanded template."""

    id: str
    type: str
    properties: dict
    metadata: dict


@dataclass(frozen=True)
class Template:
    """An expanded template, and the text that it was written as."""

    name: str
    text: str
    body: dict

    def resource(self, logical_id: str) -> Resource | None:
        found = self.body.get("Resources", {}).get(logical_id)
        if found is None:
            return None
        return Resource(logical_id, found["Type"], found.get("Properties", {}), found.get("Metadata", {}))

    def of_type(self, *types: str) -> Iterator[Resource]:
        for logical_id, found in self.body.get("Resources", {}).items():
            if found["Type"] in types:
                yield self.resource(logical_id)

    def on_aws(self, value):
        """The branch of an `If` that AWS gets: conditions hold as the parameters' defaults make them."""
        if not (isinstance(value, dict) and list(value) == ["Fn::If"]):
            return value
        condition, then, otherwise = value["Fn::If"]
        left, right = self.body.get("Conditions", {}).get(condition, {}).get("Fn::Equals", [None, None])
        return self.on_aws(then if self._default(left) == self._default(right) else otherwise)

    def _default(self, value):
        if isinstance(value, dict) and "Ref" in value:
            return self.number(value)
        return value

    def number(self, value):
        """A literal, or the default of the parameter that is referred to."""
        if isinstance(value, dict) and "Ref" in value:
            return self.body.get("Parameters", {}).get(value["Ref"], {}).get("Default")
        return value


@dataclass(frozen=True)
class System:
    """All templates that are deployed together; they find each other's resources by SSM parameters."""

    templates: list[Template]
    # What operators read when an alarm rings, if there is such a text.
    runbook: str | None = None
    # The published types of events, each with the source that owns it, if there is a catalogue.
    catalogue: dict[str, str] | None = None

    def find(self, template: Template, value) -> tuple[Template, Resource] | None:
        """The resource that a `Ref`, a `GetAtt` or a parameter in SSM points at."""
        logical_id = target(value)
        if logical_id:
            resource = template.resource(logical_id)
            return (template, resource) if resource else None
        reference = RESOLVE.fullmatch(text(value))
        return self._published(reference.group(1)) if reference else None

    def _published(self, parameter: str) -> tuple[Template, Resource] | None:
        for template in self.templates:
            for resource in template.of_type("AWS::SSM::Parameter"):
                if text(resource.properties.get("Name")) == parameter:
                    return self.find(template, resource.properties.get("Value"))
        return None


def target(value) -> str | None:
    """The logical id in a `Ref` or a `GetAtt`."""
    if not isinstance(value, dict):
        return None
    if "Ref" in value:
        return value["Ref"]
    attribute = value.get("Fn::GetAtt")
    return attribute.split(".")[0] if isinstance(attribute, str) else attribute and attribute[0]


def text(value) -> str:
    """A plain string, or the text of a `Sub` with its holes left open; two equal texts mean the same."""
    if isinstance(value, dict):
        value = value.get("Fn::Sub", "")
    return value if isinstance(value, str) else ""


def listed(value) -> list:
    """What CloudFormation takes as one or many."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
