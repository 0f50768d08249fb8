//! The world: every service's table, stream and queue, the gateway, the mail channel, and the running invocations.
//!
//! A state is explicit: it can be copied, compared and hashed. A [`Move`] leads to the next state; a [`Fault`] and
//! [`Dice`] decide what the move leaves open. The simulation picks moves at random, the explorer makes all of them.

mod deliver;
mod event;
mod finish;
mod gateway;
mod held;
mod invocation;
mod level;
mod moves;
mod outage;
mod publish;
mod queue;
mod setting;
mod state;
mod store;
mod stream;
mod together;
mod transact;
mod write;

use std::collections::BTreeMap;
use std::sync::Arc;

use ::inventory::domain::adjustment::Adjustment;
use ::inventory::domain::ids::AdjustmentId;
use ::inventory::domain::reservation::Reservation;
use ::notifications::domain::delivery::Deliveries;
use ::orders::domain::order::Order;
use ::payments::domain::payment::Payment;
use jiff::Timestamp;

pub use event::{Event, SharedEvent};
pub use gateway::{Gateway, Intent, Late, Request as GatewayRequest, State as IntentState};
pub use held::{Held, hash_of, print_of};
pub use invocation::{Completion, Invocation, Origin, Point, Request, RequestKind};
pub use level::Level;
pub use moves::Move;
pub use outage::{Away, Outage};
pub use queue::{Consumer, DeadLetter, Message, Queue};
pub use setting::{BEGIN, Plan, Service, Setting, adjustment, sku_name};
pub use store::{Item, Seen, Table, Write, revision};
pub use stream::Stream;
pub use together::{Seat, Writing};
pub use transact::Put;
pub use write::{Aggregate, WriteResult};

use crate::dice::Dice;
use crate::faults::{Counts, Fault};
use crate::invariants::{Rule, Violation};
use crate::trace::Trace;

/// The whole state.
#[derive(Debug, Clone)]
pub struct World {
    /// What does not change.
    pub setting: Arc<Setting>,
    /// The true time.
    pub now: Timestamp,
    /// Orders' table.
    pub orders: Table<Order>,
    /// Inventory's reservations.
    pub reservations: Table<Reservation>,
    /// Inventory's stock.
    pub stock: Vec<Level>,
    /// The adjustments of the stock that were made.
    pub adjustments: BTreeMap<AdjustmentId, Adjustment>,
    /// Inventory's holds that are under way.
    pub writing: Vec<Writing>,
    /// Payments' table.
    pub payments: Table<Payment>,
    /// Notifications' table.
    pub deliveries: Table<Deliveries>,
    /// The queues, in the order of [`Consumer::ALL`].
    pub queues: [Queue; Consumer::ALL.len()],
    /// Dead letters.
    pub letters: Vec<DeadLetter>,
    /// The gateway.
    pub gateway: Gateway,
    /// How often the gateway was called for each order.
    pub calls: Vec<u32>,
    /// How often each order's customer got a mail of each template.
    pub mails: Vec<[u8; 2]>,
    /// Requests that clients will send, or send again.
    pub requests: Vec<Request>,
    /// Running invocations.
    pub invocations: Vec<Invocation>,
    /// Every event that was written, by order.
    pub archive: Vec<Vec<SharedEvent>>,
    /// How often each kind of fault occurred.
    pub counts: Counts,
    /// The number of parked messages by cause.
    pub parked: BTreeMap<&'static str, u64>,
    /// Broken rules.
    pub violations: Vec<Violation>,
    /// The trace for people.
    pub trace: Trace,
    /// State of flawed designs: unpublished events, and locks on messages.
    pub(crate) aside: Aside,
    next_message: u32,
}

/// State that only flawed designs have.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Aside {
    pub(crate) unpublished: Vec<SharedEvent>,
    pub(crate) locks: Vec<deliver::Lock>,
}

impl World {
    /// A world before its first request.
    #[must_use]
    pub fn new(setting: Setting, requests: Vec<Request>) -> Self {
        let orders = setting.plans.len();
        let gateway = Gateway { intents: vec![Vec::new(); orders], failed: vec![Vec::new(); orders], late: Vec::new() };
        let mut world = Self {
            now: BEGIN,
            orders: Table::new(orders),
            reservations: Table::new(orders),
            stock: setting.stocked.iter().copied().map(Level::stocked).collect(),
            adjustments: BTreeMap::new(),
            writing: Vec::new(),
            payments: Table::new(orders),
            deliveries: Table::new(orders),
            queues: Default::default(),
            letters: Vec::new(),
            gateway,
            calls: vec![0; orders],
            mails: vec![[0; 2]; orders],
            requests,
            invocations: Vec::new(),
            archive: vec![Vec::new(); orders],
            counts: Counts::default(),
            parked: BTreeMap::new(),
            violations: Vec::new(),
            trace: Trace::default(),
            aside: Aside::default(),
            next_message: 0,
            setting: Arc::new(setting),
        };
        if world.setting.mechanism.has(crate::flaws::Flaw::IndexDecides) {
            world.orders.keep_stale();
            world.reservations.keep_stale();
            world.payments.keep_stale();
        }
        world
    }

    /// The queue of a consumer.
    pub fn queue(&mut self, consumer: Consumer) -> &mut Queue {
        &mut self.queues[consumer as usize]
    }

    /// Records a broken rule.
    pub fn violated(&mut self, rule: Rule, order: u16, what: impl Into<String>) {
        let violation = Violation { rule, order, what: what.into() };
        self.trace.note(self.now, order, || format!("VIOLATION of {}: {}", rule.as_str(), violation.what));
        if !self.violations.contains(&violation) {
            self.violations.push(violation);
        }
    }

    /// Makes a move, perhaps with a fault.
    pub fn make(&mut self, next: Move, fault: Option<Fault>, dice: &mut Dice) {
        if let Some(fault) = fault {
            self.meets(fault, self.order_of(next));
        }
        match next {
            Move::Ask(index) => self.ask(index, fault, dice),
            Move::Deliver(consumer, index) => self.deliver(consumer, index, fault, dice),
            Move::Go(index) => self.go(index, fault, dice),
            Move::Together => self.hold_all(fault, dice),
            Move::Send(index) => {
                let writing = self.writing.swap_remove(index);
                self.send_next(writing, fault, dice);
            }
            Move::Relay(service) => self.relay(service, fault, dice),
            Move::Sweep(service, order) => self.begin_sweep(service, order, fault, dice),
            Move::Arrive(index) => self.arrive(index),
            Move::Redeliver(order, index) => self.redeliver(order, index, dice),
            Move::Redrive => self.redrive(),
            Move::Tick => self.tick(),
        }
    }

    /// Records a fault, of one order or of several.
    pub(crate) fn meets(&mut self, fault: Fault, order: Option<u16>) {
        self.counts.add(fault);
        if let Some(order) = order {
            self.trace.note(self.now, order, || format!("FAULT: {}", fault.as_str()));
        }
    }

    /// Time passes until something can happen.
    fn tick(&mut self) {
        if let Some(next) = self.next_wake_up() {
            self.now = self.now.max(next);
        }
    }

    /// A late request reaches the gateway; its sender no longer waits.
    fn arrive(&mut self, index: usize) {
        let Late { order, request, .. } = self.gateway.late.swap_remove(index);
        let state = self.gateway.carry_out(order, &request).map(|intent| intent.state);
        self.trace.note(self.now, order, || format!("gateway: a late request arrives: {request:?}; now {state:?}"));
    }
}
