//! What goes out: the table.

mod record;
mod store;

pub use record::{OrderRecord, OutsideDomain};
pub use store::OrderStore;
