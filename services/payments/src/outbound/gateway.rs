//! The gateway over HTTP: forms out, JSON in.

use std::fmt;
use std::time::Duration;

use reqwest::{Client, RequestBuilder};

use super::answer::{Asked, classify, refund_listed, refund_sent};
use crate::domain::gateway::{Call, Word};
use crate::domain::ids::{IntentId, RefundId};
use crate::domain::payment::{Payment, Terms};
use crate::settle::{Gateway, Misconfigured};

/// The version of the gateway's API that the answers are read as.
const API_VERSION: &str = "2024-06-20";
/// Longest wait for a connection: nothing was sent yet, so there is no harm in giving up.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

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

/// What a call has brought.
type Told = Result<Word, Misconfigured>;

/// The gateway, reached over HTTP.
#[derive(Debug, Clone)]
pub struct HttpGateway {
    client: Client,
    intents: String,
    refunds: String,
    key: GatewayKey,
}

impl HttpGateway {
    /// The gateway at `url`, whose answers are waited for so long.
    ///
    /// # Errors
    /// When the HTTP client cannot be made.
    pub fn new(url: &str, key: GatewayKey, timeout: Duration) -> Result<Self, reqwest::Error> {
        // The process's TLS provider is set at most once; a second gateway in it finds the first one's.
        if rustls::crypto::ring::default_provider().install_default().is_err() {
            tracing::debug!("the TLS provider was already set");
        }
        let client = Client::builder()
            .timeout(timeout)
            .connect_timeout(CONNECT_TIMEOUT.min(timeout))
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .build()?;
        let path = |name| format!("{}/v1/{name}", url.trim_end_matches('/'));
        Ok(Self { client, intents: path("payment_intents"), refunds: path("refunds"), key })
    }

    async fn create(&self, payment: &Payment, terms: &Terms) -> Told {
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
        let request = self.client.post(&self.intents).header("idempotency-key", payment.id.as_str()).form(&form);
        Ok(self.about_intent(Asked::Create, request).await?.unwrap_or_else(unexpected))
    }

    async fn confirm(&self, payment: &Payment, intent: &IntentId, attempt: u32) -> Told {
        let request = self
            .client
            .post(format!("{}/{intent}/confirm", self.intents))
            .header("idempotency-key", format!("{}-{attempt}", payment.id))
            // Nobody waits at a screen: what would need the customer is a refusal.
            .form(&[("error_on_requires_action", "true"), ("off_session", "true")]);
        self.or_retrieve(Asked::Confirm, request, intent).await
    }

    async fn cancel(&self, intent: &IntentId) -> Told {
        let request = self.client.post(format!("{}/{intent}/cancel", self.intents));
        self.or_retrieve(Asked::Cancel, request, intent).await
    }

    async fn retrieve(&self, intent: &IntentId) -> Told {
        let request = self.client.get(format!("{}/{intent}", self.intents));
        Ok(self.about_intent(Asked::Retrieve, request).await?.unwrap_or_else(unexpected))
    }

    async fn or_retrieve(&self, asked: Asked, request: RequestBuilder, intent: &IntentId) -> Told {
        match self.about_intent(asked, request).await? {
            Some(word) => Ok(word),
            None => self.retrieve(intent).await,
        }
    }

    async fn refund(&self, intent: &IntentId, payment: &Payment, refund: &RefundId, amount: u64) -> Told {
        let amount = amount.to_string();
        let form = [
            ("payment_intent", intent.as_str()),
            ("amount", amount.as_str()),
            ("metadata[orderId]", payment.order.as_str()),
            ("metadata[paymentId]", payment.id.as_str()),
            ("metadata[refundId]", refund.as_str()),
        ];
        let request = self.client.post(&self.refunds).header("idempotency-key", refund.as_str()).form(&form);
        let (status, body) = match self.send(request).await {
            Ok(answer) => answer,
            Err(unheard) => return Ok(unheard),
        };
        if let Some(word) = refund_sent(status, &body)? {
            return Ok(word);
        }
        let word = self.find_refund(intent, refund).await?;
        let refused = Word::Declined { code: "charge_already_refunded".to_owned() };
        Ok(if word == Word::NotRefunded { refused } else { word })
    }

    async fn find_refund(&self, intent: &IntentId, refund: &RefundId) -> Told {
        let request = self.client.get(&self.refunds).query(&[("payment_intent", intent.as_str()), ("limit", "100")]);
        match self.send(request).await {
            Ok((status, body)) => refund_listed(refund, status, &body),
            Err(unheard) => Ok(unheard),
        }
    }

    async fn about_intent(&self, asked: Asked, request: RequestBuilder) -> Result<Option<Word>, Misconfigured> {
        match self.send(request).await {
            Ok((status, body)) => classify(asked, status, &body),
            Err(unheard) => Ok(Some(unheard)),
        }
    }

    /// Status and body of an answer, or what it means that there is none.
    async fn send(&self, request: RequestBuilder) -> Result<(u16, Vec<u8>), Word> {
        let request = request.bearer_auth(&self.key.0).header("stripe-version", API_VERSION);
        let answer = request.send().await.map_err(|error| unheard(&error))?;
        let status = answer.status().as_u16();
        Ok((status, answer.bytes().await.map_err(|error| unheard(&error))?.into()))
    }
}

impl Gateway for HttpGateway {
    async fn call(&self, call: &Call, payment: &Payment) -> Told {
        match (call, &payment.intent, &payment.terms) {
            (Call::Create { .. }, _, Some(terms)) => self.create(payment, terms).await,
            (Call::Confirm { attempt }, Some(intent), _) => self.confirm(payment, intent, *attempt).await,
            (Call::Ask { .. }, Some(intent), _) => self.retrieve(intent).await,
            (Call::Cancel, Some(intent), _) => self.cancel(intent).await,
            (Call::Refund { refund, amount, .. }, Some(intent), _) => {
                self.refund(intent, payment, refund, *amount).await
            }
            (Call::AskRefund { refund, .. }, Some(intent), _) => self.find_refund(intent, refund).await,
            (_, None, _) | (_, _, None) => {
                Err(Misconfigured { code: "the payment lacks what the call needs".to_owned() })
            }
        }
    }
}

/// A request that never left is known to have done nothing; of any other nobody knows.
fn unheard(error: &reqwest::Error) -> Word {
    if error.is_connect() {
        Word::NotCharged { code: "connect".to_owned() }
    } else if error.is_timeout() {
        Word::Silent { code: "timeout".to_owned() }
    } else {
        Word::Silent { code: "connection_lost".to_owned() }
    }
}

/// An intent whose state forbids that it is made or shown: the gateway contradicts itself.
fn unexpected() -> Word {
    Word::Doubtful { code: "payment_intent_unexpected_state".to_owned() }
}
