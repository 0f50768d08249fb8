// An example: what a consumer in TypeScript makes of the events that it is for.
//
//   node consumer.ts FILE… | -      CloudEvents objects, or what EventBridge delivers around them (`detail`); each begins a line
import { existsSync, readFileSync } from "node:fs";
import { Ajv2020, type ErrorObject } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import type { OmsEvent, OrderCreatedV1 } from "./events.ts";

/** One line for people; nothing for a type that is not for us. Fields that we do not name may come and go. */
function heard(event: OmsEvent): string | undefined {
  switch (event.type) {
    case "OrderCreated.v1":
      return `${event.subject} placed: ${pieces(event)} pieces, ${event.data.total} ${event.data.currency} (minor units)`;
    case "OrderCompleted.v1":
      return `${event.subject} completed`;
    case "OrderCancelled.v1":
      return `${event.subject} cancelled: ${event.data.reason}`;
    default:
      return undefined;
  }
}

const pieces = ({ data }: OrderCreatedV1) => data.lines.reduce((sum, line) => sum + line.quantity, 0);

// Types vanish when the program runs; the published schema of the claimed type does not.
const ajv = new Ajv2020({ strictSchema: false, allErrors: true });
formats.default(ajv);
function parse(text: string): OmsEvent {
  const body = JSON.parse(text);
  const event = body?.detail ?? body;
  if (!/^[A-Za-z]+\.v\d+$/.test(event?.type)) throw new Error("it has no `type` such as OrderCreated.v1");
  const file = new URL(`../../schemas/${event.type}.json`, import.meta.url);
  if (!existsSync(file)) throw new Error(`nobody published a schema for ${event.type}`);
  const schema = JSON.parse(readFileSync(file, "utf8"));
  // by the schema's own name: an event may not choose by `dataschema` what it is held to
  const fits = ajv.getSchema(schema.$id) ?? ajv.compile(schema);
  if (fits(event)) return event as OmsEvent;
  const rule = (error: ErrorObject) => `${error.message}${error.keyword === "const" ? ` ${error.params.allowedValue}` : ""}`;
  const broken = fits.errors?.map((error) => `${error.instancePath || "/"} ${rule(error)}`).join("; ");
  throw new Error(`${event.type}: ${broken}`);
}

function failed(file: string, error: unknown) {
  console.error(`${file}: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}

/** Each event in a file, or in standard input: wherever a line begins with an object. */
function texts(file: string): string[] {
  try {
    return readFileSync(file === "-" ? 0 : file, "utf8").trim().split(/\n(?=\{)/);
  } catch (error) {
    failed(file, error);
    return [];
  }
}

for (const file of process.argv.slice(2)) {
  for (const text of texts(file)) {
    try {
      const line = heard(parse(text));
      if (line) console.log(line);
    } catch (error) {
      failed(file, error);
    }
  }
}
