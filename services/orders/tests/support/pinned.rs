//! Items as they are stored: an attribute a line, its type, its value.

use aws_sdk_dynamodb::types::AttributeValue;
use chassis::store::Attributes;

/// The item, in the form of the texts below.
pub fn lines(item: &Attributes) -> Vec<String> {
    let mut lines: Vec<String> = item.iter().map(|(name, value)| format!("{name} {}", shown(value))).collect();
    lines.sort();
    lines
}

#[expect(clippy::wildcard_enum_match_arm, clippy::panic, reason = "the SDK's type is open; an order has no other")]
fn shown(value: &AttributeValue) -> String {
    match value {
        AttributeValue::S(text) => format!("S {text}"),
        AttributeValue::N(digits) => format!("N {digits}"),
        AttributeValue::Bool(is_so) => format!("BOOL {is_so}"),
        AttributeValue::M(values) => format!("M {{{}}}", lines(values).join(", ")),
        AttributeValue::L(values) => {
            let one = |value| shown(value).trim_start_matches("S ").to_owned();
            format!("L {}", values.iter().map(one).collect::<Vec<_>>().join(" | "))
        }
        other => panic!("{other:?}"),
    }
}

/// The 949 bytes of an order of one line at its last write: an attribute a line, its type, its value.
pub const PAID: [&str; 16] = [
    "correlationId S cor_0190f5c4-7a80-7c3e-9d52-6a1f0b7c8d9e",
    "currency S EUR",
    "customerId S 5f1c7a52-9d5e-4a0b-9f11-2f6a4c1b7e90",
    "decision S COMPLETED 4.59",
    "emitted N 3",
    "fingerprint S qf6lNXDOEHXiOQ7NCHIQJw",
    concat!(
        "history L OrderCreated.v1 0 | InventoryReserved.v1 1.53 HwyPTmoNW16KQ09d5_CpAQ",
        " | PaymentSucceeded.v1 3.06 HwyPTmoNW16KQ09d5_CpAg | OrderConfirmed.v1 3.06",
        " | InventoryCommitted.v1 4.59 HwyPTmoNW16KQ09d5_CpAw | OrderCompleted.v1 4.59",
    ),
    "inventory S COMMITTED rsv_3b9f2c77-0c55-5d0f-b1c7-6f9d8e2a4c31",
    "lines L MUG-BLUE-000 2 1595",
    concat!(
        r#"outbox S {"type":"OrderCompleted.v1","time":"2099-12-03T16:53:24.71Z""#,
        r#","causationid":"evt_1f0c8f4e-6a0d-5b5e-8a43-4f5de7f0a903""#,
        r#","traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01""#,
        r#","rest":{"customerId":"5f1c7a52-9d5e-4a0b-9f11-2f6a4c1b7e90","total":3190,"currency":"EUR""#,
        r#","completedAt":"="}}"#,
    ),
    "payBy N 4100003600120000000",
    "payment S SUCCEEDED pay_1f0c8f4e-6a0d-5b5e-8a43-4f5de7f0a901 1",
    "paymentMethod S pm_card_visa",
    "pk S ord_8c5b1f0e-5c0e-5f3a-9a51-0f6f2f1f7a10",
    "placedAt N 4100000000120000000",
    "version N 4",
];

/// A cancelled order with a note, a refund that is done and one that fails, and two attention entries.
pub const CANCELLED: [&str; 23] = [
    concat!(
        "attention M {flags L M {number N 1, since S 2099-12-03T16:53:27.77Z, trouble M {code S REFUND_FAILED}}",
        " | M {number N 2, since S 2099-12-03T16:53:29.3Z, trouble M {code S EVENT_NOT_PROCESSED,",
        " consumer S inventory/events, errorClass S contract, eventId S evt_1f0c8f4e-6a0d-5b5e-8a43-4f5de7f0a909,",
        " eventType S OrderCancelled.v1}}, raised N 2}",
    ),
    "attentionSince N 4100000007",
    "attentionState S OPEN",
    "cancelNote S two of them, \u{201c}wrong\u{201d} colour",
    "correlationId S cor_0190f5c4-7a80-7c3e-9d52-6a1f0b7c8d9e",
    "currency S EUR",
    "customerId S 5f1c7a52-9d5e-4a0b-9f11-2f6a4c1b7e90",
    "decision S CANCELLED 4 CUSTOMER",
    "dueAt N 4100000600",
    "dueShard S 0",
    "emitted N 2",
    "fingerprint S qf6lNXDOEHXiOQ7NCHIQJw",
    concat!(
        "history L OrderCreated.v1 0 | PaymentSucceeded.v1 1.53 HwyPTmoNW16KQ09d5_CpAQ | OrderCancelled.v1 4",
        " | InventoryReleased.v1 4.59 HwyPTmoNW16KQ09d5_CpAw | PaymentRefunded.v1 6.12 HwyPTmoNW16KQ09d5_CpBA",
        " | RefundFailed.v1 7.65 HwyPTmoNW16KQ09d5_CpBQ | EventProcessingFailed.v1 9.18 HwyPTmoNW16KQ09d5_CpBg",
    ),
    "inventory S RELEASED",
    "lines L MUG-BLUE-000 2 1595",
    "payBy N 4100003600120000000",
    "payment S SUCCEEDED pay_1f0c8f4e-6a0d-5b5e-8a43-4f5de7f0a901 2",
    "paymentMethod S pm_card_visa",
    "pk S ord_8c5b1f0e-5c0e-5f3a-9a51-0f6f2f1f7a10",
    "placedAt N 4100000000120000000",
    concat!(
        "returned M {refunds M {rfd_1f0c8f4e-6a0d-5b5e-8a43-4f5de7f0a901 BOOL true,",
        " rfd_1f0c8f4e-6a0d-5b5e-8a43-4f5de7f0a902 BOOL false}, total N 1000}",
    ),
    "version N 7",
    "waitsUntil N 4100000605",
];
