//! Simulated shops: reproducible, and without a violation.

use simulation::faults::Fault;
use simulation::flaws::Mechanism;
use simulation::run::{Options, Report, one, places, run};
use simulation::shop::{LARGEST, SMALLEST};
use simulation::trace::Wanted;

fn options(orders: u64, seed: u64, threads: usize) -> Options {
    Options { orders, seed, threads, stop_at_first: false, mechanism: Mechanism::default() }
}

fn simulated(orders: u64, seed: u64, threads: usize) -> Report {
    run(options(orders, seed, threads), |_| {})
}

#[test]
fn the_same_seed_is_the_same_run_with_any_number_of_threads() {
    let (alone, together) = (simulated(1_000, 3, 1), simulated(1_000, 3, 4));
    assert_eq!((alone.hash, alone.steps), (together.hash, together.steps));
    assert_eq!((&alone.ended, &alone.faults), (&together.ended, &together.faults));
}

#[test]
fn another_seed_is_another_run() {
    assert_ne!(simulated(100, 3, 1).hash, simulated(100, 4, 1).hash);
}

#[test]
fn tracing_an_order_does_not_change_what_happens_to_it() {
    let options = options(500, 11, 1);
    for place in places(options.seed, options.orders).into_iter().take(4) {
        let (unseen, seen) = (one(options, place, Wanted::Nothing), one(options, place, Wanted::All));
        assert_eq!(unseen.hash, seen.hash);
        assert!(unseen.trace.is_empty() && seen.trace.len() > 100, "{}", seen.trace.len());
    }
}

#[test]
fn a_run_has_exactly_the_requested_number_of_orders() {
    let places = places(5, 1_234);
    assert_eq!(places.iter().map(|place| u64::from(place.orders)).sum::<u64>(), 1_234);
    assert!(places.iter().rev().skip(1).all(|place| (SMALLEST..=LARGEST).contains(&place.orders)));
    assert_eq!(simulated(1_234, 5, 2).orders, 1_234);
}

#[test]
fn thousands_of_orders_meet_every_kind_of_fault_and_violate_nothing() {
    let report = simulated(5_000, 7, 2);
    assert_eq!(report.first, None);
    for (fault, count) in report.faults.iter() {
        assert!(count > 0, "{fault:?} never occurred");
    }
    for (how, least) in [("COMPLETED", 1_500), ("CANCELLED: Customer", 100), ("CANCELLED: ReservationExpired", 50)] {
        assert!(report.ended.get(how).is_some_and(|orders| *orders > least), "{how}: {:?}", report.ended);
    }
    assert!(Fault::ALL.len() == report.faults.iter().count());
}
