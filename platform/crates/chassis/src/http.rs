//! Requests: who asks, what they sent, and problems that name the field and the rule (RFC 9457).

mod caller;
mod idempotency;
mod json;
mod problem;
mod server;

pub use caller::Caller;
pub use idempotency::idempotency_key;
pub use json::{MAX_BODY, parse};
pub use problem::{FieldError, Problem};
pub use server::{CORRELATION_HEADER, router, serve};
