// Generated from contracts/schemas by `just contracts`. Do not edit.

/**
 * Any event of the published language.
 */
export type OmsEvent =
  | EventProcessingFailedV1
  | InventoryCommittedV1
  | InventoryRejectedV1
  | InventoryReleasedV1
  | InventoryReservedV1
  | NotificationFailedV1
  | NotificationSentV1
  | OrderCancelledV1
  | OrderCompletedV1
  | OrderConfirmedV1
  | OrderCreatedV1
  | PaymentAttemptFailedV1
  | PaymentFailedV1
  | PaymentRefundedV1
  | PaymentSucceededV1
  | PaymentVoidedV1
  | RefundFailedV1
  | StockAdjustedV1;

/**
 * A consumer could not handle an event about an order and has put it into its dead-letter queue: an operator must act. It does not change the order's state.
 */
export interface EventProcessingFailedV1 {
  /**
   * The id of the event or command that caused this one.
   */
  causationid: string;
  /**
   * Names the saga: the same in every event that one order leads to, and in no other. No client chooses it.
   */
  correlationid: string;
  data: EventProcessingFailedV1Data;
  /**
   * Media type of `data`: always `application/json`.
   */
  datacontenttype: "application/json";
  /**
   * URI of the published schema of this event.
   */
  dataschema: "https://schemas.oms.example/events/EventProcessingFailed.v1.json";
  /**
   * How many events led to this one, one after the other; absent means none. What a command, the clock or an announcement causes begins at none, and so does a report of a failure.
   */
  hops?: number;
  /**
   * The event's identity: made when the state change was written, and the same in every repetition and replay.
   */
  id: string;
  /**
   * Place among the events of this source and subject: ten digits, so that texts compare as numbers do.
   */
  sequence: string;
  /**
   * The service that published the event, for example `oms.orders`.
   */
  source: "oms.platform";
  /**
   * Version of the CloudEvents specification: always `1.0`.
   */
  specversion: "1.0";
  /**
   * What the event is about: the order id, or the sku of a stock event.
   */
  subject: string;
  /**
   * When the state change was written (RFC 3339, UTC).
   */
  time: string;
  /**
   * W3C trace context of the cause; absent if it had none.
   */
  traceparent?: string;
  /**
   * Name and major version of the event, for example `OrderCreated.v1`.
   */
  type: "EventProcessingFailed.v1";
}
/**
 * What happened, as this type has it.
 */
export interface EventProcessingFailedV1Data {
  /**
   * Whose it was to handle: service and role, for example `inventory/events`.
   */
  consumer: string;
  /**
   * A stable word for the kind of error, for example `contract`.
   */
  errorClass: string;
  /**
   * The id of the event that was not handled.
   */
  eventId: string;
  /**
   * Its type, for example `OrderCreated.v1`.
   */
  eventType: string;
  /**
   * The error in words.
   */
  message: string;
  /**
   * The order that the event is about.
   */
  orderId: string;
  /**
   * How often the event was received before it was given up.
   */
  receives: number;
}
/**
 * The order was confirmed, and the held pieces left the stock: a sale.
 */
export interface InventoryCommittedV1 {
  /**
   * The id of the event or command that caused this one.
   */
  causationid: string;
  /**
   * Names the saga: the same in every event that one order leads to, and in no other. No client chooses it.
   */
  correlationid: string;
  data: InventoryCommittedV1Data;
  /**
   * Media type of `data`: always `application/json`.
   */
  datacontenttype: "application/json";
  /**
   * URI of the published schema of this event.
   */
  dataschema: "https://schemas.oms.example/events/InventoryCommitted.v1.json";
  /**
   * How many events led to this one, one after the other; absent means none. What a command, the clock or an announcement causes begins at none, and so does a report of a failure.
   */
  hops?: number;
  /**
   * The event's identity: made when the state change was written, and the same in every repetition and replay.
   */
  id: string;
  /**
   * Place among the events of this source and subject: ten digits, so that texts compare as numbers do.
   */
  sequence: string;
  /**
   * The service that published the event, for example `oms.orders`.
   */
  source: "oms.inventory";
  /**
   * Version of the CloudEvents specification: always `1.0`.
   */
  specversion: "1.0";
  /**
   * What the event is about: the order id, or the sku of a stock event.
   */
  subject: string;
  /**
   * When the state change was written (RFC 3339, UTC).
   */
  time: string;
  /**
   * W3C trace context of the cause; absent if it had none.
   */
  traceparent?: string;
  /**
   * Name and major version of the event, for example `OrderCreated.v1`.
   */
  type: "InventoryCommitted.v1";
}
/**
 * What happened, as this type has it.
 */
export interface InventoryCommittedV1Data {
  /**
   * The order.
   */
  orderId: string;
  /**
   * The hold that became a sale.
   */
  reservationId: string;
}
/**
 * At least one line could not be held, so none is: final for this order.
 */
