//! Invocations run the service's own [`settle`] and [`look`] and are interleaved at every place where a real one waits.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use chassis::cause::Cause;
use chassis::store::{Revision, StoreError};
use jiff::{SignedDuration, Timestamp};
use payments::domain::decide::{Decision, Heard, Seat};
use payments::domain::gateway::{Call, Word};
use payments::domain::ids::OrderId;
use payments::domain::payment::{Event, Fact, Payment};
use payments::domain::refund::{RefundWish, due};
use payments::inbound::sweep::look;
use payments::settle::{Gateway, Misconfigured, Payments, Stored, Unsettled, Written, settle};

use super::gateway::{ModelGateway, Mood};
use super::{AT, TOTAL, cause, order, rules};

/// What all invocations share.
#[derive(Debug)]
pub struct Shared {
    item: RefCell<Stored>,
    /// Every event that was written, in its order.
    pub said: RefCell<Vec<Event>>,
    /// The gateway.
    pub gateway: ModelGateway,
    /// The time.
    pub now: Cell<Timestamp>,
}

/// One of the invocations' two doors to the world.
#[derive(Debug, Clone)]
pub struct Door(pub Rc<Shared>);

impl Shared {
    pub fn pass(&self, seconds: i64) {
        self.now.set(self.now.get() + SignedDuration::from_secs(seconds));
    }
}

impl Gateway for Door {
    async fn call(&self, call: &Call, _: &Payment) -> Result<Word, Misconfigured> {
        Pause::default().await;
        let word = self.0.gateway.answer(call);
        Pause::default().await;
        Ok(word)
    }
}

impl Payments for Door {
    async fn load(&self, _: &OrderId) -> Result<Stored, StoreError> {
        Pause::default().await;
        Ok(self.0.item.borrow().clone())
    }

    async fn save(&self, read: &Stored, decision: &Decision, _: &Cause) -> Result<Written, StoreError> {
        Pause::default().await;
        let stands = self.0.item.borrow().clone();
        let written = if stands.revision == read.revision {
            let emitted = read.revision.emitted + decision.events.len() as u64;
            let revision = Revision { version: read.revision.version + 1, emitted };
            let stored = Stored { payment: decision.payment.clone(), revision, correlation_id: None };
            *self.0.item.borrow_mut() = stored.clone();
            self.0.said.borrow_mut().extend(decision.events.clone());
            Written::Applied(stored)
        } else {
            Written::Conflict(stands)
        };
        Pause::default().await;
        Ok(written)
    }
}

/// Lets the others go first, once.
#[derive(Default)]
struct Pause(bool);

impl Future for Pause {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) { Poll::Ready(()) } else { Poll::Pending }
    }
}

type Work = Pin<Box<dyn Future<Output = Result<Payment, Unsettled>>>>;

/// A message or a request of staff, and where it is.
#[derive(Debug, Clone)]
pub struct Message {
    pub heard: Heard,
    pub seat: Seat,
    pub acknowledged: bool,
}

/// The world, its messages and the invocations that are alive.
pub struct World {
    pub shared: Rc<Shared>,
    pub messages: Vec<Message>,
    alive: Vec<(Option<usize>, Work)>,
}

impl World {
    pub fn new(facts: impl IntoIterator<Item = Fact>, moods: impl IntoIterator<Item = Mood>) -> Self {
        let payment = Payment::of(order());
        let shared = Shared {
            item: RefCell::new(Stored { payment, correlation_id: None, revision: Revision::default() }),
            said: RefCell::default(),
            gateway: ModelGateway::new(moods),
            now: Cell::new(AT),
        };
        let message = |fact| Message { heard: Heard::Fact(fact), seat: Seat::Consumer, acknowledged: false };
        Self { shared: Rc::new(shared), messages: facts.into_iter().map(message).collect(), alive: Vec::new() }
    }

    pub fn payment(&self) -> Payment {
        self.shared.item.borrow().payment.clone()
    }

    pub fn version(&self) -> u64 {
        self.shared.item.borrow().revision.version
    }

    pub fn said(&self) -> Vec<Event> {
        self.shared.said.borrow().clone()
    }

    pub fn alive(&self) -> usize {
        self.alive.len()
    }

    /// Staff want money returned, and repeat the request until it is answered.
    pub fn wish(&mut self, wish: RefundWish) -> usize {
        self.messages.push(Message { heard: Heard::Wanted(wish), seat: Seat::Sweep, acknowledged: false });
        self.messages.len() - 1
    }

    /// Delivers a message, also one that was delivered before: invocations of it may be alive.
    pub fn deliver(&mut self, message: usize) {
        let Message { heard, seat, .. } = self.messages[message].clone();
        let (door, shared) = (Door(Rc::clone(&self.shared)), Rc::clone(&self.shared));
        let work = async move {
            let read = door.load(&order()).await?;
            Ok(settle(&door, &door, || shared.now.get(), &rules(seat), read, heard, &cause()).await?.payment)
        };
        self.alive.push((Some(message), Box::pin(work)));
    }

