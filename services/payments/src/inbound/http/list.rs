//! `GET /v1/payments`: the payment of one order, or for staff all of them.

use axum::extract::State;
use axum::response::Response;
use chassis::http::{Caller, OPERATOR, Page, Problem, SUPPORT};
use chassis::store::Stored;
use chassis::telemetry;
use serde::{Deserialize, Serialize};

use super::Shared;
use super::response::PaymentResponse;
use crate::application::SagaPayment;
use crate::domain::ids::OrderId;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Filter {
    order_id: Option<String>,
}

#[derive(Debug, Serialize)]
struct PaymentList {
    payments: Vec<PaymentResponse>,
}

pub(super) async fn list(State(service): Shared, caller: Caller, page: Page<Filter>) -> Result<Response, Problem> {
    let (payments, next) = match &page.filter.order_id {
        Some(order) => {
            let order = OrderId::new(order).ok_or_else(|| Problem::malformed().at("orderId", OrderId::RULE))?;
            telemetry::about(order.as_str());
            // Another customer's order answers as if it did not exist, so that ids cannot be probed.
            let stored = service.payments.get(&order).await?.filter(|stored| is_visible(&caller, stored));
            (vec![stored.ok_or_else(|| Problem::not_found().because("no payment for this order"))?], None)
        }
        None if is_staff(&caller) => service.payments.list(after(page.after.as_deref())?, page.limit).await?,
        None => return Err(Problem::malformed().at("orderId", "is required")),
    };
    let payments = payments.iter().map(|stored| PaymentResponse::new(stored, caller.is_in(SUPPORT))).collect();
    Ok(page.answer(PaymentList { payments }, next.as_deref()))
}

/// The key after which a page begins: this list gives out ids of orders, and no other text.
fn after(key: Option<&str>) -> Result<Option<&str>, Problem> {
    if key.is_some_and(|key| OrderId::new(key).is_none()) {
        return Err(Problem::malformed().at("cursor", "must be a nextCursor of an earlier answer"));
    }
    Ok(key)
}

fn is_visible(caller: &Caller, stored: &Stored<SagaPayment>) -> bool {
    let customer = stored.value.payment.terms.as_ref().map(|terms| terms.customer.as_str());
    is_staff(caller) || customer == Some(caller.subject.as_str())
}

fn is_staff(caller: &Caller) -> bool {
    caller.is_in(SUPPORT) || caller.is_in(OPERATOR)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDER: &str = "ord_2e3103c7-625a-5243-a6ad-4afce9fe8766";

    #[test]
    fn a_page_begins_anywhere_in_the_list() {
        for key in [None, Some(ORDER)] {
            assert!(after(key).is_ok_and(|after| after == key), "{key:?}");
        }
    }

    #[test]
    fn a_cursor_that_this_list_never_gave_out_is_refused() {
        for key in [
            "x",
            "ord_1",
            "pay_2e3103c7-625a-5243-a6ad-4afce9fe8766",
            "2026-11-22T10:15:00.000000000Z#ord_2e3103c7-625a-5243-a6ad-4afce9fe8766",
            r#"{"from":"ord_2e3103c7-625a-5243-a6ad-4afce9fe8766"}"#,
        ] {
            let refused = after(Some(key)).err().map(|problem| {
                let error = &problem.errors()[0];
                (problem.status().as_u16(), error.pointer.clone())
            });
            assert_eq!(refused, Some((400, "cursor".to_owned())), "{key}");
        }
    }
}
