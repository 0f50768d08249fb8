//! What comes in: requests of operators and others, events of orders, and the time.

pub mod events;
pub mod http;
pub mod sweep;
mod views;

use std::str::FromStr;

use crate::domain::reservation::{Event, Release};

/// The role that the template's `Handler` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Answers HTTP requests.
    Api,
    /// Consumes the service's queue.
    Events,
    /// Publishes what the reservations' stream brings.
    Relay,
    /// Ends the holds that ran out.
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

/// What came of it, as the log says it.
fn outcome(event: &Event) -> &'static str {
    match event {
        Event::Reserved => "reserved",
        Event::Rejected(_) => "rejected",
        Event::Released(Release::Cancelled) => "released",
        Event::Released(Release::Expired) => "expired",
        Event::Released(Release::NeverReserved) => "never_reserved",
        Event::Committed => "committed",
    }
}
