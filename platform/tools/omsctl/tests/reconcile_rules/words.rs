//! The words of the services' APIs, as a snapshot reads them. One that is not understood fails the whole comparison.

use omsctl::reconcile::snapshot::{PaymentStatus, ReservationState, Status};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{from_value, json, to_value};

/// Reads each word and writes it again.
fn understands<T: DeserializeOwned + Serialize>(words: &[&str]) {
    for word in words {
        let read: T = from_value(json!(word)).unwrap();
        assert_eq!(to_value(read).unwrap(), json!(word));
    }
}

#[test]
fn every_status_of_a_payment_is_understood() {
    let words = ["PENDING", "RETRYING", "CHARGING", "UNKNOWN", "SUCCEEDED", "FAILED", "VOIDED"];
    understands::<PaymentStatus>(&words);
}

#[test]
fn every_state_of_a_reservation_is_understood() {
    let words = ["HOLDING", "RESERVED", "RELEASING", "RELEASED", "REJECTED", "COMMITTED"];
    understands::<ReservationState>(&words);
}

#[test]
fn every_status_of_an_order_is_understood() {
    understands::<Status>(&[
        "PENDING",
        "INVENTORY_RESERVED",
        "PAID",
        "CONFIRMED",
        "COMPLETED",
        "PAYMENT_FAILED",
        "REJECTED",
        "CANCELLED",
    ]);
}
