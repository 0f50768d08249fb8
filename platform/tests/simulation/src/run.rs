//! Runs many shops on several threads. The result does not depend on the number of threads.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::dice::Dice;
use crate::faults::Counts;
use crate::flaws::Mechanism;
use crate::invariants::{Rule, Violation};
use crate::shop::{self, Outcome, Which};
use crate::trace::Wanted;
use crate::world::hash_of;

/// The options of a run.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// The number of orders.
    pub orders: u64,
    /// The seed of every random choice.
    pub seed: u64,
    /// The number of threads.
    pub threads: usize,
    /// Whether to stop at the first shop with a violation.
    pub stop_at_first: bool,
    /// How steps follow each other.
    pub mechanism: Mechanism,
}

/// A shop of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Its number.
    pub shop: u64,
    /// The number of its first order in the whole run, from 0.
    pub first: u64,
    /// How many orders it has.
    pub orders: u32,
}

/// The first violation of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct First {
    /// The shop.
    pub place: Place,
    /// The violation.
    pub violation: Violation,
}

impl First {
    /// The number of the order in the whole run, from 1.
    #[must_use]
    pub fn order(&self) -> u64 {
        self.place.first + u64::from(self.violation.order) + 1
    }

    /// The number of orders until then: its whole shop and all shops before.
    #[must_use]
    pub fn orders_until_then(&self) -> u64 {
        self.place.first + u64::from(self.place.orders)
    }
}

/// The result of a run.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// The number of orders.
    pub orders: u64,
    /// The number of shops.
    pub shops: u64,
    /// The number of steps.
    pub steps: u64,
    /// How often each kind of fault occurred.
    pub faults: Counts,
    /// The number of orders by their ending.
    pub ended: BTreeMap<String, u64>,
    /// The number of events by type.
    pub said: BTreeMap<String, u64>,
    /// The number of parked messages by cause.
    pub parked: BTreeMap<&'static str, u64>,
    /// How often each rule was broken.
    pub violations: BTreeMap<Rule, u64>,
    /// The first violation.
    pub first: Option<First>,
    /// A hash of everything that happened.
    pub hash: u64,
    /// How long it took.
    pub took: Duration,
}

/// The shops of a run, in their order.
#[must_use]
pub fn places(seed: u64, orders: u64) -> Vec<Place> {
    let mut places = Vec::new();
    let mut first = 0;
    while first < orders {
        let shop = places.len() as u64;
        let left = u32::try_from(orders - first).unwrap_or(u32::MAX);
        let orders = shop::size(Dice::of(seed, shop)).min(left);
        places.push(Place { shop, first, orders });
        first += u64::from(orders);
    }
    places
}

/// Runs all shops; calls `progress` after each.
pub fn run(options: Options, progress: impl FnMut(&Report)) -> Report {
    let places = places(options.seed, options.orders);
    let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    let begun = Instant::now();
    std::thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        for _ in 0..options.threads.max(1) {
            let (sender, places, next, stop) = (sender.clone(), &places, &next, &stop);
            scope.spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(place) = places.get(index) else { break };
                    if sender.send((index, one(options, *place, Wanted::Nothing))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        let report = collect(&receiver, &places, (options, begun), progress);
        stop.store(true, Ordering::Relaxed);
        report
    })
}

/// Adds up the shops' results, in the order of the shops.
fn collect(
    outcomes: &mpsc::Receiver<(usize, Outcome)>,
    places: &[Place],
    (options, begun): (Options, Instant),
    mut progress: impl FnMut(&Report),
) -> Report {
    let mut report = Report::default();
    let mut early = BTreeMap::new();
    let mut expected = 0;
    for (index, outcome) in outcomes {
        early.insert(index, outcome);
        while let Some(outcome) = early.remove(&expected) {
            report.add(places[expected], outcome);
            report.took = begun.elapsed();
            expected += 1;
            progress(&report);
            if options.stop_at_first && report.first.is_some() {
                return report;
            }
        }
    }
    report
}

/// Runs one shop; a rule that panics is a violation.
#[must_use]
pub fn one(options: Options, place: Place, wanted: Wanted) -> Outcome {
    let Options { seed, mechanism, .. } = options;
    let which = Which { seed, shop: place.shop, orders: place.orders, mechanism, wanted };
    catch_unwind(AssertUnwindSafe(|| shop::run(which))).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<&str>().map(ToString::to_string);
        let what = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
        let violation = Violation { rule: Rule::Panic, order: 0, what };
        Outcome::only(place.orders, violation)
    })
}

impl Report {
    fn add(&mut self, place: Place, outcome: Outcome) {
        self.orders += u64::from(outcome.orders);
        self.shops += 1;
        self.steps += outcome.steps;
        self.faults.merge(&outcome.faults);
        self.hash = self.hash.wrapping_add(hash_of(&(place.shop, outcome.hash)));
        sum(&mut self.ended, outcome.ended);
        sum(&mut self.said, outcome.said);
        sum(&mut self.parked, outcome.parked);
        for violation in outcome.violations {
            *self.violations.entry(violation.rule).or_default() += 1;
            self.first.get_or_insert(First { place, violation });
        }
    }
}

fn sum<K: Ord>(all: &mut BTreeMap<K, u64>, more: BTreeMap<K, u64>) {
    for (key, count) in more {
        *all.entry(key).or_default() += count;
    }
}
