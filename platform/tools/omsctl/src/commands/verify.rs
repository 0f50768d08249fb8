//! `verify-on-aws`: what only an account shows of a stage.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use omsctl::aws_cli::Cli;
use omsctl::repository::Repository;
use omsctl::terminal::Paint;
use omsctl::verify;

use super::{now, print, print_json};

#[derive(Debug, Args)]
pub struct VerifyOnAws {
    /// The stage on AWS, such as prod.
    stage: String,
    /// Run the checks that write, too: a mail to SES's simulator, a message to the alarm topic, an event that the bus must
    /// refuse, a replay of ten minutes.
    #[arg(long)]
    write: bool,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

pub async fn verify_on_aws(arguments: VerifyOnAws) -> Result<ExitCode> {
    let VerifyOnAws { stage, write, json } = arguments;
    let findings = verify::run(&Cli, &Repository::find()?, &stage, write, now()).await?;
    if json {
        print_json(&findings)?;
    } else {
        print(&verify::report(&findings, Paint::stdout()))?;
    }
    Ok(if verify::is_right(&findings) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
