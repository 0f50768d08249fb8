//! Queue → typed event → handler → partial batch response.
//!
//! A record leaves the queue only when its handler has succeeded. One that will succeed later returns to the queue with
//! back-off, as long as it can matter; one that perhaps will, a few times. One that never will goes to the dead-letter
//! queue at once, with its cause as message attributes. None affects its neighbours in the batch.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use futures::{FutureExt, future::join_all};
use jiff::Timestamp;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use tracing::{Instrument, Span};

use crate::cause::Cause;
use crate::clock::{self, time_left};
use crate::verdict::{Classify, Verdict, chain};

mod delivery;
mod queue;
pub mod retry;

pub use delivery::{Delivery, Refused};
use queue::Queue;
use retry::History;

/// An event that a consumer has given up.
#[derive(Debug, Clone, Copy)]
pub struct Parked<'a> {
    /// The event, a CloudEvents JSON text.
    pub event: &'a str,
    /// Which consumer could not handle it: service and role, for example `shop/events`.
    pub consumer: &'a str,
    /// A stable word for the kind of error.
    pub error_class: &'static str,
    /// The error in words, at most 1,000 characters.
    pub message: &'a str,
    /// How often the event was received.
    pub receives: u32,
    /// When it was given up.
    pub at: Timestamp,
}

/// A message that is not an event of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreign {
    /// What somebody has put into the queue.
    pub body: String,
    /// The account that the queue belongs to.
    pub account: String,
    /// What it leads to is caused by the message, whose id in the queue names it, in no saga yet.
    pub cause: Cause,
}

