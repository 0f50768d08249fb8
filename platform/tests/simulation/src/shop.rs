//! One shop: 20 to 50 orders that share a few scarce skus, from the first request until everything has come to rest.
//! Everything follows from the seed and the shop's number.

mod opening;

use std::collections::BTreeMap;

use jiff::SignedDuration;
use orders::domain::decision::Decision;
use orders::domain::order::Order;

use crate::dice::Dice;
use crate::faults::{self, Counts, Fault};
use crate::flaws::Mechanism;
use crate::invariants::{Rule, Violation};
use crate::trace::Wanted;
use crate::world::{Move, Service, World, hash_of};

/// The fewest orders of a shop.
pub const SMALLEST: u32 = 20;
/// The most orders of a shop.
pub const LARGEST: u32 = 50;

/// Faults stop after this many steps for each order.
const FAULTY_STEPS: u64 = 250;
/// More steps for each order than any shop needs to come to rest.
const MOST_STEPS: u64 = 6_000;

/// One shop in this many replays its whole archive in the end.
const REPLAYED: u64 = 8;

/// Which shop to run, and what to trace.
#[derive(Debug, Clone, Copy)]
pub struct Which {
    /// The run's seed.
    pub seed: u64,
    /// The shop's number.
    pub shop: u64,
    /// The most orders that it may have.
    pub orders: u32,
    /// How steps follow each other.
    pub mechanism: Mechanism,
    /// The orders to trace.
    pub wanted: Wanted,
}

/// The result of a shop.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The number of orders.
    pub orders: u32,
    /// How often each kind of fault occurred.
    pub faults: Counts,
    /// The number of orders by their ending.
    pub ended: BTreeMap<String, u64>,
    /// The number of events by type.
    pub said: BTreeMap<String, u64>,
    /// The number of parked messages by cause.
    pub parked: BTreeMap<&'static str, u64>,
    /// Broken rules.
    pub violations: Vec<Violation>,
    /// The number of steps.
    pub steps: u64,
    /// A hash of everything that happened.
    pub hash: u64,
    /// The trace of the requested orders.
    pub trace: Vec<String>,
}

impl Outcome {
    /// A result with nothing but a violation.
    #[must_use]
    pub fn only(orders: u32, violation: Violation) -> Self {
        let (faults, ended, said, parked) = Default::default();
        Self { orders, faults, ended, said, parked, violations: vec![violation], steps: 0, hash: 0, trace: Vec::new() }
    }
}

/// The number of orders of the shop with these dice.
#[must_use]
pub fn size(mut dice: Dice) -> u32 {
    SMALLEST + dice.below(LARGEST - SMALLEST + 1)
}

/// Runs a shop until everything has come to rest.
#[must_use]
pub fn run(which: Which) -> Outcome {
    let mut dice = Dice::of(which.seed, which.shop);
    let world = opening::open(which, &mut dice);
    let orders = u64::try_from(world.setting.plans.len()).unwrap_or_default();
    let mut shop = Shop { world, dice, steps: 0, hash: 0, moves: Vec::new() };
    shop.run_until_rest(orders * FAULTY_STEPS);
    shop.dice.set_faults(0);
    // There is no redrive: what may succeed is tried until it does.
    let rests = shop.run_until_rest(orders * MOST_STEPS);
    if rests {
        shop.world.judge();
    } else {
        let order = unfinished(&shop.world);
        shop.world.violated(Rule::Rest, order, format!("is not at rest after {} steps", shop.steps));
    }
    if rests && which.shop.is_multiple_of(REPLAYED) && shop.world.violations.is_empty() {
        shop.replay();
    }
    let world = shop.world;
    let ended = ended(&world);
    let hash = hash_of(&(shop.hash, &ended, world.now));
    let World { counts: faults, violations, trace, parked, archive, .. } = world;
    let mut said = BTreeMap::new();
    for event in archive.iter().flatten() {
        *said.entry(event.name().to_owned()).or_default() += 1;
    }
    Outcome {
        orders: u32::try_from(orders).unwrap_or(u32::MAX),
        faults,
        ended,
        said,
        parked,
        violations,
        steps: shop.steps,
        hash,
        trace: trace.list(),
    }
}