export interface InventoryRejectedV1 {
  /**
   * The id of the event or command that caused this one.
   */
  causationid: string;
  /**
   * Names the saga: the same in every event that one order leads to, and in no other. No client chooses it.
   */
  correlationid: string;
  data: InventoryRejectedV1Data;
  /**
   * Media type of `data`: always `application/json`.
   */
  datacontenttype: "application/json";
  /**
   * URI of the published schema of this event.
   */
  dataschema: "https://schemas.oms.example/events/InventoryRejected.v1.json";
  /**
   * How many events led to this one, one after the other; absent means none. What a command, the clock or an announcement causes begins at none, and so does a report of a failure.
   */
  hops?: number;
  /**
   * The event's identity: made when the state change was written, and the same in every repetition and replay.
   */
  id: string;
  /**
   * Place among the events of this source and subject: ten digits, so that texts compare as numbers do.
   */
  sequence: string;
  /**
   * The service that published the event, for example `oms.orders`.
   */
  source: "oms.inventory";
  /**
   * Version of the CloudEvents specification: always `1.0`.
   */
  specversion: "1.0";
  /**
   * What the event is about: the order id, or the sku of a stock event.
   */
  subject: string;
  /**
   * When the state change was written (RFC 3339, UTC).
   */
  time: string;
  /**
   * W3C trace context of the cause; absent if it had none.
   */
  traceparent?: string;
  /**
   * Name and major version of the event, for example `OrderCreated.v1`.
   */
  type: "InventoryRejected.v1";
}
/**
 * What happened, as this type has it.
 */
export interface InventoryRejectedV1Data {
  /**
   * The lines that could not be held, one for each sku.
   *
   * @minItems 1
   * @maxItems 100
   */
  lines: [RejectedLine, ...RejectedLine[]];
  /**
   * The order.
   */
  orderId: string;
  /**
   * Why the order was rejected.
   */
  reason: RejectReason | (string & {});
}
/**
 * What was missing of one sku.
 */
export interface RejectedLine {
  /**
   * How many pieces could have been held at that moment.
   */
  available: number;
  /**
   * How many pieces were wanted.
   */
  requested: number;
  /**
   * What was wanted.
   */
  sku: string;
}
/**
 * Nothing is held for the order any more, and nothing will be: the order was cancelled, or the hold ran out.
 */
export interface InventoryReleasedV1 {
  /**
   * The id of the event or command that caused this one.
   */
  causationid: string;
  /**
   * Names the saga: the same in every event that one order leads to, and in no other. No client chooses it.
   */
  correlationid: string;
  data: InventoryReleasedV1Data;
  /**
   * Media type of `data`: always `application/json`.
   */
  datacontenttype: "application/json";
  /**
   * URI of the published schema of this event.
   */
  dataschema: "https://schemas.oms.example/events/InventoryReleased.v1.json";
  /**
   * How many events led to this one, one after the other; absent means none. What a command, the clock or an announcement causes begins at none, and so does a report of a failure.
   */
  hops?: number;
  /**
   * The event's identity: made when the state change was written, and the same in every repetition and replay.
   */
  id: string;
  /**
   * Place among the events of this source and subject: ten digits, so that texts compare as numbers do.
   */
  sequence: string;
  /**
   * The service that published the event, for example `oms.orders`.
   */
  source: "oms.inventory";
  /**
   * Version of the CloudEvents specification: always `1.0`.
   */
  specversion: "1.0";
  /**
   * What the event is about: the order id, or the sku of a stock event.
   */
  subject: string;
  /**
   * When the state change was written (RFC 3339, UTC).
   */
  time: string;
  /**
   * W3C trace context of the cause; absent if it had none.
   */
  traceparent?: string;
  /**
   * Name and major version of the event, for example `OrderCreated.v1`.
   */
  type: "InventoryReleased.v1";
}
/**
 * What happened, as this type has it.
 */
export interface InventoryReleasedV1Data {
  /**
   * Why it ended.
   */
  cause: "CANCELLED" | "EXPIRED" | "NEVER_RESERVED";
  /**
   * The order.
   */
  orderId: string;
  /**
   * The hold that ended, or that will never begin.
   */
  reservationId: string;
}
/**
 * All lines of an order are held until `expiresAt`: no other order can take these pieces.
 */
export interface InventoryReservedV1 {
  /**
   * The id of the event or command that caused this one.
   */
  causationid: string;
  /**
   * Names the saga: the same in every event that one order leads to, and in no other. No client chooses it.
   */
  correlationid: string;
  data: InventoryReservedV1Data;
  /**
   * Media type of `data`: always `application/json`.
   */
  datacontenttype: "application/json";
  /**
   * URI of the published schema of this event.
   */
  dataschema: "https://schemas.oms.example/events/InventoryReserved.v1.json";
  /**
   * How many events led to this one, one after the other; absent means none. What a command, the clock or an announcement causes begins at none, and so does a report of a failure.
   */
  hops?: number;
  /**
   * The event's identity: made when the state change was written, and the same in every repetition and replay.
   */
  id: string;
  /**
   * Place among the events of this source and subject: ten digits, so that texts compare as numbers do.
   */
  sequence: string;
  /**
   * The service that published the event, for example `oms.orders`.
   */
  source: "oms.inventory";
  /**
   * Version of the CloudEvents specification: always `1.0`.
   */
  specversion: "1.0";
  /**
   * What the event is about: the order id, or the sku of a stock event.
   */
  subject: string;
  /**
   * When the state change was written (RFC 3339, UTC).
   */
  time: string;
  /**
   * W3C trace context of the cause; absent if it had none.
   */
  traceparent?: string;
  /**
   * Name and major version of the event, for example `OrderCreated.v1`.
   */
  type: "InventoryReserved.v1";
}
/**
 * What happened, as this type has it.
 */
