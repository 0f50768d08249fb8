//! Invocations run the service's own [`settle`] and are interleaved at every place where a real one waits. The gateway
//! has one intent, which succeeds at most once; it may answer late, wrongly late, or never.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use chassis::cause::Cause;
use chassis::store::{Revision, StoreError};
use jiff::{SignedDuration, Timestamp};
use payments::domain::decide::{Decision, Seat};
use payments::domain::gateway::{Call, Word};
use payments::domain::ids::OrderId;
use payments::domain::payment::{Event, Fact, Payment};
use payments::settle::{Gateway, Misconfigured, Payments, Stored, Unsettled, Written, settle};

use super::{AT, cause, declined, doubtful, intent, not_charged, order, rules, silent};

/// What the gateway does with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// Does it and says so.
    Well,
    /// Declines, if it is asked to charge.
    Declines,
    /// Refuses for now, surely without doing it.
    Refuses,
    /// Fails without doing it.
    Fails,
    /// Does it and fails then.
    FailsAfter,
    /// Does it and does not answer.
    Mute,
    /// Neither does it nor answers.
    Lost,
    /// Does not answer, and does it at some later time.
    Late,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Intent {
    None,
    Open,
    Declined,
    Charged,
    Canceled,
}

/// What all invocations share.
#[derive(Debug)]
pub struct Shared {
    item: RefCell<Stored>,
    /// Every event that was written, in its order.
    pub said: RefCell<Vec<Event>>,
    intent: Cell<Intent>,
    /// How often money was taken.
    pub charges: Cell<u32>,
    late: Cell<u32>,
    /// How often the gateway was called.
    pub calls: Cell<u32>,
    moods: RefCell<VecDeque<Mood>>,
    /// The time.
    pub now: Cell<Timestamp>,
}

/// One of the invocations' two doors to the world.
#[derive(Debug, Clone)]
pub struct Door(pub Rc<Shared>);

impl Shared {
    fn confirm(&self) {
        if matches!(self.intent.get(), Intent::Open | Intent::Declined) {
            self.intent.set(Intent::Charged);
            self.charges.set(self.charges.get() + 1);
        }
    }

    fn carry_out(&self, call: &Call, mood: Mood) {
        let intent = self.intent.get();
        match call {
            Call::Create { .. } if intent == Intent::None => self.intent.set(Intent::Open),
            Call::Confirm { .. } if mood == Mood::Declines && intent == Intent::Open => {
                self.intent.set(Intent::Declined);
            }
            Call::Confirm { .. } if intent == Intent::Open => self.confirm(),
            Call::Cancel if matches!(intent, Intent::Open | Intent::Declined) => self.intent.set(Intent::Canceled),
            Call::Create { .. } | Call::Confirm { .. } | Call::Ask { .. } | Call::Cancel => {}
        }
    }

    fn told(&self, call: &Call) -> Word {
        match (call, self.intent.get()) {
            (Call::Create { .. }, _) | (_, Intent::None | Intent::Open) => Word::Open(intent()),
            (_, Intent::Declined) => declined("generic_decline"),
            (_, Intent::Charged) => Word::Charged,
            (_, Intent::Canceled) => Word::Canceled,
        }
    }

    /// A call that was on its way all the time arrives.
    pub fn arrive_late(&self) {
        if self.late.get() > 0 {
            self.late.set(self.late.get() - 1);
            self.confirm();
        }
    }

    pub fn pass(&self, seconds: i64) {
        self.now.set(self.now.get() + SignedDuration::from_secs(seconds));
    }
}

