//! Stock and reservations with the semantics of the tables: a step is applied whole or not at all, and only on what its
//! decision was made on.

use std::collections::BTreeMap;

use inventory::domain::ids::{OrderId, Sku};
use inventory::domain::reservation::{Contradiction, Event, Fact, Line, Reservation, State, Step, next};
use inventory::domain::stock::{Level, Movement};
use jiff::Timestamp;

/// When every hold of these tests ends.
pub const END: Timestamp = Timestamp::constant(900, 0);
/// A moment before that.
pub const BEFORE: Timestamp = Timestamp::constant(899, 0);

#[derive(Clone, Default)]
pub struct World {
    pub stock: BTreeMap<Sku, Level>,
    pub reservations: BTreeMap<OrderId, Reservation>,
    pub sold: u64,
    pub published: Vec<(OrderId, Event)>,
}

/// A step, and the reservation that it was decided on.
pub struct Plan {
    pub step: Step,
    read: Option<Reservation>,
}

impl World {
    pub fn stocked(levels: &[(&str, u64)]) -> Self {
        let level = |(sku, available): &(&str, u64)| (Sku::trusted(sku), Level { available: *available, reserved: 0 });
        Self { stock: levels.iter().map(level).collect(), ..Self::default() }
    }

    pub fn next(&self, order: &OrderId, fact: &Fact) -> Result<Option<Plan>, Contradiction> {
        let read = self.reservations.get(order).cloned();
        Ok(next(order, read.as_ref(), fact, &self.stock)?.map(|step| Plan { step, read }))
    }

    /// What an invocation decides that has read and not written yet.
    pub fn plan(&self, order: &OrderId, fact: &Fact) -> Plan {
        self.next(order, fact).unwrap().expect("there is something to do")
    }

    /// The transaction; false if a condition does not hold.
    pub fn commit(&mut self, Plan { step, read }: Plan) -> bool {
        let (mut stock, mut sold, order) = (self.stock.clone(), self.sold, step.reservation.order.clone());
        if self.reservations.get(&order) != read.as_ref() {
            return false;
        }
        for line in &step.moved {
            let Some(level) = stock.get_mut(&line.sku) else { return false };
            let pieces = u64::from(line.quantity);
            let (from, to) = match step.movement {
                Movement::Reserve => (&mut level.available, &mut level.reserved),
                Movement::Release => (&mut level.reserved, &mut level.available),
                Movement::Commit => (&mut level.reserved, &mut sold),
            };
            let Some(left) = from.checked_sub(pieces) else { return false };
            *from = left;
            *to += pieces;
        }
        (self.stock, self.sold) = (stock, sold);
        self.published.extend(step.event.map(|event| (order.clone(), event)));
        self.reservations.insert(order, step.reservation);
        true
    }

    /// Carries out a fact, step by step; no other invocation writes meanwhile.
    pub fn apply(&mut self, order: &OrderId, fact: &Fact) -> Result<(), Contradiction> {
        self.begin(order, fact, usize::MAX)
    }

    /// The same, but the process dies after so many steps.
    pub fn begin(&mut self, order: &OrderId, fact: &Fact, steps: usize) -> Result<(), Contradiction> {
        for _ in 0..steps {
            let Some(plan) = self.next(order, fact)? else { break };
            assert!(self.commit(plan), "no other invocation writes");
        }
        Ok(())
    }

    /// Pieces in the warehouse, and pieces sold.
    pub fn pieces(&self) -> u64 {
        self.stock.values().map(|level| level.on_hand()).sum::<u64>() + self.sold
    }

    /// Pieces that are reserved.
    pub fn held(&self) -> u64 {
        self.stock.values().map(|level| level.reserved).sum()
    }

    /// Pieces of a sku that are available, and reserved.
    pub fn level(&self, sku: &str) -> (u64, u64) {
        let level = self.stock[&Sku::trusted(sku)];
        (level.available, level.reserved)
    }

    pub fn state(&self, order: &OrderId) -> &State {
        &self.reservations[order].state
    }

    /// The events about an order, oldest first.
    pub fn published(&self, order: &OrderId) -> Vec<&Event> {
        self.published.iter().filter(|(about, _)| about == order).map(|(_, event)| event).collect()
    }

    /// All that is visible from outside: a fact that changes nothing leaves it as it is.
    pub fn visible(&self) -> impl PartialEq + std::fmt::Debug + use<> {
        (self.stock.clone(), self.reservations.clone(), self.sold, self.published.clone())
    }
}

pub fn order(name: &str) -> OrderId {
    OrderId::trusted(name)
}

pub fn line(sku: &str, quantity: u32) -> Line {
    Line { sku: Sku::trusted(sku), quantity }
}

pub fn created(lines: &[(&str, u32)]) -> Fact {
    Fact::Created { lines: lines.iter().map(|(sku, quantity)| line(sku, *quantity)).collect(), expires_at: END }
}

/// A hundred skus with one piece each, and an order for all of them: it takes two transactions.
pub fn hundred() -> (World, Fact) {
    let skus: Vec<String> = (0..100).map(|n| format!("sku-{n:03}")).collect();
    let stock: Vec<_> = skus.iter().map(|sku| (sku.as_str(), 1)).collect();
    let lines: Vec<_> = skus.iter().map(|sku| (sku.as_str(), 1)).collect();
    (World::stocked(&stock), created(&lines))
}
