//! Cancelling an order on request.

use chassis::cause::Cause;
use chassis::store::Round;

use super::{AcceptedOrder, Decided, OrderMetadata, Orders, Rejected, StoredOrder, caused_by};
use crate::domain::cancel;
use crate::domain::decision::CancelReason;
use crate::domain::ids::OrderId;

/// A request to cancel an order.
#[derive(Debug, Clone)]
pub struct CancelOrder {
    /// In whose name.
    pub reason: CancelReason,
    /// A note for staff.
    pub note: Option<String>,
    /// The version that the order must have, if the request names one.
    pub version: Option<u64>,
}

impl Orders {
    /// Cancels an order, unless it is cancelled.
    ///
    /// # Errors
    /// [`Rejected`]; nothing is changed then.
    pub async fn cancel(&self, id: &OrderId, command: &CancelOrder, request: &Cause) -> Result<StoredOrder, Rejected> {
        self.change(id, |read| async {
            let read = read.ok_or(Rejected::NotFound)?;
            let (order, events) = cancel::cancel(&read.value.order, command.reason, request.at)?;
            if order == read.value.order {
                return Ok(Round::Done(read));
            }
            if command.version.is_some_and(|version| version != read.revision.version) {
                return Err(Rejected::VersionMismatch);
            }
            let cause = caused_by(request, &read);
            let metadata = OrderMetadata { cancel_note: command.note.clone(), ..read.value.metadata };
            let decided = Decided { order: AcceptedOrder { order, metadata }, events, cause };
            Ok(self.save(decided, &read.revision).await?.into())
        })
        .await
    }
}
