//! The demo: five orders over HTTP, each followed to its end, one of them step by step.

mod steps;

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use futures::future::try_join_all;
use jiff::Timestamp;
use serde_json::Value;

use crate::aws::Aws;
use crate::client::{Client, Line};
use crate::dlq;
use crate::repository::Repository;
use crate::system::System;
use crate::terminal::{Colour, Paint, Step, table};

/// How long an order may take to its end, with every retry and its back-off.
const LIMIT: Duration = Duration::from_mins(2);
const MUG: &str = "DEMO-MUG";
const RARE: &str = "DEMO-RARE";
/// Pieces of each sku in stock before the orders are placed.
const STOCK: [(&str, i64); 2] = [(MUG, 50), (RARE, 1)];

/// An order, and how it must end.
struct Scenario {
    name: &'static str,
    line: Line<'static>,
    method: &'static str,
    status: &'static str,
    attempts: Option<u64>,
}

const SCENARIOS: [Scenario; 5] = [
    Scenario { name: "paid", line: (MUG, 2, 1_595), method: "pm_card_visa", status: "COMPLETED", attempts: Some(1) },
    Scenario {
        name: "card declined",
        line: (MUG, 1, 1_595),
        method: "pm_card_chargeDeclined",
        status: "PAYMENT_FAILED",
        attempts: Some(1),
    },
    Scenario {
        name: "out of stock",
        line: (RARE, 5, 9_900),
        method: "pm_card_visa",
        status: "REJECTED",
        attempts: None,
    },
    Scenario {
        name: "gateway fails twice",
        line: (MUG, 1, 1_595),
        method: "pm_sandbox_fail_2",
        status: "COMPLETED",
        attempts: Some(3),
    },
    Scenario {
        name: "gateway stays down",
        line: (MUG, 3, 1_595),
        method: "pm_sandbox_down",
        status: "PAYMENT_FAILED",
        attempts: Some(4),
    },
];
/// The scenario that is shown step by step: it needs three attempts.
const STEP_BY_STEP: usize = 3;

/// How a scenario ended.
struct Ending {
    scenario: &'static Scenario,
    order: Value,
    posted: Timestamp,
    took: Duration,
    mails: usize,
}

impl Ending {
    fn id(&self) -> &str {
        self.order["orderId"].as_str().unwrap_or_default()
    }

    fn is_as_expected(&self) -> bool {
        let attempts = self.order["payment"]["attempts"].as_u64();
        self.order["status"] == self.scenario.status && attempts == self.scenario.attempts && self.mails == 1
    }

    fn row(&self) -> [String; 8] {
        let text = |value: &Value| value.as_str().map_or_else(|| "-".to_owned(), str::to_owned);
        let attempts = self.order["payment"]["attempts"].as_u64();
        [
            if self.is_as_expected() { "✓" } else { "✗" }.to_owned(),
            self.scenario.name.to_owned(),
            text(&self.order["status"]),
            attempts.map_or_else(|| "-".to_owned(), |count| count.to_string()),
            self.mails.to_string(),
            format!("{} ms", self.took.as_millis()),
            self.id().to_owned(),
            text(&self.order["correlationId"]),
        ]
    }
}

/// Runs the demo on a stage that is up, and prints it for people.
///
/// # Errors
/// When a request fails, or an order ends in another way than it must.
pub async fn run(repository: &Repository, aws: &Aws, system: &System) -> Result<()> {
    let client = Client::sign_in(repository, aws, system.clone()).await?;
    let run = run_name();
    prepare(&client, &run).await?;

    let step = Step::begin("five orders to their end");
    let endings = try_join_all(SCENARIOS.iter().map(|scenario| play(&client, scenario, &run))).await?;
    step.done("settled");

    let header = ["", "ORDER", "STATUS", "ATTEMPTS", "MAILS", "TIME", "ORDER ID", "CORRELATION ID"];
    println!("\n{}", table(header, &endings.iter().map(Ending::row).collect::<Vec<_>>()));
    let shown = &endings[STEP_BY_STEP];
    steps::print(aws, system, shown.id(), shown.posted).await?;
    let wrong = problems(&client, aws, &endings).await?;
    print_verdict(&wrong);
    by_hand(system, endings[0].id())?;
    if wrong.is_empty() {
        return Ok(());
    }
    let first = endings.iter().find(|it| !it.is_as_expected()).unwrap_or(shown);
    bail!("the demo failed: {}; run `just logs --since 1h --order {}`", wrong.join("; "), first.id())
}

