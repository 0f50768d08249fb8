// The catalogue in a real browser: every event and field is shown, no label overruns its box, every link works, nothing
// fails, and nothing is fetched from another host. Then the schemas, as a program finds them: see served.js.
//
//   node pages/check.js [FOLDER FOR SCREENSHOTS]
import { existsSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import assert from "node:assert/strict";
import chromium, { inflate, setupLambdaEnvironment } from "@sparticuz/chromium";
import { chromium as browsers } from "playwright-core";
import { anchor, events } from "./map.js";
import { checkSchemas } from "./served.js";

const built = new URL("build/", import.meta.url);
const all = events(JSON.parse(readFileSync(new URL("../asyncapi.json", import.meta.url), "utf8")));
const services = [...new Set(all.flatMap(({ producers, consumers }) => [...producers, ...consumers]))];

/** The fields of an event's data, by its schema. */
function fields(type) {
  const { $defs, properties } = JSON.parse(readFileSync(new URL(`../schemas/${type}.json`, import.meta.url), "utf8"));
  return Object.keys($defs[properties.data.$ref.replace("#/$defs/", "")].properties);
}

/** Starts the packaged Chromium, with the libraries that it brings along where the machine lacks them. */
async function start() {
  const options = { executablePath: await chromium.executablePath(), args: chromium.args };
  try {
    return await browsers.launch(options);
  } catch {
    const packed = new URL("../node_modules/@sparticuz/chromium/bin/", import.meta.url);
    await inflate(new URL("al2023.tar.br", packed).pathname);
    setupLambdaEnvironment(join(tmpdir(), "al2023", "lib"));
    return browsers.launch({ ...options, env: process.env });
  }
}

const browser = await start();
const page = await browser.newPage({ viewport: { width: 1600, height: 1400 } });
const wrong = [];
page.on("pageerror", (error) => wrong.push(error.message));
page.on("console", (message) => message.type() === "error" && wrong.push(message.text()));
page.on("request", (request) => request.url().match(/^(file|data|blob):/) || wrong.push(`fetches ${request.url()}`));
const screenshot = async (name) => process.argv[2] && page.screenshot({ path: join(process.argv[2], `${name}.png`) });

await page.goto(new URL("index.html", built).href);
await screenshot("index");
const drawn = await page.locator("figure svg text").allTextContents();
const listed = await page.locator("tbody td:first-child").allTextContents();
const overruns = await page.locator("figure svg g.node").evaluateAll((nodes) => nodes.filter((node) => {
  const [box, label] = ["path, polygon", "text"].map((part) => node.querySelector(part).getBoundingClientRect());
  return label.left < box.left || label.right > box.right;
}).map((node) => node.textContent.trim()));
assert.deepEqual(overruns, [], "labels that overrun their boxes");
for (const name of services) assert(drawn.includes(name), `the map lacks the service ${name}`);
for (const { type } of all) {
  assert(drawn.includes(type), `the map lacks ${type}`);
  assert(listed.includes(type), `the list lacks ${type}`);
  await page.goto(new URL("index.html", built).href);
  await page.locator("figure svg a", { hasText: type }).click();
  const heading = page.locator(`h3#${anchor(type)}`);
  assert.equal(await heading.textContent(), type, `the map does not lead to ${type}`);
  assert(await heading.evaluate((h) => Math.abs(h.getBoundingClientRect().top) < innerHeight), `${type} is not in sight`);
  const section = await heading.evaluate((h) => {
    const within = [];
    for (let e = h.nextElementSibling; e && !/^H[23]$/.test(e.tagName); e = e.nextElementSibling) within.push(e.textContent);
    return within.join("\n");
  });
  for (const field of fields(type)) assert(section.includes(`/data/${field}`), `${type} does not show its field ${field}`);
  assert(section.includes('"orderId"') || section.includes('"sku"'), `${type} shows no sample`);
}
await screenshot("event");
const links = await page.locator("a[href]").evaluateAll((found) => found.map((link) => link.href));
for (const link of links.filter((found) => found.startsWith("file:"))) assert(existsSync(new URL(link.split("#")[0])), `${link} leads nowhere`);

const lost = await page.locator('a[href^="#"]').evaluateAll((found) =>
  found.map((link) => link.hash).filter((hash) => !document.getElementById(decodeURIComponent(hash.slice(1)))));
assert.deepEqual(lost, [], "links to nowhere in the page");

await page.goto(new URL("reference.html", built).href);
await page.locator("#messages").waitFor();
await screenshot("reference");
const reference = await page.locator("#reference").textContent();
for (const { type } of all) assert(reference.includes(type), `the reference lacks ${type}`);

await browser.close();
assert.deepEqual(wrong, []);
await checkSchemas(built);
console.log(`catalogue: ${all.length} types of events and ${services.length} services seen in Chromium ${browser.version()}`);
