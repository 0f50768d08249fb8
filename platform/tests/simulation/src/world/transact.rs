//! Transactions, as DynamoDB answers them: all or nothing, and the reasons for nothing. The answer is the type that
//! inventory's own client reads from DynamoDB's.

use std::collections::BTreeSet;

use ::inventory::domain::adjustment::Adjustment;
use ::inventory::domain::reservation::Reservation;
use ::inventory::outbound::{Answer, Cancelled, Failed};
use aws_sdk_dynamodb::types::{AttributeValue, Update};
use chassis::aws::{AwsError, Kind};
use chassis::store::{Attributes, KEY, Revision};

use super::{Invocation, World, Write};
use crate::dice::Dice;
use crate::faults::Fault;
use crate::flaws::Flaw;
use crate::invariants::Rule;

/// Source: a transaction of DynamoDB takes at most a hundred actions, and no item twice.
const MAX_ACTIONS: usize = 100;

/// The conditional write of a reservation.
#[derive(Debug)]
pub struct Put<'a> {
    /// Who writes it.
    pub by: &'a Invocation,
    /// What it is conditional on.
    pub read: Revision,
    /// The new state.
    pub write: &'a Write<Reservation>,
}

impl World {
    /// Writes reservations and the stock of some skus, all or nothing.
    ///
    /// # Errors
    /// When there is no answer, or none for now.
    pub fn transact(
        &mut self,
        puts: &[Put<'_>],
        updates: &[(u16, Update)],
        fault: Option<Fault>,
        dice: &mut Dice,
    ) -> Answer {
        let orders: BTreeSet<u16> = puts.iter().map(|put| put.by.order).collect();
        let first = orders.first().copied().unwrap_or_default();
        let mut failed = Failed::new();
        for (at, Put { by, read, .. }) in puts.iter().enumerate() {
            if !self.allows::<Reservation>(by, read) {
                failed.insert(
                    at,
                    self.reservations.get(by.order).map(|_| keyed(self.setting.plan(by.order).id.as_str())),
                );
            }
        }
        let split = self.setting.mechanism.has(Flaw::SplitTransaction);
        let levels_hold = self.failing(puts.len(), updates, &mut failed);
        if split && levels_hold {
            self.update(first, updates);
        }
        let actions = (puts.len() + updates.len(), orders.len() + distinct(updates));
        let how = self.judge_transaction(first, actions, failed, fault, dice);
        let is_applied = how.is_ok();
        for Put { by, read, write } in puts {
            if is_applied || self.setting.mechanism.has(Flaw::PublishFirst) {
                self.write(by.order, read, (*write).clone(), is_applied, None);
            } else {
                self.trace.note(self.now, by.order, || format!(" its transaction is not written: {how:?}"));
            }
        }
        if is_applied && !split {
            self.update(first, updates);
        }
        answer(how, fault)
    }

    /// Writes an adjustment and the level that it leads to, both or neither.
    ///
    /// # Errors
    /// When there is no answer, or none for now.
    pub fn save_adjustment(
        &mut self,
        by: &Invocation,
        adjustment: Adjustment,
        level: (u16, Update),
        fault: Option<Fault>,
        dice: &mut Dice,
    ) -> Answer {
        let mut failed = Failed::new();
        if self.adjustments.contains_key(&adjustment.request.id) {
            failed.insert(0, Some(keyed(adjustment.request.id.as_str())));
        }
        let levels = [level];
        self.failing(1, &levels, &mut failed);
        let how = self.judge_transaction(by.order, (2, 2), failed, fault, dice);
        if how.is_ok() {
            self.trace.note(self.now, by.order, || {
                format!(" adjusts {} by {}", adjustment.request.sku, adjustment.request.delta)
            });
            self.adjustments.insert(adjustment.request.id.clone(), adjustment);
            self.update(by.order, &levels);
        }
        answer(how, fault)
    }

    /// Adds the updates whose conditions do not hold; true if all hold.
    fn failing(&self, from: usize, updates: &[(u16, Update)], failed: &mut Failed) -> bool {
        let mut hold = true;
        for (at, (sku, update)) in (from..).zip(updates) {
            let level = self.stock[usize::from(*sku)];
            // An expression that is not known here is refused when it is carried out.
            let holds = level.allows(update).unwrap_or(true) || self.setting.mechanism.has(Flaw::UnconditionalStock);
            if !holds {
                failed.insert(at, level.item());
            }
            hold &= holds;
        }
        hold
    }

    /// Why a transaction is not written, if it is not.
    fn judge_transaction(
        &mut self,
        order: u16,
        (actions, items): (usize, usize),
        mut failed: Failed,
        fault: Option<Fault>,
        dice: &mut Dice,
    ) -> Result<(), Result<Cancelled, &'static str>> {
        if actions > MAX_ACTIONS || items < actions {
            self.violated(Rule::Transaction, order, format!("{actions} actions on {items} items in one transaction"));
            return Err(Ok(Cancelled::Invalid(aws_error(Kind::Invalid, "ValidationException"))));
        }
        if fault == Some(Fault::Throttle) {
            return Err(Err("the table refuses the request"));
        }
        if fault == Some(Fault::Conflict) {
            // Reasons of both kinds can come together: then a condition that failed is known, or is not.
            failed.retain(|_, _| dice.comes(500_000));
            return Err(Ok(if failed.is_empty() { Cancelled::Busy } else { Cancelled::Conditions(failed) }));
        }
        if failed.is_empty() { Ok(()) } else { Err(Ok(Cancelled::Conditions(failed))) }
    }

    fn update(&mut self, order: u16, updates: &[(u16, Update)]) {
        for (sku, update) in updates {
            match self.stock[usize::from(*sku)].after(update) {
                Some(after) => self.stock[usize::from(*sku)] = after,
                None => self.violated(Rule::Transaction, order, format!("an update that DynamoDB refuses: {update:?}")),
            }
        }
    }
}

/// The SDK repeats a transaction under the same token, and gets the answer of the first: [`Fault::Resent`] changes nothing.
fn answer(how: Result<(), Result<Cancelled, &'static str>>, fault: Option<Fault>) -> Answer {
    match how {
        Ok(()) if fault == Some(Fault::Unanswered) => Err(aws_error(Kind::Unreachable, "no answer")),
        Ok(()) => Ok(Ok(())),
        Err(Ok(cancelled)) => Ok(Err(cancelled)),
        Err(Err(refused)) => Err(aws_error(Kind::Throttled, refused)),
    }
}

fn aws_error(kind: Kind, message: &str) -> AwsError {
    AwsError { kind, message: message.to_owned() }
}

fn distinct(updates: &[(u16, Update)]) -> usize {
    updates.iter().map(|(sku, _)| sku).collect::<BTreeSet<_>>().len()
}

fn keyed(key: &str) -> Attributes {
    Attributes::from([(KEY.to_owned(), AttributeValue::S(key.to_owned()))])
}