export interface InventoryReservedV1Data {
  /**
   * When a hold that was not committed ends.
   */
  expiresAt: string;
  /**
   * What is held, one line for each sku.
   *
   * @minItems 1
   * @maxItems 100
   */
  lines: [ReservedLine, ...ReservedLine[]];
  /**
   * The order.
   */
  orderId: string;
  /**
   * The hold.
   */
  reservationId: string;
}
/**
 * What is held of one sku.
 */
export interface ReservedLine {
  /**
   * How many pieces.
   */
  quantity: number;
  /**
   * What is held.
   */
  sku: string;
}
/**
 * A message to the customer was not sent, or did not arrive, or it is unknown whether it was sent. It is not sent again by itself. It does not change the order's state.
 */
export interface NotificationFailedV1 {
  /**
   * The id of the event or command that caused this one.
   */
  causationid: string;
  /**
   * Names the saga: the same in every event that one order leads to, and in no other. No client chooses it.
   */
  correlationid: string;
  data: NotificationFailedV1Data;
  /**
   * Media type of `data`: always `application/json`.
   */
  datacontenttype: "application/json";
  /**
   * URI of the published schema of this event.
   */
  dataschema: "https://schemas.oms.example/events/NotificationFailed.v1.json";
  /**
   * How many events led to this one, one after the other; absent means none. What a command, the clock or an announcement causes begins at none, and so does a report of a failure.
   */
  hops?: number;
  /**
   * The event's identity: made when the state change was written, and the same in every repetition and replay.
   */
  id: string;
  /**
   * Place among the events of this source and subject: ten digits, so that texts compare as numbers do.
   */
  sequence: string;
  /**
   * The service that published the event, for example `oms.orders`.
   */
  source: "oms.notifications";
  /**
   * Version of the CloudEvents specification: always `1.0`.
   */
  specversion: "1.0";
  /**
   * What the event is about: the order id, or the sku of a stock event.
   */
  subject: string;
  /**
   * When the state change was written (RFC 3339, UTC).
   */
  time: string;
  /**
   * W3C trace context of the cause; absent if it had none.
   */
  traceparent?: string;
  /**
   * Name and major version of the event, for example `OrderCreated.v1`.
   */
  type: "NotificationFailed.v1";
}
/**
 * What happened, as this type has it.
 */
export interface NotificationFailedV1Data {
  /**
   * How it would have been sent.
   */
  channel: Channel | (string & {});
  /**
   * The message.
   */
  notificationId: string;
  /**
   * The order.
   */
  orderId: string;
  /**
   * Why it was not sent.
   */
  reason: NotificationFailure | (string & {});
  /**
   * What it would have been made from.
   */
  template: Template | (string & {});
}
/**
 * A message to the customer was handed to its channel.
 */
export interface NotificationSentV1 {
  /**
   * The id of the event or command that caused this one.
   */
  causationid: string;
  /**
   * Names the saga: the same in every event that one order leads to, and in no other. No client chooses it.
   */
  correlationid: string;
  data: NotificationSentV1Data;
  /**
   * Media type of `data`: always `application/json`.
   */
  datacontenttype: "application/json";
  /**
   * URI of the published schema of this event.
   */
  dataschema: "https://schemas.oms.example/events/NotificationSent.v1.json";
  /**
   * How many events led to this one, one after the other; absent means none. What a command, the clock or an announcement causes begins at none, and so does a report of a failure.
   */
  hops?: number;
  /**
   * The event's identity: made when the state change was written, and the same in every repetition and replay.
   */
  id: string;
  /**
   * Place among the events of this source and subject: ten digits, so that texts compare as numbers do.
   */
  sequence: string;
  /**
   * The service that published the event, for example `oms.orders`.
   */
  source: "oms.notifications";
  /**
   * Version of the CloudEvents specification: always `1.0`.
   */
  specversion: "1.0";
  /**
   * What the event is about: the order id, or the sku of a stock event.
   */
  subject: string;
  /**
   * When the state change was written (RFC 3339, UTC).
   */
  time: string;
  /**
   * W3C trace context of the cause; absent if it had none.
   */
  traceparent?: string;
  /**
   * Name and major version of the event, for example `OrderCreated.v1`.
   */
  type: "NotificationSent.v1";
}
/**
 * What happened, as this type has it.
 */
export interface NotificationSentV1Data {
  /**
   * How it was sent.
   */
  channel: Channel | (string & {});
  /**
   * The message.
   */
  notificationId: string;
  /**
   * The order.
   */
  orderId: string;
  /**
   * What it was made from.
   */
  template: Template | (string & {});
}
/**
 * The order ended without a sale: what is held will be released, what was charged will be returned.
 */
