//! Pages of what the tables hold, in no order.

use chassis::store::{KEY, StoreError, Stored};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::record::{AdjustmentRecord, CorrelatedReservation, ReservationRecord};
use super::store::{Store, correlated};
use crate::domain::adjustment::Adjustment;
use crate::domain::stock::Stock;

/// How many reads one page may take: bounds what one request can cost.
const MAX_READS: u32 = 10;
/// What every reservation's key begins with.
const RESERVATION: &str = "ord_";
/// What every adjustment's key begins with.
const ADJUSTMENT: &str = "adj_";

/// A page's items, and the key after which the next page begins.
pub(super) type Items<T> = (Vec<T>, Option<String>);

impl Store {
    /// A page of all stock.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_stock(&self, after: Option<&str>, limit: i32) -> Result<Items<Stored<Stock>>, StoreError> {
        let (items, next) = self.stock.page(after, limit).await?;
        Ok((items.iter().map(|item| self.read_stock(item)).collect::<Result<_, _>>()?, next))
    }

    /// A page of all adjustments: it may hold fewer than `limit`, even none, although more come after it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_adjustments(&self, after: Option<&str>, limit: i32) -> Result<Items<Adjustment>, StoreError> {
        let (items, next) = self.list::<AdjustmentRecord>(ADJUSTMENT, after, limit).await?;
        Ok((items.into_iter().map(|(id, stored)| stored.value.adjustment(&id)).collect(), next))
    }

    /// A page of all reservations: it may hold fewer than `limit`, even none, although more come after it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_reservations(
        &self,
        after: Option<&str>,
        limit: i32,
    ) -> Result<Items<Stored<CorrelatedReservation>>, StoreError> {
        let (items, next) = self.list::<ReservationRecord>(RESERVATION, after, limit).await?;
        Ok((items.into_iter().map(|(_, stored)| correlated(stored)).collect(), next))
    }

    /// The items of one kind, out of a table that holds two: those whose keys begin with `prefix`.
    async fn list<R: Serialize + DeserializeOwned>(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: i32,
    ) -> Result<Items<(String, Stored<R>)>, StoreError> {
        let (mut items, mut next, mut left) = (Vec::new(), after.map(ToOwned::to_owned), limit);
        for _ in 0..MAX_READS {
            let (found, last) = self.reservations.page(next.as_deref(), left).await?;
            next = last;
            for attributes in found {
                let key = attributes.get(KEY).and_then(|key| key.as_s().ok()).cloned().unwrap_or_default();
                if key.starts_with(prefix) {
                    items.push((key, self.reservations.read(&attributes)?));
                    left -= 1;
                }
            }
            if left == 0 || next.is_none() {
                break;
            }
        }
        Ok((items, next))
    }
}
