//! The table of events that changed nothing: duplicates, and facts that came too late to matter. An event is one item;
//! writing it does not touch the order.

use aws_config::SdkConfig;
use aws_sdk_dynamodb::types::AttributeValue;
use chassis::consumer::Delivery;
use chassis::store::{KEY, StoreError, Table};
use jiff::Timestamp;
use serde::Deserialize;

use crate::domain::ids::OrderId;

#[derive(Debug, Clone)]
pub(super) struct IgnoredEvents {
    table: Table,
}

/// An event that changed nothing.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IgnoredEvent {
    /// The event's id.
    pub event_id: String,
    /// Name and major version.
    pub event_type: String,
    /// Who published it, for example `oms.payments`.
    pub source: String,
    /// Why it changed nothing; none for a duplicate of an event that was applied.
    #[serde(default, rename = "why")]
    pub reason: Option<String>,
    /// When it first changed nothing.
    pub first_at: Timestamp,
    /// When it last changed nothing.
    pub last_at: Timestamp,
    /// How often it changed nothing.
    pub times: u64,
}

impl IgnoredEvents {
    pub(super) fn new(aws: &SdkConfig, name: String) -> Self {
        Self { table: Table::new(aws, name) }
    }

    pub(super) async fn save(
        &self,
        order: &OrderId,
        delivery: &Delivery,
        reason: Option<&str>,
    ) -> Result<(), StoreError> {
        // The first reason stays: an event that was ignored and comes again is a duplicate of something ignored.
        let mut expression =
            "SET eventType = :type, #source = :source, lastAt = :at, firstAt = if_not_exists(firstAt, :at)".to_owned();
        let mut update = self.table.client().update_item().table_name(self.table.name());
        if let Some(reason) = reason {
            expression.push_str(", why = if_not_exists(why, :why)");
            update = update.expression_attribute_values(":why", text(reason));
        }
        let written = update
            .key(KEY, text(order.as_str()))
            .key("eventId", text(&delivery.event_id))
            .update_expression(expression + " ADD times :one")
            .expression_attribute_names("#source", "source")
            .expression_attribute_values(":type", text(&delivery.event_type))
            .expression_attribute_values(":source", text(&delivery.source))
            .expression_attribute_values(":at", text(&delivery.cause.at.to_string()))
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
            .send()
            .await;
        written.map(drop).map_err(|error| self.table.unavailable(&error))
    }

    pub(super) async fn list(&self, order: &OrderId) -> Result<Vec<IgnoredEvent>, StoreError> {
        let (mut events, mut from) = (Vec::new(), None);
        loop {
            let query = self.table.client().query().table_name(self.table.name());
            let query = query.key_condition_expression("pk = :order");
            let query = query.expression_attribute_values(":order", text(order.as_str()));
            let found = query.set_exclusive_start_key(from).send().await;
            let found = found.map_err(|error| self.table.unavailable(&error))?;
            for item in found.items() {
                let event = serde_dynamo::aws_sdk_dynamodb_1::from_item(item.clone());
                events.push(event.map_err(|error| self.table.corrupt(error))?);
            }
            from = found.last_evaluated_key;
            if from.is_none() {
                return Ok(events);
            }
        }
    }
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}
