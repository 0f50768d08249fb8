"""Draws architecture.svg and architecture.png, next to this file, from the templates.

    just picture        # needs Graphviz, for example: apt-get install graphviz

Which roles, tables, queues and schedules a service has, and who calls the gateway or SES, is read from its template; where
each is shown is written here. `just lint` compares the templates with those that the picture was drawn from.
"""

import json
import sys
from pathlib import Path

from diagrams.aws.compute import Lambda
from diagrams.aws.database import DynamodbTable
from diagrams.aws.engagement import SimpleEmailServiceSes
from diagrams.aws.integration import EventbridgeCustomEventBusResource, EventbridgeScheduler, SimpleQueueServiceSqsQueue
from diagrams.aws.network import APIGateway
from diagrams.aws.security import Cognito
from diagrams.onprem.client import Users
from diagrams.onprem.network import Internet

from canvas import BUS, DEAD, INK, SMALL, Icon, Page, finish, frame, icon, line, text

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "platform/tools/lint"))
from oms_repository.picture import PREFIX  # noqa: E402
from oms_repository.system import system  # noqa: E402

# The rows, from the top: the middle of an icon.
CLIENT, TRUNK, API, ANSWER, STATE, WORK, QUEUE, BAR, BELOW = 28, 84, 166, 258, 350, 442, 534, 638, 730
HEIGHT = 842
# From a service's left edge: its first column, the next ones without and with a small icon between them.
FIRST, NEXT, WIDE, EDGE = 42, 80, 104, 40
GAP, MARGIN = 14, 12
CALLED = {"gateway": Internet, "SES": SimpleEmailServiceSes}
PLACED = {"api", "events", "relay", "sweep", "dead-letters", "feedback"}


class Columns:
    """Where a service's columns are: its API and state, its sweep, its messages."""

    def __init__(self, left: float, roles: dict[str, dict]):
        unknown = roles.keys() - PLACED
        if unknown:
            raise SystemExit(f"the picture has no place for the role {', '.join(unknown)}")
        apart = "sweep" in roles and "dead-letters" in roles
        self.state = left + FIRST
        self.sweep = self.state + (WIDE if apart else NEXT)
        self.messages = self.sweep + (WIDE if apart else 0)
        called = any(role.get("calls") for name, role in roles.items() if name in ("events", "dead-letters"))
        right = self.messages + (66 if called else EDGE)
        self.feedback = right + EDGE if "feedback" in roles else None
        self.left, self.right, self.apart = left, right + (NEXT if "feedback" in roles else 0), apart


def role(name: str, found: dict, x: float, y: float) -> Icon:
    """A function, with a small icon of what it calls."""
    drawn = icon(Lambda, name, x, y)
    for called in found.get("calls", []):
        small = icon(CALLED[called], "", x + 51, y, size=SMALL)
        line(drawn, small, drawn.right, small.left)
    return drawn


def service(name: str, found: dict, columns: Columns, client: Icon, bus: Icon) -> None:
    """A service, with the queues of what it could not handle: those are the platform's."""
    roles, left, right = found["roles"], columns.state, columns.messages
    with frame(name, columns.left, API - 64, columns.right, QUEUE + 42, "#f3f7fb", "#9fb3c8"):
        text(f"<<B>{name}</B>>", (left + right) / 2 + 14, API - 50, fontsize="13", fontcolor=INK)
        table = icon(DynamodbTable, "\n".join(found["tables"]), left, STATE)
        if "events" in roles:
            letters = consume(roles["events"], columns, table, bus)
        if "api" in roles:
            answer(roles["api"], left, table, client)
        if "relay" in roles:
            publish(roles["relay"], left, table, bus)
        if "sweep" in roles:
            sweep(roles["sweep"], columns, table)
        if "feedback" in roles:
            correct(roles["feedback"], columns, table)
        if "dead-letters" in roles:
            settle(roles["dead-letters"], columns, table, letters)


def answer(found: dict, x: float, table: Icon, client: Icon) -> None:
    http, api = icon(APIGateway, "HTTP API", x, API), role("api", found, x, ANSWER)
    line(client, http, client.bottom, (client.x, TRUNK), (x, TRUNK), http.top)
    line(http, api, http.bottom, api.top)
    line(api, table, api.bottom, table.top)


def publish(found: dict, x: float, table: Icon, bus: Icon) -> None:
    relay = role("relay", found, x, WORK)
    text("stream", x - 21, WORK - 33)
    text("PutEvents", x + 29, QUEUE - 40)
    line(table, relay, table.bottom, relay.top, colour=BUS)
    line(relay, bus, relay.bottom, (x, BAR - 30), colour=BUS)


def consume(found: dict, columns: Columns, table: Icon, bus: Icon) -> Icon:
    """The consumer with its queue; returns the queue of what it could not handle."""
    x, middle = columns.messages, columns.state + 42
    events, queue = role("events", found, x, WORK), icon(SimpleQueueServiceSqsQueue, "queue", x, QUEUE)
    letters = icon(SimpleQueueServiceSqsQueue, "dead letters", x, STATE, DEAD)
    text("rule", x + 14, BAR - 46)
    line(bus, queue, (x, BAR - 30), queue.bottom, colour=BUS)
    line(queue, events, queue.top, events.bottom, colour=BUS)
    line(events, table, events.left, (middle, WORK), (middle, STATE), table.right)
    line(events, letters, events.top, letters.bottom, colour=DEAD, style="dashed")
    return letters


