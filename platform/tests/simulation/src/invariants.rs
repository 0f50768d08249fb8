//! The rules of the whole system: those that hold always, and those that hold once everything has come to rest.

mod sold_for_nothing;
mod stock;

use inventory::domain::reservation::State;
use jiff::Timestamp;
use notifications::domain::message::State as MessageState;
use orders::domain::attention::AttentionReason;
use orders::domain::decision::Decision;
use orders::domain::order::Order;
use orders::domain::refund::Refund;
use payments::domain::payment::Payment;

use crate::world::{BEGIN, Intent, IntentState, Item, Service, World};

/// A rule of the whole system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rule {
    /// No sku ever sells more than was stocked; what is available, held and sold is what was stocked and adjusted.
    I1,
    /// No order is charged twice.
    I2,
    /// Every accepted order reaches COMPLETED or a settled CANCELLED.
    I3,
    /// Captured money is the total of completed orders plus refunds.
    I4,
    /// What the index says is reserved is what reservations hold, and only open or confirmed orders hold anything.
    I5,
    /// Each notification is sent at most once, and none is forgotten.
    I6,
    /// Every event fits its published schema.
    I7,
    /// Each order's events share one correlation id and form one tree of causes.
    I8,
    /// No charge starts after its hold, by the clock of the one who starts it.
    Hold,
    /// Each transaction is one that DynamoDB takes, and none writes what another one is writing.
    Transaction,
    /// Every dead letter has a transient cause, and only payments' are left to a consumer.
    Dead,
    /// An outage costs no dead letter, and no order whose hold ends more than a minute after it.
    Outage,
    /// A replay of the whole archive writes nothing, sends nothing and calls nothing.
    Replay,
    /// Without further faults everything comes to rest.
    Rest,
    /// No rule panics.
    Panic,
}

impl Rule {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::I1,
        Self::I2,
        Self::I3,
        Self::I4,
        Self::I5,
        Self::I6,
        Self::I7,
        Self::I8,
        Self::Hold,
        Self::Transaction,
        Self::Dead,
        Self::Outage,
        Self::Replay,
        Self::Rest,
        Self::Panic,
    ];

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::I1 => "I1",
            Self::I2 => "I2",
            Self::I3 => "I3",
            Self::I4 => "I4",
            Self::I5 => "I5",
            Self::I6 => "I6",
            Self::I7 => "I7",
            Self::I8 => "I8",
            Self::Hold => "holds",
            Self::Transaction => "transactions",
            Self::Dead => "dead-letters",
            Self::Outage => "outage",
            Self::Replay => "replay",
            Self::Rest => "rest",
            Self::Panic => "panic",
        }
    }

    /// The rule in words.
    #[must_use]
    pub fn statement(self) -> &'static str {
        match self {
            Self::I1 => "no sku sells more than was stocked",
            Self::I2 => "no order is charged twice",
            Self::I3 => "every order reaches COMPLETED or a settled CANCELLED",
            Self::I4 => "captured money = completed orders + refunds",
            Self::I5 => "what is held is indexed, and held by no ended order",
            Self::I6 => "each notification sent at most once, none forgotten",
            Self::I7 => "every event fits its published schema",
            Self::I8 => "one correlation id, one tree of causes",
            Self::Hold => "no charge starts after its hold",
            Self::Transaction => "DynamoDB takes each transaction",
            Self::Dead => "every dead letter has a transient cause",
            Self::Outage => "an outage loses no message, and no order in time",
            Self::Replay => "a replay of the whole archive changes nothing",
            Self::Rest => "everything comes to rest",
            Self::Panic => "no rule panics",
        }
    }
}

/// A broken rule, with the order and the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The broken rule.
    pub rule: Rule,
    /// The order, as its shop counts.
    pub order: u16,
    /// How it was broken.
    pub what: String,
}

/// The transient causes for which a message may be parked: each passes by itself or with a redrive.
const PASSING: [&str; 9] = [
    "store_unavailable",
    "store_contended",
    "receives_exhausted",
    "attempts_exhausted",
    "gateway_unanswered",
    "payment_under_way",
    "payment_contended",
    "mail_not_taken",
    "claimed",
];

