//! The gateway over HTTP: forms out, JSON in.

pub(super) mod answer;
mod request;

use std::fmt;
use std::time::Duration;

use chassis::https::{HttpsClient, NoAnswer};
use jiff::SignedDuration;

use crate::domain::gateway::{Call, GatewayAnswer};
use crate::domain::ids::{IntentId, RefundId};
use crate::domain::payment::{Payment, Terms};
use answer::{intent_answer, refund_answer, refund_list_answer};
use request::{Request, get, post};

/// Longest wait for a connection: nothing was sent yet, so there is no harm in giving up.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// Who charges: what the use cases need of the gateway.
pub trait Gateway {
    /// Carries out a call for the payment.
    fn call(&self, call: &Call, payment: &Payment) -> impl Future<Output = Result<GatewayAnswer, Misconfigured>>;
}

/// The gateway does not take our requests, whatever they are about: operators can help, the order is not to blame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the gateway refuses our requests: {code}")]
pub struct Misconfigured {
    /// The HTTP status and the gateway's reason.
    pub code: String,
}

/// What opens the gateway; never shown.
#[derive(Clone)]
pub struct GatewayKey(String);

impl GatewayKey {
    /// The key.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for GatewayKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GatewayKey")
    }
}

/// The gateway, reached over HTTP.
#[derive(Debug, Clone)]
pub struct HttpGateway {
    client: HttpsClient,
    timeout: Duration,
    intents: String,
    refunds: String,
    key: GatewayKey,
}

impl HttpGateway {
    /// The gateway at `url`; an answer that takes longer than `timeout` counts as none.
    #[must_use]
    pub fn new(url: &str, key: GatewayKey, timeout: Duration) -> Self {
        let client = HttpsClient::new(CONNECT_TIMEOUT.min(timeout));
        let path = |name| format!("{}/v1/{name}", url.trim_end_matches('/'));
        Self { client, timeout, intents: path("payment_intents"), refunds: path("refunds"), key }
    }

    async fn create(&self, call: &Call, payment: &Payment, terms: &Terms) -> Result<GatewayAnswer, Misconfigured> {
        let amount = terms.amount.to_string();
        let currency = terms.currency.as_str().to_ascii_lowercase();
        let form = [
            ("amount", amount.as_str()),
            ("currency", currency.as_str()),
            ("payment_method", terms.method.as_str()),
            ("payment_method_types[]", "card"),
            ("confirm", "false"),
            ("metadata[orderId]", payment.order.as_str()),
            ("metadata[paymentId]", payment.id.as_str()),
        ];
        let request = post(&self.intents, &form).once(call.key(&payment.id));
        Ok(self.about_intent(call, request).await?.unwrap_or_else(unexpected))
    }

    async fn confirm(
        &self,
        call: &Call,
        (payment, terms): (&Payment, &Terms),
        intent: &IntentId,
    ) -> Result<GatewayAnswer, Misconfigured> {
        let method = terms.method.as_str();
        // No customer waits at a screen: what would need one is a refusal. A decline took the way to pay off the intent.
        let form = [("payment_method", method), ("error_on_requires_action", "true"), ("off_session", "true")];
        let request = post(&format!("{}/{intent}/confirm", self.intents), &form);
        self.or_retrieve(call, request.once(call.key(&payment.id)), intent).await
    }

    async fn cancel(&self, call: &Call, intent: &IntentId) -> Result<GatewayAnswer, Misconfigured> {
        let request = post(&format!("{}/{intent}/cancel", self.intents), &[]);
        self.or_retrieve(call, request, intent).await
    }

    async fn retrieve(&self, call: &Call, intent: &IntentId) -> Result<GatewayAnswer, Misconfigured> {
        let request = get(&format!("{}/{intent}", self.intents), &[]);
        Ok(self.about_intent(call, request).await?.unwrap_or_else(unexpected))
    }

    async fn or_retrieve(
        &self,
        call: &Call,
        request: Request,
        intent: &IntentId,
    ) -> Result<GatewayAnswer, Misconfigured> {
        match self.about_intent(call, request).await? {
            Some(answer) => Ok(answer),
            None => self.retrieve(call, intent).await,
        }
    }

