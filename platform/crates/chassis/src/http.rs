//! Requests and answers: the caller, JSON bodies, notes, idempotency, pages, and problems (RFC 9457).

mod caller;
mod idempotency;
mod json;
mod note;
mod page;
mod problem;
mod server;

pub use caller::{Caller, OPERATOR, SUPPORT};
pub use idempotency::{idempotency_key, replayed};
pub use json::{MAX_BODY, parse};
pub use note::note;
pub use page::{NoFilter, Page};
pub use problem::{FieldError, Problem};
pub use server::serve;
