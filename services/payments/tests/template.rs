//! The template does what the code relies on.

use payments::inbound::Role;
use payments::inbound::events::HANDLED;
use testkit::contract::declaration;
use testkit::template::Template;

const PAYMENTS: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn the_rule_routes_exactly_what_is_handled() {
    Template::read(PAYMENTS).routes(&HANDLED);
}

#[test]
fn the_policies_let_out_exactly_what_is_declared() {
    Template::read(PAYMENTS).lets_out(&declaration(PAYMENTS));
}

#[test]
fn every_function_plays_a_role_that_the_binary_knows() {
    Template::read(PAYMENTS).plays::<Role>(&["api", "events", "dead-letters", "sweep", "relay"]);
}

#[test]
fn what_is_due_is_found_and_swept_every_minute() {
    Template::read(PAYMENTS).sweeps("Table");
}

#[test]
fn only_dead_letters_that_stay_are_reported() {
    let template = Template::read(PAYMENTS);
    template.reports("DeadLettersFunction");
    assert!(template.variable("EventsFunction", "BUS").is_null());
}

#[test]
fn a_function_has_time_for_the_calls_that_one_message_makes() {
    let template = Template::read(PAYMENTS);
    let timeout = template.value()["Parameters"]["GatewayTimeoutMs"]["Default"].as_u64().unwrap();
    // A call that runs into its timeout is the last one. The sweep takes several orders, one after the other's time.
    for (function, calls) in
        [("EventsFunction", 4), ("DeadLettersFunction", 2), ("ApiFunction", 2), ("SweepFunction", 2)]
    {
        let given = template.resource(function)["Timeout"].as_u64().unwrap() * 1_000;
        assert!(given >= calls * timeout + 2_000, "{function}");
    }
}
