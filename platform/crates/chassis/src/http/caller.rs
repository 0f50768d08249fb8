//! The caller: the claims that the JWT authorizer has verified.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use lambda_http::request::RequestContext;

use super::Problem;

/// The group of those who look after what callers ask for.
pub const SUPPORT: &str = "support";
/// The group of those who keep the system going, and repair.
pub const OPERATOR: &str = "operator";

/// The caller, as the verified token names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The token's subject: the caller's id.
    pub subject: String,
    /// The e-mail address in the token, if the identity provider has verified it; no access token has one.
    pub verified_email: Option<String>,
    groups: Vec<String>,
}

impl Caller {
    /// Whether the token names the group.
    pub fn is_in(&self, group: &str) -> bool {
        self.groups.iter().any(|g| g == group)
    }

    /// The caller if they are in one of the groups.
    ///
    /// # Errors
    /// 403, which names these groups.
    pub fn must_be_in(&self, groups: &[&str]) -> Result<&Self, Problem> {
        let allowed = groups.iter().any(|group| self.is_in(group));
        let refused = || Problem::forbidden().because(format!("needs the group {}", groups.join(" or ")));
        allowed.then_some(self).ok_or_else(refused)
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let context = parts.extensions.get::<RequestContext>();
        let Some(RequestContext::ApiGatewayV2(context)) = context else { return Err(Problem::unauthenticated()) };
        let claims = context.authorizer.as_ref().and_then(|a| a.jwt.as_ref()).map(|jwt| &jwt.claims);
        let subject = claims.and_then(|claims| claims.get("sub")).filter(|sub| !sub.is_empty());
        let subject = subject.ok_or_else(Problem::unauthenticated)?.clone();
        let groups = claims.and_then(|claims| claims.get("cognito:groups")).map(|text| groups(text));
        // API Gateway turns every claim into a text.
        let verified = claims.filter(|claims| claims.get("email_verified").is_some_and(|verified| verified == "true"));
        let verified_email = verified.and_then(|claims| claims.get("email")).cloned();
        Ok(Self { subject, verified_email, groups: groups.unwrap_or_default() })
    }
}

/// API Gateway turns the claim's list into a text: `[support operator]`.
fn groups(text: &str) -> Vec<String> {
    let names = text.split(|c: char| c.is_whitespace() || "[],\"'".contains(c));
    names.filter(|name| !name.is_empty()).map(ToOwned::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn caller(claims: serde_json::Value) -> Caller {
        let authorizer = serde_json::json!({ "jwt": { "claims": claims } });
        let context = serde_json::json!({ "http": { "method": "GET" }, "authorizer": authorizer });
        let context = RequestContext::ApiGatewayV2(serde_json::from_value(context).unwrap());
        let (mut parts, ()) = axum::http::Request::builder().extension(context).body(()).unwrap().into_parts();
        Caller::from_request_parts(&mut parts, &()).await.unwrap()
    }

    #[tokio::test]
    async fn an_address_counts_only_if_the_token_says_that_it_is_verified() {
        let claims =
            |verified: &str| serde_json::json!({ "sub": "ada", "email": "a@b.example", "email_verified": verified });
        assert_eq!(caller(claims("true")).await.verified_email.as_deref(), Some("a@b.example"));
        for other in ["false", "True", "1", "", "[true]"] {
            assert_eq!(caller(claims(other)).await.verified_email, None, "{other}");
        }
        for part in ["email", "email_verified"] {
            let mut claims = claims("true");
            claims.as_object_mut().unwrap().remove(part);
            assert_eq!(caller(claims).await.verified_email, None, "without {part}");
        }
    }

    #[test]
    fn groups_are_read_in_every_form_that_gateways_send() {
        for text in ["[support operator]", "support,operator", r#"["support","operator"]"#, "support operator"] {
            assert_eq!(groups(text), ["support", "operator"], "{text}");
        }
        assert!(groups("[]").is_empty());
    }
}
