"""The events on the order management bus, as pydantic models."""

import json
from typing import get_args

from pydantic import BaseModel

from .events import OmsEvent

# `OrderCreated.v1` → its model
MODELS = {get_args(model.model_fields["type"].annotation)[0]: model for model in get_args(OmsEvent.model_fields["root"].annotation)}


class Unpublished(ValueError):
    """An event claims a type that has no published schema."""


class Mislabelled(ValueError):
    """EventBridge delivered the event under another source or type than it claims, so who put it may not say what it says."""


def parse(text: str) -> BaseModel:
    """Reads an event: a CloudEvents object, or an EventBridge event with it as `detail`. Ignores unknown fields.

    Raises `Unpublished`, `Mislabelled`, `pydantic.ValidationError` with place and rule, or another `ValueError` where the text is not JSON.
    """
    try:
        body = json.loads(text, parse_float=_number, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("the text is not JSON: it is nested too deeply") from None
    # an attribute of an event has no hyphen in its name
    delivered = isinstance(body, dict) and "detail-type" in body
    event = body.get("detail") if delivered else body
    if not isinstance(event, dict) or "type" not in event:
        raise Unpublished("the event has no `type` such as OrderCreated.v1")
    if delivered and (body["detail-type"], body.get("source")) != (event["type"], event.get("source")):
        raise Mislabelled("the bus delivered the event under another source or type than it claims")
    model = MODELS.get(str(event["type"]))
    if model is None:
        raise Unpublished(f"no schema is published for {event['type']}")
    # from JSON, so that a time may be a text; strict, so that a number may not
    return model.model_validate_json(json.dumps(event), strict=True)


def _no_constant(text: str) -> None:
    raise ValueError(f"the text is not JSON: {text} is no number")


def _number(text: str) -> int | float:
    """JSON has no integers: `2.0` is the whole number 2, as JSON Schema has it."""
    number = float(text)
    return int(number) if number.is_integer() and abs(number) < 2**53 else number
