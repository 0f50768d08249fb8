// All published schemas as one document, so that what events share (ids, currencies) becomes one type in each language.
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

/**
 * Points each reference to its renamed definition, and turns a list of constants into an enumeration. An open one has the
 * keyword `x-open`: the pattern of its later values. Each language says in its own way that it has a general case.
 */
function pointed(schema, renamed) {
  if (Array.isArray(schema)) return schema.map((item) => pointed(item, renamed));
  if (schema === null || typeof schema !== "object") return schema;
  if (schema.oneOf?.every((one) => "const" in one)) {
    const { oneOf, ...rest } = schema;
    return { ...rest, ...enumeration(schema, oneOf) };
  }
  if (schema.anyOf?.slice(0, -1).every((one) => "const" in one)) {
    const { anyOf, ...rest } = schema;
    return { ...rest, ...enumeration(schema, anyOf.slice(0, -1)), "x-open": anyOf.at(-1).pattern };
  }
  const entries = Object.entries(schema).filter(([key]) => key !== "examples");
  return Object.fromEntries(entries.map(([key, value]) => {
    const target = key === "$ref" && value.replace("#/$defs/", "");
    return [key, target ? `#/$defs/${renamed[target] ?? target}` : pointed(value, renamed)];
  }));
}

function enumeration({ description }, values) {
  const meanings = values.map((one) => `${one.const}: ${one.description}`);
  return { type: "string", enum: values.map((one) => one.const), description: [description, ...meanings].join(" ") };
}
