//! Request → command.

use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use chassis::http::{Caller, Problem, SUPPORT, idempotency_key, note, parse};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::application::{CancelOrder, PlaceOrder};
use crate::domain::decision::CancelReason;
use crate::domain::ids::{CustomerId, IdempotencyKey, OrderId};
use crate::domain::place::{LineRequest, OrderRequest};

/// The body of `POST /v1/orders`. Amounts are minor units of `currency`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PlaceBody {
    lines: Vec<LineBody>,
    currency: String,
    payment_method: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct LineBody {
    sku: String,
    quantity: i64,
    unit_price: i64,
}

/// The body of `POST /v1/orders/{id}/cancellation`. The note stays with the order: it is in no event and no log.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CancelBody {
    reason: String,
    #[serde(default)]
    note: Option<String>,
}

/// The body of `POST /v1/orders/{id}/attention/{number}/resolution`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ResolutionBody {
    pub(super) note: String,
}

pub(super) fn place(
    headers: &HeaderMap,
    body: &[u8],
    caller: &Caller,
    pay_within: SignedDuration,
) -> Result<PlaceOrder, Problem> {
    let key = IdempotencyKey::trusted(idempotency_key(headers)?);
    let body: PlaceBody = parse(headers, body)?;
    let customer = customer(caller)?;
    let (id, fingerprint) = (OrderId::derive(&customer, &key), fingerprint(&body));
    Ok(PlaceOrder { id, customer, request: body.into(), fingerprint, pay_within })
}

impl CancelBody {
    pub(super) fn command(&self, headers: &HeaderMap, caller: &Caller) -> Result<CancelOrder, Problem> {
        let reason = reason_of(&self.reason, caller)?;
        let note = self.note.as_deref().map(|text| note("/note", text)).transpose()?;
        Ok(CancelOrder { reason, note, version: version(headers)? })
    }
}

/// The caller as a customer.
pub(super) fn customer(caller: &Caller) -> Result<CustomerId, Problem> {
    let invalid = || Problem::unauthenticated().because(format!("the token's subject {}", CustomerId::RULE));
    CustomerId::new(&caller.subject).ok_or_else(invalid)
}

fn reason_of(text: &str, caller: &Caller) -> Result<CancelReason, Problem> {
    match text {
        "CUSTOMER" => Ok(CancelReason::Customer),
        "STAFF" if caller.is_in(SUPPORT) => Ok(CancelReason::Staff),
        "STAFF" => {
            Err(Problem::forbidden()
                .at("/reason", "reason must be CUSTOMER, unless the caller is in the group support"))
        }
        _ => Err(Problem::invalid().at("/reason", "reason must be CUSTOMER or STAFF")),
    }
}

/// The version that `If-Match` names; none without the header, and for `*`, which any version matches.
fn version(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let Some(tag) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let tag = tag.to_str().unwrap_or_default();
    if tag == "*" {
        return Ok(None);
    }
    let version = tag.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).and_then(|digits| digits.parse().ok());
    let invalid = || Problem::precondition_failed().at("If-Match", "If-Match must be an ETag of the order, or *");
    version.map(Some).ok_or_else(invalid)
}

/// The hash of a body as it was understood: spaces between its fields do not count. 128 bits tell one customer's requests
/// apart, and are half the bytes in the item.
fn fingerprint(body: &PlaceBody) -> String {
    let canonical = serde_json::to_vec(body).unwrap_or_default();
    let hash = Sha256::digest(canonical);
    BASE64_STANDARD_NO_PAD.encode(hash.first_chunk::<16>().map_or(&hash[..], |half| half))
}

impl From<PlaceBody> for OrderRequest {
    fn from(body: PlaceBody) -> Self {
        let line = |line: LineBody| LineRequest { sku: line.sku, quantity: line.quantity, unit_price: line.unit_price };
        Self {
            lines: body.lines.into_iter().map(line).collect(),
            currency: body.currency,
            payment_method: body.payment_method,
        }
    }
}
