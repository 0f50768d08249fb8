//! The ledger, which Stripe does not have: what the sandbox charged and refunded, and how often that was requested.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Query, State};
use serde_json::{Value, json};

use crate::application::Gateway;
use crate::domain::intent::{Intent, Refund};
use crate::inbound::answer::{Fault, charge};

const DEFAULT_LIMIT: i32 = 100;
const MAX_LIMIT: i32 = 500;

/// All about one order, or a page of everything.
pub(super) async fn ledger(
    State(gateway): State<Gateway>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Result<Json<Value>, Fault> {
    if let Some(order) = query.get("orderId") {
        return Ok(Json(entries(&gateway.store.of_order(order).await?)));
    }
    let limit = query.get("limit").and_then(|text| text.parse().ok()).unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT);
    let (intents, last) = gateway.store.page(query.get("cursor").map(String::as_str), limit).await?;
    let mut page = entries(&intents);
    if let (Some(last), Some(fields)) = (last, page.as_object_mut()) {
        fields.insert("nextCursor".to_owned(), json!(last));
    }
    Ok(Json(page))
}

fn entries(intents: &[Intent]) -> Value {
    json!({
        "charges": intents.iter().filter_map(charged).collect::<Vec<_>>(),
        "refunds": intents.iter().flat_map(|i| i.refunds.iter().map(|refund| refunded(i, refund))).collect::<Vec<_>>(),
        "intents": intents.iter().map(counted).collect::<Vec<_>>(),
    })
}

fn charged(intent: &Intent) -> Option<Value> {
    let charge = charge(intent)?;
    Some(json!({
        "id": charge.id,
        "paymentIntent": intent.id,
        "orderId": intent.metadata.get("orderId"),
        "paymentId": intent.metadata.get("paymentId"),
        "amount": intent.amount,
        "refunded": intent.amount - intent.left(),
        "currency": intent.currency,
        "captured": true,
        "at": charge.at,
    }))
}

fn refunded(intent: &Intent, refund: &Refund) -> Value {
    json!({
        "id": refund.id,
        "charge": charge(intent).map(|charge| &charge.id),
        "paymentIntent": intent.id,
        "orderId": intent.metadata.get("orderId"),
        "paymentId": intent.metadata.get("paymentId"),
        "refundId": refund.metadata.get("refundId"),
        "amount": refund.amount,
        "currency": intent.currency,
        "at": refund.created,
    })
}

fn counted(intent: &Intent) -> Value {
    json!({
        "id": intent.id,
        "orderId": intent.metadata.get("orderId"),
        "paymentId": intent.metadata.get("paymentId"),
        "idempotencyKey": intent.idempotency_key,
        "status": intent.state.as_str(),
        "confirms": intent.confirms,
        "refundCalls": intent.refund_calls,
    })
}
