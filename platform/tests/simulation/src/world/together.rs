//! Holds that inventory's invocation asks for in one moment. Its shipped rules say which share a transaction, and what each
//! answer means for each order; here a transaction is one step, and between two of a chain everything else may happen.

use std::collections::BTreeSet;
use std::hash::{Hash, Hasher};

use ::inventory::domain::reservation::{Reservation, Step};
use ::inventory::domain::stock::Movement;
use ::inventory::outbound::{Cancelled, Chain, Hold, Transaction, chains};
use jiff::{SignedDuration, Timestamp};

use super::{Invocation, Point, Put, World, Write, revision};
use crate::actors::inventory;
use crate::dice::Dice;
use crate::faults::Fault;
use crate::invariants::Rule;

/// Messages of one batch.
const BATCH: usize = 10;
/// How many of a million that could be written in the same moment are.
const IN_COMPANY: u32 = 500_000;
/// The shortest delay.
const STANDS: SignedDuration = SignedDuration::from_millis(10);

/// An order whose hold is under way: the invocation that waits for it, and what it writes.
#[derive(Debug, Clone)]
pub struct Seat {
    /// The invocation; its next step is the write.
    pub by: Invocation,
    /// The step that is written.
    pub step: Step,
    /// The reservation after it.
    pub write: Write<Reservation>,
}

impl Hash for Seat {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // All else follows from it.
        let Invocation { origin, order, began, skew, point, .. } = &self.by;
        (origin, order, began, skew, point).hash(state);
    }
}

/// Transactions that one invocation sends one after another.
#[derive(Debug, Clone)]
pub struct Writing {
    /// What the shipped rules know of them.
    pub chain: Chain<Seat>,
    /// When the next one is sent.
    pub ready_at: Timestamp,
}

impl World {
    /// How many invocations ask for a hold now.
    #[must_use]
    pub fn askers(&self) -> usize {
        self.invocations.iter().filter(|it| it.ready_at <= self.now && inventory::hold(self, it).is_some()).count()
    }

    /// All who ask for a hold now are in one batch.
    pub(super) fn hold_all(&mut self, fault: Option<Fault>, dice: &mut Dice) {
        let holds = self.company(usize::MAX, |_| true, dice);
        self.send_all(holds, fault, dice);
    }

    /// An order's hold is written, by chance together with others that are asked for in the same moment.
    pub(super) fn hold(&mut self, hold: Hold<Seat>, fault: Option<Fault>, dice: &mut Dice) {
        let others = self.company(BATCH - 1, |dice| dice.comes(IN_COMPANY), dice);
        self.send_all([hold].into_iter().chain(others).collect(), fault, dice);
    }

    /// Takes up to `most` invocations that ask for a hold now and that `chosen` chooses.
    fn company(&mut self, most: usize, chosen: impl Fn(&mut Dice) -> bool, dice: &mut Dice) -> Vec<Hold<Seat>> {
        let mut holds = Vec::new();
        for index in (0..self.invocations.len()).rev() {
            let invocation = &self.invocations[index];
            let may_ask = invocation.ready_at <= self.now && matches!(invocation.point, Point::Inventory(_));
            if !may_ask || holds.len() == most || !chosen(dice) {
                continue;
            }
            if let Some(hold) = inventory::hold(self, invocation) {
                self.invocations.swap_remove(index);
                holds.push(hold);
            }
        }
        holds
    }

    /// The chains of one moment are sent side by side; a fault concerns one of them.
    fn send_all(&mut self, holds: Vec<Hold<Seat>>, mut fault: Option<Fault>, dice: &mut Dice) {
        let all = chains(holds);
        let mut written = BTreeSet::new();
        for chain in &all {
            let skus = chain.holds().flat_map(|hold| &hold.lines).map(|line| line.sku.as_str());
            let items: BTreeSet<String> =
                chain.holds().map(|hold| hold.order.as_str()).chain(skus).map(ToOwned::to_owned).collect();
            if !written.is_disjoint(&items) {
                let order = chain.holds().next().map_or(0, |hold| hold.put.by.order);
                self.violated(Rule::Transaction, order, "two transactions write one item side by side");
            }
            written.extend(items);
        }
        for chain in all {
            self.send_next(Writing { chain, ready_at: self.now }, fault.take(), dice);
        }
    }

    /// The next transaction of a chain is sent, and answers its orders.
    pub(super) fn send_next(&mut self, mut writing: Writing, fault: Option<Fault>, dice: &mut Dice) {
        match fault {
            Some(Fault::Crash) => return writing.chain.holds().for_each(|hold| self.dies(&hold.put.by)),
            Some(Fault::Delay) => {
                writing.ready_at = self.now + dice.stretch(STANDS);
                return self.writing.push(writing);
            }
            _ => {}
        }
        let Some(Transaction { holds, pieces }) = writing.chain.transaction() else { return };
        if let Some(first) = holds.first() {
            self.trace.acts(first.put.by.order, || first.put.by.who());
        }
        let puts: Vec<Put<'_>> = holds.iter().map(|hold| hold.put.put()).collect();
        let updates = inventory::updates(self, pieces.iter().map(|(sku, pieces)| (sku, *pieces)), Movement::Reserve);
        let answer = self.transact(&puts, &updates, fault, dice);
        let (sent, failed) = (puts.len(), matches!(answer, Ok(Err(Cancelled::Conditions(_)))));
        let first = holds.first().map_or(0, |hold| hold.put.by.order);
        let ended = writing.chain.ended(answer);
        let is_written = !std::mem::take(&mut self.aside.unpublished).is_empty();
        let is_unanswered = ended.answered.is_empty();
        for (Hold { put: seat, .. }, answer) in ended.answered {
            let (order, point) = (seat.by.order, inventory::answered(self, &seat, answer));
            let point = if is_written { Point::Publish(seat.write.outbox, Box::new(point)) } else { point };
            self.invocations.push(Invocation { point, ..seat.by });
            self.watch(Some(order));
        }
        if let Some(next) = writing.chain.transaction() {
            if failed && is_unanswered && next.holds.len() == sent {
                self.violated(
                    Rule::Transaction,
                    first,
                    "a transaction whose conditions failed is sent again as it was",
                );
            }
            let pause = if ended.tries.is_some() {
                SignedDuration::from_millis(dice.below(40).into())
            } else {
                SignedDuration::ZERO
            };
            writing.ready_at = self.now + pause;
            self.writing.push(writing);
        }
    }
}

impl Seat {
    fn put(&self) -> Put<'_> {
        Put { by: &self.by, read: revision(inventory::seen(&self.by)), write: &self.write }
    }
}
