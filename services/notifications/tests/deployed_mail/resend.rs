//! Support finds a mail and has it sent again.

use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use testkit::{Capture, Stage, unique};

use super::{Case, SES, logged};

async fn listed(stage: &Stage, user: &str, order: &str) -> Response {
    let path = format!("/v1/notifications?orderId={order}");
    stage.request(user, Method::GET, "notifications", &path).send().await.unwrap()
}

/// A request of this user to send this message again, under this key.
async fn ask(stage: &Stage, user: &str, id: &str, key: &str, body: Value) -> Response {
    let path = format!("/v1/notifications/{id}/resend");
    let request = stage.request(user, Method::POST, "notifications", &path).header("idempotency-key", key);
    request.json(&body).send().await.unwrap()
}

async fn json_of(response: Response) -> (u16, Value) {
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_had_no_address_is_sent_when_support_asks_and_only_then_a_second_time() {
    let stage = Stage::from_env().await;
    let _shared = SES.read().await;
    let (case, capture) = (Case::new(), Capture::begin(&stage).await);
    stage.publish(&[case.completed()]).await;
    capture.wait_for(&case.order, "NotificationFailed.v1").await;

    let (status, list) = json_of(listed(&stage, "sam", &case.order).await).await;
    let found = &list["notifications"][0];
    assert_eq!((status, &found["state"], &found["reason"]), (200, &json!("FAILED"), &json!("NO_ADDRESS")));
    assert!(found["updatedAt"].is_string() && !list.to_string().contains('@'), "{list}");
    let id = found["notificationId"].as_str().unwrap();

    let case = case.with_address(&stage).await;
    let (key, body) =
        (unique("key"), json!({ "orderId": case.order, "note": "canary-note: the address is there now" }));
    let (status, sent) = json_of(ask(&stage, "sam", id, &key, body.clone()).await).await;
    assert_eq!((status, &sent["state"], &sent["resendNote"]), (200, &json!("SENT"), &body["note"]), "{sent}");
    let event = capture.wait_for(&case.order, "NotificationSent.v1").await;
    let failed = capture.of_type(&case.order, "NotificationFailed.v1").remove(0);
    assert_eq!((&event["correlationid"], &event["causationid"]), (&failed["correlationid"], &failed["id"]));

    let repeated = ask(&stage, "sam", id, &key, body.clone()).await;
    assert_eq!(
        (repeated.status(), &repeated.headers()["idempotent-replayed"]),
        (StatusCode::OK, &"true".parse().unwrap())
    );
    let (status, refused) = json_of(ask(&stage, "sam", id, &unique("key"), body.clone()).await).await;
    assert_eq!((status, case.mails(&stage).await), (409, 1), "{refused}");
    let again = json!({ "orderId": case.order, "note": "it did not arrive", "again": true });
    assert_eq!(ask(&stage, "sam", id, &unique("key"), again).await.status(), StatusCode::OK);
    assert_eq!(case.mails(&stage).await, 2);
    assert!(logged(&stage, "api", "canary-").await.is_empty(), "neither the note nor the address");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_support_sends_again_and_nobody_sees_the_mail_of_another_customer() {
    let stage = Stage::from_env().await;
    let _shared = SES.read().await;
    let case = Case { customer: stage.customer("ada").to_owned(), ..Case::new() };
    let capture = Capture::begin(&stage).await;
    stage.publish(&[case.completed()]).await;
    capture.wait_for(&case.order, "NotificationFailed.v1").await;

    for (user, status) in [("ada", 200), ("olga", 200), ("sam", 200), ("bob", 404), ("nobody", 401)] {
        assert_eq!(listed(&stage, user, &case.order).await.status().as_u16(), status, "{user}");
    }
    assert_eq!(listed(&stage, "sam", "ord_1").await.status(), StatusCode::BAD_REQUEST);
    let (_, list) = json_of(listed(&stage, "sam", &case.order).await).await;
    let id = list["notifications"][0]["notificationId"].as_str().unwrap();
    let body = |order: &str, note: &str| json!({ "orderId": order, "note": note });
    for user in ["ada", "olga"] {
        assert_eq!(ask(&stage, user, id, "k", body(&case.order, "n")).await.status(), StatusCode::FORBIDDEN, "{user}");
    }
    let (other, no_note) = (chassis::clock::new_id("ord_"), json!({ "orderId": case.order }));
    for (id, body, status, pointer) in [
        (id, body(&other, "n"), 404, Value::Null),
        ("ntf_7d2f9b10-3c84-5b6e-9a77-12ab34cd56ef", body(&case.order, "n"), 404, Value::Null),
        ("x", body(&case.order, "n"), 404, Value::Null),
        (id, body("ord_1", "n"), 422, json!("/orderId")),
        (id, body(&case.order, ""), 422, json!("/note")),
        (id, no_note, 400, json!("")),
    ] {
        let (found, problem) = json_of(ask(&stage, "sam", id, "k", body.clone()).await).await;
        assert_eq!((found, &problem["errors"][0]["pointer"]), (status, &pointer), "{body}: {problem}");
    }
}
