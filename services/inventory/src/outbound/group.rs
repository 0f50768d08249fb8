//! Which holds share a transaction, in which sequence transactions are sent, and what each answer means for each order.
//! Nothing is sent here: [`together`](super::together) sends, and the simulation runs the same rules.

use std::collections::{BTreeMap, VecDeque};

use chassis::store::Attributes;

use super::transaction::{Answer, Cancelled, Failed};
use crate::domain::ids::{OrderId, Sku};
use crate::domain::reservation::Line;

/// How often a shared transaction is sent again because others were writing the same items; then each order decides again.
const MAX_TRIES: u32 = 6;
/// Source: a transaction of DynamoDB takes at most a hundred actions.
const MAX_ITEMS: usize = 100;

/// One order's hold: `P` is the write of its reservation.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Hold<P> {
    /// Whose it is.
    pub order: OrderId,
    /// The write of its reservation.
    pub put: P,
    /// The pieces that it takes, one line a sku.
    pub lines: Vec<Line>,
}

/// Transactions that are sent one after another: each writes an item that another one writes, or is tied to one that does.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Chain<P> {
    groups: VecDeque<Vec<Hold<P>>>,
    tries: u32,
}

/// One transaction.
#[derive(Debug)]
pub struct Transaction<'a, P> {
    /// The holds whose reservations it writes, in this order.
    pub holds: &'a [Hold<P>],
    /// The pieces that it takes of each sku, after the reservations.
    pub pieces: BTreeMap<Sku, u64>,
}

/// What the end of a transaction leads to.
#[derive(Debug)]
pub struct Ended<P> {
    /// The orders that have their answer, as if each were alone: place 0 is its reservation, and its lines follow.
    pub answered: Vec<(Hold<P>, Answer)>,
    /// How often the next transaction was sent in vain, if it is the same again: it waits for those that were in its way.
    pub tries: Option<u32>,
}

/// The chains of holds that are asked for in one moment. No two chains write the same item.
#[must_use]
pub fn chains<P>(all: Vec<Hold<P>>) -> Vec<Chain<P>> {
    tied(all).into_iter().map(|holds| Chain { groups: groups(holds), tries: 0 }).collect()
}

/// Side by side, transactions that write the same item would conflict. So holds that share a sku or an order, or are tied by
/// another hold, stay together.
fn tied<P>(all: Vec<Hold<P>>) -> Vec<Vec<Hold<P>>> {
    let mut sets: Vec<Vec<Hold<P>>> = Vec::new();
    for hold in all {
        let (ties, mut others): (Vec<_>, Vec<_>) = sets.into_iter().partition(|set| shares(&hold, set));
        others.push(ties.into_iter().flatten().chain([hold]).collect());
        sets = others;
    }
    sets
}

fn shares<P>(hold: &Hold<P>, set: &[Hold<P>]) -> bool {
    let sums = sums(set);
    has(hold, set) || hold.lines.iter().any(|line| sums.contains_key(&line.sku))
}

/// Each hold goes into the first transaction that has room. None has an order twice.
fn groups<P>(holds: Vec<Hold<P>>) -> VecDeque<Vec<Hold<P>>> {
    let mut groups: VecDeque<Vec<Hold<P>>> = VecDeque::new();
    for hold in holds {
        match groups.iter_mut().find(|group| fits(&hold, group)) {
            Some(group) => group.push(hold),
            None => groups.push_back(vec![hold]),
        }
    }
    groups
}

fn fits<P>(hold: &Hold<P>, group: &[Hold<P>]) -> bool {
    let sums = sums(group);
    let new = hold.lines.iter().filter(|line| !sums.contains_key(&line.sku)).count();
    !has(hold, group) && group.len() + 1 + sums.len() + new <= MAX_ITEMS
}

fn has<P>(hold: &Hold<P>, group: &[Hold<P>]) -> bool {
    group.iter().any(|it| it.order == hold.order)
}

/// The pieces that a transaction takes of each sku.
fn sums<P>(group: &[Hold<P>]) -> BTreeMap<Sku, u64> {
    let mut sums = BTreeMap::new();
    for line in group.iter().flat_map(|it| &it.lines) {
        *sums.entry(line.sku.clone()).or_default() += u64::from(line.quantity);
    }
    sums
}

