//! One order's story across the services, from their own logs.

use anyhow::Result;
use jiff::Timestamp;

use crate::aws::Aws;
use crate::logs::{Line, Reader, Selection};
use crate::system::System;
use crate::terminal::table;

/// Prints what each service did for the order, with the milliseconds since it was posted.
pub(super) async fn print(aws: &Aws, system: &System, id: &str, posted: Timestamp) -> Result<()> {
    let mut selection = Selection { order: Some(id.to_owned()), ..Selection::default() };
    let lines = selection.select(Reader::new(aws, system, None, posted).read().await?);
    let lines: Vec<&Line> = lines.iter().filter(|line| line.field("message").is_some()).collect();
    let rows: Vec<[String; 5]> = lines.iter().map(|line| row(line, posted)).collect();
    println!("The steps of {id}, from the services' logs:\n");
    println!("{}", table(["MS", "SERVICE", "WHAT HAPPENED", "EVENT TYPE", "STATUS"], &rows));
    Ok(())
}

fn row(line: &Line, posted: Timestamp) -> [String; 5] {
    let ms = line.at.as_millisecond() - posted.as_millisecond();
    [ms.to_string(), line.origin(), line.what_happened(), line.event_type(), line.status()]
}
