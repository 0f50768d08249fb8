//! What SES's answer to a mail means for the mail: one table.
//!
//! Sources: "Amazon SES email sending errors" in the SES developer guide, the errors of `SendEmail` in the reference of the
//! SES API v2, and sentences that users of SES have reported.

use std::error::Error;
use std::io::{self, ErrorKind};

use aws_sdk_sesv2::config::http::HttpResponse;
use aws_sdk_sesv2::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sesv2::operation::send_email::SendEmailError;
use chassis::aws::{AwsError, Kind};

use crate::domain::message::{Failure, SendResult};

/// What SES's answer means for a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// SES took it.
    Taken,
    /// SES refuses it for good, for its content or its recipient.
    Refused,
    /// SES refuses it for how the account, the sender or the request is set up. It is kept: once that is mended, the queue,
    /// or a redrive of the dead-letter queue, sends it.
    SetUp,
    /// SES does not take it at this moment, and certainly has not sent it.
    Later,
    /// SES may or may not have sent it.
    Unknown,
}

/// One attempt to send: what SES answered, and SES's code for it. SES's sentence is left out, because it may name the address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// What the answer means.
    pub answer: Answer,
    /// SES's code, or a word of ours where SES gave none.
    pub code: String,
    /// What an operator has to mend, if it is the set-up.
    pub mend: &'static str,
}

/// An answer of SES: its code, what its sentence begins with (final) or has (set-up) in lower case, what it means, and what to
/// mend.
struct Known(&'static str, &'static str, Answer, &'static str);

const PAUSED: &str = "SES has stopped the account's sending: see the account dashboard of SES";
const LOOK: &str = "send a mail with `aws sesv2 send-email` to read SES's sentence, which may name an address";

/// From top to bottom, the first that fits. A code alone is final for no mail: SES gives `MessageRejected` and
/// `BadRequestException` also for what is wrong with every mail. So a sentence that is not known to be about this mail's
/// content or recipient keeps the mail. It is known from its beginning, because what follows may be an address with any word.
const KNOWN: [Known; 13] = [
    Known(
        "MessageRejected",
        "not verified",
        Answer::SetUp,
        "verify the identity of SenderAddress in this region, or have the account moved out of SES's sandbox",
    ),
    Known("MessageRejected", "paused", Answer::SetUp, PAUSED),
    Known("MessageRejected", "suspended", Answer::SetUp, PAUSED),
    Known("MessageRejected", "the message was rejected because it contained a virus", Answer::Refused, ""),
    Known("MessageRejected", "address blacklisted", Answer::Refused, ""),
    Known("MessageRejected", "address is on the suppression list", Answer::Refused, ""),
    Known("MessageRejected", "", Answer::SetUp, LOOK),
    Known("BadRequestException", "message length", Answer::Refused, ""),
    Known("BadRequestException", "", Answer::SetUp, LOOK),
    Known("AccountSuspendedException", "", Answer::SetUp, PAUSED),
    Known("SendingPausedException", "", Answer::SetUp, PAUSED),
    Known("MailFromDomainNotVerifiedException", "", Answer::SetUp, "the MX record of the custom MAIL FROM domain"),
    Known(
        "NotFoundException",
        "",
        Answer::SetUp,
        "what the request names, such as the configuration set, is not there",
    ),
];

impl Answer {
    /// What becomes of the message.
    #[must_use]
    pub fn result(self) -> SendResult {
        match self {
            Self::Taken => SendResult::Sent,
            Self::Refused => SendResult::Failed(Failure::Refused),
            Self::SetUp | Self::Later => SendResult::NotSent,
            Self::Unknown => SendResult::Unknown,
        }
    }
}

impl Attempt {
    /// An attempt that ended in this way.
    pub(super) fn of(answer: Answer, code: &str) -> Self {
        Self { answer, code: code.to_owned(), mend: "" }
    }

    /// An attempt that SES did not answer with "taken".
    pub(super) fn failed(error: &SdkError<SendEmailError, HttpResponse>) -> Self {
        match error {
            SdkError::ConstructionFailure(_) => {
                Self { mend: "the function's credentials or region", ..Self::of(Answer::SetUp, "construction") }
            }
            SdkError::DispatchFailure(failure) => {
                let unreached = failure.as_connector_error().is_some_and(|error| unreached(error));
                Self::of(if unreached { Answer::Later } else { Answer::Unknown }, "dispatch")
            }
            SdkError::ServiceError(context) => {
                let (code, sentence) = (context.err().code(), context.err().message().unwrap_or_default());
                let (status, kind) = (context.raw().status().as_u16(), AwsError::of(error).kind);
                let (answer, mend) = meaning(code.unwrap_or_default(), sentence, kind, status);
                Self { mend, ..Self::of(answer, code.unwrap_or("unnamed")) }
            }
            SdkError::TimeoutError(_) => Self::of(Answer::Unknown, "timeout"),
            SdkError::ResponseError(_) | _ => Self::of(Answer::Unknown, "response"),
        }
    }
}

/// What an error of SES means, and what to mend.
fn meaning(code: &str, sentence: &str, kind: Kind, status: u16) -> (Answer, &'static str) {
    let sentence = sentence.to_lowercase();
    let says = |Known(_, words, answer, _): &Known| match answer {
        Answer::Refused => sentence.starts_with(words),
        Answer::Taken | Answer::SetUp | Answer::Later | Answer::Unknown => sentence.contains(words),
    };
    if let Some(Known(_, _, answer, mend)) = KNOWN.iter().find(|it| it.0 == code && says(it)) {
        return (*answer, mend);
    }
    match kind {
        Kind::Throttled => (Answer::Later, ""),
        Kind::Denied => (Answer::SetUp, "compare the role's statement on ses:SendEmail with SenderAddress"),
        Kind::NotFound | Kind::Invalid | Kind::Unexpected | Kind::Unreachable | Kind::ServerError => match status {
            503 => (Answer::Later, ""),
            // SES failed, and it is not known at which point.
            500.. => (Answer::Unknown, ""),
            _ => (Answer::SetUp, LOOK),
        },
    }
}

/// Whether the connection was never made.
fn unreached(error: &(dyn Error + 'static)) -> bool {
    let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
    matches!(kind, Some(ErrorKind::ConnectionRefused | ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable))
        || error.source().is_some_and(unreached)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_connection_that_was_never_made_is_certain() {
        assert!(unreached(&io::Error::from(ErrorKind::ConnectionRefused)));
        assert!(!unreached(&io::Error::from(ErrorKind::ConnectionReset)));
    }

    #[test]
    fn a_set_up_fault_says_what_to_mend() {
        for Known(code, sentence, answer, mend) in KNOWN {
            assert_eq!(answer == Answer::SetUp, !mend.is_empty(), "{code} {sentence}");
        }
    }
}