    /// Sends the sweep out.
    pub fn sweep(&mut self) {
        let (door, shared) = (Door(Rc::clone(&self.shared)), Rc::clone(&self.shared));
        let work = async move {
            look(&door, &door, || shared.now.get(), &rules(Seat::Sweep), order().as_str()).await?;
            Ok(shared.item.borrow().payment.clone())
        };
        self.alive.push((None, Box::pin(work)));
    }

    /// Lets an invocation go on to the next place where it waits; its result if it has ended.
    pub fn go_on(&mut self, index: usize) -> Option<Result<Payment, Unsettled>> {
        let (message, work) = &mut self.alive[index];
        let Poll::Ready(result) = work.as_mut().poll(&mut Context::from_waker(Waker::noop())) else { return None };
        let message = message.take();
        drop(self.alive.remove(index));
        let Some(message) = message.map(|message| &mut self.messages[message]) else { return Some(result) };
        match &result {
            Ok(payment) => {
                let settled = !payment.is_open() || !payment.is_complete() || message.seat == Seat::Sweep;
                assert!(settled, "acknowledged although unsettled: {payment:?}");
                message.acknowledged = true;
            }
            Err(Unsettled::Exhausted { .. }) => message.seat = Seat::DeadLetters,
            Err(_) => {}
        }
        Some(result)
    }

    /// An invocation dies where it stands.
    pub fn kill(&mut self, index: usize) {
        drop(self.alive.remove(index));
    }

    /// Delivers a message and lets it run alone to its end.
    pub fn run(&mut self, message: usize) -> Result<Payment, Unsettled> {
        self.deliver(message);
        self.finish(self.alive.len() - 1)
    }

    /// Sends the sweep out and lets it run alone to its end.
    pub fn run_sweep(&mut self) -> Result<Payment, Unsettled> {
        self.sweep();
        self.finish(self.alive.len() - 1)
    }

    fn finish(&mut self, index: usize) -> Result<Payment, Unsettled> {
        loop {
            if let Some(result) = self.go_on(index) {
                return result;
            }
        }
    }

    /// Everything that is under way ends, the gateway is well, every message is delivered until it is done with, and the
    /// sweep comes by while anything is due.
    pub fn come_to_rest(&mut self) {
        self.shared.gateway.moods.borrow_mut().clear();
        while self.alive() > 0 {
            drop(self.go_on(0));
        }
        for _ in 0..40 {
            self.shared.gateway.arrive_late();
            for message in 0..self.messages.len() {
                if !self.messages[message].acknowledged {
                    drop(self.run(message));
                }
            }
            self.shared.pass(25);
        }
        assert!(self.messages.iter().all(|message| message.acknowledged), "a message never ends: {:?}", self.payment());
        for _ in 0..40 {
            let Some(due) = due(&self.payment()) else { return };
            self.shared.now.set(due.max(self.shared.now.get()));
            drop(self.run_sweep());
        }
        panic!("a refund never goes through: {:?}", self.payment());
    }

    /// What must hold when everything has come to rest.
    pub fn is_consistent(&self) {
        let (payment, said, gateway) = (self.payment(), self.said(), &self.shared.gateway);
        let is_ending = |e: &&Event| matches!(e, Event::Succeeded { .. } | Event::Failed { .. } | Event::Voided);
        let charged = matches!(payment.status(), "SUCCEEDED");
        assert_eq!(gateway.charges.get(), u32::from(charged), "{payment:?}");
        assert!(!payment.is_open() || !payment.is_complete(), "left open: {payment:?}");
        assert_eq!(said.iter().filter(is_ending).count(), usize::from(!payment.is_open()), "said: {said:?}");

        let kept = if charged { TOTAL } else { 0 } - gateway.returned();
        assert!(payment.cancelled_at.is_none() || kept == 0, "money kept of a cancelled order: {payment:?}");
        assert_eq!((payment.refunded(), payment.owed()), (gateway.returned(), 0), "{payment:?}");
        let refunds = gateway.refunds.borrow();
        let names: BTreeSet<_> = refunds.iter().map(|(refund, _)| refund.clone()).collect();
        assert_eq!(names.len(), refunds.len(), "one refund, carried out twice: {refunds:?}");
        let told = said.iter().filter(|event| matches!(event, Event::Refunded { .. })).count();
        assert_eq!(told, refunds.len(), "said: {said:?}");
        let is_failure = |e: &&Event| matches!(e, Event::RefundFailed { .. });
        assert!(said.iter().filter(is_failure).count() <= payment.refunds.len(), "said: {said:?}");
    }
}
