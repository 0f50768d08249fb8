//! The sweep against a table that answers what the test wants.

use super::*;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::store::StoreError;

#[test]
fn the_schedules_own_event_names_the_time() {
    let wake: Wake =
        serde_json::from_str(r#"{"version":"0","source":"aws.events","time":"2026-11-22T10:15:00Z","detail":{}}"#)
            .unwrap();
    assert_eq!(wake.time, Some("2026-11-22T10:15:00Z".parse().unwrap()));
    assert!(wake.keys.is_empty());
}

/// A table whose shard 2 has these keys, and that refuses some requests. It remembers what it was asked: the operation and
/// the shard or the key.
async fn table(keys: &'static [&'static str], refused: &'static [(&str, &str)]) -> (Table, Arc<Mutex<Vec<String>>>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&asked);
    let aws = crate::aws::tests::answering(move |head, body| {
        let asked = named(head, body);
        let answer = match refused.iter().find(|(request, _)| *request == asked) {
            Some((_, why)) => ("400 Bad Request", json!({ "__type": format!("com.amazonaws#{why}") })),
            None if asked == "Query 2" => ("200 OK", page(keys)),
            None => ("200 OK", page(&[])),
        };
        seen.lock().unwrap().push(asked);
        Some(answer)
    })
    .await;
    (Table::new(&aws, "orders".to_owned()), asked)
}

fn page(keys: &[&str]) -> Value {
    json!({ "Items": keys.iter().map(|key| json!({ "pk": { "S": key } })).collect::<Vec<_>>() })
}

/// The operation, and the shard or the key that it names.
fn named(head: &str, body: &Value) -> String {
    let operation = if head.contains("DynamoDB_20120810.Query") { "Query" } else { "UpdateItem" };
    let named = ["/ExpressionAttributeValues/:shard/S", "/Key/pk/S"].map(|pointer| body.pointer(pointer));
    format!("{operation} {}", named.into_iter().flatten().next().unwrap().as_str().unwrap())
}

/// What a sweep did, how many shards it could not read, and what it asked, sorted.
async fn swept(keys: &'static [&'static str], refused: &'static [(&str, &str)]) -> (Swept, u8, Vec<String>) {
    let (table, asked) = table(keys, refused).await;
    let handler = async |key: String, _| match key.as_str() {
        "bad" => Err(StoreError::Contended(key)),
        other => Ok(other == "late"),
    };
    let (swept, unread) = sweep(&table, Wake::default(), Duration::from_secs(20), &handler).await;
    let mut asked = asked.lock().unwrap().clone();
    asked.sort();
    (swept, unread, asked)
}

const EVERY_SHARD: [&str; 4] = ["Query 0", "Query 1", "Query 2", "Query 3"];

#[tokio::test]
async fn one_that_fails_does_not_keep_the_others_from_being_looked_at() {
    let (swept, unread, asked) = swept(&["bad", "late", "early"], &[]).await;
    assert_eq!((swept, unread), (Swept { looked: 3, changed: 1, failed: 1 }, 0));
    assert_eq!(asked, [&EVERY_SHARD[..], &["UpdateItem early"]].concat(), "only what was left as it was is postponed");
}

#[tokio::test]
async fn one_that_cannot_be_postponed_keeps_neither_the_others_nor_the_other_shards_from_their_turn() {
    let (swept, unread, asked) = swept(&["one", "other"], &[("UpdateItem one", "ValidationException")]).await;
    assert_eq!((swept, unread), (Swept { looked: 2, changed: 0, failed: 1 }, 0));
    assert_eq!(asked, [&EVERY_SHARD[..], &["UpdateItem one", "UpdateItem other"]].concat());
}

#[tokio::test]
async fn one_that_another_write_is_about_to_move_is_left_to_it() {
    for why in ["ConditionalCheckFailedException", "TransactionConflictException"] {
        let (table, _) = table(&[], Box::leak(Box::new([("UpdateItem one", why)]))).await;
        assert!(table.postpone("one", Timestamp::UNIX_EPOCH).await.is_ok(), "{why}");
    }
}

#[tokio::test]
async fn a_shard_that_cannot_be_read_does_not_keep_the_others_from_being_swept() {
    let refused = &[("Query 0", "ValidationException"), ("Query 1", "ValidationException")];
    let (swept, unread, asked) = swept(&["late"], refused).await;
    assert_eq!((swept, unread), (Swept { looked: 1, changed: 1, failed: 0 }, 2));
    assert_eq!(asked, EVERY_SHARD);
}

#[tokio::test]
async fn those_that_an_operator_names_are_looked_at_alone() {
    let (table, asked) = table(&[], &[]).await;
    let wake = Wake { keys: vec!["late".to_owned(), "early".to_owned()], ..Wake::default() };
    let handler = async |key: String, _| Ok::<_, StoreError>(key == "late");
    let (swept, unread) = sweep(&table, wake, Duration::from_secs(20), &handler).await;
    assert_eq!((swept, unread), (Swept { looked: 2, changed: 1, failed: 0 }, 0));
    assert!(asked.lock().unwrap().is_empty());
}

/// Before Lambda would end it without a word.
#[tokio::test]
async fn a_table_that_never_answers_ends_the_sweep_in_its_time() {
    let table = Table::new(&crate::aws::tests::silent().await, "orders".to_owned());
    let begun = Instant::now();
    let unread = |key: String, _| {
        let table = table.clone();
        async move { table.load::<Value>(&key).await.map(|_| true) }
    };
    let handler = async |key: String, at| unread(key, at).await;
    let wake = || Wake { keys: vec!["one".to_owned(), "other".to_owned()], ..Wake::default() };
    let (swept, _) = sweep(&table, wake(), Duration::from_secs(1), &handler).await;
    assert_eq!(swept, Swept { looked: 2, changed: 0, failed: 2 });
    let (_, unread) = sweep(&table, Wake::default(), Duration::from_secs(1), &handler).await;
    assert_eq!(unread, 1, "the others have no time left");
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}
