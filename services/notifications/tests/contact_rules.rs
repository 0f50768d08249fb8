//! What is an e-mail address, that one never shows itself, and to which one mail may go.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use jiff::{SignedDuration, Timestamp};
use notifications::domain::address::EmailAddress;
use notifications::domain::confirmation::{Secret, SecretHash, Token};
use notifications::domain::contact::{
    Confirmed, Contact, Given, LINK_WORKS, Pending, Proof, STOPS_KEPT, Standing, StopReason, Stopped, confirm,
    destination, give, stop,
};
use notifications::domain::ids::{AddressMark, CustomerId};
use notifications::domain::message::Failure;
use proptest::prelude::*;

const AT: Timestamp = Timestamp::UNIX_EPOCH;
const NEW: &str = "new@example.org";
const OLD: &str = "old@example.org";

fn email(text: &str) -> EmailAddress {
    EmailAddress::new(text).unwrap()
}

fn hash(byte: u8) -> SecretHash {
    Secret::new([byte; 32]).hash()
}

/// A contact with this address, of which nothing else is known.
fn contact(address: &str) -> Contact {
    Contact::unconfirmed(email(address), AT)
}

fn confirmed(address: &str) -> Contact {
    Contact { confirmed: Some(Confirmed { email: email(address), by: Proof::Link, at: AT }), ..contact(address) }
}

fn stopped(address: &str) -> Contact {
    let stopped = Stopped { email: email(address), reason: StopReason::Bounced, at: AT };
    Contact { stopped: Some(stopped), ..confirmed(address) }
}

fn asked(contact: Contact, address: &str) -> Contact {
    Contact { pending: Some(Pending { email: email(address), hash: hash(1), until: AT + LINK_WORKS }), ..contact }
}

#[test]
fn mail_goes_to_a_confirmed_address_and_to_no_other() {
    let elsewhere = Contact { email: email(NEW), ..confirmed(OLD) };
    for (contact, goes) in [
        (None, Err(Failure::NoAddress)),
        (Some(contact(NEW)), Err(Failure::Unconfirmed)),
        (Some(asked(contact(NEW), NEW)), Err(Failure::Unconfirmed)),
        (Some(confirmed(NEW)), Ok(NEW)),
        (Some(asked(confirmed(OLD), NEW)), Ok(OLD)),
        (Some(elsewhere), Err(Failure::Unconfirmed)),
        (Some(stopped(NEW)), Err(Failure::AddressStopped)),
        (Some(Contact { email: email(NEW), confirmed: confirmed(NEW).confirmed, ..stopped(OLD) }), Ok(NEW)),
    ] {
        assert_eq!(destination(contact.as_ref()).map(EmailAddress::reveal), goes, "{contact:?}");
    }
}

/// What is there, whether the token verifies the new address, what is in use afterwards, and whether the new one is asked.
#[test]
fn an_address_is_confirmed_by_the_token_or_asked_for_by_a_link() {
    let link = Standing::Confirmed(Proof::Link);
    let token = Standing::Confirmed(Proof::Token);
    let stopped_for_good = Standing::Stopped(StopReason::Bounced);
    for (before, verified, in_use, standing, is_asked) in [
        (None, false, NEW, Standing::Unconfirmed, true),
        (None, true, NEW, token, false),
        (Some(contact(OLD)), false, NEW, Standing::Unconfirmed, true),
        (Some(contact(NEW)), true, NEW, token, false),
        (Some(asked(contact(OLD), OLD)), false, NEW, Standing::Unconfirmed, true),
        (Some(confirmed(OLD)), false, OLD, link, true),
        (Some(confirmed(OLD)), true, NEW, token, false),
        (Some(confirmed(NEW)), false, NEW, link, false),
        (Some(confirmed(NEW)), true, NEW, link, false),
        (Some(asked(confirmed(NEW), OLD)), false, NEW, link, false),
        (Some(stopped(OLD)), false, NEW, Standing::Unconfirmed, true),
        (Some(stopped(OLD)), true, NEW, token, false),
        (Some(stopped(NEW)), false, NEW, stopped_for_good, true),
        (Some(stopped(NEW)), true, NEW, stopped_for_good, true),
    ] {
        let verified = verified.then(|| email(NEW));
        let given = give(before.as_ref(), email(NEW), verified.as_ref(), hash(2), AT);
        let (Given::Confirmed(after) | Given::Asked(after)) = &given;
        assert_eq!((after.email.reveal(), after.standing()), (in_use, standing), "{before:?} {verified:?}");
        assert_eq!(matches!(given, Given::Asked(_)), is_asked, "{before:?} {verified:?}");
        let pending = is_asked.then(|| Pending { email: email(NEW), hash: hash(2), until: AT + LINK_WORKS });
        assert_eq!(after.pending, pending, "{before:?} {verified:?}");
        assert_eq!(after.stopped, before.as_ref().and_then(|it| it.stopped.clone()), "a stop is remembered");
    }
}

