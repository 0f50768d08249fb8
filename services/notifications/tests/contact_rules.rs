//! What is an e-mail address, and that one never shows itself.

use notifications::domain::contact::{Contact, EmailAddress};
use proptest::prelude::*;

#[test]
fn an_address_keeps_the_rule() {
    for good in [
        "ada@example.org",
        "a@b.co",
        "first.last+tag@mail.example.co.uk",
        "o'hara_{x}@xn--mller-kva.example",
        &format!("{}@{}.example", "a".repeat(64), "b".repeat(63)),
    ] {
        assert!(EmailAddress::new(good).is_some(), "{good}");
    }
}

#[test]
fn what_is_not_an_address_is_refused() {
    let long = format!(
        "{}@{}.{}.{}.{}.example",
        "a".repeat(64),
        "b".repeat(60),
        "c".repeat(60),
        "d".repeat(60),
        "e".repeat(9)
    );
    for bad in [
        "",
        "@",
        "ada",
        "ada@",
        "@example.org",
        "ada@example",
        "ada@@example.org",
        "a b@example.org",
        "ada@exa mple.org",
        ".ada@example.org",
        "ada.@example.org",
        "a..b@example.org",
        "ada@-example.org",
        "ada@example-.org",
        "ada@example..org",
        "ada@.org",
        "ada@example.org.",
        "ada@127.0.0.1",
        "ada@[127.0.0.1]",
        "\"ada\"@example.org",
        "ädä@example.org",
        "ada@exämple.org",
        "ada@example.org\r\nBcc: eve@example.org",
        "ada@example.org,eve@example.org",
        "Ada <ada@example.org>",
        " ada@example.org",
        "ada@example.org ",
        &format!("{}@example.org", "a".repeat(65)),
        &long,
    ] {
        assert!(EmailAddress::new(bad).is_none(), "{bad}");
    }
}

#[test]
fn canary_an_address_does_not_show_itself() {
    let email = EmailAddress::new("canary@example.org").unwrap();
    let shown = format!("{email:?} {:?}", Contact { email: email.clone(), updated_at: jiff::Timestamp::UNIX_EPOCH });
    assert!(!shown.contains("canary") && !shown.contains("example.org"), "{shown}");
}

proptest! {
    #[test]
    fn an_accepted_text_is_one_address_in_one_line(text in "[a-c.@+\\- \r\n,<>\"é]{0,40}") {
        if let Some(email) = EmailAddress::new(&text) {
            prop_assert_eq!(email.reveal().matches('@').count(), 1);
            prop_assert!(email.reveal().bytes().all(|b| b.is_ascii_graphic() && !b",<>\"".contains(&b)));
        }
    }
}