def sweep(found: dict, columns: Columns, table: Icon) -> None:
    """What looks at the clock, and what invokes it."""
    schedule = icon(EventbridgeScheduler, each(found["invoked by"]), columns.sweep, API)
    drawn = role("sweep", found, columns.sweep, ANSWER)
    line(schedule, drawn, schedule.bottom, drawn.top)
    middle = columns.state + 42
    down = [drawn.bottom, (columns.sweep, STATE)] if columns.apart else [drawn.left, (middle, ANSWER), (middle, STATE)]
    line(drawn, table, *down, table.right)


def each(rate: str) -> str:
    """`rate(1 minute)` as people say it."""
    return f"each {rate.removeprefix('rate(1 ').removesuffix(')')}" if rate.startswith("rate(1 ") else rate


def settle(found: dict, columns: Columns, table: Icon, letters: Icon) -> None:
    """The role that handles the service's own dead letters; what it cannot handle is left for people."""
    drawn = role("dead-letters", found, columns.messages, ANSWER)
    (parked,) = found["parks in"]
    unsettled = icon(SimpleQueueServiceSqsQueue, parked.rpartition("-")[2], columns.messages, API, DEAD)
    middle = columns.messages - 37
    line(letters, drawn, letters.top, drawn.bottom, colour=DEAD)
    line(drawn, table, drawn.left, (middle, ANSWER), (middle, STATE), table.right)
    line(drawn, unsettled, drawn.top, unsettled.bottom, colour=DEAD, style="dashed")


def correct(found: dict, columns: Columns, table: Icon) -> None:
    """The role that consumes what SES reports; AWS publishes it to the account's own bus, which is not drawn."""
    x, middle = columns.feedback, columns.state + 42
    drawn, queue = role("feedback", found, x, ANSWER), icon(SimpleQueueServiceSqsQueue, "SES reports", x, API)
    letters = icon(SimpleQueueServiceSqsQueue, "dead letters", x, STATE, DEAD)
    line(queue, drawn, queue.bottom, drawn.top, colour=BUS)
    line(drawn, table, drawn.left, (columns.messages, ANSWER), (columns.messages, STATE - 56), (middle, STATE - 56), (middle, STATE), table.right)
    line(drawn, letters, drawn.bottom, letters.top, colour=DEAD, style="dashed")


def below(found: dict, bus: Icon, width: float) -> None:
    """What hangs on the bus besides the services."""
    if "watcher" in found:
        with frame("watcher", MARGIN, BELOW - 42, 500, BELOW + 44, "#f3f7fb", "#9fb3c8"):
            queue = icon(SimpleQueueServiceSqsQueue, "queue", 54, BELOW)
            events = role("events", found["watcher"]["roles"]["events"], 134, BELOW)
            letters = icon(SimpleQueueServiceSqsQueue, "dead letters", 214, BELOW, DEAD)
            text("<<B>watcher</B>>", 290, BELOW - 12, fontsize="13", fontcolor=INK)
            text("validates every event, not in production", 368, BELOW + 8)
        line(bus, queue, (54, BAR + 30), queue.top, colour=BUS)
        line(queue, events, queue.right, events.left, colour=BUS)
        line(events, letters, events.right, letters.left, colour=DEAD, style="dashed")
    lost = icon(SimpleQueueServiceSqsQueue, "undeliverable", width - 76, BELOW, DEAD)
    line(bus, lost, (lost.x, BAR + 30), lost.top, colour=DEAD, style="dashed")
    text("what no queue took, or a relay could not publish", lost.x - 168, BELOW)


def legend(y: float) -> None:
    for x, colour, meaning in ((62, INK, "request, write"), (160, BUS, "event"), (278, DEAD, "what could not be handled")):
        text(f"&#9644; {meaning}", x, y, fontcolor=colour, fontsize="11")
    for x, called, meaning in ((384, "gateway", "payment gateway"), (518, "SES", "mail (SES)")):
        icon(CALLED[called], "", x, y, size=SMALL)
        text(meaning, x + 18 + 2.7 * len(meaning), y, fontcolor=INK, fontsize="11")
    text("The bus, Cognito and every queue in red belong to the platform.", MARGIN + 164, y + 22)


def draw(found: dict[str, dict]) -> None:
    services, left = {}, MARGIN
    for name, stack in found.items():
        if name != "watcher":
            services[name] = Columns(left, stack["roles"])
            left = services[name].right + GAP
    width = left - GAP + MARGIN
    with Page(HERE / "architecture", width, HEIGHT):
        frame("page", 0, 0, width, HEIGHT, "white", "white").__exit__(None, None, None)
        second = list(services.values())[1]
        client = icon(Users, "customers, staff", second.state, CLIENT)
        cognito = icon(Cognito, "Cognito", second.right + 160, CLIENT)
        line(client, cognito, client.right, cognito.left)
        text("sign in", (client.x + cognito.x) / 2, CLIENT - 9)
        text("issues the tokens that every API checks", cognito.x + 132, CLIENT)
        with frame("bus", MARGIN, BAR - 30, width - MARGIN, BAR + 30, "#fdeef6", BUS):
            bus = icon(EventbridgeCustomEventBusResource, "", 44, BAR)
            text("<<B>EventBridge bus</B>>", 128, BAR, fontsize="13", fontcolor=BUS)
            text("one rule per queue names the events that the service consumes; an archive keeps them all", 430, BAR)
        for name, columns in services.items():
            service(name, found[name], columns, client, bus)
        below(found, bus, width)
        legend(HEIGHT - 42)


if __name__ == "__main__":
    facts = system(ROOT)
    draw(facts)
    finish(HERE / "architecture.svg", PREFIX + json.dumps(facts, sort_keys=True))
