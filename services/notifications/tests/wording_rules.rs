//! What customers read.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use notifications::domain::ids::OrderId;
use notifications::domain::message::{CancelReason, Content};
use notifications::domain::money::Money;
use notifications::outbound::{Mail, Templates};

fn mail(content: &Content) -> Mail {
    Templates::new()
        .unwrap()
        .render(&OrderId::new("ord_8c5b1f0e-5c0e-5f3a-9a51-0f6f2f1f7a10").unwrap(), content)
        .unwrap()
}

#[test]
fn amounts_are_written_as_people_read_them() {
    for (minor, currency, readable) in [
        (4_790, "EUR", "€47.90"),
        (5, "GBP", "£0.05"),
        (123_456_789, "USD", "$1,234,567.89"),
        (100_000, "CHF", "CHF 1,000.00"),
        (4_790, "JPY", "JPY 4,790"),
        (4_790, "KWD", "KWD 4.790"),
        (0, "EUR", "€0.00"),
        (u64::MAX, "EUR", "€184,467,440,737,095,516.15"),
    ] {
        assert_eq!(Money { minor, currency: currency.into() }.readable(), readable);
    }
}

#[test]
fn a_mail_about_a_completed_order_has_its_total() {
    let mail = mail(&Content::Completed(Money { minor: 4_790, currency: "EUR".into() }));
    assert_eq!(mail.subject, "Your order 8C5B1F0E is complete");
    for body in [&mail.text, &mail.html] {
        assert!(body.contains("€47.90") && body.contains("ord_8c5b1f0e-5c0e-5f3a-9a51-0f6f2f1f7a10"), "{body}");
    }
}

#[test]
fn each_reason_to_cancel_has_its_own_words() {
    for (reason, words) in [
        (CancelReason::Customer, "You asked us to cancel it"),
        (CancelReason::OutOfStock, "no longer in stock"),
        (CancelReason::PaymentFailed, "payment was not accepted"),
        (CancelReason::ReservationExpired, "while we were holding the goods"),
        (CancelReason::TimedOut, "could not finish it in time"),
        (CancelReason::Staff, "Our support team has cancelled it"),
        (CancelReason::Other, "It was cancelled. Please reply"),
    ] {
        let mail = mail(&Content::Cancelled(reason));
        assert_eq!(mail.subject, "Your order 8C5B1F0E was cancelled");
        for body in [&mail.text, &mail.html] {
            assert!(body.contains(words) && body.contains("You will not be charged"), "{reason:?}: {body}");
        }
    }
}

#[test]
fn what_is_put_into_html_is_escaped_and_into_text_is_not() {
    let mail = mail(&Content::Completed(Money { minor: 100, currency: "<b>".into() }));
    assert!(mail.html.contains("&lt;b&gt; 1.00") && mail.text.contains("<b> 1.00"), "{mail:?}");
}
