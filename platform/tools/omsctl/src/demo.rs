//! The demo: five real orders over HTTP, each followed to its end, and one of them step by step.

mod steps;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use futures::future::try_join_all;
use jiff::Timestamp;
use serde_json::Value;

use crate::aws::Aws;
use crate::repository::Repository;
use crate::shop::{self, Line, Shop};
use crate::system::System;
use crate::terminal::{Colour, Paint, Step, table};

/// How long an order may take to its end, with retries and their back-off.
const PATIENCE: Duration = Duration::from_mins(2);
const MUG: &str = "DEMO-MUG";
const RARE: &str = "DEMO-RARE";
/// Pieces of each sku that the demo sees to before it orders.
const WANTED: [(&str, i64); 2] = [(MUG, 50), (RARE, 1)];

/// What is ordered, and what must come of it.
struct Story {
    name: &'static str,
    line: Line<'static>,
    method: &'static str,
    status: &'static str,
    attempts: Option<u64>,
}

/// The last but one needs three attempts; it is the one that is shown step by step.
const STORIES: [Story; 5] = [
    Story { name: "paid", line: (MUG, 2, 1_595), method: "pm_card_visa", status: "COMPLETED", attempts: Some(1) },
    Story {
        name: "card declined",
        line: (MUG, 1, 1_595),
        method: "pm_card_chargeDeclined",
        status: "PAYMENT_FAILED",
        attempts: Some(1),
    },
    Story { name: "out of stock", line: (RARE, 5, 9_900), method: "pm_card_visa", status: "REJECTED", attempts: None },
    Story {
        name: "gateway fails twice",
        line: (MUG, 1, 1_595),
        method: "pm_sandbox_fail_2",
        status: "COMPLETED",
        attempts: Some(3),
    },
    Story {
        name: "gateway stays down",
        line: (MUG, 3, 1_595),
        method: "pm_sandbox_down",
        status: "PAYMENT_FAILED",
        attempts: Some(4),
    },
];
const SHOWN: usize = 3;

/// How a story went.
struct Told {
    story: &'static Story,
    order: Value,
    posted: Timestamp,
    took: Duration,
    mailed: usize,
}

impl Told {
    fn id(&self) -> &str {
        self.order["orderId"].as_str().unwrap_or_default()
    }

    fn as_promised(&self) -> bool {
        let attempts = self.order["payment"]["attempts"].as_u64();
        self.order["status"] == self.story.status && attempts == self.story.attempts && self.mailed == 1
    }

    fn row(&self) -> [String; 8] {
        let text = |value: &Value| value.as_str().map_or_else(|| "-".to_owned(), str::to_owned);
        let attempts = self.order["payment"]["attempts"].as_u64();
        [
            if self.as_promised() { "✓" } else { "✗" }.to_owned(),
            self.story.name.to_owned(),
            text(&self.order["status"]),
            attempts.map_or_else(|| "-".to_owned(), |count| count.to_string()),
            self.mailed.to_string(),
            format!("{} ms", self.took.as_millis()),
            self.id().to_owned(),
            text(&self.order["correlationId"]),
        ]
    }
}

/// Runs the demo on a stage that is up; what it prints is for people.
///
/// # Errors
/// When a step fails, or an order ends otherwise than it must.
pub async fn run(repository: &Repository, aws: &Aws, system: &System) -> Result<()> {
    let shop = Shop::open(repository, aws, system.clone()).await?;
    let run = run_name();
    prepare(&shop, &run).await?;
    let before = pieces(&shop).await?;

    let step = Step::begin("five orders to their end");
    let told = try_join_all(STORIES.iter().map(|story| tell(&shop, story, &run))).await?;
    step.done("settled");

    let header = ["", "ORDER", "STATUS", "ATTEMPTS", "MAILS", "TIME", "ORDER ID", "CORRELATION ID"];
    println!("\n{}", table(header, &told.iter().map(Told::row).collect::<Vec<_>>()));
    steps::print(aws, system, told[SHOWN].id(), told[SHOWN].posted).await?;
    let wrong = verdicts(&told, &before, &pieces(&shop).await?, &shop::dead_letters(aws, system).await?);
    by_hand(system, told[0].id())?;
    if wrong.is_empty() { Ok(()) } else { bail!("the demo did not go as it must: {}", wrong.join("; ")) }
}

