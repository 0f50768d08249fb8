//! What the tests of every service share. A check that does not hold, or a stage that cannot be reached, ends the test with
//! a sentence that says why.
//!
//! Without a stage:
//!
//! - [`architecture`]: the rooms of a service and the arrows between them
//! - [`template`]: its template does what its code relies on
//! - [`endpoint`]: AWS as a test wants it to answer
//! - [`ses`]: what SES reports of a mail
//! - [`contract`]: it consumes and publishes what it declares, and the events that it publishes are pinned
//! - [`table`]: tables in memory, and the check that an older version keeps what a newer one has written
//!
//! Against a stage that is up:
//!
//! - [`stage`]: what runs, read from the file that `OMS_ENV` names
//! - [`bus`]: publishing as another service, and capturing everything that is published
//! - [`wait`]: a condition, never a fixed time

#![expect(clippy::expect_used, clippy::missing_panics_doc, reason = "a test that cannot go on panics, and says why")]

pub mod architecture;
pub mod bus;
pub mod contract;
pub mod endpoint;
mod golden;
pub mod ses;
pub mod stage;
pub mod table;
pub mod template;
pub mod wait;

pub use bus::{ACCOUNT, Capture, delivered, delivered_as, event};
pub use stage::{DeadLetter, Stage};
pub use table::Tables;
pub use wait::{PATIENCE, eventually, unique};
