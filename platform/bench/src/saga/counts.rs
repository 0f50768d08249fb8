//! `textbook.lock`: what one order of each path costs in the textbook design, counted as ours is.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Result, bail};
use omsctl::cost::lock::{Counts, Lock};
use omsctl::terminal::{Step, note};

use super::local::Local;
use super::side::{CHARGED, DECLINED, Side};
use super::textbook::{Runtime, SERVICES, Textbook};
use crate::count::counter::Counter;
use crate::count::paths::Path;
use crate::count::proxy::Proxy;

/// The lock's file.
pub const LOCK: &str = "platform/bench/textbook.lock";
/// For its first lines.
pub const RECIPES: &str = "`just textbook-lock` writes it";
/// How long an order may take to its end.
const LIMIT: Duration = Duration::from_mins(1);
/// Orders of one path until two in a row must have cost the same.
const TRIES: usize = 8;
/// Pieces of each line.
const PIECES: i64 = 2;

/// Counts every path and writes the lock.
///
/// # Errors
/// When an order does not end as its path says, or a request cannot be counted.
pub async fn write(local: &Local, proxy: &Proxy) -> Result<()> {
    let textbook = Textbook::deploy(local, Runtime::Python).await?;
    let side = textbook.side(local).await?;
    let counter = Counter::prepare(&local.aws, proxy, &textbook.functions(), &format!("{}-", textbook.prefix)).await?;
    let counting = Counting { textbook: &textbook, side: &side, counter: &counter, proxy };
    let step = Step::begin("one order of each path");
    // A new process reads its secret once; that is no order's cost.
    counting.one(Path::Paid, "warm-up", 1).await?;
    let file = local.repository.path(LOCK);
    // The compute time is measured by itself, and stays.
    let mut lock = Lock {
        order_services: SERVICES.map(str::to_owned).to_vec(),
        compute: Lock::read(&file)?.compute,
        ..Lock::default()
    };
    // The textbook design has no refund by staff.
    for path in Path::all().filter(|path| *path != Path::Refunded) {
        for lines in [1, 3] {
            let services = counting.twice(path, lines).await?;
            lock.paths.entry(path.name().to_owned()).or_default().insert(lines.to_string(), services);
        }
    }
    step.done("counted");
    lock.write(&file, RECIPES)?;
    note(format!("wrote {LOCK}"));
    Ok(())
}

struct Counting<'a> {
    textbook: &'a Textbook<'a>,
    side: &'a Side,
    counter: &'a Counter<'a>,
    proxy: &'a Proxy,
}

impl Counting<'_> {
    /// Counts until two orders cost the same: on a busy machine the emulator reads the last lines of a Python function's log
    /// only in its next invocation.
    async fn twice(&self, path: Path, lines: usize) -> Result<BTreeMap<String, Counts>> {
        let name = path.name();
        let mut last = self.one(path, &format!("{name}-0"), lines).await?;
        for n in 1..TRIES {
            let again = self.one(path, &format!("{name}-{n}"), lines).await?;
            if again == last {
                return Ok(again);
            }
            last = again;
        }
        bail!("of {TRIES} orders ({name}, lines: {lines}) no two in a row cost the same; is the machine busy?")
    }

    /// Counts one order, by service.
    async fn one(&self, path: Path, name: &str, lines: usize) -> Result<BTreeMap<String, Counts>> {
        let skus: Vec<String> = (1..=lines).map(|line| format!("{name}-{lines}-{line}")).collect();
        for (line, sku) in skus.iter().enumerate() {
            let is_short = path == Path::OutOfStock && line + 1 == lines;
            self.textbook.stock(sku, if is_short { PIECES - 1 } else { 1_000 }).await?;
        }
        let key = format!("{name}-{lines}");
        let work = async {
            let played = tokio::time::timeout(LIMIT, self.play(path, &key, &skus)).await;
            played.unwrap_or_else(|_| bail!("{key} did not end within {LIMIT:?}"))
        };
        self.counter.count(Box::pin(work)).await
    }

    async fn play(&self, path: Path, key: &str, skus: &[String]) -> Result<()> {
        let pieces: Vec<(&str, i64)> = skus.iter().map(|sku| (sku.as_str(), PIECES)).collect();
        match path {
            Path::Paid | Path::OutOfStock => drop(self.side.place(key, &pieces, CHARGED).await?),
            Path::Declined => drop(self.side.place(key, &pieces, DECLINED).await?),
            Path::Cancelled => self.place_and_cancel(key, &pieces).await?,
            Path::Refunded => bail!("the textbook design has no refund by staff"),
        }
        for kind in path.ends() {
            self.published(kind).await;
        }
        Ok(())
    }

    /// Inventory waits until the order is cancelled everywhere else, so that the cancel always comes first.
    async fn place_and_cancel(&self, key: &str, pieces: &[(&str, i64)]) -> Result<()> {
        self.counter.set_consumer("inventory", false).await?;
        let order = self.side.place(key, pieces, CHARGED).await?;
        self.published("OrderCreated.v1").await;
        self.side.cancel(&order).await?;
        self.published("PaymentVoided.v1").await;
        self.counter.until_drained(&["inventory"]).await?;
        self.counter.set_consumer("inventory", true).await
    }

    async fn published(&self, kind: &str) {
        self.proxy.tally.until(|published| published.iter().any(|event| event.kind == kind)).await;
    }
}