/// Enough stock for this run, and an address for the customer's mail.
async fn prepare(shop: &Shop, run: &str) -> Result<()> {
    let step = Step::begin("stock and a customer's address");
    for (sku, wanted) in WANTED {
        let available = shop.stock(sku).await.ok().and_then(|stock| stock["available"].as_i64()).unwrap_or(0);
        if available != wanted {
            shop.adjust(sku, wanted - available, &format!("{run}-{sku}")).await?;
        }
    }
    shop.leave_address("ada").await?;
    step.done("ready");
    Ok(())
}

async fn tell(shop: &Shop, story: &'static Story, run: &str) -> Result<Told> {
    let (since, posted) = (Instant::now(), now());
    let key = format!("{run}-{}", story.name.replace(' ', "-"));
    let accepted = shop.order("ada", &key, &Shop::basket(&[story.line], story.method)).await?;
    let id = accepted["orderId"].as_str().unwrap_or_default();
    let order = shop.follow("ada", id, PATIENCE).await?;
    let took = since.elapsed();
    // The mail is sent after the order has ended; it never holds the order up.
    let mut mailed = shop.mails_about(id).await?.len();
    while mailed == 0 && since.elapsed() < PATIENCE {
        tokio::time::sleep(Duration::from_millis(100)).await;
        mailed = shop.mails_about(id).await?.len();
    }
    Ok(Told { story, order, posted, took, mailed })
}

async fn pieces(shop: &Shop) -> Result<BTreeMap<&'static str, i64>> {
    let mut pieces = BTreeMap::new();
    for (sku, _) in WANTED {
        pieces.insert(sku, shop.stock(sku).await?["available"].as_i64().unwrap_or_default());
    }
    Ok(pieces)
}

/// What did not go as it must.
fn verdicts(
    told: &[Told],
    before: &BTreeMap<&'static str, i64>,
    after: &BTreeMap<&'static str, i64>,
    dead_letters: &BTreeMap<String, u64>,
) -> Vec<String> {
    let paint = Paint::stdout();
    let mut wrong: Vec<String> =
        told.iter().filter(|told| !told.as_promised()).map(|told| told.story.name.to_owned()).collect();
    let sold: i64 = told.iter().filter(|told| told.order["status"] == "COMPLETED").map(|told| told.story.line.1).sum();
    let expected = BTreeMap::from([(MUG, before[MUG] - sold), (RARE, before[RARE])]);
    if *after != expected {
        wrong.push(format!("stock is {after:?}, not {expected:?}"));
    }
    let left: Vec<String> =
        dead_letters.iter().filter(|(_, n)| **n > 0).map(|(name, n)| format!("{name}: {n}")).collect();
    if !left.is_empty() {
        wrong.push(format!("dead-letter queues hold {}", left.join(", ")));
    }
    let verdict = if wrong.is_empty() {
        paint.paint(Colour::Green, format!("stock went down by the {sold} pieces that were sold, the rest came back; every dead-letter queue is empty"))
    } else {
        paint.paint(Colour::Red, wrong.join("; "))
    };
    println!("{verdict}\n");
    wrong
}

/// How to go on without the demo: lines to paste.
fn by_hand(system: &System, order: &str) -> Result<()> {
    let (orders, inventory) = (system.api("orders")?, system.api("inventory")?);
    let stage = if system.stage == "local" { String::new() } else { format!(" --stage {}", system.stage) };
    println!("Go on by hand; it runs until `just down`:\n");
    println!("  export PATH=\"$PWD/.oms/venv/bin:$PATH\"");
    println!("  export TOKEN=$(just token ada{stage})");
    println!("  curl -s '{orders}/v1/orders/{order}' -H \"Authorization: Bearer $TOKEN\"");
    println!(
        "  curl -s '{orders}/v1/orders' -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' \\"
    );
    println!("    -H \"Idempotency-Key: $RANDOM\" -d '{}'", Shop::basket(&[(MUG, 1, 1_595)], "pm_card_visa"));
    println!("  curl -s '{inventory}/v1/stock/{MUG}' -H \"Authorization: Bearer $TOKEN\"");
    if let Some(mailbox) = &system.mailbox {
        println!("  curl -s '{mailbox}'");
    }
    println!("  just logs --order {order}");
    println!("  just env\n");
    Ok(())
}

/// A name for this run, so that its requests are not taken for repetitions of an earlier run's.
fn run_name() -> String {
    format!("demo-{}", now().as_millisecond())
}

#[expect(clippy::disallowed_methods, reason = "this is the rim: the demo runs now")]
fn now() -> Timestamp {
    Timestamp::now()
}
