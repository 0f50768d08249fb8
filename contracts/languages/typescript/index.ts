// The events on the order management bus: their types, their schemas, and `parse`, which checks an event as it reads it.
import { Ajv2020, type ErrorObject } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import type { OmsEvent } from "./events.ts";
import { schemas } from "./schemas.ts";

export type * from "./events.ts";
export { schemas };

/** An event claims a type that has no published schema. */
export class Unpublished extends Error {}

/** EventBridge delivered the event under another source or type than it claims, so who put it may not say what it says. */
export class Mislabelled extends Error {}

/** An event breaks the schema of its type; the message has the type, the place and the rule, and no value of the event. */
export class InvalidEvent extends Error {}

// TypeScript checks nothing at run time, so the published schema of the claimed type does.
const ajv = new Ajv2020({ strictSchema: false, allErrors: true });
formats.default(ajv);

/**
 * Reads an event: a CloudEvents object, or an EventBridge event with it as `detail`. Fields that the schema does not know are
 * ignored.
 *
 * @throws {SyntaxError} The text is not JSON.
 * @throws {Unpublished} No schema is published for the type.
 * @throws {Mislabelled} EventBridge delivered it as something else.
 * @throws {InvalidEvent} The event breaks the schema of its type.
 */
export function parse(text: string): OmsEvent {
  const body = JSON.parse(text);
  // an attribute of an event has no hyphen in its name
  const delivered = Object.hasOwn(body ?? {}, "detail-type");
  const event = delivered ? body.detail : body;
  const type: unknown = event?.type;
  if (typeof type !== "string") throw new Unpublished("the event has no `type` such as OrderCreated.v1");
  if (delivered && (body["detail-type"] !== type || body.source !== event.source)) {
    throw new Mislabelled("the bus delivered the event under another source or type than it claims");
  }
  if (!isPublished(type)) throw new Unpublished(`no schema is published for ${type}`);
  // found by the claimed type: the event's `dataschema` must not choose the rules
  const schema = schemas[type];
  const validate = ajv.getSchema(schema.$id) ?? ajv.compile(schema);
  if (validate(event)) return event as OmsEvent;
  const broken = validate.errors?.map((error) => `${error.instancePath || "/"} ${rule(error)}`).join("; ");
  throw new InvalidEvent(`${type}: ${broken}`);
}

const isPublished = (type: string): type is OmsEvent["type"] => Object.hasOwn(schemas, type);

const rule = (error: ErrorObject) => `${error.message}${error.keyword === "const" ? ` ${error.params.allowedValue}` : ""}`;
