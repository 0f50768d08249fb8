//! One order's steps across the services, as the services' own logs tell them.

use anyhow::Result;
use jiff::Timestamp;

use crate::aws::Aws;
use crate::logs::{Line, Reader, Selection};
use crate::system::System;
use crate::terminal::table;

/// Prints what each service did for the order, in milliseconds since it was posted.
pub(super) async fn print(aws: &Aws, system: &System, id: &str, posted: Timestamp) -> Result<()> {
    let mut selection = Selection { order: Some(id.to_owned()), ..Selection::default() };
    let lines = selection.select(Reader::new(aws, system, None, posted).read().await?);
    let shown: Vec<[String; 6]> = lines.iter().filter(|line| is_a_step(line)).map(|line| row(line, posted)).collect();
    println!("The steps of {id}, from the services' logs:\n");
    println!("{}", table(["MS", "SERVICE", "EVENT", "STEP", "STATUS", "CORRELATION ID"], &shown));
    Ok(())
}

/// Requests that only looked are no steps.
fn is_a_step(line: &Line) -> bool {
    line.field("method").is_none_or(|method| method != "GET") && line.field("message").is_some()
}

fn row(line: &Line, posted: Timestamp) -> [String; 6] {
    let ms = line.at.as_millisecond() - posted.as_millisecond();
    let text = |name: &str| line.field(name).unwrap_or_default().to_owned();
    let status = ["status", "outcome", "error_class"].into_iter().filter_map(|name| line.field(name));
    [
        ms.to_string(),
        format!("{}/{}", line.service, line.role),
        text("event_type"),
        text("message"),
        status.collect::<Vec<_>>().join(" "),
        text("correlation_id"),
    ]
}