/// One complained, another one was confirmed in its place and bounced: the token says nothing new of the first.
#[test]
fn a_stop_is_remembered_when_another_address_is_stopped_and_a_link_alone_ends_it() {
    let mark = |address| AddressMark::of(address);
    let complained = stop(&confirmed(OLD), mark(OLD), StopReason::Complained, AT);
    let other = confirm(&asked(complained, NEW), &hash(1), AT).unwrap();
    let bounced = stop(&other, mark(NEW), StopReason::Bounced, AT);
    assert_eq!(destination(Some(&bounced)), Err(Failure::AddressStopped));
    let Given::Asked(given) = give(Some(&bounced), email(OLD), Some(&email(OLD)), hash(2), AT) else {
        panic!("the token confirms a stopped address")
    };
    assert_eq!(given.standing(), Standing::Stopped(StopReason::Complained));
    let again = confirm(&given, &hash(2), AT).unwrap();
    assert_eq!(destination(Some(&again)).unwrap().reveal(), OLD);
}

#[test]
fn a_stop_of_an_address_that_is_not_in_use_leaves_the_one_in_use_and_waits_for_its_own() {
    let after = stop(&confirmed(NEW), AddressMark::of(OLD), StopReason::Complained, AT);
    assert_eq!(destination(Some(&after)).unwrap().reveal(), NEW);
    assert!(matches!(give(Some(&after), email(OLD), Some(&email(OLD)), hash(2), AT), Given::Asked(_)));
}

#[test]
fn the_oldest_stops_are_forgotten() {
    let marks = (0..30).map(AddressMark::new);
    let after = marks.fold(confirmed(NEW), |contact, mark| stop(&contact, mark, StopReason::Bounced, AT));
    let kept: Vec<_> = after.stopped_others.iter().map(|it| it.mark).collect();
    assert_eq!(kept, (20..30).map(AddressMark::new).collect::<Vec<_>>());
    assert_eq!(kept.len(), STOPS_KEPT);
}

#[test]
fn another_address_that_the_token_verifies_says_nothing_of_this_one() {
    let given = give(None, email(NEW), Some(&email(OLD)), hash(1), AT);
    assert!(matches!(given, Given::Asked(contact) if contact.standing() == Standing::Unconfirmed));
}

#[test]
fn a_link_confirms_once_in_time_and_the_address_that_it_was_sent_to() {
    let before = asked(confirmed(OLD), NEW);
    let in_time = AT + LINK_WORKS - SignedDuration::from_nanos(1);
    let after = confirm(&before, &hash(1), in_time).unwrap();
    assert_eq!((after.email.reveal(), after.standing()), (NEW, Standing::Confirmed(Proof::Link)));
    assert_eq!(confirm(&after, &hash(1), in_time), None, "used");
    assert_eq!(confirm(&before, &hash(1), AT + LINK_WORKS), None, "expired");
    assert_eq!(confirm(&before, &hash(2), in_time), None, "another one's");
    assert_eq!(confirm(&confirmed(OLD), &hash(1), in_time), None, "nothing was asked for");
    let again = confirm(&asked(stopped(NEW), NEW), &hash(1), in_time).unwrap();
    assert_eq!(again.standing(), Standing::Confirmed(Proof::Link), "mail reaches the address again");
}

#[test]
fn a_link_ends_with_a_token_that_is_read_as_it_was_written_and_does_not_show_itself() {
    let token = Token { customer: CustomerId::new("5f1c7a52-9d5e").unwrap(), secret: Secret::new([0xa7; 32]) };
    let text = token.reveal();
    assert_eq!(Token::parse(&text), Some(token.clone()));
    assert_eq!(text, format!("5f1c7a52-9d5e.{}", "a7".repeat(32)));
    let shown = format!("{token:?} {:?} {:?}", token.secret, token.secret.hash());
    assert!(!shown.contains("a7a7"), "{shown}");
    let upper = text.replace('a', "A");
    let short = &text[..text.len() - 1];
    for bad in [
        "",
        ".",
        "ada",
        short,
        &format!("{text}0"),
        &upper,
        &text.replace('.', ""),
        &text.replace("a7", "é"),
        &text.replace("5f1", "<b>"),
    ] {
        assert_eq!(Token::parse(bad), None, "{bad}");
    }
}

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
    let email = email("canary@example.org");
    let (everywhere, full) = (stopped("canary@example.org"), |contact| asked(contact, "canary@example.org"));
    let shown = format!("{email:?} {:?}", full(everywhere));
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
