//! What goes out: the table.

mod orders;
mod record;

pub use orders::OrderStore;
pub use record::{OrderRecord, OutsideDomain};
