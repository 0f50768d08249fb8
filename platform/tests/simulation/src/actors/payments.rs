//! The payments service: a decision is written, then the gateway is called, as its own `settle` does it.

use chassis::cause::Cause;
use chassis::verdict::Verdict;
use contracts::EventData;
use contracts::orders::OrderCreated;
use jiff::Timestamp;
use payments::domain::decide::{Input, decide};
use payments::domain::decision::{Context, Decision, Step, Worker};
use payments::domain::gateway::{Call, GatewayAnswer};
use payments::domain::ids::{OrderId, RefundId};
use payments::domain::payment::Payment;
use payments::domain::request::{RefundRequest, request_refund};
use payments::inbound::events::fact;
use payments::outbound::{PaymentRecord, events};

use super::cause_of;
use crate::dice::Dice;
use crate::faults::{self, Fault};
use crate::flaws::Flaw;
use crate::world::{
    Completion, Consumer, GatewayRequest as Request, Held, Invocation, Item, Origin, Point, RequestKind, Seen, Setting,
    World, Write, WriteResult, revision,
};

/// What payments does next.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Next {
    /// Read the payment.
    Load,
    /// Decide, and write what changed.
    Decide {
        /// What was read or written.
        seen: Known,
        /// The gateway's latest answer.
        answer: Option<Held<(Call, GatewayAnswer)>>,
        /// How many decisions were made.
        steps: Steps,
    },
    /// Call the gateway.
    Call {
        /// What was written.
        seen: Known,
        /// What is asked, as the payment decided.
        call: Held<Call>,
        /// The same, as the gateway receives it.
        request: Option<Request>,
        /// How many decisions were made.
        steps: Steps,
    },
}

/// What an invocation knows of the payment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Known {
    /// What it has read or written last.
    Read(Seen<Payment>),
    /// What is there now. Only for the explorer: a decision on anything older that changes something does not go
    /// through and is made again, and one that changes nothing only brings the message back.
    Current,
}

/// How many decisions were made, and how many of them again; worlds that differ in nothing else are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Steps {
    made: u8,
    conflicts: u8,
}

impl std::hash::Hash for Steps {
    fn hash<H: std::hash::Hasher>(&self, _: &mut H) {}
}

/// More decisions than any message needs, as the chassis has it.
const MAX_STEPS: u8 = super::MAX_CONFLICTS + 24;

impl Next {
    /// The first step: OrderCreated is written without a read, and a conflict brings what is there.
    #[must_use]
    pub fn begin(origin: &Origin) -> Self {
        match origin {
            Origin::Message { consumer: Consumer::Payments, event, .. } if *event.r#type == *OrderCreated::TYPE => {
                Self::Decide { seen: Known::Read(None), answer: None, steps: Steps::default() }
            }
            Origin::Message { .. } | Origin::Sweep { .. } | Origin::Request(_) => Self::Load,
        }
    }
}

/// What can go wrong with it.
#[must_use]
pub fn faults(next: &Next) -> &'static [Fault] {
    match next {
        Next::Load => faults::READ,
        Next::Decide { .. } => faults::WRITE,
        Next::Call { .. } => faults::GATEWAY,
    }
}

/// Takes the next step.
pub fn step(world: &mut World, by: &Invocation, next: Next, fault: Option<Fault>, dice: &mut Dice) -> Point {
    take(world, by, next, fault, dice).unwrap_or_else(Point::End)
}

fn take(
    world: &mut World,
    by: &Invocation,
    next: Next,
    fault: Option<Fault>,
    dice: &mut Dice,
) -> Result<Point, Completion> {
    match next {
        Next::Load if fault == Some(Fault::Throttle) => Err(Completion::unavailable()),
        Next::Load => Ok(Point::Payments(Next::Decide {
            seen: Known::Read(world.seen(by)),
            answer: None,
            steps: Steps::default(),
        })),
        Next::Decide { steps, .. } if steps.made >= MAX_STEPS || steps.conflicts >= super::MAX_CONFLICTS => {
            Err(failed(Verdict::Retry, "payment_contended"))
        }
        Next::Decide { seen, answer, steps } => {
            let seen = match seen {
                Known::Read(seen) => seen,
                Known::Current => world.payments.load(by.order),
            };
            let at = world.now + by.skew;
            let payment = seen.as_ref().map_or_else(|| unknown(world, by), |item| (*item.value).clone());
            let context = Context { worker: worker(by), policy: Setting::charge_policy(), at, due_by: at };
            let decision = decide(&payment, input(by, &payment, answer.as_ref())?, &context);
            carry_out(world, by, (seen, payment, answer, steps), decision, (at, fault))
        }
        Next::Call { seen, call, request, steps } => {
            let answer = super::gateway::call(world, by.order, (&call, request), fault, dice);
            let answer = Some(Held::new(((*call).clone(), answer)));
            Ok(Point::Payments(Next::Decide { seen, answer, steps }))
        }
    }
}

type Read = (Seen<Payment>, Payment, Option<Held<(Call, GatewayAnswer)>>, Steps);

