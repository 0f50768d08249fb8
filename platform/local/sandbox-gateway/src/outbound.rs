//! What is kept of intents.

mod record;
mod store;

pub use store::Store;
