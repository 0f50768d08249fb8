//! The command line: simulate, show what happened to an order, explore.

use std::io::{IsTerminal, Write, stderr, stdout};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use clap::{Args, Parser, Subcommand};
use simulation::explore;
use simulation::flash_sale::{Design, sell};
use simulation::flaws::Mechanism;
use simulation::report::{self, counted};
use simulation::run::{self, Options, Place, Report};
use simulation::trace::Wanted;

/// Runs the services' shipped rules in a simulated system with faults.
#[derive(Debug, Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Simulate many orders at random.
    Run(Run),
    /// Show what happened in a shop, or to one of its orders.
    Trace(Trace),
    /// Explore small worlds in every interleaving, with every fault.
    Explore(Explore),
    /// Sell few pieces of one sku to many buyers at once, in the design that ships and with one transaction for each order.
    FlashSale(FlashSale),
    /// Simulate every design that is known to be wrong, until it is caught.
    #[cfg(feature = "flaws")]
    Flaws(Flaws),
}

#[derive(Debug, Clone, Args)]
struct Run {
    /// The number of orders.
    #[arg(long, default_value_t = 100_000)]
    orders: u64,
    /// The seed of every random choice.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// The number of threads [default: one for each processor].
    #[arg(long)]
    threads: Option<usize>,
    /// Print JSON instead of text.
    #[arg(long)]
    json: bool,
    /// Stop at the first violation.
    #[arg(long)]
    stop_at_first: bool,
    /// Only show what happened to this order: its number in the run, or `shop:order`.
    #[arg(long, value_name = "ORDER")]
    trace: Option<String>,
    /// Simulate a design that is known to be wrong.
    #[cfg(feature = "flaws")]
    #[arg(long)]
    flaw: Option<simulation::flaws::Flaw>,
}

#[derive(Debug, Args)]
struct FlashSale {
    /// Buyers who come at once; each wants one piece.
    #[arg(long, default_value_t = 2_000)]
    buyers: u32,
    /// Pieces in stock.
    #[arg(long, default_value_t = 100)]
    pieces: u32,
    /// The seed of every random choice.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Print JSON instead of a table.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Trace {
    /// The run's seed.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// The shop's number.
    #[arg(long)]
    shop: u64,
    /// The order's number in its shop [default: all orders].
    #[arg(long)]
    order: Option<u16>,
}

#[derive(Debug, Args)]
struct Explore {
    /// The most faults on a path.
    #[arg(long, default_value_t = 1)]
    faults: u8,
    /// Only kinds of faults whose name contains this text.
    #[arg(long)]
    only: Option<String>,
    /// The number of orders for the last unit.
    #[arg(long, default_value_t = 2)]
    orders: u16,
    /// The number of threads [default: one for each processor].
    #[arg(long)]
    threads: Option<usize>,
    /// The most states to visit.
    #[arg(long, default_value_t = 20_000_000)]
    most_states: usize,
    /// Print JSON instead of text.
    #[arg(long)]
    json: bool,
}

#[cfg(feature = "flaws")]
#[derive(Debug, Args)]
struct Flaws {
    /// The most orders for each design.
    #[arg(long, default_value_t = 200_000)]
    orders: u64,
    /// The seed of every random choice.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// The number of threads [default: one for each processor].
    #[arg(long)]
    threads: Option<usize>,
    /// Print JSON instead of text.
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Run(run) => simulate(&run),
        Command::Trace(Trace { seed, shop, order }) => {
            let options =
                Options { orders: 0, seed, threads: 1, stop_at_first: false, mechanism: Mechanism::default() };
            show(options, Place { shop, first: 0, orders: u32::MAX }, order.map_or(Wanted::All, Wanted::One));
            Ok(true)
        }
        Command::Explore(explore) => explored(&explore),
        Command::FlashSale(sale) => Ok(flash_sale(&sale)),
        #[cfg(feature = "flaws")]
        Command::Flaws(flaws) => Ok(flawed(&flaws)),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::from(2)
        }
    }
}

/// True if nobody was told of a piece that is not there, and everybody was told something.
fn flash_sale(FlashSale { buyers, pieces, seed, json }: &FlashSale) -> bool {
    let sales = [Design::Together, Design::Alone].map(|design| (design, sell(design, *buyers, *pieces, *seed)));
    print!("{}", if *json { format!("{}\n", report::sales_json(&sales)) } else { report::sales(&sales) });
    sales.iter().all(|(_, sale)| sale.left >= 0 && sale.reserved + sale.rejected == *buyers)
}

