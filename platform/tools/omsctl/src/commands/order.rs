//! `order`: one order across the services.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use omsctl::arguments::order_id;
use omsctl::order;
use omsctl::terminal::Paint;

use super::staff::{StaffTokens, sign_in, status};
use super::{now, print, print_json};
use crate::Stage;

#[derive(Debug, Args)]
pub struct Order {
    /// The order's id.
    #[arg(value_parser = order_id)]
    id: String,
    #[command(flatten)]
    of: Stage,
    #[command(flatten)]
    tokens: StaffTokens,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub async fn order(arguments: Order) -> Result<ExitCode> {
    let Order { id, of, tokens, json } = arguments;
    let (aws, staff) = sign_in(&of.stage, tokens).await?;
    let Some(report) = order::read(&staff, &aws, &id).await? else {
        eprintln!("omsctl: stage {} has no order {id}", of.stage);
        return Ok(ExitCode::FAILURE);
    };
    if json {
        print_json(&report)?;
    } else {
        print(&report.text(Paint::stdout(), now()))?;
    }
    Ok(status(report.is_complete()))
}