export interface OrderCancelledV1 {
  /**
   * The id of the event or command that caused this one.
   */
  causationid: string;
  /**
   * Names the saga: the same in every event that one order leads to, and in no other. No client chooses it.
   */
  correlationid: string;
  data: OrderCancelledV1Data;
  /**
   * Media type of `data`: always `application/json`.
   */
  datacontenttype: "application/json";
  /**
   * URI of the published schema of this event.
   */
  dataschema: "https://schemas.oms.example/events/OrderCancelled.v1.json";
  /**
   * How many events led to this one, one after the other; absent means none. What a command, the clock or an announcement causes begins at none, and so does a report of a failure.
   */
  hops?: number;
  /**
   * The event's identity: made when the state change was written, and the same in every repetition and replay.
   */
  id: string;
  /**
   * Place among the events of this source and subject: ten digits, so that texts compare as numbers do.
   */
  sequence: string;
  /**
   * The service that published the event, for example `oms.orders`.
   */
  source: "oms.orders";
  /**
   * Version of the CloudEvents specification: always `1.0`.
   */
  specversion: "1.0";
  /**
   * What the event is about: the order id, or the sku of a stock event.
   */
  subject: string;
  /**
   * When the state change was written (RFC 3339, UTC).
   */
  time: string;
  /**
   * W3C trace context of the cause; absent if it had none.
   */
  traceparent?: string;
  /**
   * Name and major version of the event, for example `OrderCreated.v1`.
   */
  type: "OrderCancelled.v1";
}
/**
 * What happened, as this type has it.
 */
export interface OrderCancelledV1Data {
  /**
   * Who placed it.
   */
  customerId?: string;
  /**
   * The order.
   */
  orderId: string;
  /**
   * Why it was cancelled.
   */
  reason: CancelReason | (string & {});
}
/**
 * The order is paid and its stock is sold: a final state.
 */
export interface OrderCompletedV1 {
  /**
   * The id of the event or command that caused this one.
   */
  causationid: string;
  /**
   * Names the saga: the same in every event that one order leads to, and in no other. No client chooses it.
   */
  correlationid: string;
  data: OrderCompletedV1Data;
  /**
   * Media type of `data`: always `application/json`.
   */
  datacontenttype: "application/json";
  /**
   * URI of the published schema of this event.
   */
  dataschema: "https://schemas.oms.example/events/OrderCompleted.v1.json";
  /**
   * How many events led to this one, one after the other; absent means none. What a command, the clock or an announcement causes begins at none, and so does a report of a failure.
   */
  hops?: number;
  /**
   * The event's identity: made when the state change was written, and the same in every repetition and replay.
   */
  id: string;
  /**
   * Place among the events of this source and subject: ten digits, so that texts compare as numbers do.
   */
  sequence: string;
  /**
   * The service that published the event, for example `oms.orders`.
   */
  source: "oms.orders";
  /**
   * Version of the CloudEvents specification: always `1.0`.
   */
  specversion: "1.0";
  /**
   * What the event is about: the order id, or the sku of a stock event.
   */
  subject: string;
  /**
   * When the state change was written (RFC 3339, UTC).
   */
  time: string;
  /**
   * W3C trace context of the cause; absent if it had none.
   */
  traceparent?: string;
  /**
   * Name and major version of the event, for example `OrderCreated.v1`.
   */
  type: "OrderCompleted.v1";
}
/**
 * What happened, as this type has it.
 */
export interface OrderCompletedV1Data {
  /**
   * When the order was completed.
   */
  completedAt: string;
  /**
   * Currency of the total.
   */
  currency: string;
  /**
   * Who placed it.
   */
  customerId?: string;
  /**
   * The order.
   */
  orderId: string;
  /**
   * What was paid for the whole order, in minor units of `currency`.
   */
  total: number;
}
/**
 * Every line is held and the total is charged, so neither customer nor staff can cancel the order any more. The hold becomes a sale.
 */
export interface OrderConfirmedV1 {
  /**
   * The id of the event or command that caused this one.
   */
  causationid: string;
  /**
   * Names the saga: the same in every event that one order leads to, and in no other. No client chooses it.
   */
  correlationid: string;
  data: OrderConfirmedV1Data;
  /**
   * Media type of `data`: always `application/json`.
   */
  datacontenttype: "application/json";
  /**
   * URI of the published schema of this event.
   */
  dataschema: "https://schemas.oms.example/events/OrderConfirmed.v1.json";
  /**
   * How many events led to this one, one after the other; absent means none. What a command, the clock or an announcement causes begins at none, and so does a report of a failure.
   */
  hops?: number;
  /**
   * The event's identity: made when the state change was written, and the same in every repetition and replay.
   */
  id: string;
  /**
   * Place among the events of this source and subject: ten digits, so that texts compare as numbers do.
   */
  sequence: string;
  /**
   * The service that published the event, for example `oms.orders`.
   */
  source: "oms.orders";
  /**
   * Version of the CloudEvents specification: always `1.0`.
   */
  specversion: "1.0";
  /**
   * What the event is about: the order id, or the sku of a stock event.
   */
  subject: string;
  /**
   * When the state change was written (RFC 3339, UTC).
   */
  time: string;
  /**
   * W3C trace context of the cause; absent if it had none.
   */
  traceparent?: string;
  /**
   * Name and major version of the event, for example `OrderCreated.v1`.
   */
  type: "OrderConfirmed.v1";
}
/**
 * What happened, as this type has it.
 */
