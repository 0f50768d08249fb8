//! The commands. Each calls the library and prints the result.

use std::io::{ErrorKind, Write};

use anyhow::Result;
use jiff::Timestamp;
use omsctl::aws::Aws;
use omsctl::package;
use omsctl::repository::Repository;
use omsctl::system::{self, System};
use serde::Serialize;

pub mod build;
pub mod cost;
pub mod dlq;
pub mod functions;
pub mod local;
pub mod order;
pub mod staff;
pub mod verify;

async fn discover(repository: &Repository, stage: &str) -> Result<(Aws, System)> {
    let (aws, endpoint) = system::locate(repository, stage).await?;
    let system = System::discover(&aws, stage, endpoint.as_deref(), &package::projects(repository)?).await?;
    Ok((aws, system))
}

/// Prints to standard output. A reader that closes early, such as `head`, is not an error.
fn print(text: &str) -> Result<()> {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn print_json(value: &impl Serialize) -> Result<()> {
    print(&(serde_json::to_string_pretty(value)? + "\n"))
}

#[expect(clippy::disallowed_methods, reason = "this is the rim: the command runs now")]
fn now() -> Timestamp {
    Timestamp::now()
}
