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
    /// The stage's sandbox, and an order that no other test pays for.
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

    /// A charge by this method; the intent.
    async fn charge(&self, method: &str) -> String {
        let intent = self.intent(method).await;
        let confirmed = self.post(&format!("{INTENTS}/{intent}/confirm"), "any", &[]).await;
        assert_eq!(confirmed.status(), StatusCode::OK);
        intent
    }

    async fn refund(&self, intent: &str, key: &str, amount: &str) -> Response {
        let form = [("payment_intent", intent), ("amount", amount), ("metadata[refundId]", key)];
        self.post("/v1/refunds", &format!("{}-{key}", self.order), &form).await
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
async fn a_key_belongs_to_one_request() {
    let sandbox = Sandbox::of_stage("key").await;
    let first = sandbox.intent("pm_card_visa").await;
    assert_eq!(sandbox.intent("pm_card_visa").await, first);
    let (status, refused) = error(sandbox.create("pm_card_mastercard", &[]).await).await;
    assert_eq!((status, refused["type"].as_str()), (400, Some("idempotency_error")));
}

#[tokio::test]
async fn a_decline_is_answered_and_recorded() {
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
async fn of_many_refunds_at_once_under_one_key_one_goes_back() {
    let sandbox = Sandbox::of_stage("refund").await;
    let intent = sandbox.charge("pm_card_visa").await;
    let answers = join_all((0..6).map(|_| sandbox.refund(&intent, "rfd_1", "1600"))).await;
    assert!(answers.iter().all(|answer| answer.status() == StatusCode::OK), "{answers:?}");
    let ledger = sandbox.ledger().await;
    let refunds = ledger["refunds"].as_array().unwrap();
    assert_eq!((refunds.len(), &refunds[0]["amount"], &refunds[0]["refundId"]), (1, &1600.into(), &"rfd_1".into()));
    assert_eq!((&ledger["charges"][0]["refunded"], &ledger["intents"][0]["refundCalls"]), (&1600.into(), &1.into()));
    let listed = sandbox.get(&format!("/v1/refunds?payment_intent={intent}")).await;
    assert_eq!((&listed["data"][0]["metadata"]["refundId"], &listed["has_more"]), (&"rfd_1".into(), &false.into()));
}

#[tokio::test]
async fn of_many_refunds_at_once_no_more_goes_back_than_was_charged() {
    let sandbox = Sandbox::of_stage("refunds").await;
    let intent = sandbox.charge("pm_card_visa").await;
    let keys = ["a", "b", "c", "d", "e", "f"];
    let answers = join_all(keys.map(|key| sandbox.refund(&intent, key, "2000"))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status() == StatusCode::OK).count(), 2);
    assert_eq!(sandbox.ledger().await["charges"][0]["refunded"], 4000);
    let (status, too_much) = error(sandbox.refund(&intent, "g", "791").await).await;
    assert_eq!((status, too_much["param"].as_str()), (400, Some("amount")));
    assert_eq!(sandbox.refund(&intent, "h", "790").await.status(), StatusCode::OK);
    let (status, nothing_left) = error(sandbox.refund(&intent, "i", "1").await).await;
    assert_eq!((status, nothing_left["code"].as_str()), (400, Some("charge_already_refunded")));
    let page = sandbox.get(&format!("/v1/refunds?payment_intent={intent}&limit=2")).await;
    let last = page["data"][1]["id"].as_str().unwrap();
    let rest = sandbox.get(&format!("/v1/refunds?payment_intent={intent}&limit=2&starting_after={last}")).await;
    assert_eq!((&page["has_more"], rest["data"].as_array().unwrap().len()), (&true.into(), 1));
}

#[tokio::test]
async fn refunds_fail_as_their_method_says() {
    let sandbox = Sandbox::of_stage("refundfails").await;
    let intent = sandbox.charge("pm_sandbox_refund_fail_1").await;
    assert_eq!(sandbox.refund(&intent, "a", "4790").await.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(sandbox.ledger().await["refunds"], serde_json::json!([]));
    assert_eq!(sandbox.refund(&intent, "a", "4790").await.status(), StatusCode::OK);
    let sandbox = Sandbox::of_stage("refundrefused").await;
    let intent = sandbox.charge("pm_sandbox_refund_refused").await;
    let (status, disputed) = error(sandbox.refund(&intent, "a", "4790").await).await;
    assert_eq!((status, disputed["code"].as_str()), (400, Some("charge_disputed")));
    let sandbox = Sandbox::of_stage("refundlate").await;
    let intent = sandbox.charge("pm_sandbox_refund_timeout").await;
    let form = [("payment_intent", intent.as_str()), ("amount", "4790")];
    let request = sandbox.stage.request("nobody", Method::POST, "sandbox-gateway", "/v1/refunds");
    let answer = request.bearer_auth("any").form(&form).timeout(Duration::from_millis(1500)).send().await;
    assert!(answer.is_err_and(|error| error.is_timeout()));
    assert_eq!(sandbox.ledger().await["charges"][0]["refunded"], 4790, "it went back all the same");
}

#[tokio::test]
async fn the_ledger_of_everything_comes_in_pages() {
    let sandbox = Sandbox::of_stage("ledger").await;
    let mut wanted = std::collections::BTreeSet::new();
    for _ in 0..3 {
        let one = Sandbox::of_stage("page").await;
        wanted.insert(one.charge("pm_card_visa").await);
    }
    let mut cursor = String::new();
    loop {
        let page = sandbox.get(&format!("/sandbox/ledger?limit=2{cursor}")).await;
        let charges = page["charges"].as_array().unwrap();
        assert!(charges.len() <= 2);
        wanted.retain(|intent| !charges.iter().any(|charge| charge["paymentIntent"] == intent.as_str()));
        let Some(next) = page["nextCursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert!(wanted.is_empty(), "{wanted:?}");
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
    let (status, missing) = error(sandbox.refund("pi_none", "a", "1").await).await;
    assert_eq!((status, missing["param"].as_str()), (400, Some("payment_intent")));
    let open = sandbox.intent("pm_card_visa").await;
    let (status, uncharged) = error(sandbox.refund(&open, "a", "1").await).await;
    assert!(status == 400 && uncharged["message"].as_str().unwrap().contains("does not have a successful charge"));
}
