//! Requests: who asks, what they sent, lists page by page, and problems that name the field and the rule (RFC 9457).

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
pub use note::{note, words};
pub use page::{NoFilter, Page};
pub use problem::{FieldError, Problem};
pub use server::{CORRELATION_HEADER, router, serve};
