"""Reads a template, expands it as SAM on AWS would, and lets cfn-lint look at the result.

cfn-lint alone misses most errors of a SAM template, because it does not expand it.
"""

import json
import logging
import os
from pathlib import Path

from cfnlint.api import lint as cfn_lint
from cfnlint.config import ManualArgs
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

from .model import Problem, Template

REGION = "us-east-1"
SAM = "AWS::Serverless-2016-10-31"
# The translator wants code that has been uploaded.
UPLOADED = "s3://artifacts/bootstrap.zip"


# It would remark, once per template, that its metrics are not published.
logging.getLogger("samtranslator.metrics").setLevel(logging.ERROR)


class NoManagedPolicies:
    """Our templates write their own statements, so no name of a policy needs to be looked up."""

    def load(self):
        return {}


def read(path: Path, name: str) -> Template:
    """The template as CloudFormation would see it after the SAM transform."""
    text = path.read_text(encoding="utf-8")
    body = yaml_parse(text)
    return Template(name=name, text=text, body=expand(body) if body.get("Transform") == SAM else body)


def expand(body: dict) -> dict:
    os.environ.setdefault("AWS_DEFAULT_REGION", REGION)
    functions = [resource for resource in body["Resources"].values() if resource["Type"] == "AWS::Serverless::Function"]
    for properties in [body.get("Globals", {}).get("Function", {}), *(function["Properties"] for function in functions)]:
        if "CodeUri" in properties:
            properties["CodeUri"] = UPLOADED
    return transform(body, {}, NoManagedPolicies())


def cfn_problems(template: Template) -> list[Problem]:
    """What cfn-lint finds in the expanded template."""
    matches = cfn_lint(json.dumps(template.body, indent=1), config=ManualArgs(regions=[REGION]))
    return [Problem(place(match.path or []), f"{match.rule.id} {match.message}") for match in matches]


def place(path: list) -> str:
    """`Resources/Queue/Properties/Name` is the queue's concern."""
    return str(path[1]) if len(path) > 1 else "template"
