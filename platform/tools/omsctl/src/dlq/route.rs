//! Where a dead letter came from, and whether it goes back there.

use super::letter::{Kind, Letter};
use crate::system::{Queue, System};

/// What no target of the bus took, and what no relay could publish.
const UNDELIVERABLE: &str = "undeliverable";
/// Ends the name of the queue for what the consumer of another dead-letter queue could not handle.
const UNSETTLED: &str = "-unsettled";
/// The same code makes the same of these, every time.
const HOPELESS: [&str; 3] = ["malformed", "contract", "unknown_type"];

/// Where the messages of a dead-letter queue came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin<'a> {
    /// A queue, whose consumer could not handle them.
    Queue {
        /// The consumer, such as `orders/events`.
        consumer: String,
        /// Its queue.
        queue: &'a Queue,
    },
    /// The bus, and the streams behind it.
    Bus {
        /// The bus.
        bus: &'a str,
        /// The queues that it feeds.
        targets: Vec<&'a Queue>,
    },
}

impl<'a> Origin<'a> {
    /// The origin of what is in a dead-letter queue; none if its service is not deployed.
    #[must_use]
    pub fn of(system: &'a System, name: &str) -> Option<Self> {
        if name == UNDELIVERABLE {
            let targets = system.services.values().filter_map(|service| service.queue.as_ref()).collect();
            return Some(Self::Bus { bus: &system.bus, targets });
        }
        if let Some(service) = name.strip_suffix(UNSETTLED) {
            let queue = system.dead_letters.get(service)?;
            return Some(Self::Queue { consumer: format!("{service}/dead-letters"), queue });
        }
        let queue = system.services.get(name)?.queue.as_ref()?;
        Some(Self::Queue { consumer: format!("{name}/events"), queue })
    }

    /// Who could not handle the messages.
    #[must_use]
    pub fn consumer(&self) -> &str {
        match self {
            Self::Queue { consumer, .. } => consumer,
            Self::Bus { .. } => "the bus, relays",
        }
    }

    /// Where messages go back to.
    #[must_use]
    pub fn place(&self) -> &str {
        match self {
            Self::Queue { queue, .. } => name(queue),
            Self::Bus { .. } => "the queue that missed it",
        }
    }
}

/// A queue's name in AWS.
pub(super) fn name(queue: &Queue) -> &str {
    queue.url.rsplit('/').next().unwrap_or(&queue.url)
}

/// Which messages shall go back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wish {
    /// No more than these.
    pub max: Option<usize>,
    /// Only this one.
    pub message_id: Option<String>,
    /// Also those that only another version of the consumer can handle.
    pub all: bool,
}

