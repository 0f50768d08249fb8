//! `cost`: what orders cost on AWS.

use anyhow::Result;
use clap::Args;
use omsctl::cost::bill::Batch;
use omsctl::cost::document;
use omsctl::cost::report::{Selection, overview, report};
use omsctl::repository::Repository;

use super::{print, print_json};

#[derive(Debug, Args)]
pub struct Cost {
    /// How the order goes: paid, declined, out-of-stock, cancelled, refunded.
    #[arg(long, default_value = "paid")]
    path: String,
    /// Lines of the order: 1 or 3.
    #[arg(long, default_value_t = 1)]
    lines: u32,
    /// How many messages share an invocation: alone, full, or a number.
    #[arg(long, default_value = "full")]
    batch: Batch,
    /// Another design to compare with, such as textbook: its counts are in platform/bench/NAME.lock.
    #[arg(long, value_name = "NAME")]
    compare: Option<String>,
    /// Show every path, one line each.
    #[arg(long, conflicts_with_all = ["path", "lines", "batch", "compare", "json"])]
    all: bool,
    /// Write the bills into docs/performance.md.
    #[arg(long, hide = true, conflicts_with_all = ["path", "lines", "batch", "compare", "json", "all"])]
    document: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub fn cost(arguments: Cost) -> Result<()> {
    let Cost { path, lines, batch, compare, all, document, json } = arguments;
    let repository = Repository::find()?;
    if document {
        return document::write(&repository);
    }
    if all {
        return print(&overview(&repository)?);
    }
    let report = report(&repository, &Selection { path, lines, batch, compare })?;
    if json { print_json(&report) } else { print(&report.tables()) }
}
