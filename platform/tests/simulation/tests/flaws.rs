//! Designs that are known to be wrong are caught.

#![cfg(feature = "flaws")]

use simulation::explore::{Options, Scenario, explore};
use simulation::faults::Fault;
use simulation::flawed::{Caught, catch_all, compare};
use simulation::flaws::{Flaw, Mechanism};

#[test]
fn every_flaw_is_caught() {
    let missed: Vec<_> = catch_all(7, 20_000, 2).into_iter().filter(|caught| !Caught::is_caught(caught)).collect();
    assert!(missed.is_empty(), "{missed:?}");
}

#[test]
fn the_known_bad_designs_violate_rules_in_worlds_where_ours_does_not() {
    let [ours, dual_write, lock_then_complete] = compare(7, 2_000, 2).map(|design| design.report.violations);
    assert!(ours.is_empty(), "{ours:?}");
    assert!(!dual_write.is_empty() && !lock_then_complete.is_empty());
}

#[test]
fn the_explorer_finds_what_one_crash_does_to_a_dual_write() {
    let mechanism = Mechanism::with(Flaw::DualWrite);
    let options = Options { faults: 1, only: Some(Fault::Crash), threads: 2, mechanism, most_states: 200_000 };
    let found = explore(Scenario::OutOfStock, options);
    assert!(!found.broken.is_empty(), "{found:?}");
}
