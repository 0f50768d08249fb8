//! Why a request was not carried out, as its answer.

use chassis::http::Problem;

use crate::application::{PlaceError, Rejected};
use crate::domain::cancel::TooLate;
use crate::domain::place::Violation;

impl From<PlaceError> for Problem {
    fn from(error: PlaceError) -> Self {
        match error {
            PlaceError::Invalid(broken) => broken.into_iter().fold(Self::invalid(), with),
            PlaceError::KeyReused => Self::idempotency_key_reused()
                .at("Idempotency-Key", "Idempotency-Key was used for another body: a new order needs a new key"),
            PlaceError::Store(error) => error.into(),
        }
    }
}

fn with(problem: Problem, Violation { pointer, rule }: Violation) -> Problem {
    problem.at(pointer, rule)
}

impl From<Rejected> for Problem {
    fn from(rejected: Rejected) -> Self {
        match rejected {
            Rejected::NotFound => not_found(),
            Rejected::NoAttentionEntry => no_attention_entry(),
            Rejected::VersionMismatch => {
                Self::precondition_failed().at("If-Match", "If-Match must be the order's current ETag")
            }
            Rejected::TooLate(TooLate(status)) => {
                Self::conflict().because(format!("Order can no longer be cancelled: it is {}", status.as_str()))
            }
            Rejected::Store(error) => error.into(),
        }
    }
}

pub(super) fn not_found() -> Problem {
    Problem::not_found().because("Order not found: it does not exist, or it is another customer's")
}

pub(super) fn no_attention_entry() -> Problem {
    Problem::not_found().because("Attention entry not found: the order has none of this number")
}
