//! One role: looks at every event that the bus delivers.

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use chassis::{clock, config, telemetry};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use watcher::report;
use watcher::seen::Seen;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init("watcher", &[]);
    let stage = &config::var("STAGE")?;
    lambda_runtime::run(service_fn(async move |batch: LambdaEvent<SqsEvent>| {
        watch(&batch.payload, stage);
        // nothing failed
        Ok::<_, Error>(SqsBatchResponse::default())
    }))
    .await
}

/// Whatever a message holds, it is reported on and done with: trying again would show the same.
fn watch(batch: &SqsEvent, stage: &str) {
    let bodies = batch.records.iter().map(|record| record.body.as_deref().unwrap_or_default());
    let seen: Vec<Seen> = bodies.map(Seen::of).collect();
    seen.iter().for_each(report::log);
    for metric in report::metrics(&seen, stage, clock::now().as_millisecond()) {
        println!("{metric}");
    }
}
