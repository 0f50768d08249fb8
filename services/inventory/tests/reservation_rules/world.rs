//! Stock and reservations with the semantics of the tables: a step is applied whole or not at all, and only on what its
//! decision was made on.

use std::collections::BTreeMap;

use inventory::domain::ids::{OrderId, Sku};
use inventory::domain::reservation::{Contradiction, Event, Fact, Line, Reservation, State, Step, due, next};
use inventory::domain::stock::{Levels, Movement};
use jiff::Timestamp;

/// When every hold of these tests ends.
pub const END: Timestamp = Timestamp::constant(900, 0);
/// A moment before that.
pub const BEFORE: Timestamp = Timestamp::constant(899, 0);

#[derive(Clone, Default)]
pub struct World {
    /// Available pieces.
    pub stock: BTreeMap<Sku, u64>,
    pub reservations: BTreeMap<OrderId, Reservation>,
    pub published: Vec<(OrderId, Event)>,
}

/// A step, and the reservation that it was decided on.
pub struct Plan {
    pub step: Step,
    read: Option<Reservation>,
}

impl World {
    pub fn stocked(levels: &[(&str, u64)]) -> Self {
        let level = |(sku, available): &(&str, u64)| (Sku::trusted(sku), *available);
        Self { stock: levels.iter().map(level).collect(), ..Self::default() }
    }

    /// Decides on the reservation, and on what the stock's conditions would answer to a first try.
    pub fn next(&self, order: &OrderId, fact: &Fact) -> Result<Option<Plan>, Contradiction> {
        let read = self.reservations.get(order).cloned();
        let Some(step) = next(order, read.as_ref(), fact, &Levels::new())? else { return Ok(None) };
        let refused = if step.movement == Movement::Reserve { step.moved.iter() } else { [].iter() };
        let refused = refused.filter_map(|line| line.short_of(self.stock.get(&line.sku).copied()));
        let mut levels: Levels = refused.map(|shortage| (shortage.sku, shortage.available)).collect();
        if !levels.is_empty() {
            let level = |line: &Line| (line.sku.clone(), self.stock.get(&line.sku).copied());
            levels.extend(step.unmoved().iter().map(level));
        }
        Ok(next(order, read.as_ref(), fact, &levels)?.map(|step| Plan { step, read }))
    }

    /// What an invocation decides that has read and not written yet.
    pub fn plan(&self, order: &OrderId, fact: &Fact) -> Plan {
        self.next(order, fact).unwrap().expect("there is something to do")
    }

    /// The transaction; false if a condition does not hold.
    pub fn commit(&mut self, Plan { step, read }: Plan) -> bool {
        let (mut stock, order) = (self.stock.clone(), step.reservation.order.clone());
        if self.reservations.get(&order) != read.as_ref() {
            return false;
        }
        for line in &step.moved {
            let Some(available) = stock.get_mut(&line.sku) else { return false };
            let pieces = u64::from(line.quantity);
            let left = match step.movement {
                Movement::Reserve => available.checked_sub(pieces),
                Movement::Release => available.checked_add(pieces),
            };
            let Some(left) = left else { return false };
            *available = left;
        }
        self.stock = stock;
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

    /// Pieces that are available, reserved or sold.
    pub fn pieces(&self) -> u64 {
        self.stock.values().sum::<u64>() + self.held() + self.sold()
    }

    /// Pieces that are reserved: those of the reservations that are due.
    pub fn held(&self) -> u64 {
        self.holds().map(|line| u64::from(line.quantity)).sum()
    }

    fn holds(&self) -> impl Iterator<Item = &Line> {
        let due = self.reservations.values().filter(|reservation| due(reservation).is_some());
        due.flat_map(|reservation| &reservation.lines[..reservation.held()])
    }

    /// Pieces that are sold.
    pub fn sold(&self) -> u64 {
        let sold = self.reservations.values().filter(|reservation| reservation.state == State::Committed);
        sold.flat_map(|reservation| &reservation.lines).map(|line| u64::from(line.quantity)).sum()
    }

    /// Pieces of a sku that are available, and reserved.
    pub fn level(&self, sku: &str) -> (u64, u64) {
        let sku = Sku::trusted(sku);
        let held = self.holds().filter(|line| line.sku == sku).map(|line| u64::from(line.quantity)).sum();
        (self.stock[&sku], held)
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
        (self.stock.clone(), self.reservations.clone(), self.published.clone())
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
