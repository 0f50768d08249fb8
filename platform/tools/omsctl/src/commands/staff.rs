//! `omsctl stuck`, `omsctl reconcile` and `omsctl sweep`: what support and operators look after.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use clap::Args;
use jiff::{SignedDuration, Timestamp};
use omsctl::desk::{Desk, Tokens};
use omsctl::repository::Repository;
use omsctl::terminal::{Colour, Paint, note, table};
use omsctl::{reconcile, stuck, sweep};

use super::{discover, say};
use crate::Stage;

/// `omsctl stuck`.
#[derive(Debug, Args)]
pub struct Stuck {
    #[command(flatten)]
    of: Stage,
    #[command(flatten)]
    who: Who,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// `omsctl reconcile`.
#[derive(Debug, Args)]
pub struct Reconcile {
    #[command(flatten)]
    of: Stage,
    #[command(flatten)]
    who: Who,
    /// Mend what the services' own commands can mend, and look again.
    #[arg(long)]
    repair: bool,
    /// What moved less than this ago is still on its way, and not compared.
    #[arg(long, default_value = "60s", value_name = "TIME")]
    grace: SignedDuration,
    /// How long to wait until all is mended.
    #[arg(long, default_value = "60s", value_name = "TIME", requires = "repair")]
    within: SignedDuration,
    /// Only this order or sku; may be repeated.
    #[arg(long, value_name = "ID")]
    only: Vec<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// `omsctl sweep`.
#[derive(Debug, Args)]
pub struct Sweep {
    /// A service, such as orders; all that have a sweep if none is named.
    service: Option<String>,
    #[command(flatten)]
    of: Stage,
    /// Look as if it were this time, such as 2026-11-22T10:15:00Z; now if it is not given.
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
    /// Look at this order, reservation or payment (all by the order's id) instead of all that are due; may be repeated.
    #[arg(long = "key", value_name = "ID")]
    keys: Vec<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// ID tokens for a stage on AWS; the demo users sam and olga are asked on an emulator.
#[derive(Args)]
struct Who {
    /// An ID token of a member of the group `support`.
    #[arg(long, env = "OMS_SUPPORT_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    support_token: Option<String>,
    /// An ID token of a member of the group `operator`.
    #[arg(long, env = "OMS_OPERATOR_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    operator_token: Option<String>,
}

/// Tokens stay out of logs.
impl std::fmt::Debug for Who {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Who").finish_non_exhaustive()
    }
}

pub async fn stuck(asked: Stuck) -> Result<ExitCode> {
    let desk = open(&asked.of.stage, asked.who).await?;
    let now = now();
    let all = stuck::list(&desk, now).await?;
    if asked.json {
        say(&(serde_json::to_string_pretty(&all)? + "\n"))?;
    } else if all.is_empty() {
        note("no order waits longer than it should");
    } else {
        say(&stuck::text(&all, Paint::stdout(), now))?;
    }
    Ok(status(all.is_empty()))
}

pub async fn reconcile(asked: Reconcile) -> Result<ExitCode> {
    let desk = open(&asked.of.stage, asked.who).await?;
    let within = Duration::try_from(asked.within)?;
    let (between, only) = (reconcile::BETWEEN_LOOKS, asked.only);
    let options = reconcile::Options { grace: asked.grace, only, repair: asked.repair, between, within };
    let report = reconcile::run(&desk, &options).await?;
    if asked.json {
        say(&(serde_json::to_string_pretty(&report)? + "\n"))?;
    } else {
        say(&report.text(Paint::stdout(), now()))?;
    }
    Ok(status(report.is_clean()))
}

pub async fn sweep(asked: Sweep) -> Result<ExitCode> {
    let (aws, system) = discover(&Repository::find()?, &asked.of.stage).await?;
    let all = sweep::sweep(&aws, &system, asked.service.as_deref(), asked.at, &asked.keys).await?;
    if asked.json {
        say(&(serde_json::to_string_pretty(&all)? + "\n"))?;
    } else {
        let count = |count: u64| count.to_string();
        let rows = all.iter().map(|it| {
            let counts = it.counts;
            [it.service.clone(), count(counts.looked), count(counts.changed), count(counts.failed)]
        });
        say(&table(["SERVICE", "LOOKED AT", "CHANGED", "FAILED"], &rows.collect::<Vec<_>>()))?;
    }
    for (service, error) in all.iter().filter_map(|it| Some((&it.service, it.error.as_ref()?))) {
        eprintln!("{}", Paint::stderr().paint(Colour::Red, format!("{service}: {error}")));
    }
    Ok(status(all.iter().all(|it| it.error.is_none())))
}

async fn open(stage: &str, who: Who) -> Result<Desk> {
    let repository = Repository::find()?;
    let (aws, system) = discover(&repository, stage).await?;
    let tokens = Tokens { support: who.support_token, operator: who.operator_token };
    Desk::open(&repository, &aws, system, tokens).await
}

fn status(clean: bool) -> ExitCode {
    if clean { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[expect(clippy::disallowed_methods, reason = "this is the rim: someone asks now")]
fn now() -> Timestamp {
    Timestamp::now()
}
