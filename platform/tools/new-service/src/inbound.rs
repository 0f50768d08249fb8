//! What comes in: events of orders.

pub mod events;
mod reads;

use std::str::FromStr;

/// The role that the template's `Handler` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Consumes the service's queue.
    Events,
}

impl FromStr for Role {
    type Err = &'static str;

    fn from_str(handler: &str) -> Result<Self, Self::Err> {
        match handler {
            "events" => Ok(Self::Events),
            _ => Err("the handler must be events"),
        }
    }
}
