//! Small worlds, explored completely.

use simulation::explore::{Found, Options, Scenario, explore};
use simulation::faults::Fault;
use simulation::flaws::Mechanism;

fn explored(scenario: Scenario, faults: u8, only: Option<Fault>) -> Found {
    explore(scenario, Options { faults, only, threads: 2, mechanism: Mechanism::default(), most_states: 1_000_000 })
}

fn is_sound(found: &Found) {
    assert!(found.is_sound(), "{found:#?}");
    assert!(found.resting > 0, "the system never comes to rest: {found:#?}");
}

#[test]
fn two_orders_for_the_last_unit_end_in_one_sale_in_every_interleaving() {
    let found = explored(Scenario::LastUnit { orders: 2 }, 0, None);
    is_sound(&found);
    assert!(found.states > 1_000, "{}", found.states);
}

#[test]
fn race_an_adjustment_against_a_hold_of_the_last_unit() {
    let found = explored(Scenario::Adjusted, 0, None);
    is_sound(&found);
    assert!(found.resting > 1, "either may come first: {found:#?}");
}

#[test]
fn an_order_and_its_cancellation_settle_in_every_interleaving() {
    for scenario in [Scenario::Paid, Scenario::Declined, Scenario::OutOfStock] {
        is_sound(&explored(scenario, 0, None));
    }
}

#[test]
fn an_order_and_its_cancellation_settle_whatever_the_gateway_leaves_open() {
    for fault in [Fault::GatewayMute, Fault::GatewayLate, Fault::GatewayFailsAfter] {
        is_sound(&explored(Scenario::Paid, 1, Some(fault)));
    }
}

#[test]
fn race_crash_after_the_write_and_before_the_publish_and_after_the_publish_and_before_the_acknowledgement() {
    // Every invocation and every relay may die before each of its steps; these are two of them.
    is_sound(&explored(Scenario::OutOfStock, 1, Some(Fault::Crash)));
}

#[test]
fn two_explorations_of_the_same_scenario_are_equal() {
    let [first, second] = [1, 2].map(|_| explored(Scenario::Declined, 1, Some(Fault::Throttle)));
    assert_eq!((first.states, first.resting, first.endless), (second.states, second.resting, second.endless));
}
