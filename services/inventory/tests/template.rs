//! The template has what the code relies on.

use inventory::inbound::Role;
use inventory::inbound::events::HANDLED;
use testkit::contract::declaration;
use testkit::template::Template;

const INVENTORY: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn the_rule_routes_exactly_what_is_handled() {
    Template::read(INVENTORY).routes(&HANDLED);
}

#[test]
fn the_policies_let_out_exactly_what_is_declared() {
    Template::read(INVENTORY).lets_out(&declaration(INVENTORY));
}

#[test]
fn every_function_plays_a_role_that_the_binary_knows() {
    Template::read(INVENTORY).plays::<Role>(&["api", "events", "relay", "sweep"]);
}

#[test]
fn what_is_due_is_found_and_swept_every_minute() {
    Template::read(INVENTORY).sweeps("ReservationsTable");
}

#[test]
fn the_sweep_may_release_stock() {
    assert!(Template::read(INVENTORY).allowed("SweepRole").contains("dynamodb:UpdateItem"));
}

#[test]
fn what_is_parked_is_reported() {
    Template::read(INVENTORY).reports("EventsFunction");
}
