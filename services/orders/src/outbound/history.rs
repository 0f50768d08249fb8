//! The table of what changed nothing: duplicates, and facts that came too late to matter. A row an event; writing it does
//! not touch the order.

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use chassis::consumer::Delivery;
use chassis::store::{KEY, StoreError};
use jiff::Timestamp;
use serde::Deserialize;

use super::record::FactRecord;
use crate::domain::ids::OrderId;
use crate::domain::order::Event;

/// The rows of one table.
#[derive(Debug, Clone)]
pub(super) struct Noted {
    client: Client,
    name: String,
}

/// An event that was heard, as far as the history tells of it.
#[derive(Debug, Clone)]
pub(super) struct Heard {
    event_id: String,
    event_type: String,
    source: String,
}

/// An event that changed nothing.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Note {
    /// The event's id.
    pub event_id: String,
    /// Name and major version.
    pub event_type: String,
    /// Who says it.
    pub source: String,
    /// Why it changed nothing; a duplicate has no reason but that.
    #[serde(default)]
    pub why: Option<String>,
    /// When it was heard so first.
    pub first_at: Timestamp,
    /// When it was heard so last.
    pub last_at: Timestamp,
    /// How often.
    pub times: u64,
}

impl Heard {
    pub(super) fn of(delivery: &Delivery) -> Self {
        let (event_id, event_type) = (delivery.event_id.clone(), delivery.event_type.clone());
        Self { event_id, event_type, source: delivery.source.clone() }
    }

    pub(super) fn applied(&self, at: Timestamp) -> FactRecord {
        let Self { event_id, event_type, source } = self.clone();
        FactRecord { event_id, event_type, source, at }
    }
}

impl FactRecord {
    /// A fact that orders itself has made true.
    pub(super) fn own(order: &OrderId, sequence: u64, event: &Event, at: Timestamp) -> Self {
        let source = contracts::orders::SOURCE.to_owned();
        let event_id = contracts::event_id(&source, order.as_str(), sequence);
        Self { event_id, event_type: super::published::event_type(event).to_owned(), source, at }
    }
}

impl Noted {
    pub(super) fn new(aws: &SdkConfig, name: String) -> Self {
        Self { client: Client::new(aws), name }
    }

    /// Notes that an event changed nothing; without a `why` it is a duplicate.
    pub(super) async fn note(
        &self,
        order: &OrderId,
        heard: &Heard,
        why: Option<&str>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let text = |value: &str| AttributeValue::S(value.to_owned());
        // The first reason stays: an event that was ignored and comes again is a duplicate of something ignored.
        let mut expression =
            "SET eventType = :type, #source = :source, lastAt = :at, firstAt = if_not_exists(firstAt, :at)".to_owned();
        let mut update = self.client.update_item().table_name(&self.name);
        if let Some(why) = why {
            expression.push_str(", why = if_not_exists(why, :why)");
            update = update.expression_attribute_values(":why", text(why));
        }
        let written = update
            .key(KEY, text(order.as_str()))
            .key("eventId", text(&heard.event_id))
            .update_expression(expression + " ADD times :one")
            .expression_attribute_names("#source", "source")
            .expression_attribute_values(":type", text(&heard.event_type))
            .expression_attribute_values(":source", text(&heard.source))
            .expression_attribute_values(":at", text(&at.to_string()))
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
            .send()
            .await;
        written.map(drop).map_err(|error| self.unavailable(&error))
    }

    /// All rows of an order.
    pub(super) async fn of(&self, order: &OrderId) -> Result<Vec<Note>, StoreError> {
        let (mut notes, mut from) = (Vec::new(), None);
        loop {
            let query = self.client.query().table_name(&self.name).key_condition_expression("pk = :order");
            let query = query.expression_attribute_values(":order", AttributeValue::S(order.to_string()));
            let found = query.set_exclusive_start_key(from).send().await.map_err(|error| self.unavailable(&error))?;
            for item in found.items() {
                let note = serde_dynamo::aws_sdk_dynamodb_1::from_item(item.clone());
                notes.push(
                    note.map_err(|error| StoreError::Corrupt { table: self.name.clone(), source: error.into() })?,
                );
            }
            from = found.last_evaluated_key;
            if from.is_none() {
                return Ok(notes);
            }
        }
    }

    fn unavailable<E: std::error::Error>(&self, error: &E) -> StoreError {
        let detail = aws_sdk_dynamodb::error::DisplayErrorContext(error).to_string();
        StoreError::Unavailable { table: self.name.clone(), detail }
    }
}
