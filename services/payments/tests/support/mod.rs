//! A world in which payments are settled: one item, one gateway, one clock, and as many live invocations as a test wants.

#![allow(dead_code, reason = "each test program uses a part")]

pub mod gateway;
pub mod server;
pub mod world;

use chassis::cause::Cause;
use jiff::{SignedDuration, Timestamp};
use payments::domain::decide::{Input, decide};
use payments::domain::decision::{ChargePolicy, Context, Decision, Step, Worker};
use payments::domain::gateway::{Call, GatewayAnswer as Answer};
use payments::domain::ids::{
    Currency, CustomerId, IntentId, OrderId, PaymentId, PaymentMethod, RefundId, ReservationId,
};
use payments::domain::payment::{Event, Fact, Failure, Payment, Terms};
use payments::domain::refund::Reason;
use payments::domain::request::RefundRequest;

pub const AT: Timestamp = Timestamp::UNIX_EPOCH;
pub const MAX_ATTEMPTS: u32 = 3;
/// What the order of every test costs.
pub const TOTAL: u64 = 4_790;

pub fn policy() -> ChargePolicy {
    let (backoff, lease) = (SignedDuration::from_secs(10), SignedDuration::from_secs(15));
    ChargePolicy { max_attempts: MAX_ATTEMPTS, backoff, lease }
}

pub fn order() -> OrderId {
    OrderId::trusted("ord_8c5b1f0e-5c0e-5f3a-9a51-0f6f2f1f7a10")
}

pub fn intent() -> IntentId {
    IntentId::trusted("pi_1")
}

pub fn cause() -> Cause {
    let (correlation_id, causation_id) = ("cor-1".to_owned(), "evt-1".to_owned());
    Cause { hops: 3, ..Cause::new(correlation_id, causation_id, AT) }
}

pub fn ordered() -> Fact {
    Fact::Ordered(Terms {
        customer: CustomerId::trusted("ada"),
        amount: TOTAL,
        currency: Currency::trusted("EUR"),
        method: PaymentMethod::trusted("pm_card_visa"),
        pay_by: Some(later(3600)),
    })
}

pub fn held() -> Fact {
    let reservation = ReservationId::trusted("rsv_3b9f2c77-0c55-5d0f-b1c7-6f9d8e2a4c31");
    Fact::Held { reservation, expires_at: later(900) }
}

/// The refund that a cancelled order's payment owes.
pub fn owed() -> RefundId {
    RefundId::of(&PaymentId::of(&order()))
}

/// What staff request under a key.
pub fn request(key: &str, amount: u64) -> RefundRequest {
    RefundRequest { refund: RefundId::derive(&PaymentId::of(&order()), "sam", key), amount, note: None }
}

pub fn later(seconds: i64) -> Timestamp {
    AT + SignedDuration::from_secs(seconds)
}

/// A payment, and everything that was decided on the way to it.
#[derive(Debug, Clone)]
pub struct Story {
    pub payment: Payment,
    pub published: Vec<Event>,
    pub last: Decision,
    pub now: Timestamp,
    pub look_ahead: Timestamp,
    pub worker: Worker,
}

impl Story {
    pub fn begin() -> Self {
        let payment = Payment::of(order());
        let last = Decision { payment: payment.clone(), events: Vec::new(), step: Step::Incomplete };
        Self { payment, published: Vec::new(), last, now: AT, look_ahead: AT, worker: Worker::Queue }
    }

    /// Both facts known, the intent made, the first attempt being confirmed.
    pub fn charging() -> Self {
        Self::begin().on(ordered()).on(held()).answered(Answer::Open(intent()))
    }

    /// The amount was charged.
    pub fn charged() -> Self {
        Self::charging().answered(Answer::Charged)
    }

    /// The amount was charged, then the order was cancelled: the refund is being sent.
    pub fn repaying() -> Self {
        Self::charged().on(Fact::Cancelled)
    }

    pub fn requests(self, request: RefundRequest) -> Self {
        self.decides(Input::Refund(request))
    }

    /// The sweep comes by.
    pub fn swept(self) -> Self {
        self.by(Worker::Sweep).decides(Input::Due)
    }

    /// The sweep comes by, for what is due within so many seconds.
    pub fn swept_for(self, seconds: i64) -> Self {
        Self { look_ahead: later(seconds), ..self }.swept()
    }

    pub fn on(self, fact: Fact) -> Self {
        self.decides(Input::Fact(fact))
    }

    /// The gateway answers the call that is to be made.
    pub fn answered(self, answer: Answer) -> Self {
        let call = self.call();
        self.decides(Input::Answer(call, answer))
    }

    /// The gateway answers a call that somebody made earlier.
    pub fn answered_late(self, call: Call, answer: Answer) -> Self {
        self.decides(Input::Answer(call, answer))
    }

    pub fn at(self, seconds: i64) -> Self {
        Self { now: later(seconds), ..self }
    }

    pub fn by(self, worker: Worker) -> Self {
        Self { worker, ..self }
    }

    pub fn call(&self) -> Call {
        let Step::Call(call) = &self.last.step else { panic!("no call: {:?}", self.last) };
        call.clone()
    }

    fn decides(mut self, input: Input) -> Self {
        let context =
            Context { worker: self.worker, policy: policy(), at: self.now, due_by: self.now.max(self.look_ahead) };
        self.last = decide(&self.payment, input, &context);
        assert!(self.last.events.is_empty() || self.last.payment != self.payment, "events without a write");
        self.payment = self.last.payment.clone();
        self.published.extend(self.last.events.clone());
        self
    }
}

pub fn declined(code: &str) -> Answer {
    Answer::Declined { code: code.to_owned() }
}
pub fn soft_declined(code: &str) -> Answer {
    Answer::SoftDeclined { code: code.to_owned() }
}
pub fn not_charged(code: &str) -> Answer {
    Answer::NotCharged { code: code.to_owned(), retry_after: None }
}
pub fn doubtful(code: &str) -> Answer {
    Answer::Doubtful { code: code.to_owned() }
}
pub fn silent(code: &str) -> Answer {
    Answer::Silent { code: code.to_owned() }
}

pub fn unanswered(code: &str) -> Step {
    Step::Unanswered { code: code.to_owned() }
}

pub fn failed(category: Failure, code: &str) -> Event {
    Event::Failed { category, code: code.to_owned() }
}

pub fn attempt_failed(attempt: u32, unknown: bool, code: &str, next_in: Option<i64>, now: i64) -> Event {
    let next_attempt_at = next_in.map(|seconds| later(now + seconds));
    Event::AttemptFailed { attempt, unknown, code: code.to_owned(), next_attempt_at }
}

pub fn refunded(refund: RefundId, amount: u64, total: u64, reason: Reason) -> Event {
    Event::Refunded { refund, amount, total, reason }
}

pub fn refund_failed(attempts: u32, code: &str, reason: Reason) -> Event {
    Event::RefundFailed { refund: owed(), amount: TOTAL, attempts, code: code.to_owned(), reason }
}

pub fn succeeded(attempt: u32) -> Event {
    Event::Succeeded { reference: intent(), attempt }
}
