//! What comes in: requests, events of orders, and the schedule.

pub mod events;
pub mod http;
mod reads;
pub mod sweep;

use std::str::FromStr;

use crate::domain::reservation::{Event, ReleaseCause, Shortage};

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

/// Skus in one log line.
const MOST_LOGGED: usize = 5;

/// What an order that is rejected lacks, for the log: `MUG: 3 wanted, 1 available; CUP: unknown sku`.
fn missing(event: &Event) -> Option<String> {
    let shortage = |it: &Shortage| match it.available {
        Some(available) => format!("{}: {} wanted, {available} available", it.sku, it.requested),
        None => format!("{}: unknown sku", it.sku),
    };
    match event {
        Event::Rejected(missing) => {
            let rest = missing.len().saturating_sub(MOST_LOGGED);
            let rest = (rest > 0).then(|| format!("{rest} more"));
            Some(missing.iter().take(MOST_LOGGED).map(shortage).chain(rest).collect::<Vec<_>>().join("; "))
        }
        Event::Reserved | Event::Released(_) | Event::Committed => None,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::Sku;

    fn short(sku: &str, available: Option<u64>) -> Shortage {
        Shortage { sku: Sku::trusted(sku), requested: 3, available }
    }

    #[test]
    fn the_log_of_a_rejection_says_what_is_missing() {
        let few = Event::Rejected(vec![short("MUG", Some(1)), short("CUP", None)]);
        assert_eq!(missing(&few).as_deref(), Some("MUG: 3 wanted, 1 available; CUP: unknown sku"));
        let many = Event::Rejected((0..100).map(|n| short(&n.to_string(), None)).collect());
        assert!(missing(&many).is_some_and(|text| text.ends_with("; 4: unknown sku; 95 more")));
        assert_eq!(missing(&Event::Reserved), None);
    }
}
