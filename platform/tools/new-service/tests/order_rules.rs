//! What is known of an order does not depend on how often, or in which order, it is told.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use jiff::{SignedDuration, Timestamp};
use newcomer::domain::ids::OrderId;
use newcomer::domain::order::{Fact, Order, hear};
use proptest::prelude::*;

fn unheard() -> Order {
    Order::unheard(OrderId::new("ord_8c5b1f0e-5c0e-5f3a-9a51-0f6f2f1f7a10").unwrap())
}

fn completed(seconds: i64) -> Fact {
    Fact::Completed { at: Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds) }
}

#[test]
fn an_order_is_complete_once_that_is_heard() {
    assert_eq!(unheard().completed_at, None);
    assert_eq!(hear(&unheard(), &completed(0)).completed_at, Some(Timestamp::UNIX_EPOCH));
}

#[test]
fn only_the_id_of_an_order_names_one() {
    for text in ["", "ord_", "8c5b1f0e-5c0e-5f3a-9a51-0f6f2f1f7a10", "ord_8C5B1F0E-5C0E-5F3A-9A51-0F6F2F1F7A10"] {
        assert_eq!(OrderId::new(text), None, "{text}");
    }
}

proptest! {
    #[test]
    fn facts_may_come_twice_and_in_any_order(told in prop::collection::vec(0..9_i64, 1..9), again in any::<prop::sample::Index>()) {
        let known = |seconds: &[i64]| seconds.iter().fold(unheard(), |order, at| hear(&order, &completed(*at)));
        let mut otherwise = told.clone();
        otherwise.push(told[again.index(told.len())]);
        otherwise.reverse();
        prop_assert_eq!(known(&told), known(&otherwise));
    }
}
