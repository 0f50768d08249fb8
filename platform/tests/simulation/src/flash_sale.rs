//! A flash sale: many buyers, one sku, few pieces. Two designs meet DynamoDB's limits of one item: a transaction that
//! overlaps another one is cancelled, and a partition takes a thousand write units a second.
//!
//! This is a model in virtual time of what inventory's `outbound` does, and of Lambda's batches before it. That one order
//! alone and an order in company get the same answer is proven by inventory's own tests.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::dice::Dice;

/// Microseconds.
type Time = u64;

const SECOND: Time = 1_000_000;
/// Invocations at once: the `MaximumConcurrency` of inventory's queue.
const LANES: usize = 10;
/// Messages of one batch.
const BATCH: usize = 10;
/// Write units that one partition takes in a second. Source: Amazon DynamoDB Developer Guide, "Best practices for designing
/// partition keys".
const UNITS: u64 = 1_000;
/// Write units of one update in a transaction; a cancelled one costs the same.
const COST: u64 = 2;
/// Tries of one transaction before each of its orders decides again, as in inventory's `outbound::together`.
const TRIES: u32 = 6;
/// Conflicts of one order before its message goes back to the queue, as in chassis.
const CONFLICTS: u32 = 12;
/// How long a transaction is in flight, and how long a single write.
const IN_FLIGHT: (Time, Time) = (8_000, 16_000);
const PUT: Time = 5_000;

/// How orders are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Design {
    /// One transaction for each order.
    Alone,
    /// One transaction for the orders of a batch.
    Together,
}

/// How a sale went.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sale {
    /// Orders that were told that they have their piece.
    pub reserved: u32,
    /// Orders that were told that nothing is left.
    pub rejected: u32,
    /// Pieces that are left; negative if oversold.
    pub left: i64,
    /// Transactions that were sent.
    pub transactions: u64,
    /// Transactions that were cancelled because another was in flight, or too many write units were asked for.
    pub cancelled: u64,
    /// Times that a message went back to its queue.
    pub returned: u64,
    /// Microseconds until the last buyer was answered.
    pub took: Time,
}

impl Design {
    /// Its name in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Alone => "alone",
            Self::Together => "together",
        }
    }
}

impl Sale {
    /// Pieces that were sold and are not there.
    #[must_use]
    pub fn oversold(&self) -> u64 {
        if self.left < 0 { self.left.unsigned_abs() } else { 0 }
    }

    /// How long it took until the last buyer was answered.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        std::time::Duration::from_micros(self.took).as_secs_f64()
    }

    /// Buyers answered in a second.
    #[must_use]
    pub fn rate(&self) -> f64 {
        f64::from(self.reserved + self.rejected) / self.seconds()
    }
}

/// Orders that are written in one transaction, and those that wait for its answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Group {
    lane: usize,
    orders: u32,
    later: u32,
    tries: u32,
    conflicts: u32,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    /// A transaction is sent.
    Send(Group),
    /// It ends: its conditions are looked at.
    End(Group),
    /// Its buyers are told that nothing is left.
    Reject(usize, u32),
    /// A message is visible again.
    Return,
    /// An invocation asks for messages.
    Poll(usize),
}

struct Model {
    design: Design,
    dice: Dice,
    now: Time,
    steps: BinaryHeap<Reverse<(Time, u64, Step)>>,
    count: u64,
    queue: u32,
    /// Messages that an invocation still works on.
    open: [u32; LANES],
    /// When the transaction that is in flight ends.
    busy_until: Time,
    /// Write units of the present second.
    second: (Time, u64),
    sale: Sale,
}

/// Sells `units` pieces of one sku to `buyers` who come at once; each wants one.
#[must_use]
pub fn sell(design: Design, buyers: u32, units: u32, seed: u64) -> Sale {
    let sale = Sale { left: i64::from(units), ..Sale::default() };
    let (dice, steps) = (Dice::of(seed, 0), BinaryHeap::new());
    let (now, count, open, busy_until, second) = (0, 0, [0; LANES], 0, (0, 0));
    let mut model = Model { design, dice, now, steps, count, queue: buyers, open, busy_until, second, sale };
    (0..LANES).for_each(|lane| model.after(0, Step::Poll(lane)));
    while let Some(Reverse((at, _, step))) = model.steps.pop() {
        model.now = at;
        model.take(step);
    }
    model.sale
}

