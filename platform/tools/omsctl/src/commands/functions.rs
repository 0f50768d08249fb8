//! `logs` and `invoke`: what functions did, and one function by hand.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;
use omsctl::arguments::{Words, duration, order_id};
use omsctl::logs::{Columns, Line, Reader, Selection};
use omsctl::repository::Repository;
use omsctl::terminal::{Colour, Paint, note};

use super::{discover, now, print};
use crate::Stage;

const FOLLOW_EVERY: Duration = Duration::from_secs(1);

#[derive(Debug, Args)]
pub struct Logs {
    #[command(flatten)]
    of: Stage,
    /// How far back to look, such as 30s, 5m, 2h or 1d.
    #[arg(long, default_value = "5m", value_name = "TIME", value_parser = duration)]
    since: jiff::SignedDuration,
    /// Keep running and show new lines as they are logged.
    #[arg(long, short)]
    follow: bool,
    /// Show the story of this order: lines that name it and lines with the same correlation id, without successful GETs.
    #[arg(long, value_parser = order_id)]
    order: Option<String>,
    /// Show only lines with this correlation id, and of requests that a client has called so.
    #[arg(long)]
    correlation_id: Option<String>,
    /// Show only lines of this service.
    #[arg(long)]
    service: Option<String>,
    /// Add the ids of each line: order, event, correlation and so on.
    #[arg(long, conflicts_with = "json")]
    ids: bool,
    /// Print the lines as the services logged them.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub struct Invoke {
    /// A service, such as orders.
    service: String,
    /// One of its roles, such as events.
    role: String,
    /// A file with the JSON that the function receives.
    file: PathBuf,
    #[command(flatten)]
    of: Stage,
}

pub async fn logs(arguments: Logs) -> Result<()> {
    let (aws, system) = discover(&Repository::find()?, &arguments.of.stage).await?;
    if let Some(service) = &arguments.service {
        system.service(service)?;
    }
    let correlation_ids = arguments.correlation_id.into_iter().collect();
    let nothing = match &arguments.order {
        Some(_) => "no lines: unknown order, or nothing",
        None => "no lines: nothing",
    };
    let mut selection = Selection { order: arguments.order, correlation_ids, with_reads: arguments.json };
    let mut reader = Reader::new(&aws, &system, arguments.service.as_deref(), now() - arguments.since);
    let columns = Columns { paint: Paint::stdout(), ids: arguments.ids };
    let shown = |line: &Line| if arguments.json { line.text.clone() } else { columns.row(line) } + "\n";
    let mut header = (!arguments.json).then(|| columns.header() + "\n");
    loop {
        let lines = selection.select(reader.read().await?);
        if lines.is_empty() && !arguments.follow {
            note(format!("{nothing} in the last {}", Words(arguments.since)));
            return Ok(());
        }
        print(&header.take().into_iter().chain(lines.iter().map(shown)).collect::<String>())?;
        if !arguments.follow {
            return Ok(());
        }
        tokio::time::sleep(FOLLOW_EVERY).await;
    }
}

pub async fn invoke(arguments: Invoke) -> Result<ExitCode> {
    let file = arguments.file.display();
    let payload = fs::read(&arguments.file).with_context(|| format!("cannot read {file}"))?;
    serde_json::from_slice::<serde::de::IgnoredAny>(&payload).with_context(|| format!("{file} is not JSON"))?;
    let (aws, system) = discover(&Repository::find()?, &arguments.of.stage).await?;
    let function = system.function(&arguments.service, &arguments.role)?;
    let answer = omsctl::invoke::invoke(&aws, function, payload).await?;
    let paint = Paint::stderr();
    eprint!("{}", paint.paint(Colour::Dim, answer.log));
    print(&(answer.payload + "\n"))?;
    let Some(error) = answer.error else { return Ok(ExitCode::SUCCESS) };
    eprintln!("{}", paint.paint(Colour::Red, format!("the function failed: {error}")));
    Ok(ExitCode::FAILURE)
}
