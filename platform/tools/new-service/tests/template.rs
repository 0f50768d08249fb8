//! The template does what the code relies on.

use newcomer::inbound::Role;
use newcomer::inbound::events::HANDLED;
use testkit::contract::declaration;
use testkit::template::Template;

const SERVICE: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn the_rule_routes_exactly_what_is_handled() {
    Template::read(SERVICE).routes(&HANDLED);
}

#[test]
fn the_policies_let_out_exactly_what_is_declared() {
    Template::read(SERVICE).lets_out(&declaration(SERVICE));
}

#[test]
fn every_function_plays_a_role_that_the_binary_knows() {
    Template::read(SERVICE).plays::<Role>(&["events"]);
}

#[test]
fn what_is_parked_is_reported() {
    Template::read(SERVICE).reports("EventsFunction");
}
