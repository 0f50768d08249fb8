//! How a service's tests meet its deployed stack. Whatever cannot be had ends the test with a sentence that says so.
//!
//! - [`stage`]: what runs, read from the file that `OMS_ENV` names
//! - [`bus`]: saying something as another service, and hearing everything that is said
//! - [`wait`]: a condition, never a fixed time

pub mod bus;
pub mod stage;
pub mod wait;

pub use bus::{Capture, event};
pub use stage::{DeadLetter, Stage};
pub use wait::{PATIENCE, eventually, unique};
