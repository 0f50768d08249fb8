//! The model against real orders: on the emulator each hop is measured from the services' own logs, and the model, given these
//! hops, must predict how long a whole order takes.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use jiff::Timestamp;
use omsctl::logs::{Line, Reader};
use omsctl::package::SANDBOX;

use super::model::{Outcome, simulate};
use super::settings::{Hops, Quantiles, Settings, Work};
use crate::count::logs::Logged;
use crate::saga::local::{Local, Profile};
use crate::saga::side::{CHARGED, SKU, Side, WORKERS};
use crate::saga::until_stopped;

/// Orders, one at a time: some to start every process, and those that are measured.
const WARM_UP: usize = 5;
const ORDERS: usize = 30;
/// How far the model's median may be from the measured one.
const TOLERANCE: f64 = 0.2;
/// The pause between two looks at an order.
const POLL: Duration = Duration::from_millis(10);

/// The events on the way from POST to COMPLETED: who publishes each, and who handles it.
const PATH: [(&str, &str, &str); 5] = [
    ("OrderCreated.v1", "orders", "inventory"),
    ("InventoryReserved.v1", "inventory", "payments"),
    ("PaymentSucceeded.v1", "payments", "orders"),
    ("OrderConfirmed.v1", "orders", "inventory"),
    ("InventoryCommitted.v1", "inventory", "orders"),
];
/// The event whose handling calls the gateway.
const CHARGED_BY: &str = "InventoryReserved.v1";

/// What was measured, in milliseconds.
#[derive(Debug, Default)]
struct Measured {
    whole: Vec<f64>,
    accepted: Vec<f64>,
    published: Vec<f64>,
    handled: Vec<f64>,
    charged: Vec<f64>,
    /// What an invocation of each function is billed for, on average.
    billed: Vec<(String, f64)>,
}

/// Measures orders on a system of its own, and compares the model with them.
///
/// # Errors
/// When the system does not start, a line is missing in a log, or the model is too far off.
pub fn run(settings: &Settings, port: u16, seed: u64) -> Result<()> {
    let measured = tokio::runtime::Runtime::new()?.block_on(async {
        let local = Local::start(port, Profile::Dev, None).await?;
        until_stopped(&local, measure(&local)).await
    })?;
    let settings = measured.settings(settings);
    let Outcome::Settles { p50: predicted, .. } = simulate(&settings, &settings.deployed, 0.1, seed) else {
        anyhow::bail!("the model does not settle at one order in ten seconds");
    };
    let real = Quantiles::of(&measured.whole).p50;
    println!("On the emulator, {ORDERS} orders one at a time, medians in milliseconds:\n");
    for (what, hop) in [
        ("POST until accepted", &measured.accepted),
        ("a write until it is published", &measured.published),
        ("published until handled", &measured.handled),
        ("the same with a charge", &measured.charged),
        ("POST to COMPLETED, measured", &measured.whole),
    ] {
        println!("  {what:<32} {:>7.1}", Quantiles::of(hop).p50);
    }
    println!("  {:<32} {predicted:>7.1}\n", "POST to COMPLETED, by the model");
    println!(
        "Billed for an invocation, mean in milliseconds; of the services, those that a message or a record starts:\n"
    );
    for (function, billed) in &measured.billed {
        println!("  {function:<32} {billed:>7.1}");
    }
    println!();
    let off = (predicted / real - 1.0).abs();
    ensure!(off <= TOLERANCE, "the model is {:.0} % off; at most {:.0} % is allowed", 100.0 * off, 100.0 * TOLERANCE);
    Ok(())
}

async fn measure(local: &Local) -> Result<Measured> {
    let side = Side::ours(local).await?;
    let mut orders = Vec::new();
    let from = now();
    let mut before = Vec::new();
    for number in 0..WARM_UP + ORDERS {
        if number == WARM_UP {
            before = logged(local).await?;
        }
        let (began, since) = (now(), Instant::now());
        let id = side.place(&format!("check-{number}"), &[(SKU, 1)], CHARGED).await?;
        side.until(&id, "status", "COMPLETED", POLL).await?;
        orders.push((id, began, since.elapsed()));
    }
    let lines = Reader::new(&local.aws, &local.system, None, from).read().await?;
    let mut measured = Measured::default();
    for (id, began, took) in orders.into_iter().skip(WARM_UP) {
        measured.whole.push(1e3 * took.as_secs_f64());
        let lines: Vec<&Line> = lines.iter().filter(|line| line.field("order_id") == Some(&id)).collect();
        measured.add(&lines, began).with_context(|| format!("the log of {id}"))?;
    }
    for ((function, after), (_, before)) in logged(local).await?.into_iter().zip(before) {
        measured.billed.push((function, after.since(before).billed_for_each()?));
    }
    Ok(measured)
}

/// What the workers of each service have logged, and the gateway: two requests to it are a part of a charge.
async fn logged(local: &Local) -> Result<Vec<(String, Logged)>> {
    let mut all = Vec::new();
    for (service, it) in &local.system.services {
        let role_counts = |role: &str| service == SANDBOX || WORKERS.contains(&role);
        for (role, function) in it.functions.iter().filter(|(role, _)| role_counts(role)) {
            all.push((format!("{service}/{role}"), Logged::read(&local.aws, function).await?));
        }
    }
    Ok(all)
}

impl Measured {
    /// Follows one order through the lines of its services.
    fn add(&mut self, lines: &[&Line], began: Timestamp) -> Result<()> {
        let at = |service: &str, role: &str, event: Option<&str>| {
            let found = lines.iter().find(|line| {
                line.service == service
                    && line.role == role
                    && event.is_none_or(|it| line.field("event_type") == Some(it))
            });
            Ok::<_, anyhow::Error>(found.with_context(|| format!("{service}/{role} logged no {event:?}"))?.at)
        };
        let mut before = at("orders", "api", None)?;
        self.accepted.push(milliseconds(began, before));
        for (event, publisher, consumer) in PATH {
            let (published, handled) = (at(publisher, "relay", Some(event))?, at(consumer, "events", Some(event))?);
            self.published.push(milliseconds(before, published));
            let hop = if event == CHARGED_BY { &mut self.charged } else { &mut self.handled };
            hop.push(milliseconds(published, handled));
            before = handled;
        }
        Ok(())
    }

    /// The settings with these hops in place of AWS's. A hop here has the work at its end in it.
    fn settings(&self, known: &Settings) -> Settings {
        let none = Quantiles { p10: 0.0, p50: 0.0, p90: 0.0, p99: 0.0 };
        let charge = Quantiles::of(&self.charged).p50 - Quantiles::of(&self.handled).p50;
        Settings {
            hops: Hops { stream: Quantiles::of(&self.published), bus: Quantiles::of(&self.handled), queue: none },
            work: Work {
                api: Quantiles::of(&self.accepted).p50,
                message: 0.0,
                relay_fixed: 0.0,
                relay_put: 0.0,
                gateway_call: charge.max(0.0) / 2.0,
                mail: 0.0,
            },
            ..known.clone()
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "what is measured happens now")]
fn now() -> Timestamp {
    Timestamp::now()
}

fn milliseconds(from: Timestamp, to: Timestamp) -> f64 {
    1e3 * to.duration_since(from).as_secs_f64().max(0.0)
}
