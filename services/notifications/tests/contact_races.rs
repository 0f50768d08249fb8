//! Two requests about one contact at once, through the use cases and a table in memory.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use chassis::store::Revision;
use jiff::Timestamp;
use notifications::application::{Addresses, confirm_contact, set_contact};
use notifications::domain::address::EmailAddress;
use notifications::domain::confirmation::{Secret, Token};
use notifications::domain::contact::{Contact, Given, Proof, Standing, StopReason, give, stop};
use notifications::domain::ids::{AddressMark, CustomerId};
use notifications::outbound::{Contacts, Mailer, Templates};
use testkit::Tables;

const AT: Timestamp = Timestamp::UNIX_EPOCH;

fn email(text: &str) -> EmailAddress {
    EmailAddress::new(text).unwrap()
}

#[tokio::test]
async fn every_stop_is_read_as_it_was_saved() {
    let (_, aws) = Tables::open(&[]).await;
    let (contacts, customer) = (Contacts::new(&aws, "contacts".to_owned()), CustomerId::new("ada").unwrap());
    let (first, second) = (AddressMark::of("first@example.org"), AddressMark::of("second@example.org"));
    let contact = stop(&Contact::unconfirmed(email("first@example.org"), AT), first, StopReason::Bounced, AT);
    let others = [(second, StopReason::Complained), (AddressMark::new(1), StopReason::Bounced)];
    let contact = others.into_iter().fold(contact, |contact, (mark, reason)| stop(&contact, mark, reason, AT));
    for (read, expected) in [
        (Revision::default(), &contact),
        (Revision { version: 1, ..Revision::default() }, &Contact { stopped_others: Vec::new(), ..contact.clone() }),
    ] {
        contacts.save(&customer, &read, expected).await.unwrap();
        assert_eq!(contacts.get(&customer).await.unwrap().value.as_ref(), Some(expected));
    }
}

/// A contact for which a link was asked for, and the link's token.
async fn asked(addresses: &Addresses, customer: &CustomerId) -> (Contact, Token) {
    let token = Token { customer: customer.clone(), secret: Secret::new([1; 32]) };
    let Given::Asked(contact) = give(None, email("first@example.org"), None, token.secret.hash(), AT) else {
        panic!("nothing verifies it")
    };
    addresses.contacts.save(customer, &Revision::default(), &contact).await.unwrap();
    (contact, token)
}

/// Whichever is written first: the address that was given last is the one in use, and the loser decides on what is there.
#[tokio::test]
async fn race_another_address_is_given_while_the_link_of_the_first_is_followed() {
    let (_, aws) = Tables::open(&[]).await;
    let addresses = Addresses {
        contacts: Contacts::new(&aws, "contacts".to_owned()),
        templates: Templates::new().unwrap(),
        mailer: Mailer::new(&aws, "orders@oms.example".to_owned()),
        link: String::new(),
        per_hour: 3,
    };
    for round in 0..20 {
        let customer = CustomerId::new(&format!("ada-{round}")).unwrap();
        let (first, token) = asked(&addresses, &customer).await;
        let second = email("second@example.org");
        let give = set_contact(&addresses, &customer, &second, Some(&second), Secret::new([2; 32]), AT);
        let follow = confirm_contact(&addresses.contacts, &token, AT);
        // Both have read before the first of them writes; by turns, either one is the first.
        let followed = if round % 2 == 0 { tokio::join!(give, follow).1 } else { tokio::join!(follow, give).0 };
        let now = addresses.contacts.get(&customer).await.unwrap();
        let contact = now.value.unwrap();
        assert_eq!((&contact.email, contact.standing()), (&second, Standing::Confirmed(Proof::Token)), "{round}");
        assert_ne!(contact.email, first.email);
        assert_eq!(now.revision.version, if followed.unwrap() { 3 } else { 2 }, "{round}: a write is lost");
        assert!(!confirm_contact(&addresses.contacts, &token, AT).await.unwrap(), "the link of the first is over");
    }
}
