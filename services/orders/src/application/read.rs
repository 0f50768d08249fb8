//! Reading orders: one, its history, a page, those that wait too long.

use chassis::store::StoreError;
use jiff::Timestamp;

use super::{Found, IgnoredEvent, Orders, StoredOrder};
use crate::domain::ids::{CustomerId, OrderId};
use crate::domain::status::Status;
use crate::domain::sweep::due;

/// How many pages of the table one list reads in search of a status, before it answers with a cursor.
const MAX_READS: u32 = 5;

/// Which orders to list.
#[derive(Debug, Clone)]
pub struct ListOrders {
    /// Of this customer, newest first; without one of all, in no sequence.
    pub customer: Option<CustomerId>,
    /// Only those with this status.
    pub status: Option<Status>,
    /// At most so many.
    pub limit: i32,
    /// From behind this place, which an earlier list has answered with.
    pub after: Option<String>,
}

impl Orders {
    /// The order as of now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn get(&self, id: &OrderId) -> Result<Option<StoredOrder>, StoreError> {
        self.store.get(id).await
    }

    /// The events about an order that changed nothing. Those that were applied are in its metadata.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn ignored_events(&self, id: &OrderId) -> Result<Vec<IgnoredEvent>, StoreError> {
        self.store.ignored(id).await
    }

    /// A page of orders. With a status it may be short, or empty, although more follow.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list(&self, query: &ListOrders) -> Result<Found, StoreError> {
        let (mut orders, mut next) = (Vec::new(), query.after.clone());
        for _ in 0..MAX_READS {
            let wanted = query.limit - i32::try_from(orders.len()).unwrap_or(query.limit);
            let page = match &query.customer {
                Some(customer) => self.store.list_of_customer(customer, next.as_deref(), wanted).await?,
                None => self.store.list_of_all(next.as_deref(), wanted).await?,
            };
            let is_wanted = |stored: &StoredOrder| query.status.is_none_or(|it| stored.value.order.status() == it);
            orders.extend(page.orders.into_iter().filter(is_wanted));
            next = page.next;
            if next.is_none() || i32::try_from(orders.len()).is_ok_and(|count| count >= query.limit) {
                break;
            }
        }
        Ok(Found { orders, next })
    }

    /// Orders that wait longer than they should, or have an open attention entry, the oldest entry first; at most 500.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_overdue(&self, at: Timestamp) -> Result<Vec<StoredOrder>, StoreError> {
        let is_due = |stored: &StoredOrder| due(&stored.value.order, self.settle_within).is_some_and(|due| due <= at);
        self.store.list_overdue(at, |stored| stored.value.order.attention.is_open() || is_due(stored)).await
    }
}
