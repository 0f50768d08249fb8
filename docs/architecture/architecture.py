"""Draws architecture.svg and architecture.png, beside this file.

    pip install -r requirements.txt        # and Graphviz, for example: apt-get install graphviz
    python architecture.py

Places and lines are given, in points from the top left: a picture that is laid out anew with every word cannot be
reviewed, and a laid-out line crosses what it should go around.
"""

import base64
import re
from dataclasses import dataclass
from pathlib import Path

from diagrams import Cluster, Diagram, Edge, Node
from diagrams.aws.compute import Lambda
from diagrams.aws.database import DynamodbTable
from diagrams.aws.engagement import SimpleEmailServiceSes
from diagrams.aws.integration import EventbridgeCustomEventBusResource, SimpleQueueServiceSqsQueue
from diagrams.aws.network import APIGateway
from diagrams.aws.security import Cognito
from diagrams.onprem.client import Users
from diagrams.onprem.network import Internet

HERE = Path(__file__).resolve().parent
# As wide as a README shows a picture.
WIDTH, HEIGHT = 830, 726
FONT = "Arial"
INK, QUIET, DEAD, BUS = "#232f3e", "#5a6b7b", "#c0272d", "#b0186a"
SIZE, LINE = 40, 13

# The rows, from the top: the middle of an icon.
CLIENT, TRUNK, API, ANSWER, STATE, WORK, QUEUE, BAR = 28, 84, 166, 258, 350, 442, 534, 638
# The columns: left and right of each service, and what lies beyond two of them.
ORDERS, INVENTORY, PAYMENTS, NOTIFICATIONS = (54, 134), (226, 306), (398, 478), (640, 720)
GATEWAY, MAIL = 558, 796

Point = tuple[float, float]


class Pinned(Diagram):
    """A diagram whose nodes and lines stay where they were put."""

    def render(self) -> None:
        for kind, dpi in (("svg", "72"), ("png", "160")):
            self.dot.graph_attr["dpi"] = dpi
            self.dot.render(self.filename, engine="neato", neato_no_op=2, outfile=HERE / f"architecture.{kind}")


@dataclass(frozen=True)
class Icon:
    """An icon of 40 points, with its label below."""

    node: Node
    x: float
    y: float
    lines: int

    @property
    def top(self) -> Point:
        return self.x, self.y - 22

    @property
    def bottom(self) -> Point:
        return self.x, self.y + 24 + LINE * self.lines

    @property
    def left(self) -> Point:
        return self.x - 24, self.y

    @property
    def right(self) -> Point:
        return self.x + 24, self.y


def up(x: float, y: float) -> str:
    """Graphviz counts from the bottom left."""
    return f"{x:g},{HEIGHT - y:g}"


def icon(kind: type[Node], label: str, x: float, y: float, colour: str = INK) -> Icon:
    lines = label.split("\n") if label else []
    image = f'<IMG SCALE="TRUE" SRC="{kind._load_icon(kind)}"/>'
    frame = f'<TD FIXEDSIZE="TRUE" WIDTH="{SIZE}" HEIGHT="{SIZE}">{image}</TD>'
    cells = [frame, *(f'<TD HEIGHT="{LINE}"><FONT COLOR="{colour}">{line}</FONT></TD>' for line in lines)]
    rows = "".join(f"<TR>{cell}</TR>" for cell in cells)
    html = f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0">{rows}</TABLE>>'
    middle = up(x, y + LINE * len(lines) / 2)
    node = kind(html, nodeid=f"{label} {middle}", image="", shape="plain", fontsize="11", pos=middle)
    return Icon(node, x, y, len(lines))


def text(label: str, x: float, y: float, **look: str) -> None:
    look = {"fontcolor": QUIET, "fontsize": "10.5", **look}
    Node(label, nodeid=f"{label} {up(x, y)}", shape="plain", pos=up(x, y), **look)


def line(start: Icon, end: Icon, *way: Point, colour: str = INK, style: str = "solid") -> None:
    """An arrow along straight pieces; its ends name the nodes, its way says where it runs."""
    spline = [up(*way[0])]
    for (x0, y0), (x1, y1) in zip(way, way[1:]):
        spline += [up(x0 + (x1 - x0) * t, y0 + (y1 - y0) * t) for t in (1 / 3, 2 / 3, 1)]
    # The arrow's head ends where the way does, and begins six points before.
    (x0, y0), (x1, y1) = way[-2:]
    length = abs(x1 - x0) + abs(y1 - y0)
    back = 6 / length
    spline[-1] = up(x1 - (x1 - x0) * back, y1 - (y1 - y0) * back)
    pos = f"e,{up(x1, y1)} {' '.join(spline)}"
    start.node >> Edge(pos=pos, color=colour, style=style, penwidth="1.4", arrowsize="0.6") >> end.node


def frame(name: str, left: float, top: float, right: float, bottom: float, fill: str, pen: str) -> Cluster:
    bb = f"{up(left, bottom)},{up(right, top)}"
    return Cluster(name, graph_attr={"bb": bb, "bgcolor": fill, "pencolor": pen, "label": ""})


