//! Holds that are asked for in the same moment share a transaction: one update of a sku for all of them.
//!
//! The messages of a batch are handled side by side, and an order's creation reads nothing before its write. So the first
//! caller yields once, and finds what the others want to write. Each order has its own answer, as if it were alone: an order
//! whose write is invalid fails alone.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use chassis::backoff;
use chassis::store::Attributes;
use futures::future::join_all;
use tokio::sync::oneshot;

use super::transaction::{Answer, Cancelled, Failed};
use crate::domain::ids::{OrderId, Sku};
use crate::domain::reservation::Line;

/// How often a shared transaction is sent again because others were writing the same items; then each order decides again.
const MAX_TRIES: u32 = 6;
/// Source: a transaction of DynamoDB takes at most a hundred actions.
const MAX_ITEMS: usize = 100;

/// One order's hold: `P` is the write of its reservation.
#[derive(Debug)]
pub struct Hold<P> {
    /// Whose it is.
    pub order: OrderId,
    /// The write of its reservation.
    pub put: P,
    /// The pieces that it takes, one line a sku.
    pub lines: Vec<Line>,
}

#[derive(Debug)]
struct Waiting<P> {
    hold: Hold<P>,
    answer: oneshot::Sender<Answer>,
}

/// The holds of one moment.
#[derive(Debug)]
pub struct Together<P>(Mutex<Vec<Waiting<P>>>);

impl<P> Default for Together<P> {
    fn default() -> Self {
        Self(Mutex::new(Vec::new()))
    }
}

impl<P> Together<P> {
    /// Writes a hold, together with those that others ask for at this moment. `send` sends one transaction: the
    /// reservations in this order, then the pieces of each sku. The answer is the order's own: place 0 is its reservation,
    /// and its lines follow.
    ///
    /// # Errors
    /// The service's own words.
    pub async fn write(&self, hold: Hold<P>, send: &impl AsyncFn(&[&P], &BTreeMap<Sku, u64>) -> Answer) -> Answer {
        let (answer, answered) = oneshot::channel();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(Waiting { hold, answer });
        tokio::task::yield_now().await;
        let all = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        join_all(tied(all).into_iter().map(|holds| write(groups(holds), send))).await;
        answered.await.unwrap_or_else(|_| Err("the invocation that wrote for this order ended".to_owned()))
    }
}

/// Side by side, transactions that write the same item would conflict. So holds that share a sku or an order, or are tied by
/// another hold, stay together.
fn tied<P>(all: Vec<Waiting<P>>) -> Vec<Vec<Waiting<P>>> {
    let mut sets: Vec<Vec<Waiting<P>>> = Vec::new();
    for waiting in all {
        let (ties, mut others): (Vec<_>, Vec<_>) = sets.into_iter().partition(|set| shares(&waiting.hold, set));
        others.push(ties.into_iter().flatten().chain([waiting]).collect());
        sets = others;
    }
    sets
}

fn shares<P>(hold: &Hold<P>, set: &[Waiting<P>]) -> bool {
    let sums = sums(set);
    has(hold, set) || hold.lines.iter().any(|line| sums.contains_key(&line.sku))
}

/// Transactions to be sent one after another: each hold goes into the first that has room. None has an order twice.
fn groups<P>(holds: Vec<Waiting<P>>) -> VecDeque<Vec<Waiting<P>>> {
    let mut groups: VecDeque<Vec<Waiting<P>>> = VecDeque::new();
    for waiting in holds {
        match groups.iter_mut().find(|group| fits(&waiting.hold, group)) {
            Some(group) => group.push(waiting),
            None => groups.push_back(vec![waiting]),
        }
    }
    groups
}

fn fits<P>(hold: &Hold<P>, group: &[Waiting<P>]) -> bool {
    let sums = sums(group);
    let new = hold.lines.iter().filter(|line| !sums.contains_key(&line.sku)).count();
    !has(hold, group) && group.len() + 1 + sums.len() + new <= MAX_ITEMS
}

fn has<P>(hold: &Hold<P>, group: &[Waiting<P>]) -> bool {
    group.iter().any(|it| it.hold.order == hold.order)
}

