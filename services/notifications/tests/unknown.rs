//! What a newer version has written into an item survives every write of this one.

use chassis::cause::Cause;
use chassis::store::{Revision, Saved, Stored};
use jiff::{SignedDuration, Timestamp};
use notifications::domain::contact::{Contact, EmailAddress};
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
    let contact = |mail: &str, second| Contact {
        email: EmailAddress::new(mail).unwrap(),
        updated_at: AT + SignedDuration::from_secs(second),
    };
    contacts.put(&ada, &contact("ada@example.com", 1)).await.unwrap();
    tables.grow("contacts", "ada");
    let before = tables.item("contacts", "ada");
    contacts.put(&ada, &contact("ada@example.org", 2)).await.unwrap();
    tables.keeps("contacts", "ada", &before, "another address");
    assert_eq!(contacts.get(&ada).await.unwrap(), Some(contact("ada@example.org", 2)));
}
