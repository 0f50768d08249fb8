//! Queue → typed event → handler → partial batch response.
//!
//! A record is acknowledged only when its handler said so. What may succeed later is returned to the queue with
//! back-off; what never will is kept in the dead-letter queue at once, with its cause as message attributes; its
//! neighbours in the batch are not affected by either.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use futures::{FutureExt, StreamExt, stream};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use tracing::Instrument;

use crate::backoff;
use crate::clock::{self, time_left};
use crate::verdict::chain;

mod delivery;
mod queue;
mod report;

pub use crate::verdict::{Classify, Verdict};
pub use delivery::{Delivery, Malformed};
use queue::Queue;
pub use report::{Parked, Report};

/// Why a message was not handled.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Failure {
    verdict: Verdict,
    class: &'static str,
    message: String,
}

/// What becomes of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Fate {
    Done,
    Later(Duration, Failure),
    Parked(Failure),
}

/// Handles the function's queue until the process ends. Reads QUEUE_URL, DLQ_URL, MAX_RECEIVES (the redrive
/// policy's maxReceiveCount) and SERVICE from the environment; and BUS, if what is parked is for people to look at:
/// then `report` makes an event of it, and that is published.
///
/// # Errors
/// A missing variable, or the failure of Lambda's runtime.
pub async fn run<H, F, E>(aws: &SdkConfig, handler: H, report: Report) -> Result<(), Error>
where
    H: Fn(Delivery) -> F,
    F: Future<Output = Result<(), E>>,
    E: Classify,
{
    let queue = Arc::new(Queue::from_env(aws, report)?);
    let handler = &handler;
    lambda_runtime::run(service_fn(move |batch: LambdaEvent<SqsEvent>| {
        let queue = Arc::clone(&queue);
        async move { Ok::<_, Error>(handle(&queue, batch, handler).await) }
    }))
    .await
}

/// All records of a batch, side by side: one that waits does not hold up its neighbours.
async fn handle<H, F, E>(queue: &Queue, batch: LambdaEvent<SqsEvent>, handler: &H) -> SqsBatchResponse
where
    H: Fn(Delivery) -> F,
    F: Future<Output = Result<(), E>>,
    E: Classify,
{
    let left = time_left(batch.context.deadline);
    let records = batch.payload.records;
    let side_by_side = records.len().max(1);
    let failed = stream::iter(records)
        .map(|record| async move {
            let id = record.message_id.clone().unwrap_or_default();
            let done = one(queue, record, left, handler).await;
            (!done).then_some(id)
        })
        .buffer_unordered(side_by_side)
        .filter_map(|failed| async move { failed })
        .collect::<Vec<_>>()
        .await;
    let mut response = SqsBatchResponse::default();
    response.set_failures(failed);
    response
}

/// One record; true if it may leave the queue.
async fn one<H, F, E>(queue: &Queue, record: SqsMessage, left: Duration, handler: &H) -> bool
where
    H: Fn(Delivery) -> F,
    F: Future<Output = Result<(), E>>,
    E: Classify,
{
    let delivery = Delivery::read(&record, clock::now());
    let span = delivery.as_ref().map_or_else(|_| tracing::info_span!("cause"), Delivery::span);
    let about = delivery.as_ref().ok().cloned();
    async {
        let receives = delivery::receives(&record);
        let result = match delivery {
            Ok(delivery) => attempt(handler, delivery, left).await,
            Err(malformed) => Err(Failure::of(&malformed)),
        };
        let fate = fate(result, receives, queue.max_receives);
        queue.carry_out(&fate, &record, about.as_ref(), receives).await
    }
    .instrument(span)
    .await
}

async fn attempt<H, F, E>(handler: &H, delivery: Delivery, left: Duration) -> Result<(), Failure>
where
    H: Fn(Delivery) -> F,
    F: Future<Output = Result<(), E>>,
    E: Classify,
{
    // The call itself is inside, so that a panic before the first await is caught as well.
    let work = AssertUnwindSafe(async { handler(delivery).await }).catch_unwind();
    match tokio::time::timeout(left, work).await {
        Ok(Ok(Ok(()))) => Ok(()),
        Ok(Ok(Err(error))) => Err(Failure::of(&error)),
        Ok(Err(panic)) => Err(Failure::retry("panic", panic_message(panic.as_ref()))),
        Err(_) => Err(Failure::retry("deadline", "the invocation's time ran out".into())),
    }
}

impl Failure {
    fn of<E: Classify>(error: &E) -> Self {
        Self { verdict: error.verdict(), class: error.class(), message: chain(error) }
    }

    fn retry(class: &'static str, message: String) -> Self {
        Self { verdict: Verdict::Retry, class, message }
    }
}

/// On the last receive a failure is parked here: SQS itself would move the message without its cause.
fn fate(result: Result<(), Failure>, receives: u32, max_receives: u32) -> Fate {
    let Err(failure) = result else { return Fate::Done };
    match failure.verdict {
        Verdict::Park => Fate::Parked(failure),
        Verdict::Retry | Verdict::RetryIn(_) if receives >= max_receives => Fate::Parked(failure),
        Verdict::RetryIn(wait) => Fate::Later(wait, failure),
        Verdict::Retry => Fate::Later(backoff::MESSAGE.wait(receives), failure),
    }
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "panic".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(verdict: Verdict) -> Result<(), Failure> {
        Err(Failure { verdict, class: "test", message: "test".into() })
    }

    #[test]
    fn what_never_will_is_parked_at_once_and_the_rest_on_the_last_receive() {
        assert!(matches!(fate(failed(Verdict::Park), 1, 5), Fate::Parked(_)));
        assert!(matches!(fate(failed(Verdict::Retry), 4, 5), Fate::Later(..)));
        assert!(matches!(fate(failed(Verdict::Retry), 5, 5), Fate::Parked(_)));
        assert_eq!(fate(Ok(()), 5, 5), Fate::Done);
    }

    #[tokio::test]
    async fn a_panic_is_a_failure_of_its_record_alone() {
        let delivery = || Delivery::read(&delivery::tests::record(), clock::now()).unwrap();
        let handler = |_: Delivery| async { if true { panic!("poison") } else { Ok::<(), Malformed>(()) } };
        let failure = attempt(&handler, delivery(), Duration::from_secs(1)).await.unwrap_err();
        assert_eq!((failure.class, failure.message.as_str()), ("panic", "poison"));
    }

    #[tokio::test]
    async fn a_record_that_outlasts_the_invocation_is_returned() {
        let delivery = Delivery::read(&delivery::tests::record(), clock::now()).unwrap();
        let handler = |_: Delivery| async { std::future::pending::<Result<(), Malformed>>().await };
        let failure = attempt(&handler, delivery, Duration::from_millis(1)).await.unwrap_err();
        assert_eq!((failure.class, failure.verdict), ("deadline", Verdict::Retry));
    }
}
