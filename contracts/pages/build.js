// The browsable catalogue, written to pages/build. A browser opens it from any static server or from the disk. Served at the
// address with which every schema's `$id` begins (`homepage` in Cargo.toml), each schema is found at its `$id`.
//
//   node pages/build.js
import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Marked } from "marked";
import { gfmHeadingId } from "marked-gfm-heading-id";
import { anchor, events, map } from "./map.js";

const here = (path) => new URL(path, import.meta.url);
const asyncapi = JSON.parse(readFileSync(here("../asyncapi.json"), "utf8"));
const { title, version } = asyncapi.info;
const escaped = (text) => text.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);

const page = (heading, head, body) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>${escaped(heading)}</title>
${head}
</head>
<body>
${body}
</body>
</html>
`;

const row = ({ type, summary, owner, producers, consumers }) => `<tr>
<td><a href="events.html#${anchor(type)}">${type}</a></td>
<td>${escaped(summary).replace(/`([^`]+)`/g, "<code>$1</code>")}</td>
<td>${owner === "platform" ? "every consumer" : producers.join(", ")}</td>
<td>${consumers.join(", ") || "no service"}</td>
</tr>`;

const all = events(asyncapi).sort((a, b) => a.owner.localeCompare(b.owner) || a.type.localeCompare(b.type));
const index = page(title, '<link rel="stylesheet" href="page.css">', `<main>
<h1>${escaped(title)} <small>${escaped(version)}</small></h1>
<p>${all.length} types of events. The services on the left publish them, the services on the right consume them.
Select one, read <a href="events.html">all of them</a>, or the <a href="reference.html">AsyncAPI reference</a>.</p>
<figure>${await map(asyncapi)}</figure>
<table>
<thead><tr><th>event</th><th>when it happens</th><th>published by</th><th>consumed by</th></tr></thead>
<tbody>
${all.map(row).join("\n")}
</tbody>
</table>
</main>`);

// docs/message-schemas.md as a page, without its diagrams (the index has the map) and without links to sources.
const markdown = readFileSync(here("../../docs/message-schemas.md"), "utf8")
  .replace(/## Who publishes and consumes what.*?(?=## Contents)/s, "")
  .replaceAll("](../contracts/", "](")
  .replaceAll("](schemas/", "](")
  .replace(/\[([^\]]+)\]\((?:\.\.\/services|src|schemas|releases|consumers)[^)]*\)/g, "$1");
const described = new Marked(gfmHeadingId()).parse(markdown);
const reading = page(`${title}: every event`, '<link rel="stylesheet" href="page.css">',
  `<main><p><a href="index.html">The map</a></p>\n${described}</main>`);

const reference = page(`${title}: reference`, '<link rel="stylesheet" href="reference.css">', `<div id="reference"></div>
<script src="reference.js"></script>
<script>
AsyncApiStandalone.render({
  schema: ${JSON.stringify(asyncapi).replaceAll("<", "\\u003c")},
  config: { show: { sidebar: true, errors: true }, sidebar: { showOperations: "byDefault" }, expand: { messageExamples: true } },
}, document.getElementById("reference"));
</script>`);

rmSync(here("build"), { recursive: true, force: true });
mkdirSync(here("build"));
writeFileSync(here("build/index.html"), index);
writeFileSync(here("build/events.html"), reading);
writeFileSync(here("build/reference.html"), reference);
const published = { schemas: ".", samples: "samples", releases: "releases" };
for (const [folder, to] of Object.entries(published)) cpSync(here(`../${folder}`), here(`build/${to}`), { recursive: true });
copyFileSync(here("../asyncapi.json"), here("build/asyncapi.json"));
writeFileSync(here("../map.svg"), await map(asyncapi));
copyFileSync(here("page.css"), here("build/page.css"));
const component = createRequire(import.meta.url).resolve("@asyncapi/react-component/package.json").replace("package.json", "");
copyFileSync(`${component}browser/standalone/index.js`, here("build/reference.js"));
copyFileSync(`${component}styles/default.min.css`, here("build/reference.css"));
console.log(`contracts/pages/build/index.html: ${all.length} types of events, version ${version}`);