impl<P> Chain<P> {
    /// The next transaction; none once every order is answered.
    #[must_use]
    pub fn transaction(&self) -> Option<Transaction<'_, P>> {
        self.groups.front().map(|group| Transaction { holds: group, pieces: sums(group) })
    }

    /// The orders that are not answered yet, in the sequence of their transactions.
    pub fn holds(&self) -> impl Iterator<Item = &Hold<P>> {
        self.groups.iter().flatten()
    }

    /// The next transaction has ended. If its conditions did not hold, those that fit go first, and the others last.
    pub fn ended(&mut self, how: Answer) -> Ended<P> {
        let Some(group) = self.groups.pop_front() else { return Ended { answered: Vec::new(), tries: None } };
        let mut tries = None;
        let answered = match how {
            Ok(Err(Cancelled::Conditions(failed))) => {
                let sums = sums(&group);
                let Divided { answered, fit, rest } = Found::new(&group, &sums, &failed).divide(group);
                self.groups.push_back(rest);
                self.groups.push_front(fit);
                self.groups.retain(|group| !group.is_empty());
                answered
            }
            Ok(Err(Cancelled::Busy)) if self.tries < MAX_TRIES => {
                self.tries += 1;
                tries = Some(self.tries);
                self.groups.push_front(group);
                Vec::new()
            }
            // Nothing says whose it is: each goes alone, so that the others are written.
            Ok(Err(Cancelled::Invalid(_))) if group.len() > 1 => {
                group.into_iter().rev().for_each(|hold| self.groups.push_front(vec![hold]));
                Vec::new()
            }
            Ok(how) => {
                self.tries = if how.is_ok() { 0 } else { self.tries };
                group.into_iter().map(|hold| (hold, Ok(how.clone()))).collect()
            }
            // More requests would not help.
            Err(error) => {
                let all = group.into_iter().chain(std::mem::take(&mut self.groups).into_iter().flatten());
                all.map(|hold| (hold, Err(error.clone()))).collect()
            }
        };
        Ended { answered, tries }
    }
}

/// What the failed conditions of a shared transaction found.
struct Found {
    reservations: BTreeMap<OrderId, Option<Attributes>>,
    stock: BTreeMap<Sku, Option<Attributes>>,
}

struct Divided<P> {
    answered: Vec<(Hold<P>, Answer)>,
    fit: Vec<Hold<P>>,
    rest: Vec<Hold<P>>,
}

impl Found {
    fn new<P>(group: &[Hold<P>], sums: &BTreeMap<Sku, u64>, failed: &Failed) -> Self {
        let places = |from| move |at| failed.get(&(from + at)).cloned();
        let (order, sku) = (places(0), places(group.len()));
        let reservations = group.iter().enumerate();
        let reservations = reservations.filter_map(|(at, it)| Some((it.order.clone(), order(at)?)));
        let stock = sums.keys().enumerate().filter_map(|(at, name)| Some((name.clone(), sku(at)?)));
        Self { reservations: reservations.collect(), stock: stock.collect() }
    }

    /// Answers those that could not be written alone either. The others are divided: first those for which the pieces last,
    /// then those that they leave too little for.
    fn divide<P>(&self, group: Vec<Hold<P>>) -> Divided<P> {
        let mut left: BTreeMap<&Sku, u64> =
            self.stock.iter().map(|(sku, item)| (sku, available(item.as_ref()))).collect();
        let mut divided = Divided { answered: Vec::new(), fit: Vec::new(), rest: Vec::new() };
        for hold in group {
            let alone = self.alone(&hold);
            let lasts = |line: &Line| left.get(&line.sku).is_none_or(|left| *left >= u64::from(line.quantity));
            if !alone.is_empty() {
                divided.answered.push((hold, Ok(Err(Cancelled::Conditions(alone)))));
            } else if hold.lines.iter().all(lasts) {
                for line in &hold.lines {
                    if let Some(left) = left.get_mut(&line.sku) {
                        *left -= u64::from(line.quantity);
                    }
                }
                divided.fit.push(hold);
            } else {
                divided.rest.push(hold);
            }
        }
        divided
    }

    /// The conditions that this hold would fail alone, by their places in its own transaction.
    fn alone<P>(&self, hold: &Hold<P>) -> Failed {
        let reservation = self.reservations.get(&hold.order).map(|item| (0, item.clone()));
        let lines = (1..).zip(&hold.lines).filter_map(|(at, line)| {
            let item = self.stock.get(&line.sku)?;
            (item.is_none() || available(item.as_ref()) < u64::from(line.quantity)).then(|| (at, item.clone()))
        });
        reservation.into_iter().chain(lines).collect()
    }
}

fn available(item: Option<&Attributes>) -> u64 {
    let digits = item.and_then(|item| item.get("available")).and_then(|value| value.as_n().ok());
    digits.and_then(|digits| digits.parse().ok()).unwrap_or_default()
}
