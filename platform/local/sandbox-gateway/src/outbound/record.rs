//! Item ⇄ intent.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::intent::{Charge, Intent, Refund, State};
use crate::domain::method::Decline;

/// An intent as its item holds it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    pk: String,
    amount: u64,
    currency: String,
    method: Option<String>,
    metadata: BTreeMap<String, String>,
    idempotency_key: Option<String>,
    request: BTreeMap<String, String>,
    created: Timestamp,
    state: StateRecord,
    confirms: u32,
    refunds: Vec<RefundRecord>,
    refund_calls: u32,
    /// Key of the index that the ledger of one order is read by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    order_id: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case", rename_all_fields = "camelCase")]
enum StateRecord {
    RequiresPaymentMethod { decline_code: Option<String> },
    RequiresConfirmation,
    Succeeded { charge_id: String, charged_at: Timestamp },
    Canceled,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RefundRecord {
    id: String,
    amount: u64,
    metadata: BTreeMap<String, String>,
    idempotency_key: Option<String>,
    request: BTreeMap<String, String>,
    created: Timestamp,
}

impl From<&Refund> for RefundRecord {
    fn from(refund: &Refund) -> Self {
        let Refund { id, amount, metadata, idempotency_key, request, created } = refund.clone();
        Self { id, amount, metadata, idempotency_key, request, created }
    }
}

impl From<RefundRecord> for Refund {
    fn from(record: RefundRecord) -> Self {
        let RefundRecord { id, amount, metadata, idempotency_key, request, created } = record;
        Self { id, amount, metadata, idempotency_key, request, created }
    }
}

impl From<&Intent> for Record {
    fn from(intent: &Intent) -> Self {
        Self {
            pk: intent.id.clone(),
            amount: intent.amount,
            currency: intent.currency.clone(),
            method: intent.method.clone(),
            metadata: intent.metadata.clone(),
            idempotency_key: intent.idempotency_key.clone(),
            request: intent.request.clone(),
            created: intent.created,
            state: match &intent.state {
                State::RequiresPaymentMethod(why) => {
                    StateRecord::RequiresPaymentMethod { decline_code: why.map(|why| why.as_str().to_owned()) }
                }
                State::RequiresConfirmation => StateRecord::RequiresConfirmation,
                State::Succeeded(charge) => {
                    StateRecord::Succeeded { charge_id: charge.id.clone(), charged_at: charge.at }
                }
                State::Canceled => StateRecord::Canceled,
            },
            confirms: intent.confirms,
            refunds: intent.refunds.iter().map(RefundRecord::from).collect(),
            refund_calls: intent.refund_calls,
            order_id: intent.metadata.get("orderId").filter(|id| !id.is_empty()).cloned(),
        }
    }
}

impl From<Record> for Intent {
    fn from(record: Record) -> Self {
        Self {
            id: record.pk,
            amount: record.amount,
            currency: record.currency,
            method: record.method,
            metadata: record.metadata,
            idempotency_key: record.idempotency_key,
            request: record.request,
            created: record.created,
            state: match record.state {
                StateRecord::RequiresPaymentMethod { decline_code } => {
                    State::RequiresPaymentMethod(decline_code.as_deref().and_then(Decline::named))
                }
                StateRecord::RequiresConfirmation => State::RequiresConfirmation,
                StateRecord::Succeeded { charge_id, charged_at } => {
                    State::Succeeded(Charge { id: charge_id, at: charged_at })
                }
                StateRecord::Canceled => State::Canceled,
            },
            confirms: record.confirms,
            refunds: record.refunds.into_iter().map(Refund::from).collect(),
            refund_calls: record.refund_calls,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_intent_comes_back_as_it_went() {
        let refund = Refund {
            id: "re_1".into(),
            amount: 1_600,
            metadata: BTreeMap::from([("refundId".into(), "rfd_1".into())]),
            idempotency_key: Some("rfd_1".into()),
            request: BTreeMap::from([("amount".into(), "1600".into())]),
            created: Timestamp::UNIX_EPOCH,
        };
        let charge = Charge { id: "ch_1".into(), at: Timestamp::UNIX_EPOCH };
        for state in [
            State::RequiresPaymentMethod(None),
            State::RequiresPaymentMethod(Some(Decline::InsufficientFunds)),
            State::RequiresConfirmation,
            State::Succeeded(charge),
            State::Canceled,
        ] {
            let intent = Intent {
                id: "pi_1".into(),
                amount: 4790,
                currency: "eur".into(),
                method: Some("pm_card_visa".into()),
                metadata: BTreeMap::from([("orderId".into(), "ord_1".into())]),
                idempotency_key: Some("pay_1".into()),
                request: BTreeMap::from([("amount".into(), "4790".into())]),
                created: Timestamp::UNIX_EPOCH,
                state,
                confirms: 3,
                refunds: vec![refund.clone()],
                refund_calls: 2,
            };
            let json = serde_json::to_string(&Record::from(&intent)).unwrap();
            assert_eq!(Intent::from(serde_json::from_str::<Record>(&json).unwrap()), intent);
        }
    }
}