export interface OrderConfirmedV1Data {
  /**
   * The order.
   */
  orderId: string;
  /**
   * The payment that covers the order's total.
   */
  paymentId: string;
  /**
   * The hold on stock that becomes a sale.
   */
  reservationId: string;
}
/**
 * An order was accepted. Stock and money are not yet touched.
 */
export interface OrderCreatedV1 {
  /**
   * The id of the event or command that caused this one.
   */
  causationid: string;
  /**
   * Names the saga: the same in every event that one order leads to, and in no other. No client chooses it.
   */
  correlationid: string;
  data: OrderCreatedV1Data;
  /**
   * Media type of `data`: always `application/json`.
   */
  datacontenttype: "application/json";
  /**
   * URI of the published schema of this event.
   */
  dataschema: "https://schemas.oms.example/events/OrderCreated.v1.json";
  /**
   * How many events led to this one, one after the other; absent means none. What a command, the clock or an announcement causes begins at none, and so does a report of a failure.
   */
  hops?: number;
  /**
   * The event's identity: made when the state change was written, and the same in every repetition and replay.
   */
  id: string;
  /**
   * Place among the events of this source and subject: ten digits, so that texts compare as numbers do.
   */
  sequence: string;
  /**
   * The service that published the event, for example `oms.orders`.
   */
  source: "oms.orders";
  /**
   * Version of the CloudEvents specification: always `1.0`.
   */
  specversion: "1.0";
  /**
   * What the event is about: the order id, or the sku of a stock event.
   */
  subject: string;
  /**
   * When the state change was written (RFC 3339, UTC).
   */
  time: string;
  /**
   * W3C trace context of the cause; absent if it had none.
   */
  traceparent?: string;
  /**
   * Name and major version of the event, for example `OrderCreated.v1`.
   */
  type: "OrderCreated.v1";
}
/**
 * What happened, as this type has it.
 */
export interface OrderCreatedV1Data {
  /**
   * Currency of every amount in this event.
   */
  currency: string;
  /**
   * Who placed it.
   */
  customerId: string;
  /**
   * What was ordered: 1 to 100 lines, each of another sku.
   *
   * @minItems 1
   * @maxItems 100
   */
  lines: [OrderLine, ...OrderLine[]];
  /**
   * The order.
   */
  orderId: string;
  /**
   * When an order that is still open is cancelled.
   */
  payBy: string;
  /**
   * How the customer pays: an opaque reference kept at the gateway.
   */
  paymentMethod: string;
  /**
   * When the order was accepted.
   */
  placedAt: string;
  /**
   * Sum of quantity × unit price over the lines, in minor units of `currency`.
   */
  total: number;
}
/**
 * One line of an order.
 */
export interface OrderLine {
  /**
   * Number of the line within its order, from 1.
   */
  lineId: number;
  /**
   * How many pieces.
   */
  quantity: number;
  /**
   * What is sold.
   */
  sku: string;
  /**
   * Price of one piece, in minor units of the order's currency.
   */
  unitPrice: number;
}
/**
 * One attempt to charge did not succeed; the payment is still undecided.
 */
export interface PaymentAttemptFailedV1 {
  /**
   * The id of the event or command that caused this one.
   */
  causationid: string;
  /**
   * Names the saga: the same in every event that one order leads to, and in no other. No client chooses it.
   */
  correlationid: string;
  data: PaymentAttemptFailedV1Data;
  /**
   * Media type of `data`: always `application/json`.
   */
  datacontenttype: "application/json";
  /**
   * URI of the published schema of this event.
   */
  dataschema: "https://schemas.oms.example/events/PaymentAttemptFailed.v1.json";
  /**
   * How many events led to this one, one after the other; absent means none. What a command, the clock or an announcement causes begins at none, and so does a report of a failure.
   */
  hops?: number;
  /**
   * The event's identity: made when the state change was written, and the same in every repetition and replay.
   */
  id: string;
  /**
   * Place among the events of this source and subject: ten digits, so that texts compare as numbers do.
   */
  sequence: string;
  /**
   * The service that published the event, for example `oms.orders`.
   */
  source: "oms.payments";
  /**
   * Version of the CloudEvents specification: always `1.0`.
   */
  specversion: "1.0";
  /**
   * What the event is about: the order id, or the sku of a stock event.
   */
  subject: string;
  /**
   * When the state change was written (RFC 3339, UTC).
   */
  time: string;
  /**
   * W3C trace context of the cause; absent if it had none.
   */
  traceparent?: string;
  /**
   * Name and major version of the event, for example `OrderCreated.v1`.
   */
  type: "PaymentAttemptFailed.v1";
}
/**
 * What happened, as this type has it.
 */
export interface PaymentAttemptFailedV1Data {
  /**
   * Number of the attempt, from 1.
   */
  attempt: number;
  /**
   * What kind of failure it was.
   */
  category: AttemptFailure | (string & {});
  /**
   * The gateway's or the network's own word for it, for example `http_503`.
   */
  code: string;
  /**
   * When the next attempt is due; absent after the last.
   */
  nextAttemptAt?: string;
  /**
   * The order.
   */
  orderId: string;
  /**
   * The payment.
   */
  paymentId: string;
}
/**
 * The order's total was not charged and never will be: final, never published per attempt.
 */
