//! Takes one part of AWS after the other away from the shipped bootstraps while orders are placed, and looks that nothing is
//! lost: no dead letter, and every order completed.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use futures::future::try_join_all;
use omsctl::aws::AwsContext;
use omsctl::client::Client;
use omsctl::dlq;
use omsctl::repository::Repository;
use omsctl::terminal::note;
use reqwest::{Method, StatusCode};

use crate::count::stage::{self, Stage};
use crate::count::weather::{Part, Weather};

/// The stage's name: no other command uses it.
const STAGE: &str = "outages";
/// How long after an outage every order must be completed: a hold lasts longer than the longest outage and this.
const RECOVERY: Duration = Duration::from_mins(4);
/// How long a rough time lasts.
const ROUGH: Duration = Duration::from_mins(1);

/// Which outages to cause.
#[derive(Debug, Clone, clap::Args)]
pub struct Arguments {
    /// How long each part is away, in seconds; several lengths are several rounds.
    #[arg(long, default_values_t = [60, 600])]
    seconds: Vec<u64>,
    /// Only parts whose name contains this, such as `payments` or `Bus`.
    #[arg(long)]
    only: Option<String>,
    /// How many orders are placed during each outage.
    #[arg(long, default_value_t = 8)]
    orders: usize,
    /// The emulator's port; the next free one if another program uses it.
    #[arg(long, default_value_t = 4750)]
    port: u16,
}

/// Causes the outages, one after the other, on a system of its own.
///
/// # Errors
/// When a message became a dead letter or an order was not completed; the message names the outage.
pub fn run(arguments: &Arguments) -> Result<()> {
    tokio::runtime::Runtime::new()?.block_on(async {
        let repository = Repository::find()?;
        let ran = tokio::select! {
            ran = all(&repository, arguments) => ran,
            _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("interrupted")),
        };
        // Whatever happened, no emulator stays behind.
        let stopped = stage::stop(&repository, STAGE);
        ran.and(stopped)
    })
}

async fn all(repository: &Repository, arguments: &Arguments) -> Result<()> {
    let stage = Stage::start(repository, STAGE, arguments.port).await?;
    stage.client.set_contact("ada").await?;
    stage.client.adjust_stock("SKU-OUTAGES", 100_000, "stock-outages").await?;
    for (round, seconds) in arguments.seconds.iter().enumerate() {
        let only = arguments.only.as_deref().unwrap_or_default();
        for (number, part) in parts(&stage).await?.into_iter().enumerate() {
            if !format!("{part:?}").contains(only) {
                continue;
            }
            // By turns, so that both ways of being away are seen for each part in two rounds.
            let silent = (round + number) % 2 == 1;
            let weather = if silent { Weather::Silent(part) } else { Weather::Away(part) };
            one(&stage, weather, Duration::from_secs(*seconds), arguments.orders).await?;
        }
    }
    one(&stage, Weather::Rough, ROUGH, arguments.orders * 3).await
}

/// Every table of the stage, the sandbox gateway's among them; the bus; the mail service.
async fn parts(stage: &Stage) -> Result<Vec<Part>> {
    let tables = stage.aws.dynamodb().list_tables().send().await.aws_context("cannot list the tables")?;
    let ours = tables.table_names.unwrap_or_default().into_iter().filter(|name| name.starts_with("oms-outages-"));
    let parts: Vec<Part> = ours.map(Part::Table).chain([Part::Bus, Part::Mail]).collect();
    ensure!(parts.len() > 5, "the stage has too few tables: {parts:?}");
    Ok(parts)
}

/// One outage: orders are placed before it and during it.
async fn one(stage: &Stage, weather: Weather, length: Duration, orders: usize) -> Result<()> {
    let (name, begun) = (format!("{weather:?} for {} s", length.as_secs()), Instant::now());
    let keys: Vec<String> = (0..orders).map(|number| format!("outage-{}-{number}", fastrand::u64(..))).collect();
    let (before, during) = keys.split_at(orders / 2);
    let placed = try_join_all(before.iter().map(|key| place(&stage.client, key)));
    let placed = tokio::time::timeout(RECOVERY, placed).await.context("no order is accepted before the outage")??;
    let silent = weather == Weather::Silent(Part::Table(format!("oms-{STAGE}-orders")));
    stage.proxy.forecast.set(weather);
    if silent {
        answers_in_time(&stage.client, &placed[0]).await.with_context(|| name.clone())?;
    }
    let meanwhile = tokio::time::timeout(length + RECOVERY, async {
        let ends = async {
            tokio::time::sleep(length).await;
            stage.proxy.forecast.set(Weather::Fair);
            Ok::<(), anyhow::Error>(())
        };
        let asked = try_join_all(during.iter().map(|key| place(&stage.client, key)));
        let ((), asked) = futures::try_join!(ends, asked)?;
        try_join_all(placed.iter().chain(&asked).map(|order| completed(&stage.client, order))).await
    });
    let ended = meanwhile.await.with_context(|| format!("{name}: not every order ended in time"))?;
    ended.with_context(|| name.clone())?;
    let dead: Vec<_> =
        dlq::counts(&stage.aws, &stage.client.system).await?.into_iter().filter(|(_, n)| *n > 0).collect();
    ensure!(dead.is_empty(), "{name}: dead letters: {dead:?}");
    note(format!("{name}: {orders} orders completed, no dead letter ({} s)", begun.elapsed().as_secs()));
    Ok(())
}

/// A table that accepts requests and never answers is told to the client, with what it needs to try again and to complain.
async fn answers_in_time(client: &Client, order: &str) -> Result<()> {
    let request = client.request("ada", Method::GET, "orders", &format!("/v1/orders/{order}"))?;
    let begun = Instant::now();
    let answer = request.send().await.context("no answer")?;
    let (took, headers) = (begun.elapsed(), answer.headers());
    let complete = headers.contains_key("retry-after") && headers.contains_key("x-correlation-id");
    ensure!(answer.status() == StatusCode::SERVICE_UNAVAILABLE && complete, "answered {answer:?}");
    ensure!(took < Duration::from_secs(4), "answered after {took:?}");
    note(format!("the API answers 503 after {:.1} s", took.as_secs_f64()));
    Ok(())
}

/// Places an order, again and again with the same key, as a client does that gets no answer or a 503.
async fn place(client: &Client, key: &str) -> Result<String> {
    let request = Client::order_request(&[("SKU-OUTAGES", 1, 500)], "pm_card_visa");
    loop {
        match client.place_order("ada", key, &request).await {
            Ok(order) => return Ok(order["orderId"].as_str().context("an order without its id")?.to_owned()),
            Err(_) => tokio::time::sleep(Duration::from_secs(1)).await,
        }
    }
}

async fn completed(client: &Client, order: &str) -> Result<()> {
    loop {
        if let Ok(found) = client.get_order("ada", order).await {
            match found["status"].as_str().unwrap_or_default() {
                "COMPLETED" => return Ok(()),
                ended @ ("CANCELLED" | "PAYMENT_FAILED" | "OUT_OF_STOCK") => {
                    bail!("{order} ended as {ended}: {}", found["cancellation"])
                }
                _ => {}
            }
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}