/// Where a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum To<'a> {
    /// To this queue.
    Queue(&'a Queue),
    /// To the bus of this name.
    Bus(&'a str),
}

/// What shall happen to a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step<'a> {
    /// It goes there.
    Move(To<'a>),
    /// It stays, since it would only fail again.
    Keep(String),
    /// It stays, since it cannot be sent anywhere.
    Refuse(String),
}

impl Wish {
    /// Decides about one message; `target` is the ARN of what should have taken it from the bus.
    #[must_use]
    pub fn judge<'a>(&self, letter: &Letter, target: Option<&str>, origin: &Origin<'a>) -> Step<'a> {
        let (bus, targets) = match origin {
            Origin::Queue { queue, .. } => return self.back_to(queue, letter),
            Origin::Bus { bus, targets } => (*bus, targets),
        };
        match letter.kind {
            Kind::StreamRecords => Step::Refuse(
                "it only points to stream records and has no content to send: see undeliverable-dlq in the runbook"
                    .to_owned(),
            ),
            Kind::Unknown => Step::Refuse("it is no event".to_owned()),
            // Only AWS may publish as AWS.
            Kind::Event if letter.event_id.is_none() => Step::Refuse(
                "it is no event of ours, rather a schedule's tick, and the next one comes by itself".to_owned(),
            ),
            // One target has missed it. That one's queue takes it from an operator; the bus lets only the relay speak.
            Kind::Event => match target {
                Some(arn) => match targets.iter().find(|queue| queue.arn == arn) {
                    Some(queue) => Step::Move(To::Queue(queue)),
                    None => Step::Refuse(format!("its target {arn} is no consumer's queue of this stage")),
                },
                None => Step::Move(To::Bus(bus)),
            },
        }
    }

    fn back_to<'a>(&self, queue: &'a Queue, letter: &Letter) -> Step<'a> {
        let class = letter.error_class.as_deref().unwrap_or_default();
        if HOPELESS.contains(&class) && !self.all && self.message_id.is_none() {
            let why = "this version of the consumer would refuse it again (--all or --message-id sends it)";
            return Step::Keep(format!("{class}: {why}"));
        }
        Step::Move(To::Queue(queue))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::letter::tests::{event, message, stream_records};
    use super::*;
    use crate::system::{Identity, Service};
    use serde_json::json;

    fn queue(name: &str) -> Queue {
        Queue {
            url: format!("http://sqs/0/oms-local-{name}"),
            arn: format!("arn:aws:sqs:us-east-1:0:oms-local-{name}"),
        }
    }

    fn system() -> System {
        let service = |name: &str| Service { queue: Some(queue(name)), ..Service::default() };
        let letters = ["orders", "payments", "payments-unsettled", "notifications", "undeliverable"];
        System {
            stage: "local".into(),
            region: "us-east-1".into(),
            endpoint: None,
            bus: "oms-local".into(),
            identity: Identity { issuer: String::new(), pool_id: String::new(), client_id: String::new() },
            mailbox: None,
            users: BTreeMap::new(),
            dead_letters: letters.map(|name| (name.to_owned(), queue(&format!("{name}-dlq")))).into(),
            services: ["orders", "payments"].map(|name| (name.to_owned(), service(name))).into(),
            contracts: BTreeMap::new(),
        }
    }

    fn parked(class: &str) -> Letter {
        Letter::read(&message(&event(), &[("ErrorClass", class)]))
    }

    #[test]
    fn a_dead_letter_goes_back_to_where_it_came_from() {
        let system = system();
        for (name, consumer, place) in [
            ("orders", "orders/events", "oms-local-orders"),
            ("payments", "payments/events", "oms-local-payments"),
            ("payments-unsettled", "payments/dead-letters", "oms-local-payments-dlq"),
        ] {
            let origin = Origin::of(&system, name).unwrap();
            assert_eq!((origin.consumer(), origin.place()), (consumer, place));
        }
        assert_eq!(Origin::of(&system, "notifications"), None, "notifications is not deployed");
    }

    #[test]
    fn what_the_same_version_would_refuse_again_stays_unless_it_is_asked_for() {
        let system = system();
        let orders = Origin::of(&system, "orders").unwrap();
        let named = Wish { message_id: Some("m-1".into()), ..Wish::default() };
        let all = Wish { all: true, ..Wish::default() };
        for class in HOPELESS {
            assert!(matches!(Wish::default().judge(&parked(class), None, &orders), Step::Keep(_)), "{class}");
            for wish in [&named, &all] {
                assert_eq!(
                    wish.judge(&parked(class), None, &orders),
                    Step::Move(To::Queue(&queue("orders"))),
                    "{class}"
                );
            }
        }
        let moved_by_sqs = Letter::read(&message(&event(), &[]));
        for letter in [parked("unknown_order"), parked("panic"), moved_by_sqs] {
            assert_eq!(Wish::default().judge(&letter, None, &orders), Step::Move(To::Queue(&queue("orders"))));
        }
    }

    #[test]
    fn an_undelivered_event_goes_to_the_queue_that_missed_it_or_else_to_the_bus() {
        let system = system();
        let (bus, wish, letter) = (Origin::of(&system, "undeliverable").unwrap(), Wish::default(), parked("x"));
        assert_eq!(wish.judge(&letter, Some(&queue("payments").arn), &bus), Step::Move(To::Queue(&queue("payments"))));
        assert_eq!(wish.judge(&letter, None, &bus), Step::Move(To::Bus("oms-local")));
        assert!(matches!(wish.judge(&letter, Some("arn:aws:sqs:::elsewhere"), &bus), Step::Refuse(_)));
    }

    #[test]
    fn what_cannot_be_sent_anywhere_is_refused_also_when_it_is_asked_for() {
        let system = system();
        let bus = Origin::of(&system, "undeliverable").unwrap();
        let wish = Wish { all: true, ..Wish::default() };
        let tick = json!({ "source": "aws.events", "detail-type": "Scheduled Event", "detail": {} });
        for (body, why) in [(stream_records(), "points to stream records"), (tick, "tick"), (json!("x"), "no event")] {
            let Step::Refuse(told) = wish.judge(&Letter::read(&message(&body, &[])), None, &bus) else {
                panic!("{why}")
            };
            assert!(told.contains(why), "{told}");
        }
    }
}