fn sums<P>(group: &[Waiting<P>]) -> BTreeMap<Sku, u64> {
    let mut sums = BTreeMap::new();
    for line in group.iter().flat_map(|it| &it.hold.lines) {
        *sums.entry(line.sku.clone()).or_default() += u64::from(line.quantity);
    }
    sums
}

/// Writes groups one after another: each whole if its conditions hold; else those that fit first, and the others last.
async fn write<P>(mut groups: VecDeque<Vec<Waiting<P>>>, send: &impl AsyncFn(&[&P], &BTreeMap<Sku, u64>) -> Answer) {
    let mut tries = 0;
    while let Some(group) = groups.pop_front() {
        let (puts, sums): (Vec<&P>, _) = (group.iter().map(|it| &it.hold.put).collect(), sums(&group));
        match send(&puts, &sums).await {
            Ok(Err(Cancelled::Conditions(failed))) => {
                let (fit, rest) = Found::new(&group, &sums, &failed).divide(group);
                groups.push_back(rest);
                groups.push_front(fit);
                groups.retain(|group| !group.is_empty());
            }
            Ok(Err(Cancelled::Busy)) if tries < MAX_TRIES => {
                tries += 1;
                backoff::CONFLICT.sleep(tries).await;
                groups.push_front(group);
            }
            // Nothing says whose it is: each goes alone, so that the others are written.
            Ok(Err(Cancelled::Invalid(_))) if group.len() > 1 => {
                group.into_iter().rev().for_each(|waiting| groups.push_front(vec![waiting]));
            }
            Ok(how) => {
                if how.is_ok() {
                    tries = 0;
                }
                answer(group, &Ok(how));
            }
            Err(error) => return answer(group.into_iter().chain(groups.into_iter().flatten()), &Err(error)),
        }
    }
}

fn answer<P>(group: impl IntoIterator<Item = Waiting<P>>, how: &Answer) {
    for waiting in group {
        tell(waiting, how.clone());
    }
}

/// Whoever does not wait any more is told by the next delivery of the message.
fn tell<P>(waiting: Waiting<P>, how: Answer) {
    drop(waiting.answer.send(how));
}

/// What the failed conditions of a shared transaction found.
struct Found {
    reservations: BTreeMap<OrderId, Option<Attributes>>,
    stock: BTreeMap<Sku, Option<Attributes>>,
}

impl Found {
    fn new<P>(group: &[Waiting<P>], sums: &BTreeMap<Sku, u64>, failed: &Failed) -> Self {
        let places = |from| move |at| failed.get(&(from + at)).cloned();
        let (order, sku) = (places(0), places(group.len()));
        let reservations = group.iter().enumerate();
        let reservations = reservations.filter_map(|(at, it)| Some((it.hold.order.clone(), order(at)?)));
        let stock = sums.keys().enumerate().filter_map(|(at, name)| Some((name.clone(), sku(at)?)));
        Self { reservations: reservations.collect(), stock: stock.collect() }
    }

    /// Answers those that could not be written alone either. The others are divided: first those for which the pieces last,
    /// then those that they leave too little for.
    fn divide<P>(&self, group: Vec<Waiting<P>>) -> (Vec<Waiting<P>>, Vec<Waiting<P>>) {
        let mut left: BTreeMap<&Sku, u64> =
            self.stock.iter().map(|(sku, item)| (sku, available(item.as_ref()))).collect();
        let (mut fit, mut rest) = (Vec::new(), Vec::new());
        for waiting in group {
            let alone = self.alone(&waiting.hold);
            if !alone.is_empty() {
                tell(waiting, Ok(Err(Cancelled::Conditions(alone))));
                continue;
            }
            let lasts = |line: &Line| left.get(&line.sku).is_none_or(|left| *left >= u64::from(line.quantity));
            if waiting.hold.lines.iter().all(lasts) {
                for line in &waiting.hold.lines {
                    if let Some(left) = left.get_mut(&line.sku) {
                        *left -= u64::from(line.quantity);
                    }
                }
                fit.push(waiting);
            } else {
                rest.push(waiting);
            }
        }
        (fit, rest)
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
