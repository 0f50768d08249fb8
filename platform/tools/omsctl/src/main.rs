//! The operator's command line of the order system.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};
use omsctl::aws_cli::AwsError;
use omsctl::wrong::WrongArgument;

mod commands;

/// Run, inspect, repair and deploy the order system.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the emulator and install every stack on it; safe to run again.
    Up(commands::local::Up),
    /// Install one service on a stage of this machine and leave the rest of the stage alone.
    Install(commands::local::Install),
    /// Delete one service's stack from every stage of this machine, if no queue of the service has messages.
    Uninstall(commands::local::Uninstall),
    /// Place five orders over HTTP and follow each to its end; exit status 1 if one ends unexpectedly.
    Demo {
        #[command(flatten)]
        of: Stage,
        /// Build the stage and bring it up first.
        #[arg(long)]
        up: bool,
    },
    /// Delete a stage of this machine and all that it holds; its emulator stops with its last stage. Safe when nothing runs.
    Down(commands::local::Down),
    /// Show which emulators run and which stages they host.
    Status,
    /// Show the URLs, queues, tables and functions of a stage.
    Env(commands::local::Env),
    /// Print a token with which a demo user can call the APIs for one hour.
    Token(commands::local::Token),
    /// Show one order: its status, what it waits for, why it ended, its money, mails, dead letters and steps.
    ///
    /// The exit status is 0 if every service answered. It is 1 if the order is unknown or a part is missing.
    Order(commands::order::Order),
    /// Show what the services logged, in order of time.
    Logs(commands::functions::Logs),
    /// Invoke one function with a JSON file, then show its answer and its log.
    Invoke(commands::functions::Invoke),
    /// List, show, send back or discard dead letters.
    #[command(subcommand)]
    Dlq(commands::dlq::Dlq),
    /// List orders that wait longer than they should: for which fact, since when, from which service, what to do.
    ///
    /// The exit status is 0 if no order is listed. It is 1 if one is listed or the list cannot be read.
    Stuck(commands::staff::Stuck),
    /// Compare orders, payments, stock and the gateway's ledger; with --repair, repair what differs.
    ///
    /// It reads through the services' APIs. It repairs only with their own commands: an announcement, a cancellation by
    /// support, a stock adjustment. It leaves to people what no command repairs. The exit status is 0 if nothing differs
    /// or everything was repaired, and 1 otherwise.
    Reconcile(commands::staff::Reconcile),
    /// Run the sweeps now: they cancel unpaid orders, end expired reservations and retry refunds.
    ///
    /// A schedule runs them every minute. Each decides by the order's own state, so an extra run is safe. The exit
    /// status is 1 if a sweep failed.
    Sweep(commands::staff::Sweep),
    /// Show what a million orders cost on AWS, from the counts in cost.lock and public prices; nothing needs to run.
    Cost(commands::cost::Cost),
    /// Compile services and zip them for their templates; all of them if none is named.
    Build(commands::build::Build),
    /// Zip binaries that are already compiled, for their templates.
    Package(commands::build::Package),
    /// Zip one binary as a bootstrap.
    Zip(commands::build::Zip),
    /// Build and deploy a stage to AWS with `sam deploy`; all of it if no part is named.
    Deploy(commands::build::Deploy),
    /// Take what outlived the deleted stack of one part (tables, queues, the user pool) into a new stack on AWS.
    ///
    /// CloudFormation imports all of it or nothing, and changes none of it. The next deployment completes the stack.
    ImportRetained(commands::build::ImportRetained),
    /// Check on AWS what the emulator cannot show; it only reads, unless `--write` is given.
    ///
    /// The exit status is 0 if everything is right, 1 if something is wrong or unknown, 2 without credentials or stage.
    VerifyOnAws(commands::verify::VerifyOnAws),
    /// Test each service deployed alone, then the whole system, on emulators that enforce every IAM policy.
    TestDeployed(commands::build::TestDeployed),
}

#[derive(Debug, Args)]
struct Stage {
    /// The stage, such as local or prod.
    #[arg(long, default_value = "local", env = "OMS_STAGE")]
    stage: String,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Cli::parse().command).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("omsctl: {error:#}");
            let is_of_the_caller = error.downcast_ref::<AwsError>().is_some_and(AwsError::is_of_the_caller);
            if error.is::<WrongArgument>() || is_of_the_caller { ExitCode::from(2) } else { ExitCode::FAILURE }
        }
    }
}

async fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Up(arguments) => commands::local::up(arguments).await?,
        Command::Install(arguments) => commands::local::install(arguments).await?,
        Command::Uninstall(arguments) => commands::local::uninstall(&arguments).await?,
        Command::Demo { of, up } => commands::local::demo(of, up).await?,
        Command::Down(arguments) => commands::local::down(arguments).await?,
        Command::Status => commands::local::status()?,
        Command::Env(arguments) => commands::local::env(arguments).await?,
        Command::Token(arguments) => commands::local::token(arguments).await?,
        Command::Order(arguments) => return commands::order::order(arguments).await,
        Command::Logs(arguments) => commands::functions::logs(arguments).await?,
        Command::Invoke(arguments) => return commands::functions::invoke(arguments).await,
        Command::Dlq(command) => return commands::dlq::run(command).await,
        Command::Stuck(arguments) => return commands::staff::stuck(arguments).await,
        Command::Reconcile(arguments) => return commands::staff::reconcile(arguments).await,
        Command::Sweep(arguments) => return commands::staff::sweep(arguments).await,
        Command::Cost(arguments) => commands::cost::cost(arguments)?,
        Command::Build(arguments) => commands::build::build(arguments).await?,
        Command::Package(arguments) => commands::build::package(&arguments)?,
        Command::Zip(arguments) => commands::build::zip(&arguments)?,
        Command::Deploy(arguments) => commands::build::deploy(arguments).await?,
        Command::ImportRetained(arguments) => commands::build::import_retained(&arguments).await?,
        Command::VerifyOnAws(arguments) => return commands::verify::verify_on_aws(arguments).await,
        Command::TestDeployed(arguments) => return commands::build::test_deployed(arguments).await,
    }
    Ok(ExitCode::SUCCESS)
}
