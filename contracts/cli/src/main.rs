//! `contracts`: generates, compares, releases and validates the published language.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use contracts_cli::tree::Version;
use contracts_cli::{commands, generate};
use jiff::civil::Date;

#[derive(Parser)]
#[command(name = "contracts", version, about)]
struct Cli {
    /// The repository's root
    #[arg(long, global = true, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))]
    root: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write every file that follows from the Rust types and the declarations
    Generate,
    /// Compare the working tree with the last release: what breaks, which services, and why (exit status 1: something breaks)
    Check {
        #[command(flatten)]
        today: Today,
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
    /// List the services that the working tree would break (exit status 1: some), or that read a type or field
    WhoBreaks {
        /// A type, such as OrderCreated.v1
        event_type: Option<String>,
        /// A field of it, such as /data/lines/*/sku
        field: Option<String>,
        #[command(flatten)]
        today: Today,
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
    /// Append the working tree as a release; released files never change
    Release {
        /// Its version, such as 1.1.0
        #[arg(value_parser = |text: &str| Version::try_from(text.to_owned()))]
        version: Version,
        #[command(flatten)]
        today: Today,
    },
    /// Validate events from any source against their published schemas (exit status 1: one is invalid)
    Validate {
        /// A JSON file: events, or the queue messages or bus events that contain them; - for standard input
        file: PathBuf,
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
}

#[derive(Args)]
struct Today {
    /// The date to compare sunsets with, such as 2027-03-31; default: today
    #[arg(long)]
    today: Option<Date>,
}

impl Today {
    #[expect(clippy::disallowed_methods, reason = "only the entry point reads the clock")]
    fn day(&self) -> Date {
        self.today.unwrap_or_else(|| jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date())
    }
}

fn main() -> ExitCode {
    let Cli { root, command } = Cli::parse();
    match command {
        Command::Generate => generate::run(&root),
        Command::Check { today, json } => commands::check(&root, today.day(), json),
        Command::WhoBreaks { event_type, field, today, json } => {
            commands::who_breaks(&root, event_type.as_deref(), field.as_deref(), today.day(), json)
        }
        Command::Release { version, today } => commands::release(&root, version, today.day()),
        Command::Validate { file, json } => commands::validate(&file, json),
    }
}
