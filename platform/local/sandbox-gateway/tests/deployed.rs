//! The deployed sandbox: what only the table and the function together can show.
//! `OMS_ENV` names the description of a stage that `omsctl env --json` wrote.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use futures::future::join_all;
use reqwest::{Method, Response, StatusCode};
use serde_json::Value;
use testkit::{Stage, unique};

const INTENTS: &str = "/v1/payment_intents";

struct Sandbox {
    stage: Stage,
    order: String,
}

impl Sandbox {
    /// The stage's sandbox, and an order that nobody else pays for.
    async fn of_stage(test: &str) -> Self {
        Self { stage: Stage::from_env().await, order: unique(test) }
    }

    async fn post(&self, path: &str, key: &str, form: &[(&str, &str)]) -> Response {
        let request = self.stage.request("nobody", Method::POST, "sandbox-gateway", path).bearer_auth("sk_test_any");
        request.header("Idempotency-Key", key).form(form).send().await.unwrap()
    }

    async fn create(&self, method: &str, more: &[(&str, &str)]) -> Response {
        let mut form = vec![("amount", "4790"), ("currency", "eur"), ("payment_method", method)];
        form.push(("metadata[orderId]", &self.order));
        form.extend(more);
        self.post(INTENTS, &self.order, &form).await
    }

    async fn intent(&self, method: &str) -> String {
        let intent: Value = self.create(method, &[]).await.json().await.unwrap();
        intent["id"].as_str().unwrap().to_owned()
    }

    async fn get(&self, path: &str) -> Value {
        self.stage
            .request("nobody", Method::GET, "sandbox-gateway", path)
            .bearer_auth("sk_test_any")
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap()
    }

    async fn ledger(&self) -> Value {
        self.get(&format!("/sandbox/ledger?orderId={}", self.order)).await
    }
}

async fn error(response: Response) -> (u16, Value) {
    (response.status().as_u16(), response.json::<Value>().await.unwrap()["error"].clone())
}

#[tokio::test]
async fn of_many_confirmations_at_once_one_charges() {
    let sandbox = Sandbox::of_stage("confirm").await;
    let path = format!("{INTENTS}/{}/confirm", sandbox.intent("pm_card_visa").await);
    let answers = join_all((0..8).map(|_| sandbox.post(&path, "any", &[]))).await;
    let charged = answers.iter().filter(|answer| answer.status() == StatusCode::OK).count();
    let ledger = sandbox.ledger().await;
    assert_eq!((charged, ledger["charges"].as_array().unwrap().len()), (1, 1));
    assert_eq!((&ledger["charges"][0]["amount"], &ledger["intents"][0]["confirms"]), (&4790.into(), &8.into()));
}

#[tokio::test]
async fn of_a_confirmation_and_a_cancellation_at_once_one_wins() {
    let sandbox = Sandbox::of_stage("cancel").await;
    let intent = sandbox.intent("pm_card_visa").await;
    let (confirm, cancel) = (format!("{INTENTS}/{intent}/confirm"), format!("{INTENTS}/{intent}/cancel"));
    let (confirmed, canceled) = tokio::join!(sandbox.post(&confirm, "any", &[]), sandbox.post(&cancel, "any", &[]));
    let (charged, called_off) = (confirmed.status() == StatusCode::OK, canceled.status() == StatusCode::OK);
    assert!(charged != called_off, "{confirmed:?} {canceled:?}");
    assert_eq!(sandbox.ledger().await["charges"].as_array().unwrap().len(), usize::from(charged));
}

#[tokio::test]
async fn a_key_stands_for_one_request() {
    let sandbox = Sandbox::of_stage("key").await;
    let first = sandbox.intent("pm_card_visa").await;
    assert_eq!(sandbox.intent("pm_card_visa").await, first);
    let (status, refused) = error(sandbox.create("pm_card_mastercard", &[]).await).await;
    assert_eq!((status, refused["type"].as_str()), (400, Some("idempotency_error")));
}

#[tokio::test]
async fn a_decline_is_told_and_kept() {
    let sandbox = Sandbox::of_stage("decline").await;
    let confirm = [("confirm", "true")];
    let (status, refused) = error(sandbox.create("pm_card_chargeDeclinedInsufficientFunds", &confirm).await).await;
    assert_eq!((status, refused["type"].as_str()), (402, Some("card_error")));
    assert_eq!(
        (refused["code"].as_str(), refused["decline_code"].as_str()),
        (Some("card_declined"), Some("insufficient_funds"))
    );
    let intent = sandbox.get(&format!("{INTENTS}/{}", refused["payment_intent"]["id"].as_str().unwrap())).await;
    assert_eq!(intent["last_payment_error"]["decline_code"], "insufficient_funds");
    assert_eq!(sandbox.ledger().await["charges"], serde_json::json!([]));
}

#[tokio::test]
async fn a_late_answer_has_charged_and_a_stalled_one_has_not() {
    for (method, status) in
        [("pm_sandbox_timeout", "succeeded"), ("pm_sandbox_timeout_before", "requires_confirmation")]
    {
        let sandbox = Sandbox::of_stage("late").await;
        let path = format!("{INTENTS}/{}", sandbox.intent(method).await);
        let request = sandbox.stage.request("nobody", Method::POST, "sandbox-gateway", &format!("{path}/confirm"));
        let answer = request.bearer_auth("sk_test_any").timeout(Duration::from_millis(1500)).send().await;
        assert!(answer.is_err_and(|error| error.is_timeout()), "{method}");
        assert_eq!(sandbox.get(&path).await["status"], status, "{method}");
    }
}

#[tokio::test]
async fn what_has_no_key_or_names_nothing_is_refused_as_stripe_does() {
    let sandbox = Sandbox::of_stage("refused").await;
    let unsigned =
        sandbox.stage.request("nobody", Method::GET, "sandbox-gateway", "/sandbox/ledger").send().await.unwrap();
    assert_eq!(error(unsigned).await.0, 401);
    let (status, missing) = error(sandbox.create("pm_card_gold", &[]).await).await;
    assert_eq!(
        (status, missing["code"].as_str(), missing["param"].as_str()),
        (400, Some("resource_missing"), Some("payment_method"))
    );
    let (status, missing) = error(sandbox.post(&format!("{INTENTS}/pi_none/cancel"), "any", &[]).await).await;
    assert_eq!((status, missing["code"].as_str()), (404, Some("resource_missing")));
}
