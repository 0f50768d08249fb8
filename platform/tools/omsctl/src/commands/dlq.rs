//! `dlq`: dead letters, for operators.

use std::process::ExitCode;

use anyhow::Result;
use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand};
use jiff::SignedDuration;
use omsctl::arguments::{Words, duration};
use omsctl::dlq::{self, DeadLetter, RedriveRequest};
use omsctl::repository::Repository;
use omsctl::terminal::{age, note, table};

use super::{discover, now, print, print_json};
use crate::Stage;

#[derive(Debug, Subcommand)]
pub enum Dlq {
    /// List every dead-letter queue: how many messages, how old the oldest is, which consumer failed.
    List {
        #[command(flatten)]
        of: Stage,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Show messages with their cause and leave them in their queue.
    ///
    /// The queue `payments` has a consumer of its own: there, each look counts as one of its attempts.
    Show(Show),
    /// Send messages back to the queue that they came from; safe to repeat, since a duplicate changes nothing.
    ///
    /// A message returns to its consumer's queue: from orders-dlq to the queue of orders/events, from
    /// payments-unsettled to the queue `payments`. An event in `undeliverable` returns to the queue that missed it, or
    /// to the bus if it does not name one. Stream records are refused, since they hold no content. Messages of the
    /// class malformed, contract or unknown_type stay, since the same version would refuse them again; --all or
    /// --message-id sends them. The exit status is 1 if a message could not be moved.
    Redrive(Redrive),
    /// Delete one message permanently; a record of it, without its body, stays for a year (`discarded` lists them).
    Discard {
        /// The dead-letter queue, such as orders; `list` names them.
        queue: String,
        /// The message's id, from `show`.
        #[arg(long, value_parser = NonEmptyStringValueParser::new())]
        message_id: String,
        /// Why the message is not needed.
        #[arg(long, value_parser = NonEmptyStringValueParser::new())]
        reason: String,
        #[command(flatten)]
        of: Stage,
    },
    /// List what was discarded, when and why.
    Discarded {
        /// How far back to look, such as 2h or 30d.
        #[arg(long, default_value = "30d", value_name = "TIME", value_parser = duration)]
        since: SignedDuration,
        #[command(flatten)]
        of: Stage,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
pub struct Show {
    /// The dead-letter queue, such as orders; `list` names them.
    queue: String,
    /// Show at most this many.
    #[arg(long, default_value_t = 10, value_name = "N")]
    max: usize,
    /// Show the bodies as well; they can hold personal data.
    #[arg(long)]
    body: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    of: Stage,
}

#[derive(Debug, Args)]
pub struct Redrive {
    /// The dead-letter queue, such as orders; `list` names them.
    queue: String,
    /// Move at most this many [default: up to 1000].
    #[arg(long, value_name = "N")]
    max: Option<usize>,
    /// Move only this message, whatever its cause; `show` prints the ids.
    #[arg(long, value_name = "ID", conflicts_with_all = ["max", "all"], value_parser = NonEmptyStringValueParser::new())]
    message_id: Option<String>,
    /// Also move malformed, contract and unknown_type messages, for example after a new version was deployed.
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    of: Stage,
}

pub async fn run(command: Dlq) -> Result<ExitCode> {
    match command {
        Dlq::List { of, json } => list(&of.stage, json).await?,
        Dlq::Show(arguments) => show(arguments).await?,
        Dlq::Redrive(arguments) => return redrive(arguments).await,
        Dlq::Discard { queue, message_id, reason, of } => discard(&of.stage, &queue, &message_id, &reason).await?,
        Dlq::Discarded { since, of, json } => list_discarded(&of.stage, since, json).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn list_discarded(stage: &str, since: SignedDuration, json: bool) -> Result<()> {
    let (aws, system) = discover(&Repository::find()?, stage).await?;
    let all = dlq::discarded::list(&aws, &system, now() - since).await?;
    if json {
        return print_json(&all);
    }
    if all.is_empty() {
        note(format!("nothing was discarded in the last {}", Words(since)));
        return Ok(());
    }
    let rows: Vec<[String; 6]> = all
        .iter()
        .map(|it| {
            let field = |name: &str| it.letter[name].as_str().unwrap_or("-").to_owned();
            let at = it.timestamp.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
            [at, it.queue.clone(), field("eventType"), field("orderId"), field("errorClass"), it.reason.clone()]
        })
        .collect();
    print(&table(["DISCARDED", "QUEUE", "EVENT TYPE", "ORDER", "ERROR", "REASON"], &rows))
}

async fn list(stage: &str, json: bool) -> Result<()> {
    let (aws, system) = discover(&Repository::find()?, stage).await?;
    let all = dlq::list(&aws, &system).await?;
    if json {
        return print_json(&all);
    }
    let now = now();
    let rows: Vec<[String; 6]> = all
        .into_iter()
        .map(|it| {
            let oldest = it.oldest_sent_at.map_or_else(|| "-".to_owned(), |at| age(at, now));
            [it.queue, it.messages.to_string(), it.hidden.to_string(), oldest, it.consumer, it.returns_to]
        })
        .collect();
    print(&table(["QUEUE", "MESSAGES", "HIDDEN", "OLDEST", "CONSUMER", "RETURNS TO"], &rows))
}

async fn show(arguments: Show) -> Result<()> {
    let (aws, system) = discover(&Repository::find()?, &arguments.of.stage).await?;
    let dead_letters = dlq::show(&aws, &system, &arguments.queue, arguments.max, arguments.body).await?;
    if arguments.json {
        return print_json(&dead_letters);
    }
    if dead_letters.is_empty() {
        note(format!("{} has no visible message; to see hidden ones, run `just dlq list`", arguments.queue));
    }
    let now = now();
    print(&dead_letters.iter().map(|it| it.text(now)).collect::<Vec<_>>().join("\n"))
}

async fn redrive(arguments: Redrive) -> Result<ExitCode> {
    let (aws, system) = discover(&Repository::find()?, &arguments.of.stage).await?;
    let request = RedriveRequest { max: arguments.max, message_id: arguments.message_id, all: arguments.all };
    let done = dlq::redrive(&aws, &system, &arguments.queue, &request).await?;
    let line = |word: &str, (message, how): &(DeadLetter, String)| format!("{word:<7} {}: {how}\n", message.headline());
    let moved = done.moved.iter().map(|it| line("moved", it));
    let skipped = done.skipped.iter().map(|it| line("skipped", it));
    let failed = done.failed.iter().map(|it| line("failed", it));
    let lines: String = moved.chain(skipped).chain(failed).collect();
    let counts = [done.moved.len(), done.skipped.len(), done.failed.len(), done.beyond_max];
    let [moved, skipped, failed, beyond] = counts;
    let beyond = if beyond > 0 { format!(", {beyond} more than --max") } else { String::new() };
    print(&format!("{lines}{moved} moved, {skipped} skipped, {failed} failed{beyond}\n"))?;
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn discard(stage: &str, queue: &str, message_id: &str, reason: &str) -> Result<()> {
    let (aws, system) = discover(&Repository::find()?, stage).await?;
    let now = now();
    let (discarded, record) = dlq::discard(&aws, &system, queue, message_id, (reason, now)).await?;
    eprintln!("{}", serde_json::to_string(&record)?);
    print(&format!("discarded {}", discarded.text(now)))
}
