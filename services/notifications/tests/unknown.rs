//! What a newer version has written into an item survives every write of this one.

use chassis::cause::Cause;
use chassis::store::{Revision, Saved, Stored};
use jiff::Timestamp;
use notifications::domain::address::EmailAddress;
use notifications::domain::confirmation::Secret;
use notifications::domain::contact::{Contact, Given, confirm, give};
use notifications::domain::delivery::{Deliveries, LEASE};
use notifications::domain::ids::{CustomerId, OrderId};
use notifications::domain::message::{Failure, State, Template};
use notifications::outbound::{Contacts, DeliveryStore};
use testkit::Tables;

const AT: Timestamp = Timestamp::UNIX_EPOCH;
const ORDER: &str = "ord_8c5b1f0e-5c0e-5f3a-9a51-0f6f2f1f7a10";

#[tokio::test]
async fn what_becomes_of_a_message_keeps_what_it_does_not_know() {
    let (tables, aws) = Tables::open(&["messages"]).await;
    let store = DeliveryStore::new(&aws, "deliveries".to_owned());
    let none = Deliveries::none(OrderId::new(ORDER).unwrap());
    let cause = Cause::new("cor_1", "evt_1", AT);
    let (claimed, template) = (State::Claimed { until: AT + LEASE, by: None }, Template::OrderCancelled);
    // A delivery reads nothing before its write: the conflict brings what is there.
    let unread = Stored { value: none.clone(), revision: Revision::default() };
    let with = |state| Deliveries { messages: [(template, state)].into(), ..none.clone() };
    store.save(&unread, &with(State::Waiting), &[], &cause).await.unwrap();
    tables.grow("deliveries", ORDER);
    for state in [claimed, State::Waiting, claimed, State::Unknown, State::Failed(Failure::Refused), State::Sent] {
        let before = tables.item("deliveries", ORDER);
        let Saved::Conflict(read) = store.save(&unread, &with(state), &[], &cause).await.unwrap() else {
            panic!("there is an item")
        };
        assert!(matches!(store.save(&read, &with(state), &[], &cause).await.unwrap(), Saved::Applied(_)));
        tables.keeps("deliveries", ORDER, &before, &format!("{state:?}"));
    }
    assert!(tables.item("deliveries", ORDER)["messages"]["M"]["ORDER_CANCELLED"]["M"]["addedLater"].is_object());
}

#[tokio::test]
async fn another_address_keeps_what_lies_beside_it() {
    let (tables, aws) = Tables::open(&[]).await;
    let (contacts, ada) = (Contacts::new(&aws, "contacts".to_owned()), CustomerId::new("ada").unwrap());
    let (secret, email) = (Secret::new([7; 32]), |mail: &str| EmailAddress::new(mail).unwrap());
    let save = async |after: Contact| {
        let read = contacts.get(&ada).await.unwrap();
        assert_eq!(contacts.save(&ada, &read.revision, &after).await.unwrap(), Saved::Applied(()));
        assert_eq!(contacts.get(&ada).await.unwrap().value, Some(after));
    };
    let given = |before: Option<&Contact>, mail: &str, verified: Option<&str>| {
        let given = give(before, email(mail), verified.map(email).as_ref(), secret.hash(), AT);
        let (Given::Confirmed(contact) | Given::Asked(contact)) = given;
        contact
    };
    save(given(None, "ada@example.com", None)).await;
    tables.grow("contacts", "ada");
    for step in ["another, verified", "a third", "its link"] {
        let before = tables.item("contacts", "ada");
        let now = contacts.get(&ada).await.unwrap().value.unwrap();
        save(match step {
            "another, verified" => given(Some(&now), "ada@example.org", Some("ada@example.org")),
            "a third" => given(Some(&now), "ada@example.net", None),
            _ => confirm(&now, &secret.hash(), AT).unwrap(),
        })
        .await;
        tables.keeps("contacts", "ada", &before, step);
    }
}

/// Whoever reads first and writes last decides on what is there now.
#[tokio::test]
async fn a_contact_that_another_request_has_written_meanwhile_is_a_conflict() {
    let (_, aws) = Tables::open(&[]).await;
    let (contacts, ada) = (Contacts::new(&aws, "contacts".to_owned()), CustomerId::new("ada").unwrap());
    let contact = |mail: &str| Contact::unconfirmed(EmailAddress::new(mail).unwrap(), AT);
    let none = contacts.get(&ada).await.unwrap();
    for (read, mail) in [(0, "ada@example.com"), (1, "ada@example.org")] {
        let revision = Revision { version: read, ..Revision::default() };
        assert_eq!(contacts.save(&ada, &revision, &contact(mail)).await.unwrap(), Saved::Applied(()));
        let Saved::Conflict(found) = contacts.save(&ada, &none.revision, &contact("eve@example.com")).await.unwrap()
        else {
            panic!("it was written")
        };
        assert_eq!((found.value, found.revision.version), (Some(contact(mail)), read + 1));
    }
}
