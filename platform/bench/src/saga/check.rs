//! The textbook design keeps its promises: a peer that is wrong is not a peer, so this runs before anything is measured.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use omsctl::http;
use serde_json::Value;

use super::local::Local;
use super::side::{CHARGED, DECLINED, SKU, STOCKED, Side};
use super::textbook::{Stock, Textbook};

const PAUSE: Duration = Duration::from_millis(100);
const PATIENCE: Duration = Duration::from_mins(1);
/// The first attempt fails, so that there is time to cancel before the second one charges.
const CHARGED_LATER: &str = "pm_sandbox_fail_1";

/// Checks every end of an order, and that duplicates change nothing.
///
/// # Errors
/// The first promise that is not kept.
pub async fn all(local: &Local, textbook: &Textbook<'_>, side: &Side) -> Result<()> {
    let paid = completed(local, textbook, side).await?;
    duplicates_change_nothing(local, textbook, side, &paid).await?;
    same_key(side, &paid).await?;
    ends(side, "declined", 1, DECLINED, "PAYMENT_FAILED").await?;
    ends(side, "out-of-stock", STOCKED + 1, CHARGED, "REJECTED").await?;
    cancelled_while_charging(local, side).await?;
    settled(textbook, STOCKED - 2).await?;
    let dead = textbook.dead_letters().await?;
    ensure!(dead == 0, "{dead} messages are dead letters");
    Ok(())
}

async fn ends(side: &Side, key: &str, quantity: i64, method: &str, status: &str) -> Result<String> {
    let order = side.place(&format!("check-{key}"), &[(SKU, quantity)], method).await?;
    side.until(&order, "status", status, PAUSE).await?;
    Ok(order)
}

async fn completed(local: &Local, textbook: &Textbook<'_>, side: &Side) -> Result<String> {
    let order = ends(side, "paid", 2, CHARGED, "COMPLETED").await?;
    mailed(local, &order).await?;
    settled(textbook, STOCKED - 2).await?;
    let ledger = ledger(local, &order).await?;
    ensure!(count(&ledger, "charges") == 1, "a completed order was charged {} times", count(&ledger, "charges"));
    Ok(order)
}

async fn duplicates_change_nothing(local: &Local, textbook: &Textbook<'_>, side: &Side, order: &str) -> Result<()> {
    let before = (side.order(order).await?, ledger(local, order).await?, mails(local, order).await?);
    let published = textbook.publish_again(order).await?;
    ensure!(published >= 7, "a completed order has only {published} events");
    settled(textbook, STOCKED - 2).await?;
    let after = (side.order(order).await?, ledger(local, order).await?, mails(local, order).await?);
    ensure!(before == after, "duplicates changed something: {before:?} became {after:?}");
    Ok(())
}

async fn same_key(side: &Side, order: &str) -> Result<()> {
    let again = side.place("check-paid", &[(SKU, 2)], CHARGED).await?;
    ensure!(again == order, "the same Idempotency-Key placed another order");
    Ok(())
}

async fn cancelled_while_charging(local: &Local, side: &Side) -> Result<()> {
    let order = side.place("check-cancelled", &[(SKU, 1)], CHARGED_LATER).await?;
    side.until(&order, "status", "INVENTORY_RESERVED", PAUSE).await?;
    side.cancel(&order).await?;
    side.until(&order, "refund", "REFUNDED", PAUSE).await?;
    let ledger = ledger(local, &order).await?;
    let counts = (count(&ledger, "charges"), count(&ledger, "refunds"));
    ensure!(counts == (1, 1), "a cancelled order has {counts:?} charges and refunds");
    side.until(&order, "status", "CANCELLED", PAUSE).await.map(drop)
}

/// Waits until no message is on its way, then compares the stock.
async fn settled(textbook: &Textbook<'_>, available: i64) -> Result<()> {
    let expected = Stock { available, reserved: 0 };
    let since = Instant::now();
    loop {
        let (waiting, stock) = (textbook.waiting().await?, textbook.stock_level().await?);
        if waiting == 0 && stock == expected {
            return Ok(());
        }
        if since.elapsed() > PATIENCE {
            bail!("{waiting} messages wait and the stock is {stock:?} instead of {expected:?}");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Waits until the mail about an order was sent: with it, its work is done.
///
/// # Errors
/// When no mail is sent for too long.
pub async fn mailed(local: &Local, order: &str) -> Result<()> {
    let since = Instant::now();
    while mails(local, order).await? == 0 {
        ensure!(since.elapsed() < PATIENCE, "no mail about {order} was sent");
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}

async fn mails(local: &Local, order: &str) -> Result<usize> {
    Ok(local.client.mails_about(order).await?.len())
}

/// What the sandbox gateway did about an order.
async fn ledger(local: &Local, order: &str) -> Result<Value> {
    let url = format!("{}/sandbox/ledger", local.system.api("sandbox-gateway")?);
    let request = http::client()?.get(url).query(&[("orderId", order)]).bearer_auth("any");
    request.send().await?.json().await.context("the ledger is not JSON")
}

fn count(ledger: &Value, what: &str) -> usize {
    ledger[what].as_array().map_or(0, Vec::len)
}