/// Makes the event that reports a parked one, a CloudEvents JSON text; none if it is not to be reported.
pub type Report = fn(Parked<'_>) -> Option<String>;

/// Why a message was not handled.
#[derive(Debug)]
struct Failure {
    verdict: Verdict,
    class: &'static str,
    message: String,
}

/// Handles the function's queue until the process ends. Reads from the environment QUEUE_URL, DLQ_URL and SERVICE;
/// MAX_RECEIVES (the redrive policy's maxReceiveCount), URGENT_SECONDS (how long others wait for what a message leads
/// to) and GIVE_UP_SECONDS (below the queue's retention); and BUS, if parked messages are reported: then the event that
/// `report` makes of one is published.
///
/// # Errors
/// A missing variable, or the failure of Lambda's runtime.
pub async fn run<E: Classify>(
    aws: &SdkConfig,
    handler: impl AsyncFn(Delivery) -> Result<(), E>,
    report: Report,
) -> Result<(), Error> {
    consume(aws, report, Opened::event, handler).await
}

/// As [`run`], for a queue whose messages are not events of ours: the handler gets each as it is, and has to judge who sent
/// it. Nothing is reported.
///
/// # Errors
/// A missing variable, or the failure of Lambda's runtime.
pub async fn run_foreign<E: Classify>(
    aws: &SdkConfig,
    handler: impl AsyncFn(Foreign) -> Result<(), E>,
) -> Result<(), Error> {
    consume(aws, |_| None, |record| Ok(Opened::foreign(record)), handler).await
}

async fn consume<M, E: Classify>(
    aws: &SdkConfig,
    report: Report,
    open: fn(&SqsMessage) -> Result<Opened<M>, Refused>,
    handler: impl AsyncFn(M) -> Result<(), E>,
) -> Result<(), Error> {
    let (queue, handler) = (&Queue::from_env(aws, report)?, &handler);
    lambda_runtime::run(service_fn(move |batch: LambdaEvent<SqsEvent>| async move {
        let left = time_left(batch.context.deadline);
        // All records side by side: one that waits does not hold up its neighbours.
        let records = batch.payload.records.into_iter();
        let failed = join_all(records.map(|record| one(queue, open(&record), record, left, handler))).await;
        let mut response = SqsBatchResponse::default();
        response.set_failures(failed.into_iter().flatten().collect::<Vec<_>>());
        Ok::<_, Error>(response)
    }))
    .await
}

/// One record; its id if it must stay in the queue.
async fn one<M, E: Classify>(
    queue: &Queue,
    opened: Result<Opened<M>, Refused>,
    record: SqsMessage,
    left: Duration,
    handler: &impl AsyncFn(M) -> Result<(), E>,
) -> Option<String> {
    let span = opened.as_ref().map_or_else(|_| tracing::info_span!("cause"), |opened| opened.span.clone());
    async {
        let event = opened.as_ref().ok().and_then(|opened| opened.event.clone());
        let result = match opened {
            Ok(opened) => attempt(handler, opened, left).await,
            Err(refused) => Err(Failure::of(&refused)),
        };
        let Err(failure) = result else { return None };
        let parked = queue.end(&record, event.as_deref(), &failure).await;
        (!parked).then(|| record.message_id.clone().unwrap_or_default())
    }
    .instrument(span)
    .await
}

async fn attempt<M, E: Classify>(
    handler: &impl AsyncFn(M) -> Result<(), E>,
    opened: Opened<M>,
    left: Duration,
) -> Result<(), Failure> {
    opened.admitted.map_err(|looping| Failure::of(&looping))?;
    // The call itself is inside, so that a panic before the first await is caught as well.
    let suspect = |class, message| Err(Failure { verdict: Verdict::Suspect, class, message });
    let work = AssertUnwindSafe(async { handler(opened.message).await }).catch_unwind();
    match tokio::time::timeout(left, work).await {
        Ok(Ok(Ok(()))) => Ok(()),
        Ok(Ok(Err(error))) => Err(Failure::of(&error)),
        Ok(Err(panic)) => suspect("panic", panic_message(panic.as_ref())),
        Err(_) => suspect("deadline", "the invocation's time ran out".into()),
    }
}

/// A message of a queue, as its handler gets it.
struct Opened<M> {
    message: M,
    /// In which it is handled.
    span: Span,
    /// What is reported if it is given up.
    event: Option<String>,
    /// Whether the handler may see it.
    admitted: Result<(), Refused>,
}

impl Opened<Delivery> {
    fn event(record: &SqsMessage) -> Result<Self, Refused> {
        let receives = History::of(record, clock::now()).receives;
        let body = record.body.as_deref().unwrap_or_default();
        Delivery::of(body, account(record), receives, clock::now()).map(Self::of)
    }

    fn of(delivery: Delivery) -> Self {
        let (span, event, admitted) = (delivery.span(), Some(delivery.text.clone()), delivery.check_hops());
        Self { message: delivery, span, event, admitted }
    }
}

impl Opened<Foreign> {
    fn foreign(record: &SqsMessage) -> Self {
        let cause = Cause::new(clock::new_id("cor_"), record.message_id.as_deref().unwrap_or_default(), clock::now());
        let (span, body) = (cause.span(), record.body.clone().unwrap_or_default());
        Self {
            message: Foreign { body, account: account(record).to_owned(), cause },
            span,
            event: None,
            admitted: Ok(()),
        }
    }
}

impl Failure {
    fn of<E: Classify>(error: &E) -> Self {
        Self { verdict: error.verdict(), class: error.class(), message: chain(error) }
    }
}

/// The account that the queue belongs to; Lambda fills its ARN in. Without one, no event is believed.
fn account(record: &SqsMessage) -> &str {
    record.event_source_arn.as_deref().and_then(|arn| arn.split(':').nth(4)).unwrap_or_default()
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "panic".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Table;

    fn delivery(hops: u32) -> Opened<Delivery> {
        Opened::of(Delivery::of(&delivery::tests::body(hops), delivery::tests::ACCOUNT, 1, clock::now()).unwrap())
    }

    #[tokio::test]
    async fn a_panic_is_a_failure_of_its_record_alone() {
        let handler = |_: Delivery| async { if true { panic!("poison") } else { Ok::<(), Refused>(()) } };
        let failure = attempt(&handler, delivery(0), Duration::from_secs(1)).await.unwrap_err();
        assert_eq!((failure.class, failure.message.as_str()), ("panic", "poison"));
    }

    #[tokio::test]
    async fn a_record_that_outlasts_the_invocation_is_returned() {
        let handler = |_: Delivery| async { std::future::pending::<Result<(), Refused>>().await };
        let failure = attempt(&handler, delivery(0), Duration::from_millis(1)).await.unwrap_err();
        assert_eq!((failure.class, failure.verdict), ("deadline", Verdict::Suspect));
    }

    #[tokio::test]
    async fn no_handler_sees_an_event_that_goes_in_a_circle() {
        let handler = |_: Delivery| async { if true { panic!("seen") } else { Ok::<(), Refused>(()) } };
        let failure = attempt(&handler, delivery(16), Duration::from_secs(1)).await.unwrap_err();
        assert_eq!((failure.class, failure.verdict), ("looping", Verdict::Park));
    }

    #[tokio::test]
    async fn a_foreign_message_reaches_its_handler_as_it_is() {
        let mut record = SqsMessage::default();
        record.body = Some("no event".into());
        record.event_source_arn = Some("arn:aws:sqs:us-east-1:111122223333:feedback".into());
        let opened = Opened::foreign(&record);
        assert_eq!(opened.event, None, "nothing is reported");
        let handler = async |message: Foreign| match (message.body.as_str(), message.account.as_str()) {
            ("no event", "111122223333") => Ok::<(), Refused>(()),
            other => panic!("{other:?}"),
        };
        assert!(attempt(&handler, opened, Duration::from_secs(1)).await.is_ok());
    }

    #[test]
    fn a_record_names_its_queues_account() {
        let mut record = SqsMessage::default();
        assert_eq!(account(&record), "");
        record.event_source_arn = Some("arn:aws:sqs:us-east-1:111122223333:oms-local-orders".into());
        assert_eq!(account(&record), "111122223333");
    }

    /// A table that is away is no fault of the message.
    #[tokio::test]
    async fn a_table_that_never_answers_fails_its_records_in_time_and_will_be_back() {
        let table = Table::new(&crate::aws::tests::silent().await, "items".to_owned());
        let handler = async |delivery: Delivery| table.load::<serde_json::Value>(&delivery.subject).await.map(drop);
        let failure = attempt(&handler, delivery(0), Duration::from_secs(28)).await.unwrap_err();
        assert_eq!((failure.class, failure.verdict), ("unreachable", Verdict::Retry));
    }
}
