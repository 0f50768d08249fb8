//! Where a dead letter returns to, and whether it may.

use super::dead_letter::{DeadLetter, Kind};
use super::mail_report;
use crate::system::{Queue, Service, System};

/// The queue for events that the bus could not deliver and for stream records that a relay could not publish.
const UNDELIVERABLE: &str = "undeliverable";
/// What EventBridge calls the event of a schedule.
const TICK: &str = "Scheduled Event";
/// The suffix of a queue for messages that the consumer of another dead-letter queue could not handle.
const UNSETTLED: &str = "-unsettled";
/// Classes of errors that the same version of a consumer would report again for the same message.
const ALWAYS_REFUSED: [&str; 5] = ["malformed", "mislabelled", "looping", "contract", "unknown_type"];

/// Where the messages of a dead-letter queue came from, which is where they return to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route<'a> {
    /// From a queue, whose consumer could not handle them.
    Queue {
        /// The consumer, such as `orders/events`.
        consumer: String,
        /// The consumer's queue.
        queue: &'a Queue,
    },
    /// From the bus, or from a relay before it.
    Bus {
        /// The bus's name.
        bus: &'a str,
        /// The queues that receive events from it.
        targets: Vec<&'a Queue>,
    },
}

impl<'a> Route<'a> {
    /// The route of a dead-letter queue; `None` if its service is not deployed.
    #[must_use]
    pub fn of(system: &'a System, name: &str) -> Option<Self> {
        if name == UNDELIVERABLE {
            let queues = |service: &'a Service| service.queue.iter().chain(service.more_queues.values());
            let targets = system.services.values().flat_map(queues).collect();
            return Some(Self::Bus { bus: &system.bus, targets });
        }
        if let Some(service) = name.strip_suffix(UNSETTLED) {
            let queue = system.dead_letters.get(service)?;
            return Some(Self::Queue { consumer: format!("{service}/dead-letters"), queue });
        }
        let more = |(service, found): (&'a String, &'a Service)| {
            let role = name.strip_prefix(service.as_str())?.strip_prefix('-')?;
            Some((format!("{service}/{role}"), found.more_queues.get(role)?))
        };
        if let Some((consumer, queue)) = system.services.iter().find_map(more) {
            return Some(Self::Queue { consumer, queue });
        }
        let queue = system.services.get(name)?.queue.as_ref()?;
        Some(Self::Queue { consumer: format!("{name}/events"), queue })
    }

    /// The consumer that could not handle the messages.
    #[must_use]
    pub fn consumer(&self) -> &str {
        match self {
            Self::Queue { consumer, .. } => consumer,
            Self::Bus { .. } => "the bus, relays",
        }
    }

    /// The queue to which the messages return.
    #[must_use]
    pub fn returns_to(&self) -> &str {
        match self {
            Self::Queue { queue, .. } => name(queue),
            Self::Bus { .. } => "the queue that missed it",
        }
    }
}

/// A queue's name in AWS, such as `oms-local-orders`.
pub(super) fn name(queue: &Queue) -> &str {
    queue.url.rsplit('/').next().unwrap_or(&queue.url)
}

/// Which messages a redrive moves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RedriveRequest {
    /// At most this many.
    pub max: Option<usize>,
    /// Only the message with this id.
    pub message_id: Option<String>,
    /// Also messages that the same version of the consumer would refuse again.
    pub all: bool,
}

