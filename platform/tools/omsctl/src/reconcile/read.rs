//! Reads a snapshot through the services' APIs.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::snapshot::{Ledger, Order, Payment, Reservation, Snapshot, Stock};
use crate::package::SANDBOX;
use crate::staff_api::{REBUILD, Staff, StaffApi};
use crate::terminal::Step;

/// Whether progress is shown on standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    Shown,
    Hidden,
}

/// Reads everything. Orders are read last, so that every reservation and payment belongs to an order that was accepted.
pub(super) async fn everything(staff: &StaffApi, progress: Progress) -> Result<Snapshot> {
    let reader = Reader { staff, progress };
    let before = by(reader.inventory("/v1/stock", "stock").await?, |stock: &Stock| &stock.sku);
    let reservations = reader.inventory("/v1/reservations", "reservations").await?;
    let adjustments = reader.inventory("/v1/adjustments", "adjustments").await?;
    let stock = by(reader.inventory("/v1/stock", "stock").await?, |stock: &Stock| &stock.sku);
    let payments = reader.list(Staff::Support, "payments", "/v1/payments", "payments").await?;
    let ledger = reader.ledger().await?;
    let orders = reader.list(Staff::Support, "orders", "/v1/orders", "orders").await?;
    Ok(Snapshot {
        orders: by(orders, |order: &Order| &order.order_id),
        reservations: by(reservations, |reservation: &Reservation| &reservation.order_id),
        payments: by(payments, |payment: &Payment| &payment.order_id),
        ledger,
        moving: moving(&before, &stock),
        stock,
        adjustments,
    })
}

/// Reads some orders with their reservations and payments. Stock is left out: it is a sum over all orders.
pub(super) async fn some(staff: &StaffApi, orders: &[String], progress: Progress) -> Result<Snapshot> {
    let step = Step::begin("orders with reservations and payments");
    let mut snapshot = Snapshot::default();
    for id in orders {
        let reservation = staff.get(Staff::Operator, "inventory", &format!("/v1/reservations/{id}")).await?;
        let payments = staff.get(Staff::Support, "payments", &format!("/v1/payments?orderId={id}")).await?;
        let ledger =
            staff.gateway_ledger(Some(id)).await?.map(|ledger| known::<Ledger>(SANDBOX, ledger)).transpose()?;
        let order = staff.get(Staff::Support, "orders", &format!("/v1/orders/{id}")).await?;
        let payment = payments.and_then(|mut list| list["payments"].get_mut(0).map(Value::take));
        snapshot.reservations.extend(one(id, "inventory", reservation)?);
        snapshot.payments.extend(one(id, "payments", payment)?);
        snapshot.orders.extend(one(id, "orders", order)?);
        if let Some(Ledger { charges, refunds }) = ledger {
            let all = snapshot.ledger.get_or_insert_default();
            all.charges.extend(charges);
            all.refunds.extend(refunds);
        }
    }
    Reader { staff, progress }.show(step, snapshot.orders.len());
    Ok(snapshot)
}

fn one<T: DeserializeOwned>(id: &str, service: &str, answer: Option<Value>) -> Result<Option<(String, T)>> {
    answer.map(|answer| Ok((id.to_owned(), known(service, answer)?))).transpose()
}

fn known<T: DeserializeOwned>(service: &str, answer: Value) -> Result<T> {
    let unknown = || format!("{service} answered in a form that this omsctl does not know; {REBUILD}");
    serde_json::from_value(answer).with_context(unknown)
}

struct Reader<'a> {
    staff: &'a StaffApi,
    progress: Progress,
}

impl Reader<'_> {
    async fn inventory<T: DeserializeOwned>(&self, path: &str, field: &str) -> Result<Vec<T>> {
        self.list(Staff::Operator, "inventory", path, field).await
    }

    async fn list<T: DeserializeOwned>(&self, who: Staff, service: &str, path: &str, field: &str) -> Result<Vec<T>> {
        let step = Step::begin(format!("{service}: {field}"));
        let all = self.staff.list(who, service, path, field).await?;
        self.show(step, all.len());
        Ok(all)
    }

    async fn ledger(&self) -> Result<Option<Ledger>> {
        let step = Step::begin("gateway: charges");
        let Some(ledger) = self.staff.gateway_ledger(None).await? else { return Ok(None) };
        let ledger: Ledger = known(SANDBOX, ledger)?;
        self.show(step, ledger.charges.len());
        Ok(Some(ledger))
    }

    fn show(&self, step: Step, count: usize) {
        if self.progress == Progress::Shown {
            step.done(&count.to_string());
        }
    }
}

fn by<T>(all: Vec<T>, key: impl Fn(&T) -> &String) -> BTreeMap<String, T> {
    all.into_iter().map(|one| (key(&one).clone(), one)).collect()
}

/// Skus whose stock changed while everything else was read.
fn moving(before: &BTreeMap<String, Stock>, after: &BTreeMap<String, Stock>) -> BTreeSet<String> {
    after.iter().filter(|(sku, stock)| before.get(*sku) != Some(*stock)).map(|(sku, _)| sku.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stock(sku: &str, available: i64, version: u64) -> (String, Stock) {
        let answer = serde_json::json!({ "sku": sku, "available": available, "version": version, "reserved": 0 });
        (sku.to_owned(), known("inventory", answer).unwrap())
    }

    #[test]
    fn a_sku_that_changed_or_appeared_while_reading_is_moving() {
        let before = BTreeMap::from([stock("A", 1, 1), stock("B", 2, 1)]);
        let after = BTreeMap::from([stock("A", 1, 1), stock("B", 1, 2), stock("C", 5, 1)]);
        assert_eq!(moving(&before, &after), BTreeSet::from(["B".to_owned(), "C".to_owned()]));
    }

    #[test]
    fn a_sku_whose_pieces_moved_there_and_back_is_moving() {
        let before = BTreeMap::from([stock("A", 1, 4)]);
        let after = BTreeMap::from([stock("A", 1, 6)]);
        assert_eq!(moving(&before, &after), BTreeSet::from(["A".to_owned()]));
    }
}
