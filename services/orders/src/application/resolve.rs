//! Resolving an attention entry.

use chassis::cause::Cause;
use chassis::store::Round;

use super::{AcceptedOrder, Decided, Orders, Rejected, StoredOrder, caused_by};
use crate::domain::attention::Resolution;
use crate::domain::ids::OrderId;
use crate::domain::order::Order;

impl Orders {
    /// Resolves one attention entry, unless it is resolved.
    ///
    /// # Errors
    /// [`Rejected::NotFound`], [`Rejected::NoAttentionEntry`], or the table's failure.
    pub async fn resolve(
        &self,
        id: &OrderId,
        number: u32,
        resolution: &Resolution,
        request: &Cause,
    ) -> Result<StoredOrder, Rejected> {
        self.change(id, |read| async {
            let read = read.ok_or(Rejected::NotFound)?;
            let AcceptedOrder { order, metadata } = read.value.clone();
            let resolved = order.attention.resolve(number, resolution.clone()).ok_or(Rejected::NoAttentionEntry)?;
            if resolved == order.attention {
                return Ok(Round::Done(read));
            }
            let order = Order { attention: resolved, ..order };
            let cause = caused_by(request, &read);
            let decided = Decided { order: AcceptedOrder { order, metadata }, events: Vec::new(), cause };
            Ok(self.save(decided, &read.revision).await?.into())
        })
        .await
    }
}
