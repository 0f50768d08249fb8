//! What the proxy does to requests instead of passing them on: a part of AWS is away, or one request in twenty goes wrong.

use std::io;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::Result;
use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use futures::stream;

use super::call::Call;

/// One request in this many goes wrong in rough weather.
const ONE_IN: u32 = 20;
/// How long a slow answer takes: longer than an attempt of the SDK waits.
const SLOW: Duration = Duration::from_secs(2);

/// A part of AWS that can be away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// A table, by its name. Without its own table the sandbox gateway answers 503.
    Table(String),
    /// The bus.
    Bus,
    /// The mail service.
    Mail,
}

/// What becomes of requests.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Weather {
    /// Each is passed on.
    #[default]
    Fair,
    /// Those to this part are accepted and never answered.
    Silent(Part),
    /// Those to this part are answered with 503.
    Away(Part),
    /// One in twenty is slow, or its connection is reset, or it is answered with 503.
    Rough,
}

/// The weather now.
#[derive(Debug, Default)]
pub struct Forecast(Mutex<Weather>);

impl Part {
    fn is_asked(&self, call: &Call) -> bool {
        match self {
            Self::Table(name) => call.service == "dynamodb" && call.body.to_string().contains(&format!("\"{name}\"")),
            Self::Bus => call.service == "events",
            Self::Mail => call.service == "ses",
        }
    }
}

impl Forecast {
    /// Changes the weather.
    pub fn set(&self, weather: Weather) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = weather;
    }

    /// The answer of the weather, unless the request is passed on.
    ///
    /// # Errors
    /// Never: the reset connection is a response whose body fails.
    pub async fn answer(&self, call: &Call) -> Result<Option<Response>> {
        let now = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let unavailable = || Some(StatusCode::SERVICE_UNAVAILABLE.into_response());
        Ok(match now {
            Weather::Silent(part) if part.is_asked(call) => std::future::pending().await,
            Weather::Away(part) if part.is_asked(call) => unavailable(),
            Weather::Rough if fastrand::u32(..ONE_IN) == 0 => match fastrand::u8(..3) {
                0 => unavailable(),
                1 => Some(reset()?),
                _ => {
                    tokio::time::sleep(SLOW).await;
                    None
                }
            },
            Weather::Fair | Weather::Silent(_) | Weather::Away(_) | Weather::Rough => None,
        })
    }
}

/// An answer that breaks off after its head.
fn reset() -> Result<Response> {
    let broken = stream::iter([Err::<Bytes, _>(io::Error::from(io::ErrorKind::ConnectionReset))]);
    Ok(Response::builder().header("content-length", "100").body(Body::from_stream(broken))?)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn call(service: &str, body: Value) -> Call {
        Call { key: String::new(), service: service.to_owned(), operation: "Any".to_owned(), body }
    }

    #[tokio::test]
    async fn only_requests_to_what_is_away_fail() {
        let forecast = Forecast::default();
        let transaction = json!({ "TransactItems": [{ "Put": { "TableName": "orders" } }] });
        let (asked, other) = (call("dynamodb", transaction), call("dynamodb", json!({ "TableName": "order-history" })));
        assert!(forecast.answer(&asked).await.unwrap().is_none());
        forecast.set(Weather::Away(Part::Table("orders".to_owned())));
        assert_eq!(forecast.answer(&asked).await.unwrap().unwrap().status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(forecast.answer(&other).await.unwrap().is_none());
        forecast.set(Weather::Silent(Part::Bus));
        let never =
            tokio::time::timeout(Duration::from_millis(50), forecast.answer(&call("events", Value::Null))).await;
        assert!(never.is_err());
    }
}
