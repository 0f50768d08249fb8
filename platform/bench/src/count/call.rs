//! One request of a function to AWS, as the proxy sees it.

use axum::http::{HeaderMap, Method, Uri};
use serde_json::Value;

/// Who asks for what.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// The access key that signed it: each function has its own.
    pub key: String,
    /// The AWS service, as the signature names it, such as `dynamodb`.
    pub service: String,
    /// The operation, such as `PutItem`; method and path for a REST API.
    pub operation: String,
    /// The body; null if it is not JSON.
    pub body: Value,
}

impl Call {
    /// Reads a request.
    pub fn parse(method: &Method, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Self {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let (key, service) = signer(header("authorization"));
        let target = header("x-amz-target").rsplit('.').next().unwrap_or_default();
        let operation = if target.is_empty() { format!("{method} {}", uri.path()) } else { target.to_owned() };
        Self { key, service, operation, body: serde_json::from_slice(body).unwrap_or_default() }
    }
}

/// Access key and service of a SigV4 header: `… Credential=KEY/DATE/REGION/SERVICE/aws4_request, …`.
fn signer(authorization: &str) -> (String, String) {
    let scope = authorization.split_once("Credential=").map_or("", |(_, rest)| rest);
    let mut parts = scope.split([',', ' ']).next().unwrap_or_default().split('/');
    let key = parts.next().unwrap_or_default().to_owned();
    (key, parts.nth(2).unwrap_or("unsigned").to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(headers: &[(&'static str, &str)], body: &str) -> Call {
        let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        Call::parse(&Method::POST, &Uri::from_static("/v2/email/outbound-emails"), &headers, body.as_bytes())
    }

    const SIGNED: &str =
        "AWS4-HMAC-SHA256 Credential=ASIAK/20261129/us-east-1/dynamodb/aws4_request, SignedHeaders=host";

    #[test]
    fn the_signature_names_key_and_service_and_the_target_the_operation() {
        let call =
            call(&[("authorization", SIGNED), ("x-amz-target", "DynamoDB_20120810.PutItem")], r#"{"TableName":"t"}"#);
        assert_eq!(
            (call.key.as_str(), call.service.as_str(), call.operation.as_str()),
            ("ASIAK", "dynamodb", "PutItem")
        );
        assert_eq!(call.body["TableName"], "t");
    }

    #[test]
    fn a_rest_request_is_named_by_method_and_path() {
        let call = call(&[], "not JSON");
        assert_eq!((call.key.as_str(), call.service.as_str()), ("", "unsigned"));
        assert_eq!(call.operation, "POST /v2/email/outbound-emails");
        assert_eq!(call.body, Value::Null);
    }
}
