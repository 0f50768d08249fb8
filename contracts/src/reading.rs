//! The fields that one consumer reads of an event.
//!
//! A consumer that parses the whole event breaks when a field is removed that it never needed. So each consumer declares
//! a struct with the fields that it reads, and lists the same fields in its `events.toml`.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::envelope::{self, ContractError, EventData, of_type};

/// A consumer's own view of an event's `data`.
///
/// ```
/// use contracts::{Reads, Received, ids::OrderId, orders::OrderCompleted};
///
/// #[derive(serde::Deserialize)]
/// #[serde(rename_all = "camelCase")]
/// struct Completed {
///     order_id: OrderId,
/// }
/// impl Reads for Completed {
///     type Event = OrderCompleted;
/// }
///
/// let stripped = r#"{"id":"evt_1","source":"oms.orders","type":"OrderCompleted.v1",
///     "data":{"orderId":"ord_8c5b1f0e-5c0e-5f3a-9a51-0f6f2f1f7a10"}}"#;
/// assert_eq!(Received::<Completed>::parse(stripped)?.id, "evt_1");
/// # Ok::<(), contracts::ContractError>(())
/// ```
pub trait Reads: DeserializeOwned {
    /// The event that is read.
    type Event: EventData;

    /// Checks the rules of the schema that the view's types do not enforce.
    ///
    /// # Errors
    /// The broken rule, with the field's name.
    fn check(&self) -> Result<(), &'static str> {
        Ok(())
    }
}

/// An event as its consumer reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received<R> {
    /// The event's id.
    pub id: String,
    /// What the consumer reads of the event's data.
    pub data: R,
}

#[derive(Deserialize)]
struct Wire<R> {
    id: String,
    source: String,
    r#type: String,
    data: R,
}

impl<R: Reads> Received<R> {
    /// Reads an event of exactly the view's type and ignores fields that the view does not name. With the feature
    /// `strict`, the whole event must also be valid against its published schema.
    ///
    /// # Errors
    /// [`ContractError`] when the text is not an event of this type, or lacks a field of the view.
    pub fn parse(text: &str) -> Result<Self, ContractError> {
        let wanted = R::Event::TYPE;
        let wire: Wire<R> = envelope::read::<R::Event, _>(text)?;
        of_type::<R::Event>(&wire.r#type, &wire.source)?;
        #[cfg(feature = "strict")]
        crate::validate::event_text(wanted, text).map_err(|violation| ContractError::Schema { wanted, violation })?;
        wire.data.check().map_err(|rule| ContractError::Rule { wanted, rule })?;
        Ok(Self { id: wire.id, data: wire.data })
    }
}
