//! The command line: what the shipped system costs, and how fast it is, beside peers in the same run.

use clap::{Parser, Subcommand};

mod capacity;
mod compute;
mod count;
mod flash_sale;
mod outages;
mod quantile;
mod saga;

/// Measures what the shipped system costs and how fast it is.
#[derive(Debug, Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Count what one order of each path asks of AWS, through a proxy.
    Count(count::Arguments),
    /// Measure one function beside its peers: start, first invocation, messages, memory, size.
    Compute(compute::Arguments),
    /// Compute at which rate which limit is met first, and how long an order takes until then.
    Capacity(capacity::Arguments),
    /// Count the instructions of one handled message, and compare with instructions.lock.
    Instructions(compute::instructions::Arguments),
    /// Sell few pieces of one sku to many buyers on an emulator, as deployed and with one transaction for each order.
    FlashSale(flash_sale::Arguments),
    /// Take parts of AWS away while orders are placed, and look that nothing is lost.
    Outages(outages::Arguments),
    /// Measure whole orders beside a textbook design on the same emulator.
    Saga(saga::Arguments),
}

fn main() -> anyhow::Result<()> {
    match Cli::parse().command {
        Command::Count(arguments) => count::run(arguments),
        Command::Compute(arguments) => compute::run(&arguments),
        Command::Instructions(arguments) => compute::instructions::run(&arguments),
        Command::Capacity(arguments) => capacity::run(arguments),
        Command::FlashSale(arguments) => flash_sale::run(arguments),
        Command::Outages(arguments) => outages::run(&arguments),
        Command::Saga(arguments) => saga::run(arguments),
    }
}
