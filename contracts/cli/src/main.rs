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
    /// Write everything that is made from the Rust types and the declarations
    Generate,
    /// Compare the working tree with the last release: what breaks, for whom, and why (1: something does)
    Check {
        #[command(flatten)]
        today: Today,
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
    /// Name the services that the working tree's differences would hurt (1: some), or that use a type or field
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
    /// Append the working tree as a release
    Release {
        /// Its version, such as 1.1.0
        #[arg(value_parser = |text: &str| Version::try_from(text.to_owned()))]
        version: Version,
        #[command(flatten)]
        today: Today,
    },
    /// Say of events from anywhere whether they fit the schemas that they claim (1: one does not)
    Validate {
        /// A file of JSON: events, as they are, or in what they travelled in; - for the standard input
        file: PathBuf,
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
}

#[derive(Args)]
struct Today {
    /// The day to judge announced ends by, such as 2027-03-31; today if absent
    #[arg(long)]
    today: Option<Date>,
}

impl Today {
    #[expect(clippy::disallowed_methods, reason = "the command line is the rim")]
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
