//! The rules: what newcomer knows of one order.

use jiff::Timestamp;

use super::ids::OrderId;

/// One order, as far as newcomer knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Its id.
    pub id: OrderId,
    /// When it was completed, once that is known.
    pub completed_at: Option<Timestamp>,
}

/// A fact that another service has published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// The order is complete.
    Completed {
        /// When it was completed.
        at: Timestamp,
    },
}

impl Order {
    /// An order of which nothing is known.
    #[must_use]
    pub fn unknown(id: OrderId) -> Self {
        Self { id, completed_at: None }
    }
}

/// Applies a fact. However often and in whatever order facts arrive, the result is the same.
#[must_use]
pub fn apply(before: &Order, fact: &Fact) -> Order {
    match fact {
        Fact::Completed { at } => {
            let first = before.completed_at.map_or(*at, |known| known.min(*at));
            Order { completed_at: Some(first), ..before.clone() }
        }
    }
}