def service(name: str, columns: tuple[int, int], tables: str, client: Icon, bus: Icon) -> dict[str, Icon]:
    """A service, with the queue of what it could not handle: that one is the platform's."""
    left, right = columns
    middle = (left + right) / 2
    with frame(name, left - 42, API - 64, right + 40, QUEUE + 42, "#f3f7fb", "#9fb3c8"):
        text(f"<<B>{name}</B>>", middle + 14, API - 50, fontsize="13", fontcolor=INK)
        http = icon(APIGateway, "HTTP API", left, API)
        api = icon(Lambda, "api", left, ANSWER)
        table = icon(DynamodbTable, tables, left, STATE)
        relay = icon(Lambda, "relay", left, WORK)
        events = icon(Lambda, "events", right, WORK)
        queue = icon(SimpleQueueServiceSqsQueue, "queue", right, QUEUE)
        letters = icon(SimpleQueueServiceSqsQueue, "dead letters", right, STATE, DEAD)
        text("stream", left - 21, WORK - 33)
        text("PutEvents", left + 29, QUEUE - 40)
        text("rule", right + 14, BAR - 46)
    line(client, http, client.bottom, (client.x, TRUNK), (left, TRUNK), http.top)
    line(http, api, http.bottom, api.top)
    line(api, table, api.bottom, table.top)
    line(table, relay, table.bottom, relay.top, colour=BUS)
    line(relay, bus, relay.bottom, (left, BAR - 30), colour=BUS)
    line(bus, queue, (right, BAR - 30), queue.bottom, colour=BUS)
    line(queue, events, queue.top, events.bottom, colour=BUS)
    line(events, table, events.left, (middle, WORK), (middle, STATE), table.right)
    line(events, letters, events.top, letters.bottom, colour=DEAD, style="dashed")
    return {"table": table, "events": events, "letters": letters}


def settling(payments: dict[str, Icon]) -> None:
    """What payments has besides: it asks the gateway once more before it says that a payment failed."""
    left, right = PAYMENTS
    middle = (left + right) / 2
    table, events, letters = payments["table"], payments["events"], payments["letters"]
    handler = icon(Lambda, "dead-letters", right, ANSWER)
    unsettled = icon(SimpleQueueServiceSqsQueue, "unsettled", right, API, DEAD)
    gateway = icon(Internet, "payment\ngateway", GATEWAY, STATE)
    line(letters, handler, letters.top, handler.bottom, colour=DEAD)
    line(handler, table, handler.left, (middle, ANSWER), (middle, STATE), table.right)
    line(handler, unsettled, handler.top, unsettled.bottom, colour=DEAD, style="dashed")
    line(events, gateway, events.right, (GATEWAY, WORK), gateway.bottom)
    line(handler, gateway, handler.right, (GATEWAY, ANSWER), gateway.top)


def legend(y: float) -> None:
    entries = ((84, INK, "request, write"), (172, BUS, "event"), (280, DEAD, "what could not be handled"))
    for x, colour, meaning in entries:
        text(f"&#9644; {meaning}", x, y, fontcolor=colour, fontsize="11")
    text("The bus, Cognito and every queue named in red belong to the platform.", 546, y, fontsize="11")


def draw() -> None:
    page = {"bb": f"0,0,{WIDTH},{HEIGHT}", "bgcolor": "white", "margin": "0", "pad": "0", "label": ""}
    words = {"fontname": FONT, "fixedsize": "false", "labelloc": "c", "width": "0", "height": "0", "margin": "0"}
    with Pinned("architecture", str(HERE / "architecture.gv"), show=False, graph_attr=page, node_attr=words):
        frame("page", 0, 0, WIDTH, HEIGHT, "white", "white").__exit__(None, None, None)
        client = icon(Users, "customers, staff", INVENTORY[0], CLIENT)
        cognito = icon(Cognito, "Cognito", PAYMENTS[1], CLIENT)
        line(client, cognito, client.right, cognito.left)
        text("sign in", (client.x + cognito.x) / 2, CLIENT - 9)
        text("issues the tokens that every API checks", cognito.x + 132, CLIENT)
        with frame("bus", 12, BAR - 30, 752, BAR + 30, "#fdeef6", BUS):
            bus = icon(EventbridgeCustomEventBusResource, "", 44, BAR)
            text("<<B>EventBridge bus</B>>", 128, BAR, fontsize="13", fontcolor=BUS)
            text("one rule per queue names the events that the service hears; an archive keeps them all", 410, BAR)
        service("orders", ORDERS, "orders", client, bus)
        service("inventory", INVENTORY, "stock\nreservations", client, bus)
        settling(service("payments", PAYMENTS, "payments", client, bus))
        events = service("notifications", NOTIFICATIONS, "deliveries\ncontacts", client, bus)["events"]
        mail = icon(SimpleEmailServiceSes, "SES", MAIL, WORK)
        line(events, mail, events.right, mail.left)
        undeliverable = icon(SimpleQueueServiceSqsQueue, "undeliverable", MAIL - 2, BAR, DEAD)
        line(bus, undeliverable, (752, BAR), (MAIL - 24, BAR), colour=DEAD, style="dashed")
        legend(HEIGHT - 24)


def inline_icons(svg: Path) -> None:
    """Puts each icon into the file, once, and takes out what Graphviz shows under the mouse."""
    drawing = re.sub(r"<title>.*?</title>\n|<!--.*?-->\n?", "", svg.read_text(encoding="utf-8"), flags=re.DOTALL)
    paths = sorted(set(re.findall(r'xlink:href="([^"]+\.png)"', drawing)))
    icons = []
    for number, path in enumerate(paths):
        data = base64.b64encode(Path(path).read_bytes()).decode("ascii")
        source = f'xlink:href="data:image/png;base64,{data}"'
        icons.append(f'<image id="icon{number}" width="{SIZE}" height="{SIZE}" {source}/>')
        placed = rf'<image xlink:href="{re.escape(path)}"[^>]*( x="[^"]+" y="[^"]+")/>'
        drawing = re.sub(placed, rf'<use xlink:href="#icon{number}"\1/>', drawing)
    drawing = re.sub(r"(<svg[^>]*>)", lambda svg: f"{svg[1]}\n<defs>{''.join(icons)}</defs>", drawing, count=1)
    svg.write_text(drawing, encoding="utf-8")


if __name__ == "__main__":
    draw()
    inline_icons(HERE / "architecture.svg")
