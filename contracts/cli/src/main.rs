//! `contracts`: generates, compares, releases and validates the published language.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use contracts_cli::commands;
use contracts_cli::tree::root::{self, NoRepository};
use contracts_cli::tree::{Origin, Repository, Version};
use jiff::civil::Date;

#[derive(Parser)]
#[command(name = "contracts", version, about)]
struct Cli {
    /// The repository's root; default: the working folder, or the nearest one above it that is a root
    #[arg(long, global = true)]
    root: Option<PathBuf>,
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
        compared: Compared,
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
        compared: Compared,
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
        compared: Compared,
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
struct Compared {
    /// The date to compare sunsets with, such as 2027-03-31; default: today
    #[arg(long)]
    today: Option<Date>,
    /// Compare the files in `schemas` and `samples` of this folder of the repository, such as contracts, instead of the Rust types
    #[arg(long, value_name = "FOLDER")]
    schemas: Option<PathBuf>,
}

impl Compared {
    #[expect(clippy::disallowed_methods, reason = "only the entry point reads the clock")]
    fn day(&self) -> Date {
        self.today.unwrap_or_else(|| jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date())
    }

    fn origin(&self) -> Origin {
        self.schemas.clone().map_or(Origin::Rust, Origin::Folder)
    }
}

fn main() -> ExitCode {
    let Cli { root, command } = Cli::parse();
    let with = |compared: &Compared, run: &dyn Fn(&Repository) -> ExitCode| match find(root.as_deref()) {
        Ok(root) => run(&Repository { root, origin: compared.origin() }),
        Err(error) => commands::could_not_run(&error, NoRepository::NEXT),
    };
    match command {
        Command::Generate => find(root.as_deref())
            .map_or_else(|error| commands::could_not_run(&error, NoRepository::NEXT), |root| commands::generate(&root)),
        Command::Check { compared, json } => with(&compared, &|it| commands::check(it, compared.day(), json)),
        Command::WhoBreaks { event_type, field, compared, json } => with(&compared, &|it| {
            commands::who_breaks(it, event_type.as_deref(), field.as_deref(), compared.day(), json)
        }),
        Command::Release { version, compared } => with(&compared, &|it| commands::release(it, version, compared.day())),
        Command::Validate { file, json } => commands::validate(&file, json),
    }
}

fn find(root: Option<&Path>) -> Result<PathBuf, NoRepository> {
    root.map_or_else(|| root::above(&std::env::current_dir().unwrap_or_default()), |root| Ok(root.to_owned()))
}
