// typescript/events.ts from the published schemas, by json-schema-to-typescript.
import { writeFileSync } from "node:fs";
import { compile } from "json-schema-to-typescript";
import { bundle } from "./bundle.js";

const banner = "// Generated from contracts/schemas by `just contracts`. Do not edit.\n";
const all = bundle();
const open = Object.fromEntries(Object.entries(all.$defs).filter(([, schema]) => "x-open" in schema));

/** A field of an open enumeration takes any text: editors still offer the known values, and a `switch` needs a default. */
function opened(schema) {
  if (Array.isArray(schema)) return schema.map(opened);
  if (schema === null || typeof schema !== "object") return schema;
  const name = schema.$ref?.replace("#/$defs/", "");
  if (name in open) return { description: schema.description, tsType: `${name} | (string & {})` };
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, opened(value)]));
}

const known = Object.entries(open).map(([name, { description, enum: values }]) =>
  `/**\n * ${description} Open: a later release may add values.\n */\nexport type ${name} = ${values.map((value) => `"${value}"`).join(" | ")};\n`);
const options = { additionalProperties: false, bannerComment: banner, format: true, style: { printWidth: 120 } };
const events = await compile(opened(all), "OmsEvent", options);
writeFileSync(new URL("typescript/events.ts", import.meta.url), [events, ...known].join("\n"));
