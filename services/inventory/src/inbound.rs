//! What comes in: requests, events of orders, and the schedule.

pub mod events;
pub mod http;
mod reads;
pub mod sweep;

use std::str::FromStr;

use crate::domain::reservation::{Event, ReleaseCause};

/// The role that the template's `Handler` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Answers HTTP requests.
    Api,
    /// Consumes the service's queue.
    Events,
    /// Publishes the events that the reservations' stream brings.
    Relay,
    /// Releases the reservations whose hold ran out.
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

/// The log's word for what a fact led to.
fn outcome(event: &Event) -> &'static str {
    match event {
        Event::Reserved => "reserved",
        Event::Rejected(_) => "rejected",
        Event::Released(ReleaseCause::Cancelled) => "released",
        Event::Released(ReleaseCause::Expired) => "expired",
        Event::Released(ReleaseCause::NeverReserved) => "never_reserved",
        Event::Committed => "committed",
    }
}