struct Shop {
    world: World,
    dice: Dice,
    steps: u64,
    hash: u64,
    moves: Vec<Move>,
}

impl Shop {
    /// Runs until the shop is at rest; false if that takes more steps than this, counted from the beginning.
    fn run_until_rest(&mut self, most: u64) -> bool {
        while self.steps < most {
            if !self.step() {
                return true;
            }
        }
        false
    }

    /// Delivers every event again, and checks that no service does anything.
    fn replay(&mut self) {
        let before: Vec<_> = self.numbers().map(|order| self.world.done_for(order)).collect();
        for order in self.numbers() {
            for index in 0..self.world.archive[usize::from(order)].len() {
                self.world.make(Move::Redeliver(order, index), None, &mut self.dice);
            }
        }
        let most = self.steps + u64::try_from(before.len()).unwrap_or_default() * MOST_STEPS;
        if !self.run_until_rest(most) || !self.world.letters.is_empty() {
            self.world.violated(Rule::Replay, 0, "the system does not come to rest after a replay of the archive");
        }
        for (order, before) in self.numbers().zip(before) {
            if self.world.done_for(order) != before {
                self.world.violated(Rule::Replay, order, "a replay of the archive changes something");
            }
        }
    }

    fn numbers(&self) -> std::ops::Range<u16> {
        0..u16::try_from(self.world.setting.plans.len()).unwrap_or(u16::MAX)
    }

    /// Makes a random move; false if there is none.
    fn step(&mut self) -> bool {
        let Self { world, dice, moves, .. } = self;
        world.moves(moves);
        let (next, fault) = if moves.is_empty() {
            if world.next_wake_up().is_none() {
                return false;
            }
            world.watch_silence();
            (Move::Tick, None)
        } else {
            disturb(world, dice).unwrap_or_else(|| {
                let next = moves[dice.index(moves.len())];
                if let Some(fault) = world.outage(next) {
                    return (next, Some(fault));
                }
                let possible = world.faults(next);
                let at_least = if possible == faults::GATEWAY { world.setting.gateway_faults } else { 0 };
                (next, dice.fault(possible, at_least))
            })
        };
        let order = world.order_of(next);
        world.now += SignedDuration::from_millis(dice.below(15).into());
        world.make(next, fault, dice);
        world.watch(order);
        self.steps += 1;
        let made = hash_of(&(next, fault, order, world.now, world.invocations.len()));
        self.hash = self.hash.rotate_left(5).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ made;
        true
    }
}

/// A random disturbance from outside: time passes, the archive replays an event, the sweep's index is stale.
fn disturb(world: &World, dice: &mut Dice) -> Option<(Move, Option<Fault>)> {
    let rate = dice.faults();
    if rate == 0 || !dice.comes(rate / 8) {
        return None;
    }
    let order = u16::try_from(dice.index(world.setting.plans.len())).unwrap_or_default();
    match dice.below(3) {
        0 => world.next_wake_up().map(|_| (Move::Tick, Some(Fault::Stall))),
        1 => {
            let said = world.archive[usize::from(order)].len();
            (said > 0).then(|| (Move::Redeliver(order, dice.index(said)), Some(Fault::Replay)))
        }
        _ => {
            let service = [Service::Orders, Service::Inventory, Service::Payments][dice.index(3)];
            Some((Move::Sweep(service, order), Some(Fault::StaleIndex)))
        }
    }
}

fn ended(world: &World) -> BTreeMap<String, u64> {
    let mut ended = BTreeMap::new();
    for (_, item) in world.orders.iter() {
        *ended.entry(how(&item.value)).or_default() += 1;
    }
    ended
}

fn how(order: &Order) -> String {
    match &order.decision {
        Decision::Cancelled { reason, .. } => format!("CANCELLED: {reason:?}"),
        Decision::Open | Decision::Confirmed { .. } | Decision::Completed { .. } => order.status().as_str().to_owned(),
    }
}

fn unfinished(world: &World) -> u16 {
    let open = world.orders.iter().find(|(_, item)| !item.value.settled()).map(|(order, _)| order);
    open.or_else(|| world.invocations.first().map(|invocation| invocation.order)).unwrap_or_default()
}
