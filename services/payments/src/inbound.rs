//! What comes in: requests of customers and staff, events of other services, what could not be handled, and the clock.

mod cause;
pub mod events;
pub mod http;
pub mod sweep;
mod views;

pub use cause::own_cause;

use std::str::FromStr;

/// The role that the template's `Handler` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Answers HTTP requests.
    Api,
    /// Consumes the service's queue.
    Events,
    /// Consumes what that could not handle.
    DeadLetters,
    /// Looks after refunds that did not go through at once.
    Sweep,
    /// Publishes what the table's stream brings.
    Relay,
}

impl FromStr for Role {
    type Err = &'static str;

    fn from_str(handler: &str) -> Result<Self, Self::Err> {
        match handler {
            "api" => Ok(Self::Api),
            "events" => Ok(Self::Events),
            "dead-letters" => Ok(Self::DeadLetters),
            "sweep" => Ok(Self::Sweep),
            "relay" => Ok(Self::Relay),
            _ => Err("the handler must be api, events, dead-letters, sweep or relay"),
        }
    }
}
