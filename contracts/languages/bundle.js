// All published schemas as one document, so that what events share (ids, currencies) becomes one type in each language.
//
//   node bundle.js > bundle.json
import { readdirSync, readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";

const folder = new URL("../schemas/", import.meta.url);

/** `OrderCreated.v1` as a name that each language accepts: `OrderCreatedV1`. */
export const typeName = (eventType) => eventType.replace(/\.v(\d+)$/, "V$1");

export const schemas = () =>
  readdirSync(folder).sort().map((file) => JSON.parse(readFileSync(new URL(file, folder), "utf8")));

export function bundle() {
  const definitions = {};
  const events = schemas().map((schema) => {
    const { $defs = {}, $id, $schema, examples, ...event } = schema;
    const name = typeName(schema.title);
    const [, major] = name.match(/V(\d+)$/);
    const renamed = {};
    for (const [local, definition] of Object.entries($defs)) {
      // a definition that differs between events is named by its major version
      const own = `${name.replace(/V\d+$/, "")}` === local ? `${local}V${major}Data` : local;
      const clash = definitions[own] && !isDeepStrictEqual(definitions[own], pointed(definition, renamed));
      renamed[local] = clash ? `${local}V${major}` : own;
    }
    for (const [local, definition] of Object.entries($defs)) definitions[renamed[local]] = pointed(definition, renamed);
    definitions[name] = { ...pointed(event, renamed), title: name };
    return name;
  });
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "OmsEvent",
    description: "Any event of the published language.",
    oneOf: events.map((name) => ({ $ref: `#/$defs/${name}` })),
    $defs: definitions,
  };
}

/** Points each reference to its renamed definition, and turns a list of constants into an enumeration. */
function pointed(schema, renamed) {
  if (Array.isArray(schema)) return schema.map((item) => pointed(item, renamed));
  if (schema === null || typeof schema !== "object") return schema;
  if (schema.oneOf?.every((one) => "const" in one)) {
    const { oneOf, ...rest } = schema;
    const meanings = oneOf.map((one) => `${one.const}: ${one.description}`).join(" ");
    return { ...rest, type: "string", enum: oneOf.map((one) => one.const), description: `${rest.description} ${meanings}` };
  }
  const entries = Object.entries(schema).filter(([key]) => key !== "examples");
  return Object.fromEntries(entries.map(([key, value]) => {
    const target = key === "$ref" && value.replace("#/$defs/", "");
    return [key, target ? `#/$defs/${renamed[target] ?? target}` : pointed(value, renamed)];
  }));
}

if (process.argv[1] === import.meta.filename) console.log(JSON.stringify(bundle(), null, 2));
