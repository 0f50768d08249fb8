//! A gateway with one intent, which succeeds at most once, and refunds, which are carried out once under each key while
//! the key is remembered. It may answer late, wrongly late, or never.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, VecDeque};

use payments::domain::gateway::{Call, GatewayAnswer as Answer};
use payments::domain::ids::RefundId;

use super::{TOTAL, declined, doubtful, intent, not_charged, silent};

/// What the gateway does with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// Does it and answers so.
    Well,
    /// Declines, if it is asked to charge or to refund.
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

/// The gateway.
#[derive(Debug)]
pub struct ModelGateway {
    intent: Cell<Intent>,
    /// How often money was taken.
    pub charges: Cell<u32>,
    /// What went back, and under which name.
    pub refunds: RefCell<Vec<(RefundId, u64)>>,
    keys: RefCell<BTreeSet<RefundId>>,
    late: RefCell<Vec<Call>>,
    /// How often it was called.
    pub calls: Cell<u32>,
    /// What it does with the next calls; with those after them all is well.
    pub moods: RefCell<VecDeque<Mood>>,
}

impl ModelGateway {
    pub fn new(moods: impl IntoIterator<Item = Mood>) -> Self {
        Self {
            intent: Cell::new(Intent::None),
            charges: Cell::default(),
            refunds: RefCell::default(),
            keys: RefCell::default(),
            late: RefCell::default(),
            calls: Cell::default(),
            moods: RefCell::new(moods.into_iter().collect()),
        }
    }

    /// What went back.
    pub fn returned(&self) -> u64 {
        self.refunds.borrow().iter().map(|(_, amount)| amount).sum()
    }

    pub fn answer(&self, call: &Call) -> Answer {
        self.calls.set(self.calls.get() + 1);
        let mood = self.moods.borrow_mut().pop_front().unwrap_or(Mood::Well);
        if matches!(mood, Mood::Well | Mood::Declines | Mood::FailsAfter | Mood::Mute) {
            self.carry_out(call, mood);
        }
        if mood == Mood::Late && matches!(call, Call::Confirm { .. } | Call::Refund { .. }) {
            self.late.borrow_mut().push(call.clone());
        }
        match mood {
            Mood::Well | Mood::Declines => self.answer_to(call),
            Mood::Refuses => not_charged("http_429"),
            Mood::Fails | Mood::FailsAfter => doubtful("http_500"),
            Mood::Mute | Mood::Lost | Mood::Late => silent("timeout"),
        }
    }

    /// A call that was on its way all the time arrives.
    pub fn arrive_late(&self) {
        match self.late.borrow_mut().pop() {
            Some(Call::Confirm { .. }) => self.confirm(),
            Some(call) => self.carry_out(&call, Mood::Well),
            None => {}
        }
    }

    /// A day has passed: no call is on its way for so long, and no key is remembered.
    pub fn forget(&self) {
        self.late.borrow_mut().clear();
        self.keys.borrow_mut().clear();
    }

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
            Call::Refund { refund, amount, .. } if mood != Mood::Declines && intent == Intent::Charged => {
                if !self.keys.borrow().contains(refund) && self.returned() + amount <= TOTAL {
                    self.keys.borrow_mut().insert(refund.clone());
                    self.refunds.borrow_mut().push((refund.clone(), *amount));
                }
            }
            Call::Create { .. }
            | Call::Confirm { .. }
            | Call::Ask { .. }
            | Call::Cancel
            | Call::Refund { .. }
            | Call::AskRefund { .. } => {}
        }
    }

    fn answer_to(&self, call: &Call) -> Answer {
        let is_known = |refund: &RefundId| self.refunds.borrow().iter().any(|(known, _)| known == refund);
        match (call, self.intent.get()) {
            (Call::Refund { refund, .. } | Call::AskRefund { refund, .. }, _) if is_known(refund) => Answer::Refunded,
            (Call::AskRefund { .. }, _) => Answer::NotRefunded,
            (Call::Refund { .. }, _) => declined("charge_disputed"),
            (Call::Create { .. }, _) | (_, Intent::None | Intent::Open) => Answer::Open(intent()),
            (_, Intent::Declined) => declined("generic_decline"),
            (_, Intent::Charged) => Answer::Charged,
            (_, Intent::Canceled) => Answer::Canceled,
        }
    }
}
