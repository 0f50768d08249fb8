//! The gateway: intents by key, each charged at most once and never after a cancellation. It keeps its first answer to the key of
//! a create or a confirm, its own failure included, for longer than any order is open.

use jiff::Timestamp;

/// The state of an intent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Neither charged nor cancelled.
    Open,
    /// Its payment method was declined.
    Declined,
    /// Charged.
    Charged,
    /// Cancelled.
    Canceled,
}

/// One intent.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Intent {
    /// The idempotency key of its creation.
    pub key: Box<str>,
    /// The gateway's id of it.
    pub id: Box<str>,
    /// The amount to charge.
    pub amount: u64,
    /// Its state.
    pub state: State,
    /// Refunds by key.
    pub refunds: Vec<(Box<str>, u64)>,
}

impl Intent {
    /// Refunds a part of the charge, once for each key, and never more than was charged.
    fn refund(&mut self, key: &str, amount: u64) {
        let returned: u64 = self.refunds.iter().map(|(_, amount)| amount).sum();
        let is_new = self.refunds.iter().all(|(known, _)| **known != *key);
        if self.state == State::Charged && is_new && returned + amount <= self.amount {
            self.refunds.push((key.into(), amount));
        }
    }
}

/// A request to the gateway.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Request {
    /// Make an intent under a key.
    Create {
        /// The key.
        key: Box<str>,
        /// The amount to charge.
        amount: u64,
    },
    /// Charge an intent.
    Confirm {
        /// The key.
        key: Box<str>,
        /// Its id.
        intent: Box<str>,
        /// Whether the payment method is declined.
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
    /// Refund a part of a charge, with a key.
    Refund {
        /// The intent's id.
        intent: Box<str>,
        /// The key.
        key: Box<str>,
        /// The amount to refund.
        amount: u64,
    },
    /// Show a refund.
    AskRefund {
        /// The intent's id.
        intent: Box<str>,
        /// The key.
        key: Box<str>,
    },
}

/// A request that is still on its way although its sender no longer waits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Late {
    /// The order of the payment.
    pub order: u16,
    /// The request.
    pub request: Request,
    /// When it arrives.
    pub ready_at: Timestamp,
}

/// The gateway's state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gateway {
    /// Intents by order.
    pub intents: Vec<Vec<Intent>>,
    /// Keys by order whose first request has failed: they are answered so again.
    pub failed: Vec<Vec<Box<str>>>,
    /// Requests that are still on their way.
    pub late: Vec<Late>,
}

impl Request {
    /// The key whose first answer is kept. Those of refunds are not part of this world.
    fn key(&self) -> Option<&str> {
        match self {
            Self::Create { key, .. } | Self::Confirm { key, .. } => Some(key),
            Self::Ask { .. } | Self::Cancel { .. } | Self::Refund { .. } | Self::AskRefund { .. } => None,
        }
    }
}

impl Gateway {
    /// Keeps the failure that answers a request.
    pub fn keep_failure(&mut self, order: u16, request: &Request) {
        if let Some(key) = request.key() {
            self.failed[usize::from(order)].push(key.into());
        }
    }

    /// Whether the request is answered with a failure that was kept.
    #[must_use]
    pub fn repeats_failure(&self, order: u16, request: &Request) -> bool {
        let failed = &self.failed[usize::from(order)];
        request.key().is_some_and(|key| failed.iter().any(|known| **known == *key))
    }

    /// Carries out a request; returns the intent after it.
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
            Request::Confirm { intent, declined, .. } => {
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

    /// The number of charges for an order.
    #[must_use]
    pub fn charges(&self, order: u16) -> usize {
        self.of(order).iter().filter(|intent| intent.state == State::Charged).count()
    }

    /// The amount charged for an order.
    #[must_use]
    pub fn charged(&self, order: u16) -> u64 {
        let charged = self.of(order).iter().filter(|intent| intent.state == State::Charged);
        charged.map(|intent| intent.amount).sum()
    }

    /// The amount refunded for an order.
    #[must_use]
    pub fn refunded(&self, order: u16) -> u64 {
        self.of(order).iter().flat_map(|intent| &intent.refunds).map(|(_, amount)| amount).sum()
    }

    fn of(&self, order: u16) -> &[Intent] {
        self.intents.get(usize::from(order)).map_or(&[], Vec::as_slice)
    }
}
