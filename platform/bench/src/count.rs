//! Counts what one order of each path asks of AWS, through a proxy between the functions and the emulator.
//!
//! Another design is counted the same way: start [`proxy::Proxy`] in front of its emulator, start the emulator with the
//! proxy's endpoint for the functions and with policies enforced, [`counter::Counter::prepare`] the stage, and
//! [`counter::Counter::count`] whatever places an order and waits for its end. What comes back belongs into a
//! [`Lock`] of its own, under the same names of paths and lines; [`Lock::write`] writes it.

mod call;
mod compare;
pub mod counter;
mod dynamodb;
mod functions;
pub mod logs;
pub mod paths;
pub mod proxy;
mod size;
pub mod stage;
mod table;
mod tally;
mod units;
pub mod weather;

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use omsctl::cost::lock::{Counts, Lock};
use omsctl::package::SANDBOX;
use omsctl::repository::Repository;
use omsctl::terminal::note;

use counter::Counter;
use paths::{Order, Path};
use stage::Stage;

/// The stage's name: no other command uses it.
const STAGE: &str = "count";
/// The lock's file.
pub const LOCK: &str = "platform/bench/cost.lock";
/// For its first lines.
pub const RECIPES: &str = "`just cost-lock` writes it, `just test-cost` compares it";

/// The services that an order is made of.
const ORDER_SERVICES: [&str; 4] = ["orders", "inventory", "payments", "notifications"];

/// What to count.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Arguments {
    /// The emulator's port; the next free one if another program uses it.
    #[arg(long, default_value_t = 4700)]
    port: u16,
    /// Write the lock instead of comparing with it.
    #[arg(long)]
    write: bool,
}

/// Counts one order of each path, on a system of its own. Compares with the lock, or writes it.
///
/// # Errors
/// When something cannot be counted, or a count is not what the lock says.
pub fn run(arguments: Arguments) -> Result<()> {
    tokio::runtime::Runtime::new()?.block_on(async {
        let repository = Repository::find()?;
        let counted = tokio::select! {
            counted = whole(&repository, arguments.port) => counted,
            _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("interrupted")),
        };
        // Whatever happened, no emulator stays behind.
        let stopped = stage::stop(&repository, STAGE);
        let (counted, ()) = (counted?, stopped?);
        let file = repository.path(LOCK);
        if arguments.write { written(&file, counted) } else { compared(&file, &counted) }
    })
}

/// Writes the counts; the declared or measured compute time stays as it is.
fn written(file: &std::path::Path, mut counted: Lock) -> Result<()> {
    if file.is_file() {
        counted.compute = Lock::read(file)?.compute;
    }
    counted.write(file, RECIPES)?;
    note(format!("wrote {LOCK}; to see what it comes to, run `just cost`"));
    Ok(())
}

fn compared(file: &std::path::Path, counted: &Lock) -> Result<()> {
    let differences = compare::differences(&Lock::read(file)?, counted);
    if differences.is_empty() {
        note(format!("every count is as {LOCK} says"));
        return Ok(());
    }
    print!("{}", compare::report(&differences));
    match compare::raised(&differences) {
        0 => bail!("{LOCK} is out of date: orders cost less than it says; to write it, run `just cost-lock`"),
        raised => bail!(
            "orders cost more than {LOCK} says (counts raised: {raised}); lower them, or run `just cost-lock` and say in the \
             commit what the higher cost buys"
        ),
    }
}

async fn whole(repository: &Repository, port: u16) -> Result<Lock> {
    let stage = Stage::start(repository, STAGE, port).await?;
    let counter = Counter::prepare(&stage.aws, &stage.proxy, &stage.functions(), &format!("oms-{STAGE}-")).await?;
    stage.client.set_contact("ada").await?;
    // A new process reads its secret once; that is no order's cost.
    one(&stage, &counter, Path::Paid, "warm-up", 1).await?;
    let order_services = ORDER_SERVICES.map(str::to_owned).to_vec();
    let mut lock = Lock { order_services, ..Lock::default() };
    for path in Path::all() {
        for lines in [1, 3] {
            let services = one(&stage, &counter, path, path.name(), lines).await?;
            lock.paths.entry(path.name().to_owned()).or_default().insert(lines.to_string(), services);
        }
    }
    Ok(lock)
}

/// Counts one order, by service.
async fn one(
    stage: &Stage,
    counter: &Counter<'_>,
    path: Path,
    name: &str,
    lines: usize,
) -> Result<BTreeMap<String, Counts>> {
    let name = format!("{name}-{lines}");
    let skus = (1..=lines).map(|line| format!("SKU-{}-{line}", name.to_uppercase())).collect();
    let order = Order { client: &stage.client, counter, tally: &stage.proxy.tally, path, name, skus };
    // Counted and dropped, so that nothing of it is under way when the order is placed.
    counter.count(Box::pin(order.stock())).await?;
    let mut services = counter.count(Box::pin(order.play())).await?;
    // The gateway is another company's.
    services.remove(SANDBOX);
    Ok(services)
}
