//! An answer for each row, and that the README has the same table.

use super::*;

fn fault(r#type: &str, code: &str, advice: &str, param: &str) -> Fault {
    let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let r#type = given(r#type);
    Fault { r#type, code: given(code), advice_code: given(advice), param: given(param), ..Fault::default() }
}

/// An answer for each row, in the table's order: none of them is taken by an earlier row.
#[test]
fn each_row_decides_about_the_answers_that_it_is_for() {
    use Meaning::{Busy, Declined, Misconfigured, NotNow, OtherState, SoftDeclined, Unknown};
    let (invalid, card) = ("invalid_request_error", "card_error");
    let answers: [&[(u16, Fault, Meaning)]; 21] = [
        &[
            (401, fault(invalid, "", "", ""), Misconfigured),
            (403, fault(invalid, "more_permissions_required", "", ""), Misconfigured),
        ],
        &[(409, fault("idempotency_error", "idempotency_key_in_use", "", ""), Busy)],
        &[(429, fault(invalid, "rate_limit", "", ""), NotNow), (429, fault(invalid, "lock_timeout", "", ""), NotNow)],
        &[
            (500, fault("api_error", "", "", ""), Unknown),
            (424, fault("", "", "", ""), Unknown),
            (522, fault("", "", "", ""), Unknown),
        ],
        &[(400, fault("api_error", "", "", ""), Unknown)],
        &[(400, fault("authentication_error", "", "", ""), Misconfigured)],
        &[(400, fault("rate_limit_error", "", "", ""), NotNow)],
        &[(400, fault(invalid, "payment_intent_unexpected_state", "", ""), OtherState)],
        &[(400, fault("idempotency_error", "", "", ""), Unknown)],
        &[
            (400, fault(invalid, "testmode_charges_only", "", ""), Misconfigured),
            (400, fault(invalid, VERSION, "", ""), Misconfigured),
            (400, fault(invalid, LIVEMODE, "", ""), Misconfigured),
            (400, fault(invalid, "payment_method_unactivated", "", "payment_method"), Misconfigured),
            (400, fault(invalid, "platform_account_required", "", ""), Misconfigured),
        ],
        &[
            (400, fault(invalid, "parameter_unknown", "", "confirm"), Misconfigured),
            (400, fault(invalid, "parameter_unknown", "", "amount"), Misconfigured),
        ],
        &[(400, fault(invalid, "parameter_missing", "", "return_url"), Misconfigured)],
        &[
            (400, fault(invalid, "", "", "off_session"), Misconfigured),
            (400, fault(invalid, "payment_intent_invalid_parameter", "", "payment_method_types[0]"), Misconfigured),
        ],
        &[
            (402, fault(card, "insufficient_funds", "try_again_later", ""), SoftDeclined),
            (402, fault(card, "card_declined", "try_again_later", ""), SoftDeclined),
        ],
        &[
            (402, fault(card, "processing_error", "do_not_try_again", ""), Declined),
            (402, fault(card, "try_again_later", "confirm_card_data", ""), Declined),
        ],
        &[
            (402, fault(card, "processing_error", "", ""), SoftDeclined),
            (402, fault(card, "issuer_not_available", "", ""), SoftDeclined),
        ],
        &[
            (404, fault(invalid, "resource_missing", "", "intent"), Misconfigured),
            (400, fault(invalid, "resource_missing", "", "payment_intent"), Misconfigured),
        ],
        &[(404, fault(invalid, "resource_missing", "", "payment_method"), Declined)],
        &[
            (400, fault(invalid, "", "", ""), Declined),
            (400, fault(invalid, "amount_too_small", "", ""), Declined),
            (400, fault(invalid, "parameter_invalid_integer", "", "amount"), Declined),
            (400, fault(invalid, "resource_missing", "", "payment_method"), Declined),
            (400, fault(invalid, "processing_error", "", ""), Declined),
            (402, fault(card, "authentication_required", "", ""), Declined),
            (402, fault(card, "insufficient_funds", "", ""), Declined),
            (402, fault(card, "incorrect_number", "", "number"), Declined),
        ],
        &[
            (400, fault("", "", "", ""), Unknown),
            (402, fault("", "", "", ""), Unknown),
            (402, fault("anything_new", "", "", ""), Unknown),
        ],
        &[
            (404, fault(invalid, "", "", ""), Misconfigured),
            (404, fault(card, "processing_error", "", ""), Misconfigured),
            (301, fault("", "", "", ""), Misconfigured),
        ],
    ];
    assert_eq!(answers.len(), TABLE.len(), "a row without its answers");
    for (index, (row, answers)) in TABLE.iter().zip(answers).enumerate() {
        for (status, fault, meaning) in answers {
            let first = TABLE.iter().position(|row| row.fits(*status, fault));
            assert_eq!((first, row.means), (Some(index), *meaning), "{status} {fault:?} by {row}");
        }
    }
}

#[test]
fn a_decline_code_is_more_exact_than_a_code() {
    let exact = Fault { decline_code: Some("try_again_later".into()), ..fault("card_error", "card_declined", "", "") };
    assert_eq!((exact.reason(), exact.meaning(402)), (Some("try_again_later"), Meaning::SoftDeclined));
}

#[test]
fn a_refused_api_version_is_known_by_its_message_alone() {
    let body = br#"{"error":{"type":"invalid_request_error","message":"Invalid Stripe API version: 1999-01-01"}}"#;
    let fault = Fault::parse(body);
    assert_eq!((fault.reason(), fault.meaning(400)), (Some(VERSION), Meaning::Misconfigured));
    let other = Fault::parse(br#"{"error":{"type":"invalid_request_error","message":"Your card was used before"}}"#);
    assert_eq!((other.reason(), other.meaning(400)), (None, Meaning::Declined));
}

#[test]
fn a_test_mode_key_that_meets_live_objects_is_known_by_the_message() {
    let refused = |message: &str| {
        let error = r#""type":"invalid_request_error","code":"resource_missing","param":"payment_method""#;
        let fault = Fault::parse(
            format!(r#"{{"error":{{{error},"message":"No such PaymentMethod: 'pm_1'{message}"}}}}"#).as_bytes(),
        );
        (fault.reason().map(ToOwned::to_owned), fault.meaning(400), fault.meaning(404))
    };
    let of_the_key =
        refused("; a similar object exists in live mode, but a test mode key was used to make this request.");
    assert_eq!(of_the_key, (Some(LIVEMODE.into()), Meaning::Misconfigured, Meaning::Misconfigured));
    let missing = (Some("resource_missing".into()), Meaning::Declined, Meaning::Declined);
    assert_eq!(refused(""), missing);
    let of_the_customer = "; a similar object exists in test mode, but a live mode key was used to make this request.";
    assert_eq!(refused(of_the_customer), missing, "a customer cannot stop the payments of all");
}

#[test]
fn what_is_not_the_gateways_own_error_is_no_decline() {
    for body in
        ["<html>400 Bad Request</html>", "", "{}", r#"{"error":"invalid"}"#, r#"{"error":{}}"#, r#"{"error":null}"#]
    {
        for status in [400, 402] {
            assert_eq!(Fault::parse(body.as_bytes()).meaning(status), Meaning::Unknown, "{status} {body}");
        }
    }
}

#[test]
fn the_readme_has_the_same_table() {
    let readme = include_str!("../../../../../README.md");
    let rows: Vec<String> = TABLE.iter().map(ToString::to_string).collect();
    assert!(readme.contains(&rows.join("\n")), "{}", rows.join("\n"));
}
