//! Invocations run the service's own use cases and are interleaved at every place where a real one waits.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use chassis::cause::Cause;
use chassis::store::{Revision, Saved, StoreError, Stored};
use jiff::{SignedDuration, Timestamp};
use payments::application::apply_event::apply_event;
use payments::application::settle::{Unsettled, settle};
use payments::application::settle_dead_letter::settle_dead_letter;
use payments::application::sweep::sweep;
use payments::application::{App, Gateway, Misconfigured, PaymentStore, SagaPayment};
use payments::domain::decide::Input;
use payments::domain::decision::{Decision, Worker};
use payments::domain::gateway::{Call, GatewayAnswer as Answer};
use payments::domain::ids::OrderId;
use payments::domain::payment::{Event, Fact, Payment};
use payments::domain::repay::due;
use payments::domain::request::RefundRequest;
use payments::outbound::SavedPayment;

use super::gateway::{ModelGateway, Mood};
use super::{AT, TOTAL, cause, order, policy};

/// What all invocations share.
#[derive(Debug)]
pub struct Shared {
    item: RefCell<Stored<SagaPayment>>,
    /// Every event that was written, in its order.
    pub published: RefCell<Vec<Event>>,
    /// How often it was read.
    pub reads: Cell<u32>,
    /// The gateway.
    pub gateway: ModelGateway,
    /// The time.
    pub now: Cell<Timestamp>,
}

/// The table and the gateway, as an invocation reaches them.
#[derive(Debug, Clone)]
pub struct Door(pub Rc<Shared>);

impl Shared {
    pub fn pass(&self, seconds: i64) {
        self.now.set(self.now.get() + SignedDuration::from_secs(seconds));
    }
}

impl Gateway for Door {
    async fn call(&self, call: &Call, _: &Payment) -> Result<Answer, Misconfigured> {
        Pause::default().await;
        let answer = self.0.gateway.answer(call);
        Pause::default().await;
        Ok(answer)
    }
}

impl PaymentStore for Door {
    async fn load(&self, _: &OrderId) -> Result<Stored<SagaPayment>, StoreError> {
        Pause::default().await;
        self.0.reads.set(self.0.reads.get() + 1);
        Ok(self.0.item.borrow().clone())
    }

