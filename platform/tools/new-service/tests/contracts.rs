//! Newcomer understands every event that it consumes, and `events.toml` declares it correctly.

use newcomer::inbound::events::{HANDLED, fact};
use testkit::contract::{self, Contract};

fn contract() -> Contract<'static> {
    Contract::of(env!("CARGO_MANIFEST_DIR"), &HANDLED)
}

#[test]
fn the_declaration_names_what_is_published_and_handled() {
    contract().names_what_is_handled();
}

#[test]
fn nothing_is_believed_that_the_bus_does_not_vouch_for() {
    contract().believes_what_the_bus_vouches_for();
}

#[test]
#[cfg_attr(feature = "strict", ignore = "such a build asks for the whole event")]
fn newcomer_reads_exactly_what_it_declares() {
    contract().reads_what_it_declares(|delivery| fact(&delivery.event_type, &delivery.text));
}

#[test]
fn every_sample_of_a_handled_type_is_a_fact_about_its_order() {
    contract().understands_every_sample(|event_type, text| fact(event_type, text).map(|(order, _)| order.to_string()));
}

#[test]
fn an_undeclared_type_an_unknown_major_and_a_broken_event_are_parked_with_their_cause() {
    for (event_type, class, message) in [
        ("OrderConfirmed.v1", "unknown_type", "newcomer does not consume OrderConfirmed.v1"),
        ("OrderCompleted.v2", "unknown_type", "newcomer does not consume OrderCompleted.v2"),
        ("OrderCompleted.v1", "contract", "the event does not keep its contract"),
    ] {
        contract::parks(fact(event_type, "{}"), class, message);
    }
}

#[test]
fn every_published_event_keeps_its_schema_and_is_declared() {
    contract().publishes(&[]);
}