fn simulate(run: &Run) -> anyhow::Result<bool> {
    let threads = threads(run.threads);
    let (orders, seed, stop_at_first, mechanism) = (run.orders, run.seed, run.stop_at_first, mechanism(run));
    let options = Options { orders, seed, threads, stop_at_first, mechanism };
    if let Some(wanted) = &run.trace {
        let (place, order) = find(options, wanted)?;
        show(options, place, Wanted::One(order));
        return Ok(true);
    }
    // A rule that panics is reported as a violation, with its message.
    std::panic::set_hook(Box::new(|_| {}));
    let mut shown = Instant::now();
    let report = run::run(options, |report| show_progress(options, report, &mut shown));
    if stderr().is_terminal() {
        eprint!("\r{:60}\r", "");
    }
    if run.json {
        println!("{}", report::json(&options, &report));
    } else {
        print!("{}", report::text(&options, &report));
    }
    if let Some(first) = report.first.as_ref().filter(|_| !run.json) {
        let (rule, what) = (first.violation.rule, &first.violation.what);
        println!("\nVIOLATION of {} ({}): {what}", rule.as_str(), rule.statement());
        let (shop, order) = (first.place.shop, first.violation.order);
        println!("seed {seed}, order {} (shop {shop}, order {order} there):", first.order());
        show(options, first.place, Wanted::One(order));
    }
    stdout().flush()?;
    Ok(report.first.is_none())
}

fn threads(wanted: Option<usize>) -> usize {
    wanted.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from))
}

fn explored(wanted: &Explore) -> anyhow::Result<bool> {
    let (threads, mechanism) = (threads(wanted.threads), Mechanism::default());
    let options =
        explore::Options { faults: wanted.faults, only: None, threads, mechanism, most_states: wanted.most_states };
    let mut all = Vec::new();
    if !wanted.json {
        println!("{}", report::found_head());
    }
    for (scenario, only) in explore::parts(wanted.faults, wanted.orders, wanted.only.as_deref()) {
        let found = explore::explore(scenario, explore::Options { only, ..options });
        if !wanted.json {
            println!("{}", report::found_text(&found));
            stdout().flush()?;
        }
        all.push(found);
    }
    if wanted.json {
        println!("{}", report::found_json(&all));
    }
    let states: usize = all.iter().map(|found| found.states).sum();
    let broken = all.iter().filter(|found| !found.is_sound()).count();
    eprintln!(
        "{} explorations, {} states, {broken} with a violation, an endless path or unvisited states",
        all.len(),
        counted(states as u64)
    );
    Ok(broken == 0)
}

#[cfg(feature = "flaws")]
fn flawed(wanted: &Flaws) -> bool {
    use simulation::flawed;
    std::panic::set_hook(Box::new(|_| {}));
    let Flaws { orders, seed, threads: count, json } = *wanted;
    let caught = flawed::catch_all(seed, orders, threads(count));
    let designs = flawed::compare(seed, orders.min(20_000), threads(count));
    if json {
        println!("{}", flawed::json(&caught, &designs));
    } else {
        print!("{}", flawed::text(&caught, &designs));
    }
    caught.iter().all(flawed::Caught::is_caught)
}

#[cfg(feature = "flaws")]
fn mechanism(run: &Run) -> Mechanism {
    run.flaw.map(Mechanism::with).unwrap_or_default()
}

#[cfg(not(feature = "flaws"))]
fn mechanism(_: &Run) -> Mechanism {
    Mechanism::default()
}

/// Shows the progress: several times a second on a terminal, every ten seconds in a log.
fn show_progress(options: Options, report: &Report, shown: &mut Instant) {
    let terminal = stderr().is_terminal();
    let pause = if terminal { Duration::from_millis(200) } else { Duration::from_secs(10) };
    if shown.elapsed() < pause {
        return;
    }
    *shown = Instant::now();
    let violations: u64 = report.violations.values().sum();
    let text = format!("{} of {} orders, {violations} violations", counted(report.orders), counted(options.orders));
    if terminal { eprint!("\r{text:60}") } else { eprintln!("{text}") }
}

fn find(options: Options, wanted: &str) -> anyhow::Result<(Place, u16)> {
    let places = run::places(options.seed, options.orders);
    if let Some((shop, order)) = wanted.split_once(':') {
        let (shop, order): (usize, u16) =
            (shop.parse().context("the shop must be a number")?, order.parse().context("the order must be a number")?);
        return Ok((*places.get(shop).context("the run has no such shop; run it with more --orders")?, order));
    }
    let number: u64 = wanted.parse().context("--trace must be the number of an order, or shop:order")?;
    let Some(index) = number.checked_sub(1) else { bail!("--trace must be at least 1 (was 0)") };
    let place = places
        .iter()
        .rfind(|place| place.first <= index)
        .context("the run has no such order; run it with more --orders")?;
    Ok((*place, u16::try_from(index - place.first).context("the run has no such order; run it with more --orders")?))
}

fn show(options: Options, place: Place, wanted: Wanted) {
    for line in run::one(options, place, wanted).trace {
        println!("{line}");
    }
}
