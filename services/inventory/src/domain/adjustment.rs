//! An operator's change of stock, made once per idempotency key.

use jiff::Timestamp;

use super::ids::{AdjustmentId, Sku};
use super::stock::{Level, MAX_PIECES};

/// The most pieces that one adjustment adds or takes.
pub const MAX_DELTA: i64 = 1_000_000;

/// What an operator asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdjustmentRequest {
    /// Derived from operator and idempotency key: a repeated request has the same id.
    pub id: AdjustmentId,
    /// The subject of the operator's token.
    pub operator: String,
    /// Whose stock changes.
    pub sku: Sku,
    /// Pieces to add, or to take if negative.
    pub delta: i64,
    /// Why, in the operator's words.
    pub reason: Option<String>,
}

/// A change of stock and what it led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adjustment {
    /// What was asked for.
    pub request: AdjustmentRequest,
    /// The level right after it.
    pub level: Level,
    /// When it was made.
    pub at: Timestamp,
}

/// The delta is 0, or larger than [`MAX_DELTA`] either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("delta must be between -{MAX_DELTA} and {MAX_DELTA} and not 0 (was {0})")]
pub struct InvalidDelta(pub i64);

/// Why the stock does not allow an adjustment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It would take more than is available.
    #[error("delta must take at most the {available} available pieces; reserved pieces cannot be taken")]
    NotAvailable {
        /// Pieces that can be taken.
        available: u64,
    },
    /// More than [`MAX_PIECES`] would be available.
    #[error("a sku can have at most {MAX_PIECES} available pieces")]
    TooMany,
}

/// What the key's earlier use makes of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replay {
    /// The same request again: the earlier adjustment is the answer.
    Same(Adjustment),
    /// Another request under the same key: refused.
    KeyReused,
}

/// A delta within its bounds.
///
/// # Errors
/// [`InvalidDelta`].
pub fn valid_delta(delta: i64) -> Result<i64, InvalidDelta> {
    let valid = delta != 0 && delta.unsigned_abs() <= MAX_DELTA.unsigned_abs();
    if valid { Ok(delta) } else { Err(InvalidDelta(delta)) }
}

/// The available pieces after a request; a sku that was never stocked begins at zero.
///
/// # Errors
/// [`Refusal`], and then nothing changes.
pub fn adjust(available: u64, delta: i64) -> Result<u64, Refusal> {
    let adjusted = available.checked_add_signed(delta).ok_or(Refusal::NotAvailable { available })?;
    if delta > 0 && adjusted > MAX_PIECES { Err(Refusal::TooMany) } else { Ok(adjusted) }
}

/// The race of two requests under one idempotency key: the write that comes first is the adjustment, and the other
/// request is compared with it. The id follows from operator and key, so only sku, delta and reason can differ.
#[must_use]
pub fn same_idempotency_key(request: &AdjustmentRequest, earlier: Adjustment) -> Replay {
    if *request == earlier.request { Replay::Same(earlier) } else { Replay::KeyReused }
}
