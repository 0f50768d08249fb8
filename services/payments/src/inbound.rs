//! What comes in: requests of customers and staff, events of other services, dead letters, and the clock.

pub mod events;
pub mod http;
mod reads;

use std::str::FromStr;

/// The role that the template's `Handler` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Answers HTTP requests.
    Api,
    /// Consumes the service's queue.
    Events,
    /// Consumes the dead letters of the queue.
    DeadLetters,
    /// Goes on with refunds that did not go through at once.
    Sweep,
    /// Publishes the events that the table's stream brings.
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
