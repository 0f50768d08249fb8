//! The operator's command line of the order system.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};

mod commands;

/// Runs and looks into the order system.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the emulator and deploy every stack to it; safe to run again.
    Up(Up),
    /// Bring one service to a stage of this machine, as it was built, and leave everything else of the stage alone.
    Deploy(Deploy),
    /// Place five orders over HTTP and follow each to its end; the exit status tells whether all went as it must.
    Demo {
        #[command(flatten)]
        of: Stage,
    },
    /// Stop the emulator of a stage with everything in it; safe when nothing runs.
    Down {
        #[command(flatten)]
        of: Stage,
        /// Stop the emulator on this port, whatever it hosts.
        #[arg(long, conflicts_with = "stage")]
        port: Option<u16>,
        /// Stop every emulator of this checkout.
        #[arg(long, conflicts_with_all = ["stage", "port"])]
        all: bool,
    },
    /// Show which emulators run, and which stages they host.
    Status,
    /// Show the URLs, queues, tables and functions of a stage.
    Env {
        #[command(flatten)]
        of: Stage,
        /// Print JSON, as tests read it.
        #[arg(long)]
        json: bool,
        /// With JSON, give each demo user an ID token that is good for an hour.
        #[arg(long, requires = "json")]
        tokens: bool,
    },
    /// Print a token with which a demo user may call the APIs for an hour.
    Token {
        /// One of ada, bob (customers), sam (support), olga (operator).
        user: String,
        #[command(flatten)]
        of: Stage,
        /// Print the access token instead of the ID token.
        #[arg(long)]
        access: bool,
    },
    /// Show what the services have logged, merged by time.
    Logs(Logs),
    /// Invoke one function with the JSON in a file, and show its answer and its log.
    Invoke {
        /// A service, such as orders.
        service: String,
        /// A role of it, such as events.
        role: String,
        /// The payload.
        file: PathBuf,
        #[command(flatten)]
        of: Stage,
    },
    /// Look at what could not be handled, send it back, or discard it.
    #[command(subcommand)]
    Dlq(commands::dlq::Dlq),
    /// List the orders that wait longer than they should: for what, since when, who owes it, what to do.
    ///
    /// The exit status is 0 if there is none, and 1 if there are some or they could not be listed.
    Stuck(commands::staff::Stuck),
    /// Compare orders, payments, the gateway's ledger and the stock, and mend what drifted apart.
    ///
    /// Everything is read through the services' APIs, and mended by their normal commands alone: saying again how
    /// something stands, a cancellation by support, an adjustment of stock. What no command mends is left for people.
    /// The exit status is 0 if nothing drifts or all was mended, and 1 otherwise.
    Reconcile(commands::staff::Reconcile),
    /// Wake the sweeps, which look at the clock: they cancel what was not paid in time, end holds, repeat refunds.
    ///
    /// They wake by themselves once a minute. What they do depends on each order's own state, so waking them again is
    /// safe. With --at, what they write has that time as well, and a next try is counted from it. The exit status is 1
    /// if one failed.
    Sweep(commands::staff::Sweep),
    /// Zip the built binaries of services, or of everything deployable, for their templates.
    Package {
        /// Services, or sandbox-gateway; all of them if none is named.
        projects: Vec<String>,
        /// Where cargo put the binaries.
        #[arg(long, default_value = "target/debug")]
        binaries: PathBuf,
    },
    /// Zip one binary as a bootstrap.
    Zip {
        /// The binary.
        binary: PathBuf,
        /// The zip to write.
        out: PathBuf,
    },
}

#[derive(Debug, Args)]
struct Stage {
    /// The stage.
    #[arg(long, default_value = "local", env = "OMS_STAGE")]
    stage: String,
}

#[derive(Debug, Args)]
struct Up {
    #[command(flatten)]
    of: Stage,
    /// Only these services, separated by commas.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// The emulator's port; the next free one if another program has it [default: 4566].
    #[arg(long)]
    port: Option<u16>,
    /// Make the emulator enforce the functions' IAM policies.
    #[arg(long)]
    auth: bool,
    /// A template parameter that shall differ from what is usual locally; may be repeated.
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = commands::assignment)]
    parameters: Vec<(String, String)>,
}

#[derive(Debug, Args)]
struct Deploy {
    /// A service, or sandbox-gateway, watcher, contracts.
    service: String,
    #[command(flatten)]
    of: Stage,
    /// A zip of other code than what was built, such as an earlier version.
    #[arg(long)]
    zip: Option<PathBuf>,
    /// Give the functions their code anew, though it is the same.
    #[arg(long)]
    again: bool,
    /// A template parameter that shall differ from what is usual locally; may be repeated.
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = commands::assignment)]
    parameters: Vec<(String, String)>,
}

#[derive(Debug, Args)]
struct Logs {
    #[command(flatten)]
    of: Stage,
    /// How far back to look, such as 30s, 5m or 2h.
    #[arg(long, default_value = "5m")]
    since: jiff::SignedDuration,
    /// Go on and show what is logged from now on.
    #[arg(long, short)]
    follow: bool,
    /// Only what belongs to this order: lines that name it, and the rest of their sagas.
    #[arg(long)]
    order: Option<String>,
    /// Only what belongs to this saga.
    #[arg(long)]
    correlation_id: Option<String>,
    /// Only what this service logged.
    #[arg(long)]
    service: Option<String>,
    /// Print the lines as they were logged.
    #[arg(long)]
    json: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Cli::parse().command).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("omsctl: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Up(up) => commands::up(up).await?,
        Command::Deploy(deploy) => commands::deploy(deploy).await?,
        Command::Demo { of } => commands::demo(&of.stage).await?,
        Command::Down { of, port, all } => commands::down(&of.stage, port, all)?,
        Command::Status => commands::status()?,
        Command::Env { of, json, tokens } => commands::env(&of.stage, json, tokens).await?,
        Command::Token { user, of, access } => commands::token(&of.stage, &user, access).await?,
        Command::Logs(logs) => commands::logs(logs).await?,
        Command::Invoke { service, role, file, of } => {
            return commands::invoke(&of.stage, &service, &role, &file).await;
        }
        Command::Dlq(command) => return commands::dlq::run(command).await,
        Command::Stuck(asked) => return commands::staff::stuck(asked).await,
        Command::Reconcile(asked) => return commands::staff::reconcile(asked).await,
        Command::Sweep(asked) => return commands::staff::sweep(asked).await,
        Command::Package { projects, binaries } => commands::package(projects, &binaries)?,
        Command::Zip { binary, out } => commands::zip(&binary, &out)?,
    }
    Ok(ExitCode::SUCCESS)
}
