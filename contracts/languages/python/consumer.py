"""An example: what a consumer in Python makes of the events that it is for.

    python consumer.py FILE… | -      CloudEvents objects, or what EventBridge delivers around them (`detail`); each begins a line
"""

import re
import sys
from pathlib import Path

from pydantic import BaseModel, ValidationError

from oms_contracts import parse
from oms_contracts.events import OrderCancelledV1, OrderCompletedV1, OrderCreatedV1


def heard(event: BaseModel) -> str | None:
    """One line for people; nothing for a type that is not for us."""
    match event:
        case OrderCreatedV1(subject=order, data=data):
            pieces = sum(line.quantity for line in data.lines)
            return f"{order} placed: {pieces} pieces, {data.total} {data.currency} (minor units)"
        case OrderCompletedV1(subject=order):
            return f"{order} completed"
        case OrderCancelledV1(subject=order, data=data):
            return f"{order} cancelled: {data.reason}"
    return None


def why(error: ValueError | OSError) -> str:
    """The event's type, the place, and the rule; never what the event holds."""
    if not isinstance(error, ValidationError):
        return str(error)
    broken = error.errors(include_input=False, include_url=False)
    claimed = re.sub(r"V(\d+)$", r".v\1", error.title)
    return f"{claimed}: " + "; ".join(f"/{'/'.join(map(str, each['loc']))} {each['msg']}" for each in broken)


def texts(file: str) -> list[str]:
    """Each event in a file, or in standard input: wherever a line begins with an object."""
    return re.split(r"\n(?=\{)", (sys.stdin.read() if file == "-" else Path(file).read_text("utf-8")).strip())


def hear(file: str) -> int:
    """How many events of a file could not be heard; an unreadable file is one."""
    failed = 0
    try:
        for text in texts(file):
            try:
                line = heard(parse(text))
                if line:
                    print(line)
            except ValueError as error:
                failed += 1
                print(f"{file}: {why(error)}", file=sys.stderr)
    except (ValueError, OSError) as error:
        failed += 1
        print(f"{file}: {why(error)}", file=sys.stderr)
    return failed


if __name__ == "__main__":
    sys.exit(1 if sum(map(hear, sys.argv[1:])) else 0)
