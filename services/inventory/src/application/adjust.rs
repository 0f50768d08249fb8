//! An operator changes the stock of a sku, once per idempotency key.

use std::collections::BTreeMap;

use chassis::cause::Cause;
use chassis::store::{Round, Saved, StoreError, Stored, retry_on_conflict};
use tokio::sync::OnceCell;

use crate::domain::adjustment::{self, Adjustment, AdjustmentRequest, Refusal, Replay, same_idempotency_key};
use crate::domain::ids::Sku;
use crate::domain::stock::{Level, Stock};
use crate::outbound::Store;

/// What a request came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AdjustOutcome {
    /// The stock is changed.
    Adjusted(Adjustment),
    /// An earlier request under the same key, with the same content, changed it.
    Replayed(Adjustment),
    /// The key belongs to a request with another content.
    KeyReused,
    /// The stock does not allow it.
    Refused(Refusal),
}

/// What a request meets: the adjustment under its key, or the stock that it is to change.
enum Current {
    Earlier(Adjustment),
    /// With the pieces that reservations hold.
    Stock(Option<Stored<Stock>>, u64),
}

/// Changes the stock of a sku as `request` asks.
///
/// # Errors
/// [`StoreError`].
pub async fn adjust(store: &Store, request: &AdjustmentRequest, cause: &Cause) -> Result<AdjustOutcome, StoreError> {
    let reserved = OnceCell::new();
    let load = || load(store, request, &reserved);
    retry_on_conflict(request.sku.as_str(), load, |current| round(store, request, current, cause)).await
}

/// What is reserved is read once, and before the stock: that takes long, and orders write the stock meanwhile.
async fn load(
    store: &Store,
    request: &AdjustmentRequest,
    reserved: &OnceCell<BTreeMap<Sku, u64>>,
) -> Result<Current, StoreError> {
    if let Some(earlier) = store.adjustment(&request.id).await? {
        return Ok(Current::Earlier(earlier));
    }
    let reserved = reserved.get_or_try_init(|| store.reserved()).await?;
    let reserved = reserved.get(&request.sku).copied().unwrap_or_default();
    Ok(Current::Stock(store.stock(&request.sku).await?, reserved))
}

async fn round(
    store: &Store,
    request: &AdjustmentRequest,
    current: Current,
    cause: &Cause,
) -> Result<Round<AdjustOutcome, Current>, StoreError> {
    let (stock, reserved) = match current {
        Current::Earlier(earlier) => {
            return Ok(Round::Done(match same_idempotency_key(request, earlier) {
                Replay::Same(earlier) => AdjustOutcome::Replayed(earlier),
                Replay::KeyReused => AdjustOutcome::KeyReused,
            }));
        }
        Current::Stock(stock, reserved) => (stock, reserved),
    };
    let (available, read) = stock.map(|stored| (stored.value.available, stored.revision)).unwrap_or_default();
    let available = match adjustment::adjust(available, request.delta) {
        Ok(available) => available,
        Err(refusal) => return Ok(Round::Done(AdjustOutcome::Refused(refusal))),
    };
    let level = Level { available, reserved };
    let adjustment = Adjustment { request: request.clone(), level, at: cause.at };
    Ok(match store.save_adjustment(&adjustment, &read, cause).await? {
        Saved::Applied(()) => Round::Done(AdjustOutcome::Adjusted(adjustment)),
        Saved::Conflict(()) => Round::Lost,
    })
}