    async fn save(
        &self,
        read: &Stored<SagaPayment>,
        decision: &Decision,
        _: &Cause,
    ) -> Result<SavedPayment, StoreError> {
        Pause::default().await;
        let current = self.0.item.borrow().clone();
        let saved = if current.revision == read.revision {
            let emitted = read.revision.emitted + decision.events.len() as u64;
            let revision = Revision { version: read.revision.version + 1, emitted, ..Revision::default() };
            let value = SagaPayment { payment: decision.payment.clone(), correlation_id: None };
            let stored = Stored { value, revision };
            *self.0.item.borrow_mut() = stored.clone();
            self.0.published.borrow_mut().extend(decision.events.clone());
            Saved::Applied(stored)
        } else {
            Saved::Conflict(current)
        };
        Pause::default().await;
        Ok(saved)
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
    pub input: Input,
    pub worker: Worker,
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
            item: RefCell::new(Stored {
                value: SagaPayment { payment, correlation_id: None },
                revision: Revision::default(),
            }),
            published: RefCell::default(),
            reads: Cell::default(),
            gateway: ModelGateway::new(moods),
            now: Cell::new(AT),
        };
        let message = |fact| Message { input: Input::Fact(fact), worker: Worker::Queue, acknowledged: false };
        Self { shared: Rc::new(shared), messages: facts.into_iter().map(message).collect(), alive: Vec::new() }
    }

    pub fn payment(&self) -> Payment {
        self.shared.item.borrow().value.payment.clone()
    }

    pub fn version(&self) -> u64 {
        self.shared.item.borrow().revision.version
    }

    pub fn published(&self) -> Vec<Event> {
        self.shared.published.borrow().clone()
    }

    pub fn alive(&self) -> usize {
        self.alive.len()
    }

    /// Staff request a refund, and repeat the request until it is answered.
    pub fn request(&mut self, request: RefundRequest) -> usize {
        self.messages.push(Message { input: Input::Refund(request), worker: Worker::Sweep, acknowledged: false });
        self.messages.len() - 1
    }

    /// Delivers a message, also one that was delivered before: invocations of it may be alive.
    pub fn deliver(&mut self, message: usize) {
        let Message { input, worker, .. } = self.messages[message].clone();
        let app = self.app();
        let work = async move {
            let (order, cause) = (order(), cause());
            let settled = match (input, worker) {
                (Input::Fact(fact), Worker::Queue) => apply_event(&app, &order, fact, &cause).await?,
                (Input::Fact(fact), Worker::DeadLetters) => settle_dead_letter(&app, &order, fact, &cause).await?,
                (input, worker) => {
                    let read = app.payments.load(&order).await?;
                    settle(&app, worker, read, input, &cause).await?
                }
            };
            Ok(settled.value.payment)
        };
        self.alive.push((Some(message), Box::pin(work)));
    }

    fn app(&self) -> App<Door, Door, impl Fn() -> Timestamp + use<>> {
        let (door, shared) = (Door(Rc::clone(&self.shared)), Rc::clone(&self.shared));
        App {
            payments: door.clone(),
            gateway: door,
            clock: move || shared.now.get(),
            policy: policy(),
            look_ahead: None,
        }
    }

    /// Sends the sweep out.
    pub fn sweep(&mut self) {
        let (app, shared) = (self.app(), Rc::clone(&self.shared));
        let work = async move {
            sweep(&app, &order()).await?;
            Ok(shared.item.borrow().value.payment.clone())
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
                // A hold that is over is left to its own event.
                let is_over = payment.ends_at().is_some_and(|end| self.shared.now.get() + policy().lease > end);
                let settled =
                    !payment.is_open() || !payment.is_complete() || message.worker == Worker::Sweep || is_over;
                assert!(settled, "acknowledged although unsettled: {payment:?}");
                message.acknowledged = true;
            }
            Err(Unsettled::Exhausted { .. }) => message.worker = Worker::DeadLetters,
            Err(_) => {}
        }
        Some(result)
    }

    /// An invocation dies where it is.
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
        if self.payment().is_open() && self.payment().is_complete() {
            self.messages.push(Message {
                input: Input::Fact(Fact::Expired),
                worker: Worker::Queue,
                acknowledged: false,
            });
            drop(self.run(self.messages.len() - 1));
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
        let (payment, published, gateway) = (self.payment(), self.published(), &self.shared.gateway);
        let is_ending = |e: &&Event| matches!(e, Event::Succeeded { .. } | Event::Failed { .. } | Event::Voided);
        let charged = matches!(payment.status(), "SUCCEEDED");
        assert_eq!(gateway.charges.get(), u32::from(charged), "{payment:?}");
        assert!(!payment.is_open() || !payment.is_complete(), "left open: {payment:?}");
        assert_eq!(
            published.iter().filter(is_ending).count(),
            usize::from(!payment.is_open()),
            "published: {published:?}"
        );

        let kept = if charged { TOTAL } else { 0 } - gateway.returned();
        assert!(payment.cancelled_at.is_none() || kept == 0, "money kept of a cancelled order: {payment:?}");
        assert_eq!((payment.refunded(), payment.owed()), (gateway.returned(), 0), "{payment:?}");
        let refunds = gateway.refunds.borrow();
        let names: BTreeSet<_> = refunds.iter().map(|(refund, _)| refund.clone()).collect();
        assert_eq!(names.len(), refunds.len(), "one refund, carried out twice: {refunds:?}");
        let refunded = published.iter().filter(|event| matches!(event, Event::Refunded { .. })).count();
        assert_eq!(refunded, refunds.len(), "published: {published:?}");
        let is_failure = |e: &&Event| matches!(e, Event::RefundFailed { .. });
        assert!(published.iter().filter(is_failure).count() <= payment.refunds.len(), "published: {published:?}");
    }
}
