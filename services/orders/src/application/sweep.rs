//! What time alone does to an order.

use chassis::cause::Cause;
use chassis::store::{Round, Saved, StoreError};
use jiff::Timestamp;

use super::{AcceptedOrder, Decided, Orders, latest_event};
use crate::domain::ids::OrderId;
use crate::domain::sweep;

impl Orders {
    /// Applies the rules of time to an order as of `due_by`; true if that changed it. What it writes has the time `now`. An
    /// id without an order is not an error: the index may be older than the table.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sweep(&self, id: &OrderId, due_by: Timestamp, now: Timestamp) -> Result<bool, StoreError> {
        self.change(id, |read| async {
            let Some(read) = read else { return Ok(Round::Done(false)) };
            let (order, events) = sweep::sweep(&read.value.order, self.settle_within, due_by, now);
            if order == read.value.order {
                return Ok(Round::Done(false));
            }
            let (correlation_id, causation_id) = (read.value.metadata.correlation_id.clone(), latest_event(&read));
            let cause = Cause::new(correlation_id, causation_id, now);
            let order = AcceptedOrder { order, metadata: read.value.metadata };
            Ok(match self.save(Decided { order, events, cause }, &read.revision).await? {
                Saved::Applied(_) => Round::Done(true),
                Saved::Conflict(current) => Round::Conflict(current),
            })
        })
        .await
    }
}