impl World {
    /// Checks what must hold after every step: the shop's stock, and the order if there is one.
    pub fn watch(&mut self, order: Option<u16>) {
        if let Some(sku) = self.stock.iter().position(|level| level.available < 0) {
            let what = format!("SKU-{sku}: {} available", self.stock[sku].available);
            self.violated(Rule::I1, order.unwrap_or_default(), what);
        }
        let Some(order) = order else { return };
        let reservation = self.reservations.get(order);
        if reservation.is_some_and(|item| item.due.is_some() != (item.value.held() > 0)) {
            let what = format!("the index and the reservation disagree on what is reserved: {reservation:?}");
            self.violated(Rule::I5, order, what);
        }
        let charges = self.gateway.charges(order);
        if charges > 1 {
            self.violated(Rule::I2, order, format!("charged {charges} times"));
        }
        if let Some(mails) = self.mails[usize::from(order)].iter().find(|mails| **mails > 1) {
            self.violated(Rule::I6, order, format!("{mails} mails of one kind"));
        }
    }

    /// Checks what must hold once every event is consumed, before time passes: then only the clock, and no message, would
    /// release the stock of a cancelled order.
    pub fn watch_silence(&mut self) {
        if !self.is_silent() {
            return;
        }
        self.judge_stock();
        let is_cancelled = |item: &Item<Order>| matches!(item.value.decision, Decision::Cancelled { .. });
        let holds = |number: u16| self.reservations.get(number).is_some_and(|item| item.value.held() > 0);
        let wrong = self.orders.iter().filter(|(number, item)| is_cancelled(item) && holds(*number));
        let wrong: Vec<u16> = wrong.map(|(number, _)| number).collect();
        for number in wrong {
            self.violated(Rule::I5, number, "is cancelled and holds stock, and no event is left to release it");
        }
    }

    /// Whether every event is published and consumed.
    fn is_silent(&self) -> bool {
        let heard = self.queues.iter().all(|queue| queue.messages.is_empty()) && self.letters.is_empty();
        let said = Service::ALL.into_iter().all(|service| self.stream(service).is_empty());
        heard && said && self.invocations.is_empty() && self.writing.is_empty() && self.gateway.late.is_empty()
    }

    /// Checks a charge that starts at this time.
    pub(crate) fn watch_charge(&mut self, order: u16, at: Timestamp) {
        let ends_at = self.reservations.get(order).and_then(|item| item.value.expires_at);
        if let Some(ends_at) = ends_at.filter(|ends_at| at > *ends_at) {
            self.violated(Rule::Hold, order, format!("a charge starts {} after its hold", at.duration_since(ends_at)));
        }
    }

    /// Checks the cause of a parked message.
    pub(crate) fn watch_parked(&mut self, order: u16, what: &str, class: &'static str) {
        if !PASSING.contains(&class) || self.setting.calm {
            self.violated(Rule::Dead, order, format!("{what}: {class}"));
        }
    }

    /// Checks what must hold once everything has come to rest.
    pub fn judge(&mut self) {
        let orders = u16::try_from(self.setting.plans.len()).unwrap_or(u16::MAX);
        for order in 0..orders {
            self.watch(Some(order));
            for (rule, what) in self.judge_order(order) {
                self.violated(rule, order, what);
            }
        }
        self.judge_stock();
        let left = self.queues.iter().flat_map(|queue| &queue.messages).map(|message| message.event.clone());
        for event in left.collect::<Vec<_>>() {
            self.violated(
                Rule::Rest,
                event.order,
                format!("nobody works on {}, and it is still in its queue", event.name()),
            );
        }
        self.judge_outage();
        for letter in self.letters.clone() {
            let what = format!("{}: {} ({})", letter.consumer.as_str(), letter.event.name(), letter.class);
            self.violated(Rule::Dead, letter.event.order, format!("is a dead letter at the end: {what}"));
        }
    }