export interface PaymentFailedV1 {
  /**
   * The id of the event or command that caused this one.
   */
  causationid: string;
  /**
   * Names the saga: the same in every event that one order leads to, and in no other. No client chooses it.
   */
  correlationid: string;
  data: PaymentFailedV1Data;
  /**
   * Media type of `data`: always `application/json`.
   */
  datacontenttype: "application/json";
  /**
   * URI of the published schema of this event.
   */
  dataschema: "https://schemas.oms.example/events/PaymentFailed.v1.json";
  /**
   * How many events led to this one, one after the other; absent means none. What a command, the clock or an announcement causes begins at none, and so does a report of a failure.
   */
  hops?: number;
  /**
   * The event's identity: made when the state change was written, and the same in every repetition and replay.
   */
  id: string;
  /**
   * Place among the events of this source and subject: ten digits, so that texts compare as numbers do.
   */
  sequence: string;
  /**
   * The service that published the event, for example `oms.orders`.
   */
  source: "oms.payments";
  /**
   * Version of the CloudEvents specification: always `1.0`.
   */
  specversion: "1.0";
  /**
   * What the event is about: the order id, or the sku of a stock event.
   */
  subject: string;
  /**
   * When the state change was written (RFC 3339, UTC).
   */
  time: string;
  /**
   * W3C trace context of the cause; absent if it had none.
   */
  traceparent?: string;
  /**
   * Name and major version of the event, for example `OrderCreated.v1`.
   */
  type: "PaymentFailed.v1";
}
/**
 * What happened, as this type has it.
 */
export interface PaymentFailedV1Data {
  /**
   * How many attempts were made.
   */
  attempts: number;
  /**
   * Why it failed.
   */
  category: PaymentFailure | (string & {});
  /**
   * The gateway's or the network's own word for it, for example `card_declined`.
   */
  code: string;
  /**
   * The order.
   */
  orderId: string;
  /**
   * The payment.
   */
  paymentId: string;
}
/**
 * Money went back to the customer. The same refund may be published more than once: `refundedTotal` only grows.
 */
export interface PaymentRefundedV1 {
  /**
   * The id of the event or command that caused this one.
   */
  causationid: string;
  /**
   * Names the saga: the same in every event that one order leads to, and in no other. No client chooses it.
   */
  correlationid: string;
  data: PaymentRefundedV1Data;
  /**
   * Media type of `data`: always `application/json`.
   */
  datacontenttype: "application/json";
  /**
   * URI of the published schema of this event.
   */
  dataschema: "https://schemas.oms.example/events/PaymentRefunded.v1.json";
  /**
   * How many events led to this one, one after the other; absent means none. What a command, the clock or an announcement causes begins at none, and so does a report of a failure.
   */
  hops?: number;
  /**
   * The event's identity: made when the state change was written, and the same in every repetition and replay.
   */
  id: string;
  /**
   * Place among the events of this source and subject: ten digits, so that texts compare as numbers do.
   */
  sequence: string;
  /**
   * The service that published the event, for example `oms.orders`.
   */
  source: "oms.payments";
  /**
   * Version of the CloudEvents specification: always `1.0`.
   */
  specversion: "1.0";
  /**
   * What the event is about: the order id, or the sku of a stock event.
   */
  subject: string;
  /**
   * When the state change was written (RFC 3339, UTC).
   */
  time: string;
  /**
   * W3C trace context of the cause; absent if it had none.
   */
  traceparent?: string;
  /**
   * Name and major version of the event, for example `OrderCreated.v1`.
   */
  type: "PaymentRefunded.v1";
}
/**
 * What happened, as this type has it.
 */
export interface PaymentRefundedV1Data {
  /**
   * What this refund returned, in minor units of `currency`.
   */
  amount: number;
  /**
   * Currency of the amounts.
   */
  currency: string;
  /**
   * Whose order it is.
   */
  customerId?: string;
  /**
   * The order.
   */
  orderId: string;
  /**
   * The payment that it was taken from.
   */
  paymentId: string;
  /**
   * Why it was returned.
   */
  reason: RefundReason | (string & {});
  /**
   * The refund.
   */
  refundId: string;
  /**
   * What all refunds of the payment have returned so far, this one included, in minor units of `currency`.
   */
  refundedTotal: number;
}
/**
 * The order's total was charged.
 */
export interface PaymentSucceededV1 {
  /**
   * The id of the event or command that caused this one.
   */
  causationid: string;
  /**
   * Names the saga: the same in every event that one order leads to, and in no other. No client chooses it.
   */
  correlationid: string;
  data: PaymentSucceededV1Data;
  /**
   * Media type of `data`: always `application/json`.
   */
  datacontenttype: "application/json";
  /**
   * URI of the published schema of this event.
   */
  dataschema: "https://schemas.oms.example/events/PaymentSucceeded.v1.json";
  /**
   * How many events led to this one, one after the other; absent means none. What a command, the clock or an announcement causes begins at none, and so does a report of a failure.
   */
  hops?: number;
  /**
   * The event's identity: made when the state change was written, and the same in every repetition and replay.
   */
  id: string;
  /**
   * Place among the events of this source and subject: ten digits, so that texts compare as numbers do.
   */
  sequence: string;
  /**
   * The service that published the event, for example `oms.orders`.
   */
  source: "oms.payments";
  /**
   * Version of the CloudEvents specification: always `1.0`.
   */
  specversion: "1.0";
  /**
   * What the event is about: the order id, or the sku of a stock event.
   */
  subject: string;
  /**
   * When the state change was written (RFC 3339, UTC).
   */
  time: string;
  /**
   * W3C trace context of the cause; absent if it had none.
   */
  traceparent?: string;
  /**
   * Name and major version of the event, for example `OrderCreated.v1`.
   */
  type: "PaymentSucceeded.v1";
}
/**
 * What happened, as this type has it.
 */
