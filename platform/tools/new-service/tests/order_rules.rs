//! What is known of an order does not depend on how often, or in which order, facts arrive.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use jiff::{SignedDuration, Timestamp};
use newcomer::domain::ids::OrderId;
use newcomer::domain::order::{Fact, Order, apply};
use proptest::prelude::*;

fn unknown() -> Order {
    Order::unknown(OrderId::new("ord_8c5b1f0e-5c0e-5f3a-9a51-0f6f2f1f7a10").unwrap())
}

fn completed(seconds: i64) -> Fact {
    Fact::Completed { at: Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds) }
}

#[test]
fn an_order_is_complete_once_that_is_known() {
    assert_eq!(unknown().completed_at, None);
    assert_eq!(apply(&unknown(), &completed(0)).completed_at, Some(Timestamp::UNIX_EPOCH));
}

#[test]
fn only_the_id_of_an_order_names_one() {
    for text in ["", "ord_", "8c5b1f0e-5c0e-5f3a-9a51-0f6f2f1f7a10", "ord_8C5B1F0E-5C0E-5F3A-9A51-0F6F2F1F7A10"] {
        assert_eq!(OrderId::new(text), None, "{text}");
    }
}

proptest! {
    #[test]
    fn facts_may_come_twice_and_in_any_order(seconds in prop::collection::vec(0..9_i64, 1..9), again in any::<prop::sample::Index>()) {
        let known = |all: &[i64]| all.iter().fold(unknown(), |order, at| apply(&order, &completed(*at)));
        let mut otherwise = seconds.clone();
        otherwise.push(seconds[again.index(seconds.len())]);
        otherwise.reverse();
        prop_assert_eq!(known(&seconds), known(&otherwise));
    }
}
