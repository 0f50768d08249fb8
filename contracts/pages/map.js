// The map of publishers, events and consumers, drawn by Graphviz from asyncapi.json. A service appears on both sides, so
// that every arrow points to the right.
import { instance } from "@viz-js/viz";

const COLOURS = { orders: "#1f6feb", inventory: "#2da44e", payments: "#bf8700", notifications: "#8250df", platform: "#6e7781" };
const colour = (service) => COLOURS[service] ?? "#57606a";

/** The id of an event's heading in `events.html`, as GitHub derives it. */
export const anchor = (type) => type.toLowerCase().replace(".", "");

/** Every event with its producers and consumers, in the order of asyncapi.json. */
export function events(asyncapi) {
  const named = (action) => Object.values(asyncapi.operations).filter((operation) => operation.action === action);
  const services = (action, type) =>
    named(action).filter((o) => o.channel.$ref === `#/channels/${type}`).map((o) => o.tags[0].name).sort();
  return Object.entries(asyncapi.components.messages).map(([type, message]) => ({
    type,
    summary: message.summary,
    owner: message.tags[0].name.replace("oms.", ""),
    producers: services("send", type),
    consumers: services("receive", type),
  }));
}

// Boxes have a fixed width: a viewer without Helvetica draws wider letters than Graphviz measures.
function dot(all) {
  const owners = [...new Set(all.map((event) => event.owner))].sort();
  const consumers = [...new Set(all.flatMap((event) => event.consumers))].sort();
  const quoted = (text) => JSON.stringify(text);
  const service = (side, name, label = name) =>
    `  ${quoted(`${side} ${name}`)} [label=${quoted(label)} shape=box style="filled,rounded" fillcolor=${quoted(colour(name))} fontcolor=white penwidth=0 width=1.9 fontname="Helvetica-Bold"];`;
  const event = ({ type, owner }) =>
    `  ${quoted(type)} [shape=box style=filled fillcolor=white color=${quoted(colour(owner))} URL=${quoted(`events.html#${anchor(type)}`)} tooltip=${quoted(type)} target="_self" width=2.6];`;
  const edges = all.flatMap(({ type, owner, consumers }) => [
    `  ${quoted(`publishes ${owner}`)} -> ${quoted(type)} [color=${quoted(colour(owner))}];`,
    ...consumers.map((name) => `  ${quoted(type)} -> ${quoted(`consumes ${name}`)} [color=${quoted(colour(name))}];`),
  ]);
  return [
    "digraph {",
    '  rankdir=LR; ranksep=1.5; nodesep=0.14; bgcolor="transparent"; splines=true;',
    '  node [fontname="Helvetica" fontsize=12 height=0.34]; edge [arrowsize=0.6 penwidth=1.1];',
    ...owners.map((name) => service("publishes", name, name === "platform" ? "every consumer" : name)),
    ...consumers.map((name) => service("consumes", name)),
    `  { rank=same; ${owners.map((name) => quoted(`publishes ${name}`)).join("; ")} }`,
    `  { rank=same; ${consumers.map((name) => quoted(`consumes ${name}`)).join("; ")} }`,
    ...all.map(event),
    ...edges,
    "}",
  ].join("\n");
}

/** The map as SVG. The same document gives the same text. */
export async function map(asyncapi) {
  const viz = await instance();
  const svg = viz.renderString(dot(events(asyncapi)), { format: "svg" });
  return svg.slice(svg.indexOf("<svg")).replace(/<!--.*?-->\n/gs, "");
}