impl Gateway for Door {
    async fn call(&self, call: &Call, _: &Payment) -> Result<Word, Misconfigured> {
        Pause::default().await;
        let shared = &self.0;
        shared.calls.set(shared.calls.get() + 1);
        let mood = shared.moods.borrow_mut().pop_front().unwrap_or(Mood::Well);
        if matches!(mood, Mood::Well | Mood::Declines | Mood::FailsAfter | Mood::Mute) {
            shared.carry_out(call, mood);
        }
        if mood == Mood::Late && matches!(call, Call::Confirm { .. }) {
            shared.late.set(shared.late.get() + 1);
        }
        let word = match mood {
            Mood::Well | Mood::Declines => shared.told(call),
            Mood::Refuses => not_charged("http_429"),
            Mood::Fails | Mood::FailsAfter => doubtful("http_500"),
            Mood::Mute | Mood::Lost | Mood::Late => silent("timeout"),
        };
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

/// A message and where it is.
#[derive(Debug, Clone)]
pub struct Message {
    pub fact: Fact,
    pub seat: Seat,
    pub acknowledged: bool,
}

/// The world, its messages and the invocations that are alive.
pub struct World {
    pub shared: Rc<Shared>,
    pub messages: Vec<Message>,
    alive: Vec<(usize, Work)>,
}

impl World {
    pub fn new(facts: impl IntoIterator<Item = Fact>, moods: impl IntoIterator<Item = Mood>) -> Self {
        let payment = Payment::of(order());
        let shared = Shared {
            item: RefCell::new(Stored { payment, correlation_id: None, revision: Revision::default() }),
            said: RefCell::default(),
            intent: Cell::new(Intent::None),
            charges: Cell::default(),
            late: Cell::default(),
            calls: Cell::default(),
            moods: RefCell::new(moods.into_iter().collect()),
            now: Cell::new(AT),
        };
        let message = |fact| Message { fact, seat: Seat::Consumer, acknowledged: false };
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

    /// Delivers a message, also one that was delivered before: invocations of it may be alive.
    pub fn deliver(&mut self, message: usize) {
        let Message { fact, seat, .. } = self.messages[message].clone();
        let (door, shared) = (Door(Rc::clone(&self.shared)), Rc::clone(&self.shared));
        let work =
            async move { settle(&door, &door, || shared.now.get(), &rules(seat), &order(), fact, &cause()).await };
        self.alive.push((message, Box::pin(work)));
    }

    /// Lets an invocation go on to the next place where it waits; its result if it has ended.
    pub fn go_on(&mut self, index: usize) -> Option<Result<Payment, Unsettled>> {
        let (message, work) = &mut self.alive[index];
        let message = *message;
        let Poll::Ready(result) = work.as_mut().poll(&mut Context::from_waker(Waker::noop())) else { return None };
        drop(self.alive.remove(index));
        match &result {
            Ok(payment) => {
                assert!(!payment.is_open() || !payment.is_complete(), "acknowledged although unsettled: {payment:?}");
                self.messages[message].acknowledged = true;
            }
            Err(Unsettled::Exhausted { .. }) => self.messages[message].seat = Seat::DeadLetters,
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
        let index = self.alive.len() - 1;
        loop {
            if let Some(result) = self.go_on(index) {
                return result;
            }
        }
    }

    /// Everything that is under way ends, the gateway is well, and every message is delivered until it is done with.
    pub fn come_to_rest(&mut self) {
        self.shared.moods.borrow_mut().clear();
        while self.alive() > 0 {
            drop(self.go_on(0));
        }
        for _ in 0..40 {
            self.shared.arrive_late();
            for message in 0..self.messages.len() {
                if !self.messages[message].acknowledged {
                    drop(self.run(message));
                }
            }
            self.shared.pass(25);
        }
        assert!(self.messages.iter().all(|message| message.acknowledged), "a message never ends: {:?}", self.payment());
    }

    /// What must hold when everything has come to rest.
    pub fn is_consistent(&self) {
        let (payment, said) = (self.payment(), self.said());
        let endings = said.iter().filter(|event| !matches!(event, Event::AttemptFailed { .. })).count();
        let charged = matches!(payment.status(), "SUCCEEDED");
        assert_eq!(self.shared.charges.get(), u32::from(charged), "{payment:?}");
        assert!(!payment.is_open() || !payment.is_complete(), "left open: {payment:?}");
        assert_eq!(endings, usize::from(!payment.is_open()), "said: {said:?}");
    }
}
