//! The relay against a bus that answers what the test wants.

use super::*;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use serde_json::{Value, json};

const MINUTE: Duration = Duration::from_mins(1);

fn event(id: &str) -> String {
    let event = json!({ "id": id, "source": "oms.orders", "type": "OrderCreated.v1", "subject": "ord_1",
        "correlationid": "cor_1", "causationid": "cmd_1" });
    event.to_string()
}

/// A write that found `old` events emitted and added `new` ones.
fn record(old: usize, new: &[&str]) -> EventRecord {
    let outbox: Vec<String> = new.iter().map(|id| event(id)).collect();
    let mut image = json!({ "pk": { "S": "ord_1" }, "emitted": { "N": (old + new.len()).to_string() } });
    if !new.is_empty() {
        image["outbox"] = json!({ "S": outbox.join("\n") });
    }
    let before = if old == 0 { json!({}) } else { json!({ "emitted": { "N": old.to_string() } }) };
    serde_json::from_value(json!({
        "awsRegion": "us-east-1", "eventID": "1", "eventName": "MODIFY",
        "dynamodb": { "ApproximateCreationDateTime": 0, "Keys": {}, "OldImage": before, "NewImage": image,
            "SequenceNumber": "7", "SizeBytes": 1 },
    }))
    .unwrap()
}

fn published(records: &[EventRecord]) -> Vec<String> {
    added(Outbox::WHOLE, records).0.into_iter().map(|outgoing| outgoing.event.id).collect()
}

#[test]
fn a_write_publishes_what_it_added_and_nothing_else() {
    assert_eq!(published(&[record(0, &["a", "b"])]), ["a", "b"]);
    assert_eq!(published(&[record(1, &[])]), [""; 0]);
    assert_eq!(published(&[record(1, &["b"]), record(2, &[])]), ["b"]);
}

/// The same event again is another event, if the item counts it as one; and what was there before is not published again.
#[test]
fn what_a_write_added_is_told_by_the_count_and_not_by_the_text() {
    assert_eq!(published(&[record(0, &["a"]), record(1, &["a"])]), ["a", "a"]);
    let mut kept = record(1, &["b"]);
    kept.change.old_image = kept.change.new_image.clone();
    assert_eq!(published(&[kept]), [""; 0]);
}

/// An entry without its item is no event: place, key and correlation id come from the item.
#[test]
fn an_entry_is_completed_with_what_its_item_tells() {
    let complete = |entry: &str, source: &str, key: &str, sequence: u64, correlation: Option<&str>| {
        let id = format!("{entry} {sequence}");
        Ok(json!({ "id": id, "source": source, "type": "T.v1", "subject": key, "correlationid": correlation,
            "causationid": "cmd_1" })
        .to_string())
    };
    let mut change = record(4, &[]);
    let image = json!({ "pk": { "S": "ord_1" }, "emitted": { "N": "6" }, "correlationId": { "S": "cor_1" },
        "outbox": { "S": "first\nsecond" } });
    change.change.new_image = serde_json::from_value(image).unwrap();
    let (events, unreadable) = added(Outbox { source: "oms.orders", complete, ..Outbox::WHOLE }, &[change]);
    let told =
        |it: &Outgoing| [&it.event.id, &it.event.source, &it.event.subject, &it.event.correlationid].map(Clone::clone);
    let expected = |id: &str| [id, "oms.orders", "ord_1", "cor_1"].map(ToOwned::to_owned);
    assert_eq!(events.iter().map(told).collect::<Vec<_>>(), [expected("first 5"), expected("second 6")]);
    assert_eq!(unreadable, None);
}

