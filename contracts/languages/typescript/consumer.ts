// An example consumer: prints one line for each event that it handles.
//
//   node consumer.ts FILE… | -      CloudEvents objects, or EventBridge events with them as `detail`; each starts on a line of its own
import { readFileSync } from "node:fs";
import { type OmsEvent, type OrderCreatedV1, parse } from "./index.ts";

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
