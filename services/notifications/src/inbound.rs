//! What comes in: requests of customers, events of orders.

pub mod events;
pub mod feedback;
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
    /// Consumes what SES reports of mail that it took.
    Feedback,
    /// Publishes what the table's stream brings.
    Relay,
}

impl FromStr for Role {
    type Err = &'static str;

    fn from_str(handler: &str) -> Result<Self, Self::Err> {
        match handler {
            "api" => Ok(Self::Api),
            "events" => Ok(Self::Events),
            "feedback" => Ok(Self::Feedback),
            "relay" => Ok(Self::Relay),
            _ => Err("the handler must be api, events, feedback or relay"),
        }
    }
}
