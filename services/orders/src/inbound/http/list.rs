//! `GET /v1/orders`: whose orders, and which of them.

use axum::extract::{Extension, State};
use axum::response::Response;
use chassis::cause::Cause;
use chassis::http::{Caller, Page, Problem, SUPPORT};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::request::customer;
use super::response::OrderResponse;
use super::{Api, Shared};
use crate::application::{ListOrders, StoredOrder};
use crate::domain::ids::{CustomerId, OrderId};
use crate::domain::status::Status;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Filter {
    customer_id: Option<String>,
    status: Option<String>,
    overdue: Option<String>,
}

#[derive(Debug, Serialize)]
struct OrderList {
    orders: Vec<OrderResponse>,
}

/// 200 with a page of orders: the caller's own, or, for `support`, one customer's or all.
pub(super) async fn list(
    State(api): Shared,
    caller: Caller,
    Extension(cause): Extension<Cause>,
    page: Page<Filter>,
) -> Result<Response, Problem> {
    if let Some(wanted) = &page.filter.overdue {
        return overdue(&api, &caller, &page, wanted, cause.at).await;
    }
    let query = query(&caller, &page)?;
    let found = api.orders.list(&query).await?;
    Ok(page.answer(views(&found.orders, &caller), found.next.as_deref()))
}

/// The orders of all customers that wait longer than they should: for support, and in one page.
async fn overdue(
    api: &Api,
    caller: &Caller,
    page: &Page<Filter>,
    wanted: &str,
    at: Timestamp,
) -> Result<Response, Problem> {
    caller.must_be_in(&[SUPPORT])?;
    if wanted != "true" {
        return Err(Problem::malformed().at("overdue", "overdue must be true, or absent"));
    }
    if page.is_named() || page.filter.customer_id.is_some() || page.filter.status.is_some() {
        let rule = "overdue must be the only parameter: all overdue orders are in one answer";
        return Err(Problem::malformed().at("overdue", rule));
    }
    Ok(page.answer(views(&api.orders.list_overdue(at).await?, caller), None))
}

fn views(orders: &[StoredOrder], caller: &Caller) -> OrderList {
    OrderList { orders: orders.iter().map(|stored| OrderResponse::of(stored, caller.is_in(SUPPORT))).collect() }
}

fn query(caller: &Caller, page: &Page<Filter>) -> Result<ListOrders, Problem> {
    let named = page.filter.customer_id.as_deref().map(|id| {
        let rule = || format!("customerId {}", CustomerId::RULE);
        CustomerId::new(id).ok_or_else(|| Problem::malformed().at("customerId", rule()))
    });
    let own = customer(caller)?;
    let customer = match named.transpose()? {
        any if caller.is_in(SUPPORT) => any,
        Some(other) if other != own => {
            return Err(Problem::forbidden().at("customerId", "customerId must be the caller's own"));
        }
        Some(_) | None => Some(own),
    };
    let status = page.filter.status.as_deref().map(|text| {
        let rule = || format!("status must be one of {}", Status::ALL.map(Status::as_str).join(", "));
        let status = Status::ALL.into_iter().find(|status| status.as_str() == text);
        status.ok_or_else(|| Problem::malformed().at("status", rule()))
    });
    let status = status.transpose()?;
    let after = after(customer.as_ref(), page.after.as_deref())?;
    Ok(ListOrders { customer, status, limit: page.limit, after: after.map(ToOwned::to_owned) })
}

/// The key after which a page begins: one customer's list gives out `time#order`, the list of all customers the order alone.
fn after<'a>(customer: Option<&CustomerId>, key: Option<&'a str>) -> Result<Option<&'a str>, Problem> {
    let placed = |key: &'a str| key.split_once('#').filter(|(time, _)| time.parse::<Timestamp>().is_ok());
    let order = |key| if customer.is_some() { placed(key).map(|(_, order)| order) } else { Some(key) };
    if key.is_some_and(|key| order(key).and_then(OrderId::new).is_none()) {
        return Err(Problem::malformed().at("cursor", "must be a nextCursor of an earlier answer"));
    }
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDER: &str = "ord_2e3103c7-625a-5243-a6ad-4afce9fe8766";
    const PLACED: &str = "2026-11-22T10:15:00.000000000Z#ord_2e3103c7-625a-5243-a6ad-4afce9fe8766";

    fn own() -> Option<CustomerId> {
        CustomerId::new("5f1c7a52-9d5e-4a0b-9f11-2f6a4c1b7e90")
    }

    #[test]
    fn a_page_begins_anywhere_in_its_list() {
        for (customer, key) in [(own(), None), (None, None), (own(), Some(PLACED)), (None, Some(ORDER))] {
            assert!(after(customer.as_ref(), key).is_ok_and(|after| after == key), "{customer:?} {key:?}");
        }
    }

    #[test]
    fn a_cursor_that_this_list_never_gave_out_is_refused() {
        let (old, no_time) = (format!(r#"{{"from":"{ORDER}"}}"#), format!("yesterday#{ORDER}"));
        for (customer, key) in [
            (own(), ORDER),
            (None, PLACED),
            (own(), old.as_str()),
            (None, old.as_str()),
            (own(), no_time.as_str()),
            (own(), "2026-11-22T10:15:00.000000000Z#ord_1"),
            (None, "ord_1"),
            (None, "SKU-1"),
        ] {
            let refused = after(customer.as_ref(), Some(key)).err().map(|problem| {
                let error = &problem.errors()[0];
                (problem.status().as_u16(), error.pointer.clone())
            });
            assert_eq!(refused, Some((400, "cursor".to_owned())), "{customer:?} {key}");
        }
    }
}