export interface PaymentSucceededV1Data {
  /**
   * What was charged, in minor units of `currency`.
   */
  amount: number;
  /**
   * Number of the attempt that succeeded, from 1.
   */
  attempt: number;
  /**
   * Currency of the amount.
   */
  currency: string;
  /**
   * The gateway's name of the charge; it means something to the gateway alone.
   */
  gatewayReference: string;
  /**
   * The order.
   */
  orderId: string;
  /**
   * The payment.
   */
  paymentId: string;
}
/**
 * The payment was forbidden before anything was charged: no later charge can happen.
 */
export interface PaymentVoidedV1 {
  /**
   * The id of the event or command that caused this one.
   */
  causationid: string;
  /**
   * Names the saga: the same in every event that one order leads to, and in no other. No client chooses it.
   */
  correlationid: string;
  data: PaymentVoidedV1Data;
  /**
   * Media type of `data`: always `application/json`.
   */
  datacontenttype: "application/json";
  /**
   * URI of the published schema of this event.
   */
  dataschema: "https://schemas.oms.example/events/PaymentVoided.v1.json";
  /**
   * How many events led to this one, one after the other; absent means none. What a command, the clock or an announcement causes begins at none, and so does a report of a failure.
   */
  hops?: number;
  /**
   * The event's identity: made when the state change was written, and the same in every repetition and replay.
   */
  id: string;
  /**
   * Place among the events of this source and subject: ten digits, so that texts compare as numbers do.
   */
  sequence: string;
  /**
   * The service that published the event, for example `oms.orders`.
   */
  source: "oms.payments";
  /**
   * Version of the CloudEvents specification: always `1.0`.
   */
  specversion: "1.0";
  /**
   * What the event is about: the order id, or the sku of a stock event.
   */
  subject: string;
  /**
   * When the state change was written (RFC 3339, UTC).
   */
  time: string;
  /**
   * W3C trace context of the cause; absent if it had none.
   */
  traceparent?: string;
  /**
   * Name and major version of the event, for example `OrderCreated.v1`.
   */
  type: "PaymentVoided.v1";
}
/**
 * What happened, as this type has it.
 */
export interface PaymentVoidedV1Data {
  /**
   * The order.
   */
  orderId: string;
  /**
   * The payment.
   */
  paymentId: string;
}
/**
 * A refund has not gone through so far: the money is still owed. It is tried again, and an operator must act. It does not change the order's state.
 */
export interface RefundFailedV1 {
  /**
   * The id of the event or command that caused this one.
   */
  causationid: string;
  /**
   * Names the saga: the same in every event that one order leads to, and in no other. No client chooses it.
   */
  correlationid: string;
  data: RefundFailedV1Data;
  /**
   * Media type of `data`: always `application/json`.
   */
  datacontenttype: "application/json";
  /**
   * URI of the published schema of this event.
   */
  dataschema: "https://schemas.oms.example/events/RefundFailed.v1.json";
  /**
   * How many events led to this one, one after the other; absent means none. What a command, the clock or an announcement causes begins at none, and so does a report of a failure.
   */
  hops?: number;
  /**
   * The event's identity: made when the state change was written, and the same in every repetition and replay.
   */
  id: string;
  /**
   * Place among the events of this source and subject: ten digits, so that texts compare as numbers do.
   */
  sequence: string;
  /**
   * The service that published the event, for example `oms.orders`.
   */
  source: "oms.payments";
  /**
   * Version of the CloudEvents specification: always `1.0`.
   */
  specversion: "1.0";
  /**
   * What the event is about: the order id, or the sku of a stock event.
   */
  subject: string;
  /**
   * When the state change was written (RFC 3339, UTC).
   */
  time: string;
  /**
   * W3C trace context of the cause; absent if it had none.
   */
  traceparent?: string;
  /**
   * Name and major version of the event, for example `OrderCreated.v1`.
   */
  type: "RefundFailed.v1";
}
/**
 * What happened, as this type has it.
 */
export interface RefundFailedV1Data {
  /**
   * What is owed, in minor units of `currency`.
   */
  amount: number;
  /**
   * How often it was tried so far.
   */
  attempts: number;
  /**
   * The gateway's or the network's own word for it.
   */
  code: string;
  /**
   * Currency of the amount.
   */
  currency: string;
  /**
   * Whose order it is.
   */
  customerId?: string;
  /**
   * The order.
   */
  orderId: string;
  /**
   * The payment that it is to be taken from.
   */
  paymentId: string;
  /**
   * Why it is to be returned.
   */
  reason: RefundReason | (string & {});
  /**
   * The refund.
   */
  refundId: string;
}
/**
 * An operator changed how many pieces of a sku are in the warehouse.
 */
