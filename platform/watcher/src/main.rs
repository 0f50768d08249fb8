//! One role: inspects every event that the bus delivers.

#![deny(clippy::indexing_slicing, clippy::panic)]

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use chassis::{clock, config, telemetry};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use watcher::inspection::Inspection;
use watcher::report;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init("watcher", &[]);
    let stage = &config::var("STAGE")?;
    lambda_runtime::run(service_fn(async move |batch: LambdaEvent<SqsEvent>| {
        watch(&batch.payload, stage);
        // no message is retried
        Ok::<_, Error>(SqsBatchResponse::default())
    }))
    .await
}

/// Reports on every message, whatever it holds: trying again would show the same.
fn watch(batch: &SqsEvent, stage: &str) {
    let bodies = batch.records.iter().map(|record| record.body.as_deref().unwrap_or_default());
    let inspected: Vec<Inspection> = bodies.map(Inspection::of).collect();
    inspected.iter().for_each(report::log);
    for metric in report::metrics(&inspected, stage, clock::now().as_millisecond()) {
        println!("{metric}");
    }
}
