//! The facts that made an order what it is, as its item holds them: a text each.
//!
//! `OrderConfirmed.v1 1.53` is the order's own: the type, and the seconds since the order was placed. Its id follows from
//! its place among the order's own, unless others before it have been left out: then it has its id behind that. Another
//! service's always has: the UUID of `evt_` in base64, or `=` and the
//! text of an id of another form, in which `%20` is a space and `%25` is `%`. The types of the first release tell who
//! published them. A fact of a later type, also an own one, has its id and behind that its source, so that a version that
//! does not know the type keeps the fact.

use std::collections::BTreeSet;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use contracts::inventory::{InventoryCommitted, InventoryRejected, InventoryReleased, InventoryReserved};
use contracts::orders::{OrderCancelled, OrderCompleted, OrderConfirmed, OrderCreated};
use contracts::payments::{PaymentFailed, PaymentRefunded, PaymentSucceeded, PaymentVoided, RefundFailed};
use contracts::platform::EventProcessingFailed;
use contracts::{EventData, orders};
use jiff::Timestamp;
use uuid::Uuid;

use super::{AppliedFact, moment};

/// The most facts that an order keeps.
const MAX_FACTS: usize = 100;

/// With one fact more. When there are too many, the oldest goes whose type came before it: an announcement, a refund of many.
/// Its event is in the bus's archive.
pub(super) fn add(history: &mut Vec<AppliedFact>, fact: AppliedFact) {
    history.push(fact);
    if history.len() > MAX_FACTS {
        let mut seen = BTreeSet::new();
        let repeated = history.iter().position(|fact| !seen.insert(fact.event_type.clone()));
        repeated.map(|at| history.remove(at));
    }
}

pub(super) fn stored(history: &[AppliedFact], order: &str, placed_at: Timestamp) -> Vec<String> {
    let mut own = 0;
    let text = |fact: &AppliedFact| {
        let AppliedFact { event_id, event_type, source, at } = fact;
        let at = moment::since(placed_at, *at);
        own += u64::from(source == orders::SOURCE);
        match source_of(event_type) {
            Some(orders::SOURCE) if *event_id == contracts::event_id(orders::SOURCE, order, own) => {
                format!("{event_type} {at}")
            }
            Some(_) => format!("{event_type} {at} {}", short(event_id)),
            None => format!("{event_type} {at} {} {}", short(event_id), escaped(source)),
        }
    };
    history.iter().map(text).collect()
}

/// What the texts say; none if one of them says nothing.
pub(super) fn read(texts: &[String], order: &str, placed_at: Timestamp) -> Option<Vec<AppliedFact>> {
    let mut own = 0;
    let fact = |text: &String| {
        let mut words = text.split(' ');
        let (event_type, at) = (words.next()?, moment::at(placed_at, words.next()?)?);
        let (id, source) = (words.next().map(long), words.next().map(unescaped));
        let (id, source) = match source_of(event_type) {
            Some(orders::SOURCE) => (id.flatten(), orders::SOURCE.to_owned()),
            Some(known) => (Some(id??), known.to_owned()),
            None if id.is_none() => (None, orders::SOURCE.to_owned()),
            None => (Some(id??), source.unwrap_or_default()),
        };
        own += u64::from(source == orders::SOURCE);
        let event_id = id.unwrap_or_else(|| contracts::event_id(orders::SOURCE, order, own));
        Some(AppliedFact { event_id, event_type: event_type.to_owned(), source, at })
    };
    texts.iter().map(fact).collect()
}

fn short(id: &str) -> String {
    let uuid = id.strip_prefix("evt_").and_then(|uuid| Uuid::try_parse(uuid).ok());
    let same = uuid.filter(|uuid| format!("evt_{uuid}") == id);
    same.map_or_else(|| format!("={}", escaped(id)), |uuid| BASE64.encode(uuid.as_bytes()))
}

fn long(text: &str) -> Option<String> {
    match text.strip_prefix('=') {
        Some(id) => Some(unescaped(id)),
        None => Some(format!("evt_{}", Uuid::from_slice(&BASE64.decode(text).ok()?).ok()?)),
    }
}

/// A text as one word.
fn escaped(text: &str) -> String {
    text.replace('%', "%25").replace(' ', "%20")
}

fn unescaped(word: &str) -> String {
    word.replace("%20", " ").replace("%25", "%")
}

/// Who publishes a type of the first release; a fact is applied only if its event came from there. The list is frozen: a
/// version that does not know a type finds its source in the text alone.
fn source_of(event_type: &str) -> Option<&'static str> {
    Some(match event_type {
        OrderCreated::TYPE | OrderConfirmed::TYPE | OrderCompleted::TYPE | OrderCancelled::TYPE => orders::SOURCE,
        InventoryReserved::TYPE | InventoryRejected::TYPE | InventoryReleased::TYPE | InventoryCommitted::TYPE => {
            contracts::inventory::SOURCE
        }
        PaymentSucceeded::TYPE
        | PaymentFailed::TYPE
        | PaymentVoided::TYPE
        | PaymentRefunded::TYPE
        | RefundFailed::TYPE => contracts::payments::SOURCE,
        EventProcessingFailed::TYPE => contracts::platform::SOURCE,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_own_fact_has_the_id_of_its_place_among_the_orders_own() {
        let texts =
            ["OrderCreated.v1 0", "PaymentSucceeded.v1 1 =evt-9", "OrderConfirmed.v1 1.5"].map(ToOwned::to_owned);
        let history = read(&texts, "ord_1", Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(history[2].event_id, contracts::event_id(orders::SOURCE, "ord_1", 2));
        assert_eq!(stored(&history, "ord_1", Timestamp::UNIX_EPOCH), texts);
        assert_eq!(read(&["OrderCreated.v1".to_owned()], "ord_1", Timestamp::UNIX_EPOCH), None);
    }
}
