//! What is stored is frozen: items that an older version wrote must be read by a newer one, and the reverse. Each item is
//! small, since a write costs one unit for each kilobyte.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use chassis::store::Attributes;
use inventory::domain::ids::{OrderId, ReservationId, Sku};
use inventory::domain::reservation::{End, Line, ReleaseCause, Reservation, Shortage, State};
use inventory::outbound::ReservationRecord;
use serde_json::{Value, json};

const ORDER: &str = "ord_8c5b1f0e-5c0e-5f3a-9a51-0f6f2f1f7a10";

fn reservation(state: State) -> Reservation {
    let order = OrderId::trusted(ORDER);
    let lines = [("MUG-01", 2), ("TEA-GREEN-100", 1), ("TEA-BLACK-100", 3)];
    let lines = lines.map(|(sku, quantity)| Line { sku: Sku::trusted(sku), quantity }).to_vec();
    let expires_at = Some("2026-11-22T10:15:30.12Z".parse().unwrap());
    Reservation { id: ReservationId::derive(&order), order, lines, expires_at, state }
}

fn record(state: State) -> ReservationRecord {
    ReservationRecord::new(&reservation(state), "cor-8c5b1f0e5c0e5f3a9a510f6f2f1f7a10".into())
}

#[test]
fn a_stored_reservation_is_pinned() {
    let missing = || vec![Shortage { sku: Sku::trusted("GHOST"), requested: 2, available: None }];
    for (state, stored) in [
        (State::Reserving { held: 1 }, json!({ "state": "HOLDING", "held": 1 })),
        (State::Reserved, json!({ "state": "RESERVED" })),
        (
            State::Releasing { held: 1, end: End::Cancelled },
            json!({ "state": "RELEASING", "held": 1, "end": "CANCELLED" }),
        ),
        (
            State::Releasing { held: 1, end: End::Rejected(missing()) },
            json!({ "state": "RELEASING", "held": 1, "end": { "REJECTED": [{ "sku": "GHOST", "requested": 2 }] } }),
        ),
        (State::Released(ReleaseCause::Expired), json!({ "state": "RELEASED", "cause": "EXPIRED" })),
        (State::Rejected(missing()), json!({ "state": "REJECTED", "missing": [{ "sku": "GHOST", "requested": 2 }] })),
        (State::Committed, json!({ "state": "COMMITTED" })),
    ] {
        let expected = json!({
            "pk": ORDER,
            "lines": [
                { "sku": "MUG-01", "quantity": 2 },
                { "sku": "TEA-GREEN-100", "quantity": 1 },
                { "sku": "TEA-BLACK-100", "quantity": 3 },
            ],
            "expiresAt": 1_795_342_530_120_i64,
            "reservation": stored,
            "correlationId": "cor-8c5b1f0e5c0e5f3a9a510f6f2f1f7a10",
        });
        assert_eq!(serde_json::to_value(record(state.clone())).unwrap(), expected);
        let item: Attributes = serde_dynamo::aws_sdk_dynamodb_1::to_item(&expected).unwrap();
        let read: ReservationRecord = serde_dynamo::aws_sdk_dynamodb_1::from_item(item).unwrap();
        assert_eq!(Reservation::from(&read), reservation(state));
    }
}

#[test]
fn a_reservation_of_three_lines_leaves_room_for_its_event_in_one_kilobyte() {
    let stored = serde_json::to_value(record(State::Reserved)).unwrap();
    // Names and texts count their bytes; JSON's own signs are more than what DynamoDB counts for maps, lists and numbers.
    assert!(stored.to_string().len() < 330, "{} bytes", stored.to_string().len());
    let Value::Object(attributes) = stored else { panic!("an item has attributes") };
    let follows_from_another = ["orderId", "reservationId"];
    assert!(follows_from_another.iter().all(|name| !attributes.contains_key(*name)));
}
