"""Icons, lines, frames and texts at given places, in points from the top left.

A picture that is laid out again with every word cannot be reviewed, and a laid-out line crosses what it should go around.
"""

import base64
import re
from dataclasses import dataclass
from pathlib import Path

from diagrams import Cluster, Diagram, Edge, Node

FONT = "Arial"
INK, QUIET, DEAD, BUS = "#232f3e", "#5a6b7b", "#c0272d", "#b0186a"
SIZE, SMALL, LINE = 40, 22, 13

Point = tuple[float, float]


class Page(Diagram):
    """A diagram whose nodes and lines stay where they were put; written as `NAME.svg` and `NAME.png`."""

    height = 0.0

    def __init__(self, path: Path, width: float, height: float):
        Page.height = height
        self.path = path
        page = {"bb": f"0,0,{width:g},{height:g}", "bgcolor": "white", "margin": "0", "pad": "0", "label": ""}
        words = {"fontname": FONT, "fixedsize": "false", "labelloc": "c", "width": "0", "height": "0", "margin": "0"}
        super().__init__(path.name, str(path.with_suffix(".gv")), show=False, graph_attr=page, node_attr=words)

    def render(self) -> None:
        for kind, dpi in (("svg", "72"), ("png", "160")):
            self.dot.graph_attr["dpi"] = dpi
            self.dot.render(self.filename, engine="neato", neato_no_op=2, outfile=self.path.with_suffix(f".{kind}"))


@dataclass(frozen=True)
class Icon:
    """An icon with its label below."""

    node: Node
    x: float
    y: float
    lines: int
    size: int

    @property
    def top(self) -> Point:
        return self.x, self.y - self.size / 2 - 2

    @property
    def bottom(self) -> Point:
        return self.x, self.y + self.size / 2 + 4 + LINE * self.lines

    @property
    def left(self) -> Point:
        return self.x - self.size / 2 - 4, self.y

    @property
    def right(self) -> Point:
        return self.x + self.size / 2 + 4, self.y


def up(x: float, y: float) -> str:
    """Graphviz counts from the bottom left."""
    return f"{x:g},{Page.height - y:g}"


def icon(kind: type[Node], label: str, x: float, y: float, colour: str = INK, size: int = SIZE) -> Icon:
    lines = label.split("\n") if label else []
    image = f'<IMG SCALE="TRUE" SRC="{kind._load_icon(kind)}"/>'
    frame = f'<TD FIXEDSIZE="TRUE" WIDTH="{size}" HEIGHT="{size}">{image}</TD>'
    cells = [frame, *(f'<TD HEIGHT="{LINE}"><FONT COLOR="{colour}">{line}</FONT></TD>' for line in lines)]
    rows = "".join(f"<TR>{cell}</TR>" for cell in cells)
    html = f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0">{rows}</TABLE>>'
    middle = up(x, y + LINE * len(lines) / 2)
    node = kind(html, nodeid=f"{label} {middle}", image="", shape="plain", fontsize="11", pos=middle)
    return Icon(node, x, y, len(lines), size)


def text(label: str, x: float, y: float, **look: str) -> None:
    look = {"fontcolor": QUIET, "fontsize": "10.5", **look}
    Node(label, nodeid=f"{label} {up(x, y)}", shape="plain", pos=up(x, y), **look)


def line(start: Icon, end: Icon, *way: Point, colour: str = INK, style: str = "solid") -> None:
    """An arrow along straight pieces; its ends name the nodes, its way is where it runs."""
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


def finish(svg: Path, note: str) -> None:
    """Puts each icon into the file, once, takes out what Graphviz shows under the mouse, and adds a comment."""
    drawing = re.sub(r"<title>.*?</title>\n|<!--.*?-->\n?", "", svg.read_text(encoding="utf-8"), flags=re.DOTALL)
    paths = sorted(set(re.findall(r'xlink:href="([^"]+\.png)"', drawing)))
    icons = []
    for number, path in enumerate(paths):
        data = base64.b64encode(Path(path).read_bytes()).decode("ascii")
        source = f'xlink:href="data:image/png;base64,{data}"'
        icons.append(f'<image id="icon{number}" width="1" height="1" {source}/>')
        placed = rf'<image xlink:href="{re.escape(path)}" width="(\d+)px" height="\d+px"[^>]* x="([^"]+)" y="([^"]+)"/>'
        drawing = re.sub(placed, rf'<use xlink:href="#icon{number}" transform="translate(\2 \3) scale(\1)"/>', drawing)
    drawing = re.sub(r"(<svg[^>]*>)", lambda svg: f"{svg[1]}\n<!-- {note} -->\n<defs>{''.join(icons)}</defs>", drawing, count=1)
    svg.write_text(drawing, encoding="utf-8")
