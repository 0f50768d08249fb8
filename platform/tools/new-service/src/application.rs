//! The use cases, one file each: load → decide → save, and nothing else does that.

mod apply_event;

pub use crate::outbound::OrderStore;
pub use apply_event::apply_event;
