//! What newcomer knows of one order.

use jiff::Timestamp;

use super::ids::OrderId;

/// One order, as far as newcomer has heard of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The order.
    pub id: OrderId,
    /// When it was completed, once that is known.
    pub completed_at: Option<Timestamp>,
}

/// Something that others have made true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// The order is complete.
    Completed {
        /// Since when.
        at: Timestamp,
    },
}

impl Order {
    /// An order of which nothing is known.
    #[must_use]
    pub fn unheard(id: OrderId) -> Self {
        Self { id, completed_at: None }
    }
}

/// Takes in a fact. However often and in whatever order facts come, the same is known in the end.
#[must_use]
pub fn hear(before: &Order, fact: &Fact) -> Order {
    match fact {
        Fact::Completed { at } => {
            let first = before.completed_at.map_or(*at, |known| known.min(*at));
            Order { completed_at: Some(first), ..before.clone() }
        }
    }
}
