//! What is decided about orders: pure, no I/O, no clock, no randomness.

pub mod attention;
pub mod facets;
pub mod ids;
pub mod late;
pub mod line;
pub mod money;
pub mod order;
pub mod placement;
pub mod status;