fn carry_out(
    world: &mut World,
    by: &Invocation,
    (mut seen, payment, answer, steps): Read,
    decision: Decision,
    (at, fault): (Timestamp, Option<Fault>),
) -> Result<Point, Completion> {
    let steps = Steps { made: steps.made + 1, ..steps };
    let call_first = world.setting.mechanism.has(Flaw::CallFirst) && matches!(decision.step, Step::Call(_));
    if decision.payment != payment && !call_first {
        let cause = cause(world, by, seen.as_ref(), at)?;
        let wrote = write(world, by, seen.as_ref(), &decision, &cause, fault)?;
        match wrote {
            WriteResult::Applied => seen = world.payments.load(by.order),
            WriteResult::Conflict => {
                let seen = Known::Read(world.payments.load(by.order));
                let steps = Steps { conflicts: steps.conflicts + 1, ..steps };
                return Ok(Point::Payments(Next::Decide { seen, answer, steps }));
            }
            WriteResult::Unavailable => return Err(Completion::unavailable()),
        }
    }
    match decision.step {
        Step::Call(call) => {
            if matches!(call, Call::Create { .. } | Call::Confirm { .. }) {
                world.watch_charge(by.order, at);
            }
            let request = super::gateway::request(world, by.order, &decision.payment, &call);
            let is_explored = world.setting.timeless && world.setting.mechanism.is_conditional();
            let seen = if is_explored { Known::Current } else { Known::Read(seen) };
            Ok(Point::Payments(Next::Call { seen, call: Held::new(call), request, steps }))
        }
        Step::Settled | Step::Incomplete => Err(Completion::Done),
        Step::Wait { until } => {
            let wait = until.duration_since(at).try_into().unwrap_or_default();
            Err(failed(Verdict::RetryIn(wait), "payment_under_way"))
        }
        Step::NotNow { .. } => Err(failed(Verdict::Retry, "gateway_not_now")),
        Step::Unanswered { .. } => Err(failed(Verdict::Retry, "gateway_unanswered")),
        Step::Exhausted => Err(failed(Verdict::Park, "attempts_exhausted")),
    }
}

fn failed(verdict: Verdict, class: &'static str) -> Completion {
    Completion::Failed { verdict, class }
}

fn write(
    world: &mut World,
    by: &Invocation,
    seen: Option<&Item<Payment>>,
    decision: &Decision,
    cause: &Cause,
    fault: Option<Fault>,
) -> Result<WriteResult, Completion> {
    let read = revision(seen);
    let texts = events(&decision.payment, &decision.events, cause, &read).map_err(|_| Completion::corrupt())?;
    let outbox = world.read_events(texts).ok_or(Completion::corrupt())?;
    let correlation = seen.map_or_else(|| cause.correlation_id.as_str().into(), |item| item.correlation.clone());
    let value = Payment::from(PaymentRecord::new(&decision.payment, cause.correlation_id.clone()));
    let due = payments::domain::repay::due(&value);
    Ok(world.save(by, &read, Write { value, outbox, due, correlation }, fault))
}

fn input(
    by: &Invocation,
    payment: &Payment,
    answer: Option<&Held<(Call, GatewayAnswer)>>,
) -> Result<Input, Completion> {
    match (&by.origin, answer) {
        (_, Some(answer)) => Ok(Input::Answer(answer.0.clone(), answer.1.clone())),
        (Origin::Message { event, .. }, None) => {
            let (_, fact) = fact(&event.r#type, &event.text).map_err(|error| Completion::of(&error))?;
            Ok(Input::Fact(fact))
        }
        (Origin::Sweep { .. }, None) => Ok(Input::Due),
        (Origin::Request(_), None) => {
            let request = request(by, payment);
            // Refused at once: nothing is decided then.
            request_refund(payment, &request, by.began).map_err(|_| Completion::Done)?;
            Ok(Input::Refund(request))
        }
    }
}

/// The refund that staff request: about half, or all.
fn request(by: &Invocation, payment: &Payment) -> RefundRequest {
    let asks_for_all = matches!(&by.origin, Origin::Request(request) if request.kind == RequestKind::RefundAll);
    let key = format!("order-{}{}", by.order, if asks_for_all { "-all" } else { "" });
    let (refund, charged) =
        (RefundId::derive(&payment.id, "staff", &key), payment.terms.as_ref().map_or(0, |terms| terms.amount));
    RefundRequest { refund, amount: if asks_for_all { charged } else { charged.div_ceil(2) }, note: None }
}

fn worker(by: &Invocation) -> Worker {
    match &by.origin {
        Origin::Message { consumer: Consumer::DeadLetters, .. } => Worker::DeadLetters,
        Origin::Message { .. } => Worker::Queue,
        Origin::Sweep { .. } | Origin::Request(_) => Worker::Sweep,
    }
}

fn unknown(world: &World, by: &Invocation) -> Payment {
    Payment::of(OrderId::trusted(world.setting.plan(by.order).id.as_str()))
}

fn cause(world: &World, by: &Invocation, seen: Option<&Item<Payment>>, at: Timestamp) -> Result<Cause, Completion> {
    let own = || Some(world.own_cause(by.order, contracts::payments::SOURCE, seen?, at));
    // The event's time is that of the write, not that of the message.
    cause_of(by).map(|cause| Cause { at, ..cause }).or_else(own).ok_or(Completion::Done)
}
