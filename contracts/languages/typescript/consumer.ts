// An example consumer: prints one line for each event that it handles.
//
//   node consumer.ts FILE… | -      CloudEvents objects, or EventBridge events with them as `detail`; each starts on a line of its own
import { existsSync, readFileSync } from "node:fs";
import { Ajv2020, type ErrorObject } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import type { OmsEvent, OrderCreatedV1 } from "./events.ts";

/** One line for people; undefined for a type that this consumer ignores. Producers may add or drop fields that it does not name. */
function line(event: OmsEvent): string | undefined {
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

// TypeScript checks nothing at run time, so the published schema of the claimed type does.
const ajv = new Ajv2020({ strictSchema: false, allErrors: true });
formats.default(ajv);
function parse(text: string): OmsEvent {
  const body = JSON.parse(text);
  const event = body?.detail ?? body;
  if (!/^[A-Za-z]+\.v\d+$/.test(event?.type)) throw new Error("the event has no `type` such as OrderCreated.v1");
  const file = new URL(`../../schemas/${event.type}.json`, import.meta.url);
  if (!existsSync(file)) throw new Error(`no schema is published for ${event.type}`);
  const schema = JSON.parse(readFileSync(file, "utf8"));
  // found by the schema's own id: the event's `dataschema` must not choose the rules
  const validate = ajv.getSchema(schema.$id) ?? ajv.compile(schema);
  if (validate(event)) return event as OmsEvent;
  const rule = (error: ErrorObject) => `${error.message}${error.keyword === "const" ? ` ${error.params.allowedValue}` : ""}`;
  const broken = validate.errors?.map((error) => `${error.instancePath || "/"} ${rule(error)}`).join("; ");
  throw new Error(`${event.type}: ${broken}`);
}

function failed(file: string, error: unknown) {
  console.error(`${file}: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}

/** Each event of a file or of standard input: a line that starts with `{` starts an event. */
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
      const handled = line(parse(text));
      if (handled) console.log(handled);
    } catch (error) {
      failed(file, error);
    }
  }
}