    async fn refund(
        &self,
        call: &Call,
        (payment, intent): (&Payment, &IntentId),
        refund: &RefundId,
        amount: u64,
    ) -> Result<GatewayAnswer, Misconfigured> {
        let amount = amount.to_string();
        let form = [
            ("payment_intent", intent.as_str()),
            ("amount", amount.as_str()),
            ("metadata[orderId]", payment.order.as_str()),
            ("metadata[paymentId]", payment.id.as_str()),
            ("metadata[refundId]", refund.as_str()),
        ];
        let request = post(&self.refunds, &form).once(call.key(&payment.id));
        let reply = match self.send(request).await {
            Ok(reply) => reply,
            Err(none) => return Ok(none),
        };
        if let Some(answer) = refund_answer(reply.status, &reply.body)? {
            return Ok(answer);
        }
        let answer = self.find_refund(intent, refund).await?;
        let refused = GatewayAnswer::Declined { code: "charge_already_refunded".to_owned() };
        Ok(if answer == GatewayAnswer::NotRefunded { refused } else { answer })
    }

    async fn find_refund(&self, intent: &IntentId, refund: &RefundId) -> Result<GatewayAnswer, Misconfigured> {
        let request = get(&self.refunds, &[("payment_intent", intent.as_str()), ("limit", "100")]);
        match self.send(request).await {
            Ok(Reply { status, body, .. }) => refund_list_answer(refund, status, &body),
            Err(none) => Ok(none),
        }
    }

    async fn about_intent(&self, call: &Call, request: Request) -> Result<Option<GatewayAnswer>, Misconfigured> {
        match self.send(request).await {
            Ok(Reply { status, body, retry_after }) => {
                Ok(intent_answer(call, status, &body)?.map(|answer| answer.after(retry_after)))
            }
            Err(none) => Ok(Some(none)),
        }
    }

    /// What the gateway answers, or what it means that it does not.
    async fn send(&self, request: Request) -> Result<Reply, GatewayAnswer> {
        let request = request.signed(&self.key.0).map_err(|_| not_sent("request"))?;
        let answer = self.client.send(request, Some(self.timeout)).await.map_err(|none| no_answer(&none))?;
        let seconds = answer.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse::<u32>().ok());
        let retry_after = seconds.map(|seconds| SignedDuration::from_secs(seconds.into()));
        Ok(Reply { status: answer.status().as_u16(), retry_after, body: answer.into_body().into() })
    }
}

/// What came over HTTP.
struct Reply {
    status: u16,
    /// How long the gateway wants to be left alone, if it says so in seconds.
    retry_after: Option<SignedDuration>,
    body: Vec<u8>,
}

impl Gateway for HttpGateway {
    async fn call(&self, call: &Call, payment: &Payment) -> Result<GatewayAnswer, Misconfigured> {
        match (call, &payment.intent, &payment.terms) {
            (Call::Create { .. }, _, Some(terms)) => self.create(call, payment, terms).await,
            (Call::Confirm { .. }, Some(intent), Some(terms)) => self.confirm(call, (payment, terms), intent).await,
            (Call::Ask { .. }, Some(intent), _) => self.retrieve(call, intent).await,
            (Call::Cancel, Some(intent), _) => self.cancel(call, intent).await,
            (Call::Refund { refund, amount, .. }, Some(intent), _) => {
                self.refund(call, (payment, intent), refund, *amount).await
            }
            (Call::AskRefund { refund, .. }, Some(intent), _) => self.find_refund(intent, refund).await,
            (_, None, _) | (_, _, None) => {
                Err(Misconfigured { code: "the payment lacks what the call needs".to_owned() })
            }
        }
    }
}

/// A request that never left is known to have done nothing; any other may have been carried out.
fn no_answer(none: &NoAnswer) -> GatewayAnswer {
    match none {
        NoAnswer::NotSent(_) => not_sent("connect"),
        NoAnswer::TimedOut(_) => GatewayAnswer::Silent { code: "timeout".to_owned() },
        NoAnswer::Lost(_) => GatewayAnswer::Silent { code: "connection_lost".to_owned() },
    }
}

fn not_sent(code: &str) -> GatewayAnswer {
    GatewayAnswer::NotCharged { code: code.to_owned(), retry_after: None }
}

/// An intent whose state forbids that it is made or shown: the gateway contradicts itself.
fn unexpected() -> GatewayAnswer {
    GatewayAnswer::Doubtful { code: "payment_intent_unexpected_state".to_owned() }
}
