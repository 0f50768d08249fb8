//! A table with one aggregate for each order, and the events that its relay has not published yet.

use std::fmt::Debug;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use chassis::store::{Revision, wakes_at};
use jiff::Timestamp;

use super::event::SharedEvent;
use super::held::Held;
use super::stream::Stream;

/// An item as it was read.
#[derive(Debug)]
pub struct Item<T> {
    /// Its state.
    pub value: Held<T>,
    /// The number of its writes, and of the events that it emitted; when the index wakes it.
    pub revision: Revision,
    /// The order's correlation id.
    pub correlation: Arc<str>,
    /// When it is due for the sweep; the index may wake it earlier.
    pub due: Option<Timestamp>,
}

impl<T> Clone for Item<T> {
    fn clone(&self) -> Self {
        let (value, correlation) = (self.value.clone(), Arc::clone(&self.correlation));
        Self { value, revision: self.revision.clone(), correlation, due: self.due }
    }
}

impl<T: Debug> Hash for Item<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.value.hash(state);
        (self.revision.version, self.revision.emitted, self.revision.wakes_at, self.due).hash(state);
    }
}

impl<T: PartialEq> PartialEq for Item<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value && self.revision == other.revision && self.due == other.due
    }
}

impl<T: Eq> Eq for Item<T> {}

/// What an invocation read: an item, or none.
pub type Seen<T> = Option<Item<T>>;

/// The revision that a write is conditional on.
#[must_use]
pub fn revision<T>(seen: Option<&Item<T>>) -> Revision {
    seen.map(|item| item.revision.clone()).unwrap_or_default()
}

/// A new state with the events that it emits.
#[derive(Debug, Clone)]
pub struct Write<T> {
    /// The new state.
    pub value: T,
    /// The events.
    pub outbox: Vec<SharedEvent>,
    /// When the item is due for the sweep.
    pub due: Option<Timestamp>,
    /// The order's correlation id.
    pub correlation: Arc<str>,
}

/// A table, its stream, and the time of each item's last sweep.
#[derive(Debug)]
pub struct Table<T> {
    items: Vec<Seen<T>>,
    /// Each item before its latest write, as a stale index may still show it.
    stale: Vec<Seen<T>>,
    swept: Vec<Timestamp>,
    /// The events to publish.
    pub stream: Stream,
}

impl<T> Clone for Table<T> {
    fn clone(&self) -> Self {
        let (items, stale) = (self.items.clone(), self.stale.clone());
        Self { items, stale, swept: self.swept.clone(), stream: self.stream.clone() }
    }
}

impl<T: Debug> Hash for Table<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.items.hash(state);
        self.stale.hash(state);
        self.swept.hash(state);
        self.stream.hash(state);
    }
}

impl<T: PartialEq> PartialEq for Table<T> {
    fn eq(&self, other: &Self) -> bool {
        self.items == other.items && self.swept == other.swept && self.stream == other.stream
    }
}

impl<T: Eq> Eq for Table<T> {}

impl<T> Table<T> {
    /// An empty table for this many orders.
    #[must_use]
    pub fn new(orders: usize) -> Self {
        let items = std::iter::repeat_with(|| None).take(orders).collect();
        Self { items, stale: Vec::new(), swept: vec![Timestamp::MIN; orders], stream: Stream::default() }
    }

    /// A copy of the item of an order.
    #[must_use]
    pub fn load(&self, order: u16) -> Seen<T> {
        self.get(order).cloned()
    }

    /// The item of an order.
    #[must_use]
    pub fn get(&self, order: u16) -> Option<&Item<T>> {
        self.items.get(usize::from(order)).and_then(Option::as_ref)
    }

    /// All items, with the numbers of their orders.
    pub fn iter(&self) -> impl Iterator<Item = (u16, &Item<T>)> {
        (0..).zip(&self.items).filter_map(|(order, item)| item.as_ref().map(|item| (order, item)))
    }

    /// Whether a write that is conditional on `read` would succeed.
    #[must_use]
    pub fn allows(&self, order: u16, read: &Revision) -> bool {
        self.get(order).map(|item| item.revision.version).unwrap_or_default() == read.version
    }

    /// Writes without a check of the condition. The outbox goes to the stream, if the design has one.
    pub fn put(&mut self, order: u16, read: &Revision, write: Write<T>, has_outbox: bool, wakes_at: Option<i64>) {
        let emitted = read.emitted + write.outbox.len() as u64;
        let revision = Revision { version: read.version + 1, emitted, wakes_at, ..Revision::default() };
        let item = Item { value: Held::new(write.value), revision, correlation: write.correlation, due: write.due };
        if let Some(stale) = self.stale.get_mut(usize::from(order)) {
            *stale = self.items[usize::from(order)].take();
        }
        self.items[usize::from(order)] = Some(item);
        if has_outbox {
            self.stream.push(write.outbox);
        }
    }

    /// What a stale index shows of an item; only after [`Table::keep_stale`].
    #[must_use]
    pub fn stale(&self, order: u16) -> Seen<T> {
        self.stale.get(usize::from(order)).cloned().flatten()
    }

    /// Starts to record each item as it was before its latest write.
    pub fn keep_stale(&mut self) {
        self.stale = std::iter::repeat_with(|| None).take(self.items.len()).collect();
    }

    /// Orders whose item the index wakes and which were not swept since `before`.
    pub fn due(&self, now: Timestamp, before: Timestamp) -> impl Iterator<Item = u16> {
        let is_due = move |item: &Item<T>| item.revision.wakes_at.is_some_and(|at| at <= now.as_second());
        let late = move |order: u16| self.swept[usize::from(order)] <= before;
        self.iter().filter(move |(order, item)| is_due(item) && late(*order)).map(|(order, _)| order)
    }

    /// When each item in the index is next swept.
    pub fn wake_ups(&self, pause: jiff::SignedDuration) -> impl Iterator<Item = Timestamp> {
        let again = move |order: u16| self.swept[usize::from(order)].saturating_add(pause).unwrap_or(Timestamp::MAX);
        let wakes = |at: i64| Timestamp::from_second(at).unwrap_or(Timestamp::MAX);
        self.iter().filter_map(move |(order, item)| item.revision.wakes_at.map(|at| wakes(at).max(again(order))))
    }

    /// Moves the entry of an item that was woken at `at` before it is due, as the sweep of chassis does.
    pub fn postpone(&mut self, order: u16, at: Timestamp) {
        let Some(Some(item)) = self.items.get_mut(usize::from(order)) else { return };
        let due = wakes_at(None, item.due, at);
        let is_early = item.revision.wakes_at.is_some_and(|wakes| wakes <= at.as_second());
        if is_early && due.is_some_and(|due| due > at.as_second()) {
            item.revision.wakes_at = due;
        }
    }

    /// Records a sweep.
    pub fn sweep(&mut self, order: u16, now: Timestamp) {
        self.swept[usize::from(order)] = now;
    }
}
