//! The template does what the code relies on.

use orders::inbound::Role;
use orders::inbound::events::HANDLED;
use testkit::contract::declaration;
use testkit::template::Template;

const ORDERS: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn the_rule_routes_exactly_what_is_handled() {
    Template::read(ORDERS).routes(&HANDLED);
}

#[test]
fn the_policies_let_out_exactly_what_is_declared() {
    Template::read(ORDERS).lets_out(&declaration(ORDERS));
}

#[test]
fn every_function_plays_a_role_that_the_binary_knows() {
    Template::read(ORDERS).plays::<Role>(&["api", "events", "relay", "sweep"]);
}

#[test]
fn what_is_due_is_found_and_swept_every_minute() {
    Template::read(ORDERS).sweeps("Table");
}

#[test]
fn what_is_parked_is_reported() {
    Template::read(ORDERS).reports("EventsFunction");
}
