//! What goes out: the table of intents.

mod record;
mod store;

pub use store::Store;
