//! `contracts`: generates, compares, releases and validates the published language.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use contracts_cli::generate;

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
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match cli.command {
        Command::Generate => generate::run(&cli.root),
    }
}