/// Stocks the skus and sets the customer's e-mail address.
async fn prepare(client: &Client, run: &str) -> Result<()> {
    let step = Step::begin("stock and a customer's address");
    for (sku, wanted) in STOCK {
        let available = client.stock(sku).await.ok().and_then(|stock| stock["available"].as_i64()).unwrap_or(0);
        // Pieces that others work with are not taken away; of the rare ones there must be too few.
        if available < wanted || sku == RARE && available != wanted {
            client.adjust_stock(sku, wanted - available, &format!("{run}-{sku}")).await?;
        }
    }
    client.set_contact("ada").await?;
    step.done("ready");
    Ok(())
}

async fn play(client: &Client, scenario: &'static Scenario, run: &str) -> Result<Ending> {
    let (since, posted) = (Instant::now(), now());
    let key = format!("{run}-{}", scenario.name.replace(' ', "-"));
    let request = Client::order_request(&[scenario.line], scenario.method);
    let accepted = client.place_order("ada", &key, &request).await?;
    let id = accepted["orderId"].as_str().unwrap_or_default();
    let order = client.follow_order("ada", id, LIMIT).await?;
    let took = since.elapsed();
    // Notifications sends the mail after the order ended; no order waits for it.
    let mut mails = client.mails_about(id).await?.len();
    while mails == 0 && since.elapsed() < LIMIT {
        tokio::time::sleep(Duration::from_millis(100)).await;
        mails = client.mails_about(id).await?.len();
    }
    Ok(Ending { scenario, order, posted, took, mails })
}

/// What is not as expected of these orders: their ends, their stock, and dead letters about them. What else happens on the
/// stage is not the demo's.
async fn problems(client: &Client, aws: &Aws, endings: &[Ending]) -> Result<Vec<String>> {
    let unexpected = endings.iter().filter(|ending| !ending.is_as_expected());
    let mut wrong: Vec<String> = unexpected.map(|it| format!("{:?} ended unexpectedly", it.scenario.name)).collect();
    for ending in endings {
        let (id, name) = (ending.id(), ending.scenario.name);
        let state = client.reservation_state(id).await?;
        let is_sold = state == "COMMITTED";
        if is_sold != (ending.order["status"] == "COMPLETED") || ["HOLDING", "RESERVED"].contains(&state.as_str()) {
            wrong.push(format!("the stock of {name:?} is {state}"));
        }
        let queues = dlq::about_order(aws, &client.system, id).await?.found;
        wrong.extend(queues.keys().map(|queue| format!("{name:?} has a dead letter in {queue}")));
    }
    Ok(wrong)
}

fn print_verdict(wrong: &[String]) {
    let paint = Paint::stdout();
    let verdict = if wrong.is_empty() {
        paint.paint(Colour::Green, "The stock of each order is sold or free again, and none has a dead letter.")
    } else {
        paint.paint(Colour::Red, wrong.join("; "))
    };
    println!("{verdict}\n");
}

/// Commands to paste, to continue without the demo.
fn by_hand(system: &System, order: &str) -> Result<()> {
    let (orders, inventory) = (system.api("orders")?, system.api("inventory")?);
    let stage = if system.stage == "local" { String::new() } else { format!(" --stage {}", system.stage) };
    println!("Continue by hand; the system runs until `just down{stage}`:\n");
    println!("  export PATH=\"$PWD/.oms/venv/bin:$PATH\"");
    println!("  export TOKEN=$(just token ada{stage})");
    println!("  curl -s '{orders}/v1/orders/{order}' -H \"Authorization: Bearer $TOKEN\"");
    println!(
        "  curl -s '{orders}/v1/orders' -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' \\"
    );
    let body = Client::order_request(&[(MUG, 1, 1_595)], "pm_card_visa");
    println!("    -H \"Idempotency-Key: $RANDOM\" -d '{body}'");
    println!("  curl -s '{inventory}/v1/stock/{MUG}' -H \"Authorization: Bearer $TOKEN\"");
    if let Some(mailbox) = &system.mailbox {
        println!("  curl -s '{mailbox}'");
    }
    println!("  just logs{stage} --order {order}");
    println!("  just env{stage}\n");
    Ok(())
}

/// A prefix for this run's idempotency keys, so that an earlier run's do not count.
fn run_name() -> String {
    format!("demo-{}", now().as_millisecond())
}

#[expect(clippy::disallowed_methods, reason = "this is the rim: the demo runs now")]
fn now() -> Timestamp {
    Timestamp::now()
}
