//! Recorded answers in AWS's documented shapes, for tests.

use serde_json::Value;

use super::{Ask, AwsError, Call};

/// Answers each request with what was recorded for its operation, and its input where several are recorded.
#[derive(Debug, Default)]
pub(crate) struct Recorded(Vec<(&'static str, Value, Answer)>, Option<Answer>);

type Answer = Result<Value, AwsError>;

impl Recorded {
    /// Answers `operation` if its input has at least the members of `input`.
    pub(crate) fn when(mut self, operation: &'static str, input: Value, answer: Result<Value, AwsError>) -> Self {
        self.0.push((operation, input, answer));
        self
    }
}

impl Recorded {
    /// Answers every other request so.
    pub(crate) fn anything_else(mut self, answer: Result<Value, AwsError>) -> Self {
        self.1 = Some(answer);
        self
    }
}

impl Ask for Recorded {
    async fn ask(&self, call: &Call) -> Result<Value, AwsError> {
        let fits = |input: &Value| {
            input.as_object().into_iter().flatten().all(|(name, value)| call.input.get(name) == Some(value))
        };
        let found = self.0.iter().find(|(operation, input, _)| *operation == call.operation && fits(input));
        let answer = found.map(|(_, _, answer)| answer).or(self.1.as_ref());
        answer.unwrap_or_else(|| panic!("nothing is recorded for {call} {}", call.input)).clone()
    }
}

/// AWS's answer when something does not exist.
pub(crate) fn missing(code: &str) -> Result<Value, AwsError> {
    Err(AwsError::Refused { code: code.to_owned(), message: "it does not exist".to_owned() })
}

/// AWS's answer to a caller who may not ask.
pub(crate) fn denied() -> Result<Value, AwsError> {
    let message = "User: arn:aws:iam::123456789012:user/ci is not authorized".to_owned();
    Err(AwsError::Refused { code: "AccessDeniedException".to_owned(), message })
}
