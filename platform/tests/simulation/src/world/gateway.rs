//! The gateway: intents by their key, each charged at most once and never after it was cancelled.

use jiff::Timestamp;

/// What has become of an intent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Neither charged nor cancelled.
    Open,
    /// Its way to pay was refused.
    Declined,
    /// Charged.
    Charged,
    /// Cancelled.
    Canceled,
}

/// One intent.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Intent {
    /// Under which key it was made.
    pub key: Box<str>,
    /// The gateway's name for it.
    pub id: Box<str>,
    /// What is to be charged.
    pub amount: u64,
    /// What has become of it.
    pub state: State,
    /// What was given back, each under its key.
    pub refunds: Vec<(Box<str>, u64)>,
}

impl Intent {
    /// Gives a part of the charge back, once under each key, and never more than was charged.
    fn refund(&mut self, key: &str, amount: u64) {
        let returned: u64 = self.refunds.iter().map(|(_, amount)| amount).sum();
        let is_new = self.refunds.iter().all(|(known, _)| **known != *key);
        if self.state == State::Charged && is_new && returned + amount <= self.amount {
            self.refunds.push((key.into(), amount));
        }
    }
}

/// What the gateway can be asked to do.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Request {
    /// Make an intent under a key.
    Create {
        /// The key.
        key: Box<str>,
        /// What is to be charged.
        amount: u64,
    },
    /// Charge an intent.
    Confirm {
        /// Its id.
        intent: Box<str>,
        /// Whether its way to pay is refused.
        declined: bool,
    },
    /// Show an intent.
    Ask {
        /// Its id.
        intent: Box<str>,
    },
    /// Cancel an intent.
    Cancel {
        /// Its id.
        intent: Box<str>,
    },
    /// Give a part of a charge back, under a key.
    Refund {
        /// The intent's id.
        intent: Box<str>,
        /// The key.
        key: Box<str>,
        /// How much.
        amount: u64,
    },
    /// Show what was given back.
    AskRefund {
        /// The intent's id.
        intent: Box<str>,
        /// The key.
        key: Box<str>,
    },
}

/// A request that is still on its way although nobody waits for it any more.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Late {
    /// Whose payment it is about.
    pub order: u16,
    /// What it asks.
    pub request: Request,
    /// When it arrives.
    pub ready_at: Timestamp,
}

/// The gateway's books.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gateway {
    /// Intents by order.
    pub intents: Vec<Vec<Intent>>,
    /// Requests that are still on their way.
    pub late: Vec<Late>,
}

impl Gateway {
    /// Does what it is asked, as often as it is asked; the intent as it then is.
    pub fn carry_out(&mut self, order: u16, request: &Request) -> Option<&Intent> {
        let intents = &mut self.intents[usize::from(order)];
        match request {
            Request::Create { key, amount } => {
                let made = intents.iter().position(|intent| intent.key == *key);
                let index = made.unwrap_or(intents.len());
                if made.is_none() {
                    let id = format!("pi_{order}_{index}").into();
                    let (key, amount) = (key.clone(), *amount);
                    intents.push(Intent { key, id, amount, state: State::Open, refunds: Vec::new() });
                }
                intents.get(index)
            }
            Request::Confirm { intent, declined } => {
                let intent = intents.iter_mut().find(|known| known.id == *intent)?;
                if intent.state == State::Open {
                    intent.state = if *declined { State::Declined } else { State::Charged };
                }
                Some(intent)
            }
            Request::Ask { intent } | Request::AskRefund { intent, .. } => {
                intents.iter().find(|known| known.id == *intent)
            }
            Request::Refund { intent, key, amount } => {
                let intent = intents.iter_mut().find(|known| known.id == *intent)?;
                intent.refund(key, *amount);
                Some(intent)
            }
            Request::Cancel { intent } => {
                let intent = intents.iter_mut().find(|known| known.id == *intent)?;
                if matches!(intent.state, State::Open | State::Declined) {
                    intent.state = State::Canceled;
                }
                Some(intent)
            }
        }
    }

    /// How often an order was charged.
    #[must_use]
    pub fn charges(&self, order: u16) -> usize {
        self.of(order).iter().filter(|intent| intent.state == State::Charged).count()
    }

    /// What was taken for an order.
    #[must_use]
    pub fn charged(&self, order: u16) -> u64 {
        let charged = self.of(order).iter().filter(|intent| intent.state == State::Charged);
        charged.map(|intent| intent.amount).sum()
    }

    /// What was given back for an order.
    #[must_use]
    pub fn refunded(&self, order: u16) -> u64 {
        self.of(order).iter().flat_map(|intent| &intent.refunds).map(|(_, amount)| amount).sum()
    }

    fn of(&self, order: u16) -> &[Intent] {
        self.intents.get(usize::from(order)).map_or(&[], Vec::as_slice)
    }
}
