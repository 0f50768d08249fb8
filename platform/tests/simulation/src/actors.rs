//! The services at work: each function reads, lets its service's own rules decide, and writes, one step at a time.

pub mod adjust;
mod announce;
mod gateway;
pub mod inventory;
pub mod notifications;
pub mod orders;
pub mod payments;

pub use announce::announce;

use chassis::cause::Cause;

use crate::world::{Completion, Invocation};

/// How often a write is decided again because of others, as the chassis does.
const MAX_CONFLICTS: u8 = 12;

/// The cause of what a message leads to.
fn cause_of(by: &Invocation) -> Option<Cause> {
    let event = by.event()?;
    let (correlation_id, causation_id) = (event.correlation.to_string(), event.id.to_string());
    Some(Cause { hops: event.hops + 1, ..Cause::new(correlation_id, causation_id, by.began) })
}

/// Goes on with what a lost race has left, unless that happened too often.
fn again<N>(tries: u8, next: impl FnOnce(u8) -> N) -> Result<N, Completion> {
    if tries + 1 >= MAX_CONFLICTS { Err(Completion::contended()) } else { Ok(next(tries + 1)) }
}
