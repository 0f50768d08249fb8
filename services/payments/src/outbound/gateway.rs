//! The gateway over HTTP: forms out, JSON in.

use std::fmt;
use std::time::Duration;

use reqwest::{Client, RequestBuilder};

use super::answer::{Asked, classify};
use crate::domain::gateway::{Call, Word};
use crate::domain::ids::IntentId;
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

/// The gateway, reached over HTTP.
#[derive(Debug, Clone)]
pub struct HttpGateway {
    client: Client,
    intents: String,
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
        Ok(Self { client, intents: format!("{}/v1/payment_intents", url.trim_end_matches('/')), key })
    }

    async fn create(&self, payment: &Payment, terms: &Terms) -> Result<Word, Misconfigured> {
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
        Ok(self.send(Asked::Create, request).await?.unwrap_or_else(unexpected))
    }

    async fn confirm(&self, payment: &Payment, intent: &IntentId, attempt: u32) -> Result<Word, Misconfigured> {
        let request = self
            .client
            .post(format!("{}/{intent}/confirm", self.intents))
            .header("idempotency-key", format!("{}-{attempt}", payment.id))
            // Nobody waits at a screen: what would need the customer is a refusal.
            .form(&[("error_on_requires_action", "true"), ("off_session", "true")]);
        self.or_retrieve(Asked::Confirm, request, intent).await
    }

    async fn cancel(&self, intent: &IntentId) -> Result<Word, Misconfigured> {
        let request = self.client.post(format!("{}/{intent}/cancel", self.intents));
        self.or_retrieve(Asked::Cancel, request, intent).await
    }

    async fn retrieve(&self, intent: &IntentId) -> Result<Word, Misconfigured> {
        let request = self.client.get(format!("{}/{intent}", self.intents));
        Ok(self.send(Asked::Retrieve, request).await?.unwrap_or_else(unexpected))
    }

    async fn or_retrieve(
        &self,
        asked: Asked,
        request: RequestBuilder,
        intent: &IntentId,
    ) -> Result<Word, Misconfigured> {
        match self.send(asked, request).await? {
            Some(word) => Ok(word),
            None => self.retrieve(intent).await,
        }
    }

    async fn send(&self, asked: Asked, request: RequestBuilder) -> Result<Option<Word>, Misconfigured> {
        let request = request.bearer_auth(&self.key.0).header("stripe-version", API_VERSION);
        let answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) => return Ok(Some(unheard(&error))),
        };
        let status = answer.status().as_u16();
        match answer.bytes().await {
            Ok(body) => classify(asked, status, &body),
            Err(error) => Ok(Some(unheard(&error))),
        }
    }
}

impl Gateway for HttpGateway {
    async fn call(&self, call: &Call, payment: &Payment) -> Result<Word, Misconfigured> {
        match (call, &payment.intent, &payment.terms) {
            (Call::Create { .. }, _, Some(terms)) => self.create(payment, terms).await,
            (Call::Confirm { attempt }, Some(intent), _) => self.confirm(payment, intent, *attempt).await,
            (Call::Ask { .. }, Some(intent), _) => self.retrieve(intent).await,
            (Call::Cancel, Some(intent), _) => self.cancel(intent).await,
            (Call::Create { .. } | Call::Confirm { .. } | Call::Ask { .. } | Call::Cancel, _, _) => {
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
