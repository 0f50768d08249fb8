//! `omsctl dlq`: dead letters, for operators.

use std::process::ExitCode;

use anyhow::Result;
use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use omsctl::dlq::letter::age;
use omsctl::dlq::{self, Letter, Wish};
use omsctl::repository::Repository;
use omsctl::terminal::{note, table};
use serde_json::json;

use super::{discover, say};
use crate::Stage;

/// What can be done with dead letters.
#[derive(Debug, Subcommand)]
pub enum Dlq {
    /// Show every dead-letter queue: how many messages, whose they are, how old the oldest is.
    List {
        #[command(flatten)]
        of: Stage,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Show messages with their cause, and leave them where they are.
    ///
    /// In the queue `payments`, which has a consumer of its own, each look counts as one of its attempts.
    Show(Show),
    /// Send messages back to where they came from; safe to repeat, since what was handled before changes nothing.
    ///
    /// A message goes to its consumer's queue: from orders-dlq to that of orders/events, from payments-unsettled to
    /// the queue `payments`. An event in `undeliverable` goes to the queue that missed it, or to the bus if it does not
    /// say which; stream records are refused, for they hold no content. Messages that are malformed, contract or
    /// unknown_type stay, since the same version can only refuse them again, unless --all or --message-id names them.
    /// The exit status is 1 if a message could not be moved.
    Redrive(Redrive),
    /// Delete one message for good; what it was goes to standard error, as one line of JSON.
    Discard {
        /// Such as orders; see `list`.
        queue: String,
        /// The message, as `show` names it.
        #[arg(long, value_parser = NonEmptyStringValueParser::new())]
        message_id: String,
        /// Why nobody needs it.
        #[arg(long, value_parser = NonEmptyStringValueParser::new())]
        reason: String,
        #[command(flatten)]
        of: Stage,
    },
}

#[derive(Debug, Args)]
pub struct Show {
    /// Such as orders; see `list`.
    queue: String,
    /// No more than these.
    #[arg(long, default_value_t = 10, value_name = "N")]
    max: usize,
    /// Show the bodies as well; they may hold what is nobody's business.
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
    /// Such as orders; see `list`.
    queue: String,
    /// Move no more than these [default: up to 1000].
    #[arg(long, value_name = "N")]
    max: Option<usize>,
    /// Only this message, as `show` names it, whatever its cause.
    #[arg(long, value_name = "ID", conflicts_with_all = ["max", "all"], value_parser = NonEmptyStringValueParser::new())]
    message_id: Option<String>,
    /// Also what is malformed, contract or unknown_type: for when another version is deployed.
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    of: Stage,
}

pub async fn run(command: Dlq) -> Result<ExitCode> {
    match command {
        Dlq::List { of, json } => list(&of.stage, json).await?,
        Dlq::Show(asked) => show(asked).await?,
        Dlq::Redrive(asked) => return redrive(asked).await,
        Dlq::Discard { queue, message_id, reason, of } => discard(&of.stage, &queue, &message_id, &reason).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(stage: &str, json: bool) -> Result<()> {
    let (aws, system) = discover(&Repository::find()?, stage).await?;
    let all = dlq::list(&aws, &system).await?;
    if json {
        return say(&(serde_json::to_string_pretty(&all)? + "\n"));
    }
    let now = now();
    let rows: Vec<[String; 6]> = all
        .into_iter()
        .map(|it| {
            let oldest = it.oldest_sent_at.map_or_else(|| "-".to_owned(), |at| age(at, now));
            [it.queue, it.messages.to_string(), it.hidden.to_string(), oldest, it.consumer, it.returns_to]
        })
        .collect();
    say(&table(["QUEUE", "MESSAGES", "HIDDEN", "OLDEST", "CONSUMER", "RETURNS TO"], &rows))
}

async fn show(asked: Show) -> Result<()> {
    let (aws, system) = discover(&Repository::find()?, &asked.of.stage).await?;
    let letters = dlq::show(&aws, &system, &asked.queue, asked.max, asked.body).await?;
    if asked.json {
        return say(&(serde_json::to_string_pretty(&letters)? + "\n"));
    }
    if letters.is_empty() {
        note(format!("{} is empty, or another reader holds what is in it", asked.queue));
    }
    let now = now();
    say(&letters.iter().map(|letter| letter.text(now)).collect::<Vec<_>>().join("\n"))
}

async fn redrive(asked: Redrive) -> Result<ExitCode> {
    let (aws, system) = discover(&Repository::find()?, &asked.of.stage).await?;
    let wish = Wish { max: asked.max, message_id: asked.message_id, all: asked.all };
    let done = dlq::redrive(&aws, &system, &asked.queue, &wish).await?;
    let line = |word: &str, (letter, how): &(Letter, String)| format!("{word:<7} {}: {how}\n", letter.headline());
    let moved = done.moved.iter().map(|it| line("moved", it));
    let kept = done.kept.iter().map(|it| line("kept", it));
    let failed = done.failed.iter().map(|it| line("failed", it));
    let lines: String = moved.chain(kept).chain(failed).collect();
    let counts = [done.moved.len(), done.kept.len(), done.failed.len(), done.beyond];
    let [moved, kept, failed, beyond] = counts;
    let beyond = if beyond > 0 { format!(", {beyond} beyond --max") } else { String::new() };
    say(&format!("{lines}{moved} moved, {kept} kept, {failed} failed{beyond}\n"))?;
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn discard(stage: &str, queue: &str, message_id: &str, reason: &str) -> Result<()> {
    let (aws, system) = discover(&Repository::find()?, stage).await?;
    let letter = dlq::discard(&aws, &system, queue, message_id).await?;
    let now = now();
    eprintln!(
        "{}",
        json!({ "timestamp": now, "level": "WARN", "message": "dead letter discarded", "stage": stage,
            "queue": queue, "reason": reason, "letter": letter })
    );
    say(&format!("discarded {}", letter.text(now)))
}

#[expect(clippy::disallowed_methods, reason = "this is the rim: someone asks now")]
fn now() -> Timestamp {
    Timestamp::now()
}