/// The destination of one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destination<'a> {
    /// This queue.
    Queue(&'a Queue),
    /// The queue for what SES reports of mail; it gets the message without the address.
    MailReport(&'a Queue),
    /// The bus of this name.
    Bus(&'a str),
}

/// What a redrive does with one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step<'a> {
    /// Sends it there.
    Move(Destination<'a>),
    /// Leaves it, since its consumer would refuse it again; the reason is for people.
    Skip(String),
    /// Leaves it, since it cannot be sent anywhere; the reason is for people.
    Refuse(String),
}

impl RedriveRequest {
    /// Decides about one message; `target` is the ARN of the queue to which the bus could not deliver it.
    #[must_use]
    pub fn decide<'a>(&self, message: &DeadLetter, target: Option<&str>, route: &Route<'a>) -> Step<'a> {
        let (bus, targets) = match route {
            Route::Queue { queue, .. } => return self.back_to(queue, message),
            Route::Bus { bus, targets } => (*bus, targets),
        };
        match message.kind {
            Kind::StreamRecords => Step::Refuse(
                "it only points to stream records and has no content to send: see undeliverable-dlq in docs/runbook.md"
                    .to_owned(),
            ),
            Kind::Unknown => Step::Refuse("it is not an event; to delete it, run `just dlq discard`".to_owned()),
            Kind::Event if mail_report::is_one(message) => mail_report::step(targets),
            // Only AWS may publish with AWS as the source.
            Kind::Event if message.event_id.is_none() => Step::Refuse(match message.event_type.as_deref() {
                Some(TICK) => {
                    "it is a schedule's tick, and the next one follows by itself; to delete it, run `just dlq discard`"
                        .to_owned()
                }
                other => {
                    format!("it is {:?}, not an event of ours; nobody else can send it", other.unwrap_or_default())
                }
            }),
            // One target missed it. Operators may send to its queue; only the relay may publish to the bus.
            Kind::Event => match target {
                Some(arn) => match targets.iter().find(|queue| queue.arn == arn) {
                    Some(queue) => Step::Move(Destination::Queue(queue)),
                    None => Step::Refuse(format!("its target {arn} is not a queue of this stage")),
                },
                None => Step::Move(Destination::Bus(bus)),
            },
        }
    }

    fn back_to<'a>(&self, queue: &'a Queue, message: &DeadLetter) -> Step<'a> {
        let class = message.error_class.as_deref().unwrap_or_default();
        if ALWAYS_REFUSED.contains(&class) && !self.all && self.message_id.is_none() {
            let why = "the same version of the consumer would refuse it again; --all or --message-id sends it";
            return Step::Skip(format!("{class}: {why}"));
        }
        Step::Move(Destination::Queue(queue))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::dead_letter::tests::{event, message, stream_records};
    use super::*;
    use crate::users::Identity;
    use serde_json::json;

    fn queue(name: &str) -> Queue {
        Queue {
            url: format!("http://sqs/0/oms-local-{name}"),
            arn: format!("arn:aws:sqs:us-east-1:0:oms-local-{name}"),
        }
    }

    fn system() -> System {
        let service = |name: &str| Service { queue: Some(queue(name)), ..Service::default() };
        let queues = ["orders", "orders-late", "payments", "payments-unsettled", "notifications", "undeliverable"];
        let mut services = BTreeMap::from(["orders", "payments"].map(|name| (name.to_owned(), service(name))));
        services.entry("orders".into()).or_default().more_queues.insert("late".into(), queue("orders-late"));
        System {
            stage: "local".into(),
            region: "us-east-1".into(),
            endpoint: None,
            bus: "oms-local".into(),
            identity: Identity { issuer: String::new(), pool_id: String::new(), client_id: String::new() },
            mailbox: None,
            users: BTreeMap::new(),
            dead_letters: queues.map(|name| (name.to_owned(), queue(&format!("{name}-dlq")))).into(),
            services,
            contracts: BTreeMap::new(),
        }
    }

    fn parked(class: &str) -> DeadLetter {
        DeadLetter::read(&message(&event(), &[("ErrorClass", class)]))
    }

    #[test]
    fn a_dead_letter_returns_to_where_it_came_from() {
        let system = system();
        for (name, consumer, place) in [
            ("orders", "orders/events", "oms-local-orders"),
            ("payments", "payments/events", "oms-local-payments"),
            ("orders-late", "orders/late", "oms-local-orders-late"),
            ("payments-unsettled", "payments/dead-letters", "oms-local-payments-dlq"),
        ] {
            let route = Route::of(&system, name).unwrap();
            assert_eq!((route.consumer(), route.returns_to()), (consumer, place));
        }
        assert_eq!(Route::of(&system, "notifications"), None, "notifications is not deployed");
    }

    #[test]
    fn what_the_same_version_would_refuse_again_is_skipped_unless_requested() {
        let system = system();
        let orders = Route::of(&system, "orders").unwrap();
        let named = RedriveRequest { message_id: Some("m-1".into()), ..RedriveRequest::default() };
        let all = RedriveRequest { all: true, ..RedriveRequest::default() };
        for class in ALWAYS_REFUSED {
            assert!(
                matches!(RedriveRequest::default().decide(&parked(class), None, &orders), Step::Skip(_)),
                "{class}"
            );
            for request in [&named, &all] {
                assert_eq!(
                    request.decide(&parked(class), None, &orders),
                    Step::Move(Destination::Queue(&queue("orders"))),
                    "{class}"
                );
            }
        }
        let moved_by_sqs = DeadLetter::read(&message(&event(), &[]));
        for message in [parked("unknown_order"), parked("panic"), moved_by_sqs] {
            assert_eq!(
                RedriveRequest::default().decide(&message, None, &orders),
                Step::Move(Destination::Queue(&queue("orders")))
            );
        }
    }

    #[test]
    fn an_undelivered_event_goes_to_the_queue_that_missed_it_or_to_the_bus() {
        let system = system();
        let (bus, request, message) =
            (Route::of(&system, "undeliverable").unwrap(), RedriveRequest::default(), parked("x"));
        assert_eq!(
            request.decide(&message, Some(&queue("payments").arn), &bus),
            Step::Move(Destination::Queue(&queue("payments")))
        );
        assert_eq!(request.decide(&message, None, &bus), Step::Move(Destination::Bus("oms-local")));
        assert!(matches!(request.decide(&message, Some("arn:aws:sqs:::elsewhere"), &bus), Step::Refuse(_)));
    }

    #[test]
    fn a_report_of_ses_goes_to_notifications_and_is_kept_without_it() {
        let (without, mut with, feedback) = (system(), system(), queue("notifications-feedback"));
        with.services
            .entry("notifications".into())
            .or_default()
            .more_queues
            .insert("feedback".into(), feedback.clone());
        for kind in ["Email Bounced", "Email Complaint Received"] {
            let report = DeadLetter::read(&message(&mail_report::tests::event(kind), &[]));
            let step = |system| {
                RedriveRequest::default().decide(
                    &report,
                    Some(&feedback.arn),
                    &Route::of(system, UNDELIVERABLE).unwrap(),
                )
            };
            assert_eq!(step(&with), Step::Move(Destination::MailReport(&feedback)), "{kind}");
            let Step::Refuse(why) = step(&without) else { panic!("{kind}") };
            assert!(why.contains("keep it") && !why.contains("discard"), "{why}");
        }
    }

    #[test]
    fn what_cannot_be_sent_anywhere_is_refused_even_if_requested() {
        let system = system();
        let bus = Route::of(&system, "undeliverable").unwrap();
        let request = RedriveRequest { all: true, ..RedriveRequest::default() };
        let tick = json!({ "source": "aws.events", "detail-type": "Scheduled Event", "detail": {} });
        let foreign = json!({ "source": "aws.s3", "detail-type": "Object Created", "detail": {} });
        for (body, why) in [
            (stream_records(), "points to stream records"),
            (tick, "tick"),
            (foreign, "it is \"Object Created\", not an event of ours"),
            (json!("x"), "not an event"),
        ] {
            let Step::Refuse(reason) = request.decide(&DeadLetter::read(&message(&body, &[])), None, &bus) else {
                panic!("{why}")
            };
            assert!(reason.contains(why), "{reason}");
        }
    }
}
