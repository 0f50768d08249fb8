//! A flash sale on the emulator: many buyers of few pieces of one sku, as deployed and with one transaction for each order.
//!
//! All orders are placed before inventory begins, and orders goes on when inventory is done: so what is measured is the
//! reservation alone, with as many messages waiting as a sale brings.

mod consumer;
mod report;

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use futures::stream::{self, StreamExt, TryStreamExt};
use omsctl::client::Client;
use omsctl::dlq;
use omsctl::terminal::Step;
use serde_json::Value;

use crate::saga::local::{Local, Profile};
use crate::saga::side::{CHARGED, CUSTOMER};
use crate::saga::until_stopped;
use consumer::{Batch, Consumer};
use report::{Report, Sale};

const PRICE: i64 = 1_595;
/// Requests under way at once, of those that place and of those that look.
const AT_ONCE: usize = 20;
/// How long the whole of one step may take.
const PATIENCE: Duration = Duration::from_mins(15);
/// The pause between two looks.
const PAUSE: Duration = Duration::from_millis(50);

/// How large a sale.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Arguments {
    /// Buyers who come at once; each wants one piece.
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(2..=20_000))]
    buyers: u32,
    /// Pieces in stock, fewer than buyers [default: one for twenty buyers].
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pieces: Option<u32>,
    /// The port of the emulator that the benchmark starts, and stops when it is done.
    #[arg(long, default_value_t = 4760)]
    port: u16,
    /// Measure our services as they ship (`cargo build --release`) instead of the local build.
    #[arg(long)]
    release: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Sells twice, prints both, and fails if a piece was sold twice or a buyer was not answered.
///
/// # Errors
/// When the system does not start, or a sale does not end as it must.
pub fn run(arguments: Arguments) -> Result<()> {
    let Arguments { buyers, pieces, port, release, json } = arguments;
    let pieces = pieces.unwrap_or((buyers / 20).max(1));
    ensure!(pieces < buyers, "pieces must be fewer than buyers, {buyers} (was {pieces})");
    let profile = if release { Profile::Release } else { Profile::Dev };
    let report = tokio::runtime::Runtime::new()?.block_on(async {
        let local = Local::start(port, profile, None).await?;
        until_stopped(&local, sales(&local, buyers, pieces)).await
    })?;
    let text = if json { serde_json::to_string_pretty(&report)? + "\n" } else { report.to_string() };
    print!("{text}");
    report.check()
}

async fn sales(local: &Local, buyers: u32, pieces: u32) -> Result<Report> {
    local.client.set_contact(CUSTOMER).await?;
    let mut sales = Vec::new();
    for batch in [Batch::Full, Batch::Alone] {
        let step = Step::begin(format!("{buyers} buyers of {pieces} pieces, {}", batch.design()));
        sales.push(sell(local, batch, buyers, pieces).await?);
        step.done("sold");
    }
    Ok(Report { build: local.profile.name(), buyers, pieces, sales })
}

async fn sell(local: &Local, batch: Batch, buyers: u32, pieces: u32) -> Result<Sale> {
    let sku = format!("flash-{}", batch.name());
    local.client.adjust_stock(&sku, i64::from(pieces), &sku).await?;
    let [inventory, orders] = [Consumer::of(local, "inventory").await?, Consumer::of(local, "orders").await?];
    inventory.hold().await?;
    orders.hold().await?;

    let since = Instant::now();
    let placed = place(local, &sku, buyers).await?;
    let placing = since.elapsed();
    waiting(&inventory, "every order reaches inventory", |messages| messages == u64::from(buyers)).await?;

    inventory.release(batch).await?;
    waiting(&inventory, "inventory begins", |messages| messages < u64::from(buyers)).await?;
    let since = Instant::now();
    waiting(&inventory, "inventory answers every order", |messages| messages == 0).await?;
    let reserving = since.elapsed();

    orders.release(Batch::Full).await?;
    let ends: Vec<String> =
        stream::iter(&placed).map(|order| ended(local, order)).buffer_unordered(AT_ONCE).try_collect().await?;
    let settling = since.elapsed();
    let available = local.client.stock(&sku).await?["available"].as_i64().context("the stock has no available")?;
    let dead = dlq::counts(&local.aws, &local.system).await?.values().sum();
    Ok(Sale::new(batch.design(), &ends, [placing, reserving, settling], available, dead))
}

/// Places one order for each buyer; returns their ids.
async fn place(local: &Local, sku: &str, buyers: u32) -> Result<Vec<String>> {
    let order = Client::order_request(&[(sku, 1, PRICE)], CHARGED);
    let orders = stream::iter(0..buyers).map(|buyer| {
        let (order, key) = (&order, format!("{sku}-{buyer}"));
        async move {
            let accepted = local.client.place_order(CUSTOMER, &key, order).await?;
            Ok(accepted["orderId"].as_str().context("an accepted order has no orderId")?.to_owned())
        }
    });
    orders.buffer_unordered(AT_ONCE).try_collect().await
}

/// Waits until an order is settled: nothing of it is owed any more. Returns its status.
async fn ended(local: &Local, order: &str) -> Result<String> {
    let since = Instant::now();
    loop {
        let seen = local.client.get_order(CUSTOMER, order).await?;
        if seen["settled"] == Value::Bool(true) {
            return Ok(seen["status"].as_str().context("an order has no status")?.to_owned());
        }
        ensure!(since.elapsed() < PATIENCE, "{order} is not settled after {PATIENCE:?}: {}", seen["status"]);
        tokio::time::sleep(PAUSE).await;
    }
}

/// Waits until the messages of a queue fulfil a condition.
async fn waiting(consumer: &Consumer<'_>, what: &str, condition: impl Fn(u64) -> bool) -> Result<()> {
    let since = Instant::now();
    loop {
        let messages = consumer.messages().await?;
        if condition(messages) {
            return Ok(());
        }
        ensure!(since.elapsed() < PATIENCE, "waited {PATIENCE:?} until {what}; the queue has {messages} messages");
        tokio::time::sleep(PAUSE).await;
    }
}