    fn judge_order(&self, number: u16) -> Vec<(Rule, String)> {
        let mut wrong = Vec::new();
        let Some(item) = self.orders.get(number) else {
            return vec![(Rule::I3, "was never accepted".to_owned())];
        };
        let order: &Order = &item.value;
        let (charged, refunded) = (self.gateway.charged(number), self.gateway.refunded(number));
        let total = order.total.units();
        match order.decision {
            Decision::Completed { .. } if charged != total => {
                wrong.push((Rule::I4, format!("completed for {total}, charged {charged}")));
            }
            Decision::Cancelled { .. } if charged != refunded => {
                wrong.push((Rule::I4, format!("cancelled, charged {charged}, refunded {refunded}")));
            }
            Decision::Completed { .. } | Decision::Cancelled { .. } => {}
            Decision::Open | Decision::Confirmed { .. } => {
                wrong.push((Rule::I3, format!("is {}", order.status().as_str())));
            }
        }
        let books = self.payments.get(number).map(|item| item.value.refunded()).unwrap_or_default();
        if books != refunded || order.returned.total != refunded {
            let told = order.returned.total;
            wrong.push((Rule::I4, format!("refunded {refunded}, but payments knows {books} and orders {told}")));
        }
        if matches!(order.refund(), Refund::Pending | Refund::Failed) {
            wrong.push((Rule::I3, format!("its refund is {}", order.refund().as_str())));
        }
        let entries = &order.attention.entries;
        if entries.iter().any(|entry| !matches!(entry.reason, AttentionReason::EventNotProcessed(_))) {
            wrong.push((Rule::I3, "has ended and still needs attention".to_owned()));
        }
        if !order.settled() {
            wrong.push((Rule::I3, format!("is {} and not settled", order.status().as_str())));
        }
        wrong.extend(self.disagreements(number, order));
        wrong.extend(self.sold_for_nothing(number, total));
        wrong
    }

    /// Where the services disagree about how an order ended.
    fn disagreements(&self, number: u16, order: &Order) -> Vec<(Rule, String)> {
        let mut wrong = Vec::new();
        let reservation = self.reservations.get(number).map(|item| &*item.value);
        let completed = matches!(order.decision, Decision::Completed { .. });
        let sold = reservation.is_some_and(|reservation| matches!(reservation.state, State::Committed));
        if completed != sold {
            let state = reservation.map(|reservation| &reservation.state);
            wrong.push((Rule::I5, format!("is {}, but its stock is {state:?}", order.status().as_str())));
        }
        if reservation.is_some_and(|reservation| reservation.held() > 0) {
            wrong.push((Rule::I5, "has ended and holds stock".to_owned()));
        }
        let payment: Option<&Payment> = self.payments.get(number).map(|item| &*item.value);
        if payment.is_some_and(Payment::is_open) {
            wrong.push((Rule::I3, format!("has ended, but its payment is {}", payment.map_or("", Payment::status))));
        }
        let messages = self.deliveries.get(number).map(|item| item.value.messages.clone()).unwrap_or_default();
        let is_open = |state: &MessageState| matches!(state, MessageState::Waiting | MessageState::Claimed { .. });
        if messages.len() != 1 || messages.values().any(is_open) {
            wrong.push((Rule::I6, format!("has ended, but its customer's messages are {messages:?}")));
        }
        let due = [
            self.orders.get(number).and_then(|item| item.due),
            self.reservations.get(number).and_then(|item| item.due),
            self.payments.get(number).and_then(|item| item.due),
        ];
        if let Some(due) = due.into_iter().flatten().next() {
            wrong.push((Rule::Rest, format!("has ended, but is due at {} s", due.duration_since(BEGIN).as_secs())));
        }
        // An intent that payments does not know was made for an invocation that came too late: nothing confirms it.
        let known = payment.and_then(|payment| payment.intent.as_ref());
        let is_open = |intent: &Intent| {
            let could_be_charged = matches!(intent.state, IntentState::Open | IntentState::Declined);
            could_be_charged && known.is_some_and(|known| *known.as_str() == *intent.id)
        };
        if self.gateway.intents[usize::from(number)].iter().any(is_open) {
            wrong.push((Rule::I4, "has ended, but its intent could still be charged".to_owned()));
        }
        wrong
    }

    /// Whether nothing is in progress, and nothing will happen without another request.
    #[must_use]
    pub fn is_at_rest(&self) -> bool {
        let mut moves = Vec::new();
        self.moves(&mut moves);
        moves.is_empty() && self.next_wake_up().is_none() && self.letters.is_empty()
    }
}