export interface StockAdjustedV1 {
  /**
   * The id of the event or command that caused this one.
   */
  causationid: string;
  /**
   * Names the saga: the same in every event that one order leads to, and in no other. No client chooses it.
   */
  correlationid: string;
  data: StockAdjustedV1Data;
  /**
   * Media type of `data`: always `application/json`.
   */
  datacontenttype: "application/json";
  /**
   * URI of the published schema of this event.
   */
  dataschema: "https://schemas.oms.example/events/StockAdjusted.v1.json";
  /**
   * How many events led to this one, one after the other; absent means none. What a command, the clock or an announcement causes begins at none, and so does a report of a failure.
   */
  hops?: number;
  /**
   * The event's identity: made when the state change was written, and the same in every repetition and replay.
   */
  id: string;
  /**
   * Place among the events of this source and subject: ten digits, so that texts compare as numbers do.
   */
  sequence: string;
  /**
   * The service that published the event, for example `oms.orders`.
   */
  source: "oms.inventory";
  /**
   * Version of the CloudEvents specification: always `1.0`.
   */
  specversion: "1.0";
  /**
   * What the event is about: the order id, or the sku of a stock event.
   */
  subject: string;
  /**
   * When the state change was written (RFC 3339, UTC).
   */
  time: string;
  /**
   * W3C trace context of the cause; absent if it had none.
   */
  traceparent?: string;
  /**
   * Name and major version of the event, for example `OrderCreated.v1`.
   */
  type: "StockAdjusted.v1";
}
/**
 * What happened, as this type has it.
 */
export interface StockAdjustedV1Data {
  /**
   * The change.
   */
  adjustmentId: string;
  /**
   * Pieces that can be held for further orders: on hand less reserved.
   */
  available: number;
  /**
   * Pieces added, or taken if negative.
   */
  delta: number;
  /**
   * Pieces in the warehouse after the change.
   */
  onHand: number;
  /**
   * Pieces of these that are held for orders.
   */
  reserved: number;
  /**
   * What was changed.
   */
  sku: string;
}

/**
 * Why an order's lines could not be held. INSUFFICIENT_STOCK: Fewer pieces are available than were ordered. UNKNOWN_SKU: A sku was never stocked. Open: a later release may add values.
 */
export type RejectReason = "INSUFFICIENT_STOCK" | "UNKNOWN_SKU";

/**
 * A way to reach a customer. EMAIL: E-mail. Open: a later release may add values.
 */
export type Channel = "EMAIL";

/**
 * Why a message was not sent, or did not arrive. NO_ADDRESS: The customer has left no address for this channel. REFUSED: The channel refused the message for good. OUTCOME_UNKNOWN: It is unknown whether the channel took the message; it is not sent again. UNCONFIRMED: The customer has left an address, and has not confirmed that it is theirs. ADDRESS_STOPPED: Mail to the customer's address was stopped, because one came back or was reported as unwanted. RATE_LIMITED: As many messages as are allowed have gone to the customer's address within the hour. BOUNCED: The channel took the message, and the customer's address does not exist or takes no mail for good. COMPLAINED: The customer got the message and called it spam. Open: a later release may add values.
 */
export type NotificationFailure = "NO_ADDRESS" | "REFUSED" | "OUTCOME_UNKNOWN" | "UNCONFIRMED" | "ADDRESS_STOPPED" | "RATE_LIMITED" | "BOUNCED" | "COMPLAINED";

/**
 * What a message is made from. ORDER_COMPLETED: The order is completed. ORDER_CANCELLED: The order was cancelled. Open: a later release may add values.
 */
export type Template = "ORDER_COMPLETED" | "ORDER_CANCELLED";

/**
 * Why an order was cancelled. CUSTOMER: The customer asked for it. OUT_OF_STOCK: A line could not be reserved. PAYMENT_FAILED: The payment failed for good. RESERVATION_EXPIRED: The hold on stock ran out before the payment succeeded. TIMED_OUT: The order was still open at its `payBy`. STAFF: Staff cancelled it. Open: a later release may add values.
 */
export type CancelReason = "CUSTOMER" | "OUT_OF_STOCK" | "PAYMENT_FAILED" | "RESERVATION_EXPIRED" | "TIMED_OUT" | "STAFF";

/**
 * What kind of failure an attempt met. TRANSIENT: The gateway did not charge; another attempt may succeed. TIMEOUT_UNKNOWN: It is unknown whether the gateway charged; it is asked before any new attempt. Open: a later release may add values.
 */
export type AttemptFailure = "TRANSIENT" | "TIMEOUT_UNKNOWN";

/**
 * Why a payment failed for good. DECLINED: The gateway refused the way to pay. EXHAUSTED: Every attempt failed, and the gateway confirms that nothing was charged. RESERVATION_GONE: The hold on stock ended before the charge. Open: a later release may add values.
 */
export type PaymentFailure = "DECLINED" | "EXHAUSTED" | "RESERVATION_GONE";

/**
 * Why money is returned. CANCELLED: The order was cancelled after it was paid. LATE_SUCCESS: The charge succeeded after the order was cancelled. STAFF: Staff returned it. Open: a later release may add values.
 */
export type RefundReason = "CANCELLED" | "LATE_SUCCESS" | "STAFF";
