//! What comes in: requests of customers and staff, events of other services, and time.

pub mod events;
pub mod http;
mod reads;
pub mod sweep;

use std::str::FromStr;

/// The role that the template's `Handler` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Answers HTTP requests.
    Api,
    /// Consumes the service's queue.
    Events,
    /// Publishes what the table's stream brings.
    Relay,
    /// Ends or marks what is due.
    Sweep,
}

impl FromStr for Role {
    type Err = &'static str;

    fn from_str(handler: &str) -> Result<Self, Self::Err> {
        match handler {
            "api" => Ok(Self::Api),
            "events" => Ok(Self::Events),
            "relay" => Ok(Self::Relay),
            "sweep" => Ok(Self::Sweep),
            _ => Err("the handler must be api, events, relay or sweep"),
        }
    }
}
