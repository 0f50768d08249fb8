//! `stuck`, `reconcile` and `sweep`: what support and operators use to find and repair orders.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use clap::Args;
use jiff::{SignedDuration, Timestamp};
use omsctl::arguments::{order_id, wait};
use omsctl::aws::Aws;
use omsctl::repository::Repository;
use omsctl::staff_api::{StaffApi, Tokens};
use omsctl::terminal::{Colour, Paint, note, table};
use omsctl::{reconcile, stuck, sweep};

use super::{discover, now, print, print_json};
use crate::Stage;

#[derive(Debug, Args)]
pub struct Stuck {
    #[command(flatten)]
    of: Stage,
    #[command(flatten)]
    tokens: StaffTokens,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub struct Reconcile {
    #[command(flatten)]
    of: Stage,
    #[command(flatten)]
    tokens: StaffTokens,
    /// Send the services' own commands that repair a difference, and compare again.
    #[arg(long)]
    repair: bool,
    /// Do not compare what changed within this time: its events are still on their way.
    #[arg(long, default_value = "60s", value_name = "TIME", value_parser = wait)]
    grace: SignedDuration,
    /// How long to wait until everything is repaired.
    #[arg(long, default_value = "60s", value_name = "TIME", value_parser = wait, requires = "repair")]
    within: SignedDuration,
    /// Compare only this order or sku; may be repeated.
    #[arg(long, value_name = "ID")]
    only: Vec<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub struct Sweep {
    /// A service, such as orders; every service with a sweep if none is named.
    service: Option<String>,
    #[command(flatten)]
    of: Stage,
    /// Handle what is due by this time, such as 2026-11-22T10:15:00Z [default: now]; what is written has the real time.
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
    /// Handle everything that is due by a time more than a minute ahead: every order that is not paid by then is cancelled.
    #[arg(long, requires = "at", conflicts_with = "keys")]
    all: bool,
    /// Check this order, reservation or payment (each by its order id) instead of all that are due; may be repeated.
    #[arg(long = "key", value_name = "ORDER", value_parser = order_id)]
    keys: Vec<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// ID tokens for a stage on AWS; on an emulator the demo users sam and olga sign in.
#[derive(Args)]
pub struct StaffTokens {
    /// An ID token of a member of the group `support`.
    #[arg(long, env = "OMS_SUPPORT_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    support_token: Option<String>,
    /// An ID token of a member of the group `operator`.
    #[arg(long, env = "OMS_OPERATOR_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    operator_token: Option<String>,
}

/// Tokens stay out of logs.
impl std::fmt::Debug for StaffTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StaffTokens").finish_non_exhaustive()
    }
}

pub async fn stuck(arguments: Stuck) -> Result<ExitCode> {
    let (_, staff) = sign_in(&arguments.of.stage, arguments.tokens).await?;
    let now = now();
    let all = stuck::list(&staff, now).await?;
    if arguments.json {
        print_json(&all)?;
    } else if all.is_empty() {
        note("no order waits longer than it should");
    } else {
        print(&stuck::text(&all, Paint::stdout(), now))?;
    }
    Ok(status(all.is_empty()))
}

pub async fn reconcile(arguments: Reconcile) -> Result<ExitCode> {
    let (_, staff) = sign_in(&arguments.of.stage, arguments.tokens).await?;
    let options = reconcile::Options {
        grace: arguments.grace,
        only: arguments.only,
        repair: arguments.repair,
        pause: reconcile::PAUSE,
        within: Duration::try_from(arguments.within)?,
    };
    let report = reconcile::run(&staff, &options).await?;
    if arguments.json {
        print_json(&report)?;
    } else {
        print(&report.text(Paint::stdout(), now()))?;
    }
    Ok(status(report.is_clean()))
}

pub async fn sweep(arguments: Sweep) -> Result<ExitCode> {
    if !arguments.all {
        sweep::refuse_far_ahead(arguments.at, now(), &arguments.keys)?;
    }
    let (aws, system) = discover(&Repository::find()?, &arguments.of.stage).await?;
    let all = sweep::sweep(&aws, &system, arguments.service.as_deref(), arguments.at, &arguments.keys).await?;
    if arguments.json {
        print_json(&all)?;
    } else {
        let count = |count: u64| count.to_string();
        let rows = all.iter().map(|it| {
            let counts = it.counts;
            [it.service.clone(), count(counts.looked), count(counts.changed), count(counts.failed)]
        });
        print(&table(["SERVICE", "CHECKED", "CHANGED", "FAILED"], &rows.collect::<Vec<_>>()))?;
    }
    for (service, error) in all.iter().filter_map(|it| Some((&it.service, it.error.as_ref()?))) {
        let next = format!("run `just logs --service {service}`");
        eprintln!("{}", Paint::stderr().paint(Colour::Red, format!("{service}: {error}; {next}")));
    }
    Ok(status(all.iter().all(|it| it.error.is_none())))
}

pub(super) async fn sign_in(stage: &str, tokens: StaffTokens) -> Result<(Aws, StaffApi)> {
    let repository = Repository::find()?;
    let (aws, system) = discover(&repository, stage).await?;
    let tokens = Tokens { support: tokens.support_token, operator: tokens.operator_token };
    let staff = StaffApi::sign_in(&repository, &aws, system, tokens).await?;
    Ok((aws, staff))
}

pub(super) fn status(clean: bool) -> ExitCode {
    if clean { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
