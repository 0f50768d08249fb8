//! Stripe's JSON: intents, refunds, and errors with their type, code and the intent that they are about.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chassis::store::StoreError;
use serde_json::{Map, Value, json};

use crate::domain::intent::{Answer, Charge, Intent, Refund, State};
use crate::domain::method::Decline;
use crate::domain::refund;

/// An error in Stripe's shape.
#[derive(Debug, Clone)]
pub struct Fault {
    status: StatusCode,
    kind: &'static str,
    /// Stripe's code.
    pub code: Option<&'static str>,
    message: String,
    param: Option<String>,
    decline: Option<Decline>,
    intent: Option<Box<Intent>>,
}

impl Fault {
    fn new(status: StatusCode, kind: &'static str, code: Option<&'static str>, message: String) -> Self {
        Self { status, kind, code, message, param: None, decline: None, intent: None }
    }

    /// 400: a parameter is missing or wrong.
    pub fn parameter(code: &'static str, param: &str, message: String) -> Self {
        let fault = Self::new(StatusCode::BAD_REQUEST, "invalid_request_error", Some(code), message);
        Self { param: Some(param.to_owned()), ..fault }
    }

    /// 400: a parameter names what does not exist.
    pub fn missing(param: &str, kind: &str, id: &str) -> Self {
        Self::parameter("resource_missing", param, format!("No such {kind}: '{id}'"))
    }

    /// 404: the path names an intent that does not exist.
    pub fn no_intent(id: &str) -> Self {
        Self { status: StatusCode::NOT_FOUND, ..Self::missing("intent", "payment_intent", id) }
    }

    /// 401: no key was sent.
    pub fn no_key() -> Self {
        let message = "You did not provide an API key. Provide it in the Authorization header, using Bearer auth.";
        Self::new(StatusCode::UNAUTHORIZED, "invalid_request_error", None, message.into())
    }

    /// 400: the idempotency key was used for another request.
    pub fn key_reused() -> Self {
        let message =
            "Keys for idempotent requests can only be used with the same parameters they were first used with.";
        Self::new(StatusCode::BAD_REQUEST, "idempotency_error", None, message.into())
    }

    /// 400: the intent's state does not allow it.
    pub fn unexpected_state(intent: Intent, action: &str) -> Self {
        let message =
            format!("You cannot {action} this PaymentIntent because it has a status of {}.", intent.state.as_str());
        let code = Some("payment_intent_unexpected_state");
        let fault = Self::new(StatusCode::BAD_REQUEST, "invalid_request_error", code, message);
        Self { intent: Some(Box::new(intent)), ..fault }
    }

    /// 400: the charge does not allow the refund.
    fn no_refund(code: Option<&'static str>, message: String) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request_error", code, message)
    }

    /// 402: the card's issuer refused.
    fn declined(intent: Intent, why: Decline) -> Self {
        let (code, ..) = why.codes();
        let fault = Self::new(StatusCode::PAYMENT_REQUIRED, "card_error", Some(code), why.message().to_owned());
        Self { decline: Some(why), intent: Some(Box::new(intent)), ..fault }
    }

    /// 503: try again.
    fn unavailable() -> Self {
        let message = "An error occurred internally with the sandbox's API.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "api_error", None, message.into())
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the ledger did not answer");
        Self::unavailable()
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let mut error =
            Map::from_iter([("type".to_owned(), json!(self.kind)), ("message".to_owned(), json!(self.message))]);
        let mut put = |name: &str, value: Option<Value>| value.and_then(|value| error.insert(name.to_owned(), value));
        put("code", self.code.map(|code| json!(code)));
        put("param", self.param.map(|param| json!(param)));
        let (_, decline_code, advice) = self.decline.map(Decline::codes).unwrap_or_default();
        put("decline_code", decline_code.map(|code| json!(code)));
        put("advice_code", advice.map(|code| json!(code)));
        put("payment_intent", self.intent.map(|intent| body(&intent)));
        (self.status, Json(json!({ "error": error }))).into_response()
    }
}

/// The answer to a confirmation.
pub fn confirmed(intent: Intent, answer: Answer) -> Result<Response, Fault> {
    match answer {
        Answer::Done => Ok(Json(body(&intent)).into_response()),
        Answer::Declined(why) => Err(Fault::declined(intent, why)),
        Answer::Unavailable => Err(Fault::unavailable()),
        Answer::UnexpectedState => Err(Fault::unexpected_state(intent, "confirm")),
    }
}

/// The answer to a request for a refund.
pub fn refunded(intent: &Intent, answer: refund::Answer) -> Result<Response, Fault> {
    use refund::Answer;
    let charge = charge(intent).map(|charge| charge.id.as_str()).unwrap_or_default();
    match answer {
        Answer::Done(refund) => Ok(Json(refund_body(intent, &refund)).into_response()),
        Answer::OtherRequest => Err(Fault::key_reused()),
        Answer::NoCharge => {
            let message = format!("This PaymentIntent ({}) does not have a successful charge to refund.", intent.id);
            Err(Fault::no_refund(None, message))
        }
        Answer::AlreadyRefunded => {
            let message = format!("Charge {charge} has already been refunded.");
            Err(Fault::no_refund(Some("charge_already_refunded"), message))
        }
        Answer::TooMuch { left } => {
            let message = format!("Refund amount is greater than unrefunded amount on charge ({left}).");
            Err(Fault { param: Some("amount".to_owned()), ..Fault::no_refund(None, message) })
        }
        Answer::Disputed => {
            let message = format!("Charge {charge} has been charged back; cannot issue a refund.");
            Err(Fault::no_refund(Some("charge_disputed"), message))
        }
        Answer::Unavailable => Err(Fault::unavailable()),
    }
}

/// A refund as Stripe shows it.
pub fn refund_body(intent: &Intent, refund: &Refund) -> Value {
    json!({
        "id": refund.id,
        "object": "refund",
        "amount": refund.amount,
        "charge": charge(intent).map(|charge| &charge.id),
        "currency": intent.currency,
        "payment_intent": intent.id,
        "metadata": refund.metadata,
        "status": "succeeded",
        "created": refund.created.as_second(),
    })
}

/// The intent's charge, if there is one.
pub fn charge(intent: &Intent) -> Option<&Charge> {
    match &intent.state {
        State::Succeeded(charge) => Some(charge),
        State::RequiresPaymentMethod(_) | State::RequiresConfirmation | State::Canceled => None,
    }
}

/// An intent as Stripe shows it.
pub fn body(intent: &Intent) -> Value {
    let charge = charge(intent).map(|charge| &charge.id);
    let last_payment_error = match intent.state {
        State::RequiresPaymentMethod(Some(why)) => Some(last_error(why)),
        State::RequiresPaymentMethod(None) | State::RequiresConfirmation | State::Succeeded(_) | State::Canceled => {
            None
        }
    };
    json!({
        "id": intent.id,
        "object": "payment_intent",
        "amount": intent.amount,
        "amount_received": if charge.is_some() { intent.amount } else { 0 },
        "currency": intent.currency,
        "status": intent.state.as_str(),
        "payment_method": intent.method,
        "latest_charge": charge,
        "last_payment_error": last_payment_error,
        "metadata": intent.metadata,
        "created": intent.created.as_second(),
        "livemode": false,
    })
}

fn last_error(why: Decline) -> Map<String, Value> {
    let (code, decline_code, advice_code) = why.codes();
    let fields = [
        ("type", Some("card_error")),
        ("code", Some(code)),
        ("decline_code", decline_code),
        ("advice_code", advice_code),
        ("message", Some(why.message())),
    ];
    fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), json!(value?)))).collect()
}
