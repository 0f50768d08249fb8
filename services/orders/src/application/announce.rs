//! Publishing again how an order is.

use chassis::cause::Cause;
use chassis::store::Round;

use super::{Decided, Orders, Rejected, StoredOrder, caused_by};
use crate::domain::announce;
use crate::domain::ids::OrderId;

impl Orders {
    /// Publishes the event of how an order is now, under a new id.
    ///
    /// # Errors
    /// [`Rejected::NotFound`], or the table's failure.
    pub async fn announce(&self, id: &OrderId, request: &Cause) -> Result<StoredOrder, Rejected> {
        self.change(id, |read| async {
            let read = read.ok_or(Rejected::NotFound)?;
            let events = announce::announce(&read.value.order);
            if events.is_empty() {
                return Ok(Round::Done(read));
            }
            let cause = caused_by(request, &read);
            Ok(self.save(Decided { order: read.value, events, cause }, &read.revision).await?.into())
        })
        .await
    }
}