#[test]
fn an_unreadable_outbox_stops_at_its_record() {
    let images = [
        json!({ "pk": { "S": "ord_1" }, "emitted": { "N": "1" }, "outbox": { "S": "{}" } }),
        json!({ "pk": { "S": "ord_1" }, "emitted": { "N": "1" }, "outbox": { "L": [] } }),
        json!({ "pk": { "S": "ord_1" }, "outbox": { "S": event("b") } }),
        json!({ "emitted": { "N": "1" }, "outbox": { "S": event("b") } }),
    ];
    for image in images {
        let mut broken = record(0, &["b"]);
        broken.change.new_image = serde_json::from_value(image.clone()).unwrap();
        let (outgoing, unreadable) = added(Outbox::WHOLE, &[record(0, &["a"]), broken, record(0, &["c"])]);
        assert_eq!((outgoing.len(), unreadable), (1, Some(1)), "{image}");
    }
}

#[test]
fn requests_keep_to_ten_entries_and_to_their_size() {
    let (many, _) = added(Outbox::WHOLE, &vec![record(0, &["a"]); 23]);
    assert_eq!(chunks(&many).iter().map(|chunk| chunk.len()).collect::<Vec<_>>(), [10, 10, 3]);
    let big: Vec<Outgoing> =
        many.into_iter().take(3).map(|event| Outgoing { detail: "x".repeat(100 * 1024), ..event }).collect();
    assert_eq!(chunks(&big).iter().map(|chunk| chunk.len()).collect::<Vec<_>>(), [2, 1]);
}

/// A bus that gives each request the next answer and remembers the ids of the events that it was sent.
async fn bus(answers: Vec<Value>) -> (Client, Arc<Mutex<Vec<Vec<String>>>>) {
    let sent = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&sent);
    let mut answers = answers.into_iter();
    let aws = crate::aws::tests::answering(move |_, request| {
        let answer = answers.next()?;
        seen.lock().unwrap().push(ids(request));
        Some(("200 OK", answer))
    });
    (Client::new(&aws.await), sent)
}

/// The ids of the events in one PutEvents request.
fn ids(request: &Value) -> Vec<String> {
    let detail = |entry: &Value| serde_json::from_str::<Value>(entry["Detail"].as_str().unwrap()).unwrap();
    let entries = request["Entries"].as_array().unwrap().iter();
    entries.map(|entry| detail(entry)["id"].as_str().unwrap().into()).collect()
}

fn taken() -> Value {
    json!({ "EventId": "taken" })
}

fn refused() -> Value {
    json!({ "ErrorCode": "InternalFailure", "ErrorMessage": "not now" })
}

#[tokio::test]
async fn only_the_entries_that_failed_are_sent_again() {
    let first = json!({ "FailedEntryCount": 1, "Entries": [taken(), refused(), taken()] });
    let (client, sent) = bus(vec![first, json!({ "FailedEntryCount": 0, "Entries": [taken()] })]).await;
    let records = [record(0, &["a", "b"]), record(0, &["c"])];
    assert!(handle(&client, "oms-test", Outbox::WHOLE, &records, MINUTE).await.is_ok());
    assert_eq!(*sent.lock().unwrap(), [vec!["a", "b", "c"], vec!["b"]]);
}

#[tokio::test]
async fn what_stays_unpublished_fails_the_invocation_and_names_its_record() {
    let refusals = (0..MAX_SENDS).map(|_| json!({ "FailedEntryCount": 1, "Entries": [refused()] }));
    let first = json!({ "FailedEntryCount": 1, "Entries": [taken(), refused()] });
    let (client, sent) = bus([first].into_iter().chain(refusals).collect()).await;
    let error =
        handle(&client, "oms-test", Outbox::WHOLE, &[record(0, &["a"]), record(0, &["b"])], MINUTE).await.unwrap_err();
    assert_eq!(error.0, "7");
    assert_eq!(sent.lock().unwrap().len(), MAX_SENDS as usize);
}

/// Before Lambda would end it without a word.
#[tokio::test]
async fn a_bus_that_never_answers_fails_the_invocation_in_its_time_and_names_the_first_record() {
    let client = Client::new(&crate::aws::tests::silent().await);
    let begun = Instant::now();
    let records = [record(0, &["a"]), record(0, &["b"])];
    let error = handle(&client, "oms-test", Outbox::WHOLE, &records, Duration::from_secs(1)).await.unwrap_err();
    assert_eq!(error.0, "7");
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
}
