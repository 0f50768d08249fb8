//! What each side says, through the services' own APIs.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::world::{Ledger, Order, Payment, Reservation, Stock, World};
use crate::desk::{Desk, Staff};
use crate::package::SANDBOX;
use crate::terminal::Step;

/// Whether it is told on standard error how far the reading is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    Told,
    Quiet,
}

/// Reads everything. Orders come last: whatever is held or paid for an order that is read then, belongs to one that
/// had been accepted.
pub(super) async fn everything(desk: &Desk, progress: Progress) -> Result<World> {
    let reader = Reader { desk, progress };
    let before = by(reader.inventory("/v1/stock", "stock").await?, |stock: &Stock| &stock.sku);
    let reservations = reader.inventory("/v1/reservations", "reservations").await?;
    let adjustments = reader.inventory("/v1/adjustments", "adjustments").await?;
    let stock = by(reader.inventory("/v1/stock", "stock").await?, |stock: &Stock| &stock.sku);
    let payments = reader.list(Staff::Support, "payments", "/v1/payments", "payments").await?;
    let ledger = reader.ledger().await?;
    let orders = reader.list(Staff::Support, "orders", "/v1/orders", "orders").await?;
    Ok(World {
        orders: by(orders, |order: &Order| &order.order_id),
        reservations: by(reservations, |reservation: &Reservation| &reservation.order_id),
        payments: by(payments, |payment: &Payment| &payment.order_id),
        ledger,
        moving: moving(&before, &stock),
        stock,
        adjustments,
    })
}

/// Reads what is said of some orders alone. It leaves the stock out: that is a sum over all of them.
pub(super) async fn some(desk: &Desk, orders: &[String], progress: Progress) -> Result<World> {
    let step = Step::begin("what all say of these orders");
    let mut world = World::default();
    for id in orders {
        let reservation = desk.look(Staff::Operator, "inventory", &format!("/v1/reservations/{id}")).await?;
        let payments = desk.look(Staff::Support, "payments", &format!("/v1/payments?orderId={id}")).await?;
        let ledger = desk.ledger(Some(id)).await?.map(|ledger| known::<Ledger>(SANDBOX, ledger)).transpose()?;
        let order = desk.look(Staff::Support, "orders", &format!("/v1/orders/{id}")).await?;
        let payment = payments.and_then(|mut list| list["payments"].get_mut(0).map(Value::take));
        world.reservations.extend(one(id, "inventory", reservation)?);
        world.payments.extend(one(id, "payments", payment)?);
        world.orders.extend(one(id, "orders", order)?);
        if let Some(Ledger { charges, refunds }) = ledger {
            let all = world.ledger.get_or_insert_default();
            all.charges.extend(charges);
            all.refunds.extend(refunds);
        }
    }
    Reader { desk, progress }.told(step, world.orders.len());
    Ok(world)
}

fn one<T: DeserializeOwned>(id: &str, service: &str, answer: Option<Value>) -> Result<Option<(String, T)>> {
    answer.map(|answer| Ok((id.to_owned(), known(service, answer)?))).transpose()
}

fn known<T: DeserializeOwned>(service: &str, answer: Value) -> Result<T> {
    let unknown = || format!("{service} answers in a form that this omsctl does not know: are both of one version?");
    serde_json::from_value(answer).with_context(unknown)
}

struct Reader<'a> {
    desk: &'a Desk,
    progress: Progress,
}

impl Reader<'_> {
    async fn inventory<T: DeserializeOwned>(&self, path: &str, field: &str) -> Result<Vec<T>> {
        self.list(Staff::Operator, "inventory", path, field).await
    }

    async fn list<T: DeserializeOwned>(&self, who: Staff, service: &str, path: &str, field: &str) -> Result<Vec<T>> {
        let step = Step::begin(format!("{service}: {field}"));
        let all = self.desk.list(who, service, path, field).await?;
        self.told(step, all.len());
        Ok(all)
    }

    async fn ledger(&self) -> Result<Option<Ledger>> {
        let step = Step::begin("gateway: charges");
        let Some(ledger) = self.desk.ledger(None).await? else { return Ok(None) };
        let ledger: Ledger = known(SANDBOX, ledger)?;
        self.told(step, ledger.charges.len());
        Ok(Some(ledger))
    }

    fn told(&self, step: Step, count: usize) {
        if self.progress == Progress::Told {
            step.done(&count.to_string());
        }
    }
}

fn by<T>(all: Vec<T>, key: impl Fn(&T) -> &String) -> BTreeMap<String, T> {
    all.into_iter().map(|one| (key(&one).clone(), one)).collect()
}

/// Skus that are not the same at the end of reading as they were at its beginning.
fn moving(before: &BTreeMap<String, Stock>, after: &BTreeMap<String, Stock>) -> BTreeSet<String> {
    after.iter().filter(|(sku, stock)| before.get(*sku) != Some(*stock)).map(|(sku, _)| sku.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stock(sku: &str, on_hand: i64) -> (String, Stock) {
        (sku.to_owned(), Stock { sku: sku.to_owned(), on_hand, reserved: 0 })
    }

    #[test]
    fn what_changed_while_it_was_read_or_is_new_is_moving() {
        let before = BTreeMap::from([stock("A", 1), stock("B", 2)]);
        let after = BTreeMap::from([stock("A", 1), stock("B", 1), stock("C", 5)]);
        assert_eq!(moving(&before, &after), BTreeSet::from(["B".to_owned(), "C".to_owned()]));
    }
}