impl Model {
    fn after(&mut self, wait: Time, step: Step) {
        self.count += 1;
        self.steps.push(Reverse((self.now + wait, self.count, step)));
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Poll(lane) => self.poll(lane),
            Step::Send(group) => self.send(group),
            Step::End(group) => self.end(&group),
            Step::Reject(lane, orders) => {
                self.sale.rejected += orders;
                self.answered(lane, orders);
            }
            Step::Return => {
                self.queue += 1;
                let idle = self.open.iter().position(|open| *open == 0);
                if let Some(lane) = idle {
                    self.poll(lane);
                }
            }
        }
    }

    fn poll(&mut self, lane: usize) {
        let batch = u32::try_from(BATCH).unwrap_or_default().min(self.queue);
        if batch == 0 || self.open[lane] > 0 {
            return;
        }
        self.queue -= batch;
        self.open[lane] = batch;
        let (groups, orders) = match self.design {
            Design::Alone => (batch, 1),
            Design::Together => (1, batch),
        };
        for _ in 0..groups {
            self.after(0, Step::Send(Group { lane, orders, ..Group::default() }));
        }
    }

    fn send(&mut self, group: Group) {
        self.sale.transactions += 1;
        let second = self.now / SECOND;
        if self.second.0 != second {
            self.second = (second, 0);
        }
        let throttled = self.second.1 + COST > UNITS;
        self.second.1 += if throttled { 0 } else { COST };
        let flight =
            IN_FLIGHT.0 + u64::from(self.dice.below(u32::try_from(IN_FLIGHT.1 - IN_FLIGHT.0).unwrap_or_default()));
        if throttled || self.now < self.busy_until {
            self.sale.cancelled += 1;
            return self.again(group, flight / 2);
        }
        self.busy_until = self.now + flight;
        self.after(flight, Step::End(group));
    }

    /// The same transaction again; then each of its orders for itself; then the messages go back.
    fn again(&mut self, mut group: Group, wait: Time) {
        group.tries += 1;
        if self.design == Design::Together && group.tries <= TRIES {
            let wait = wait + self.jitter(group.tries);
            return self.after(wait, Step::Send(group));
        }
        let conflicts = group.conflicts + 1;
        for _ in 0..group.orders + group.later {
            let wait = wait + self.jitter(conflicts);
            if conflicts < CONFLICTS {
                self.after(wait, Step::Send(Group { lane: group.lane, orders: 1, conflicts, ..Group::default() }));
            } else {
                self.sale.returned += 1;
                let hidden = SECOND / 2 + u64::from(self.dice.below(500_000));
                self.after(wait + hidden, Step::Return);
                self.closed(group.lane, 1);
            }
        }
    }

    /// As `chassis::backoff::CONFLICT`.
    fn jitter(&mut self, tries: u32) -> Time {
        let backoff = chassis::backoff::CONFLICT;
        let ceiling = backoff.first.saturating_mul(1 << tries.saturating_sub(1).min(31)).min(backoff.longest);
        u64::from(self.dice.below(u32::try_from(ceiling.as_micros()).unwrap_or(u32::MAX)))
    }

    /// Conditions are compared when a transaction ends: nobody else has written the item meanwhile.
    fn end(&mut self, group: &Group) {
        let there = u32::try_from(self.sale.left).unwrap_or_default();
        let Group { lane, orders, later, tries, conflicts } = *group;
        if orders <= there {
            self.sale.left -= i64::from(orders);
            self.sale.reserved += orders;
            self.answered(lane, orders);
            return self.next(Group { lane, orders: later, later: 0, tries, conflicts });
        }
        if there == 0 {
            self.after(PUT, Step::Reject(lane, orders));
            return self.next(Group { lane, orders: later, later: 0, tries, conflicts });
        }
        self.next(Group { lane, orders: there, later: later + orders - there, tries, conflicts });
    }

    fn next(&mut self, group: Group) {
        if group.orders > 0 {
            self.after(0, Step::Send(group));
        }
    }

    fn answered(&mut self, lane: usize, orders: u32) {
        self.sale.took = self.now;
        self.closed(lane, orders);
    }

    fn closed(&mut self, lane: usize, orders: u32) {
        self.open[lane] -= orders;
        if self.open[lane] == 0 {
            self.after(0, Step::Poll(lane));
        }
    }
}
