//! The use cases: each loads, decides by a rule of the domain, and saves what it decided in one conditional write.

mod adjust;
mod announce;
mod apply_event;
mod sweep;

pub use self::adjust::{AdjustOutcome, adjust};
pub use self::announce::announce;
pub use self::apply_event::{ApplyError, apply_event};
pub use self::sweep::sweep;
pub use crate::outbound::{CorrelatedReservation, Store};
