// typescript/events.ts from the published schemas, by json-schema-to-typescript; and the schemas themselves as
// typescript/schemas.ts, so that a bundler finds them as it finds code.
import { writeFileSync } from "node:fs";
import { compile } from "json-schema-to-typescript";
import { bundle, schemas } from "./bundle.js";

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

const lines = schemas().map((schema) => `  ${JSON.stringify(schema.title)}: ${JSON.stringify(schema)},`);
const module = `${banner}import type { OmsEvent } from "./events.ts";

/** The published schema of each type of event. */
export const schemas: Record<OmsEvent["type"], { $id: string; [keyword: string]: unknown }> = {
${lines.join("\n")}
};
`;
writeFileSync(new URL("typescript/schemas.ts", import.meta.url), module);
