//! When a type may end, with a successor and without one.

use contracts::catalogue::entry;
use contracts_cli::judge::Verdict;

use crate::repository::{FIRST_DAY, Repository};
use crate::successor::{DeprecatedOrderCreated, OrderCreated, OrderGiftWrapped};
use crate::worked_example::{MAILING_ON_V2, SHIPPING_ON_V2, SUNSET, V2};

/// Released with both types, the older one deprecated.
fn deprecated() -> Repository {
    let repository = Repository::new();
    repository.publish(&entry::<OrderCreated>());
    repository.publish(&entry::<DeprecatedOrderCreated>());
    let text = repository.read("services/orders/events.toml").replace("[\"", "[\"OrderCreated.v2\", \"");
    repository.declare("orders", &text);
    repository.release("1.0.0", FIRST_DAY).unwrap();
    repository
}

pub fn retire(repository: &Repository) {
    repository.remove("contracts/schemas/OrderCreated.v1.json");
    repository.remove("contracts/samples/OrderCreated.v1.1.json");
    repository.remove("contracts/golden/OrderCreated.v1.1.json");
    let text = repository.read("services/orders/events.toml").replace("\"OrderCreated.v1\", ", "");
    repository.declare("orders", &text);
}

#[test]
fn a_type_that_is_removed_too_early_breaks_its_consumers() {
    let gone = |repository: &Repository, today| repository.check(today).unwrap().differences.remove(0);

    let repository = deprecated();
    retire(&repository);
    let difference = gone(&repository, SUNSET);
    assert_eq!(
        (difference.verdict, difference.why.as_str()),
        (Verdict::Breaking, "its sunset has passed, but services still consume it")
    );
    assert_eq!(difference.victims, ["mailing", "shipping"]);

    repository.declare("mailing", MAILING_ON_V2);
    repository.declare("shipping", SHIPPING_ON_V2);
    let difference = gone(&repository, "2027-03-30");
    assert_eq!((difference.verdict, difference.why.as_str()), (Verdict::Breaking, "its sunset is 2027-03-31"));
    assert_eq!(gone(&repository, SUNSET).verdict, Verdict::Compatible);
}

#[test]
fn a_released_sunset_may_move_later_but_not_earlier() {
    let repository = deprecated();
    let with_sunset = |sunset: Option<&str>| {
        repository.edit("contracts/schemas/OrderCreated.v1.json", |schema| match sunset {
            Some(sunset) => schema["x-sunset"] = sunset.into(),
            None => schema.as_object_mut().unwrap().retain(|key, _| key != "deprecated" && !key.starts_with("x-")),
        });
        repository.check(FIRST_DAY).unwrap().differences.remove(0)
    };
    assert_eq!(with_sunset(Some("2027-06-30")).verdict, Verdict::Compatible);
    let nearer = with_sunset(Some("2026-12-31"));
    assert_eq!(
        (nearer.verdict, nearer.victims),
        (Verdict::Breaking, vec!["mailing".to_owned(), "shipping".to_owned()])
    );
    assert_eq!(with_sunset(None).what, "the type is no longer deprecated");
}

#[test]
fn a_type_may_be_retired_without_a_successor() {
    let repository = Repository::released();
    repository.edit("contracts/schemas/OrderCreated.v1.json", |schema| {
        schema["deprecated"] = true.into();
        schema["x-retirement-reason"] = "orders are no longer created".into();
        schema["x-sunset"] = SUNSET.into();
    });
    let warning = "deprecated  OrderCreated.v1 ends on 2027-03-31; nothing replaces it, because orders are no longer \
                   created: mailing, shipping";
    repository.run(&["check", "--today", FIRST_DAY]).prints(0, &[warning, "A minor release is due"]);
    repository.release("1.1.0", FIRST_DAY).unwrap();
    let error = "its sunset was 2027-03-31, and mailing, shipping still consume it: nothing replaces it, because orders \
                 are no longer created";
    repository.run(&["check", "--today", SUNSET]).prints(1, &[error]);

    repository.declare("mailing", "service = \"mailing\"\nsource = \"oms.mailing\"");
    repository.declare("shipping", "service = \"shipping\"\nsource = \"oms.shipping\"");
    retire(&repository);
    let ran = repository.run(&["check", "--today", SUNSET]);
    ran.prints(0, &["the type is retired", "A major release is due"]);
}

#[test]
fn the_rust_type_says_what_replaces_it_or_why_nothing_does() {
    let schema = entry::<DeprecatedOrderCreated>().schema;
    assert_eq!((&schema["x-superseded-by"], &schema["x-sunset"]), (&V2.into(), &SUNSET.into()));
    let schema = entry::<OrderGiftWrapped>().schema;
    assert_eq!(schema["x-retirement-reason"], "no order is wrapped any more");
    assert_eq!((&schema["deprecated"], schema.get("x-superseded-by")), (&true.into(), None));
}

#[test]
fn a_sunset_is_announced_before_it_comes_and_has_one_spelling() {
    let repository = Repository::released();
    let path = "contracts/schemas/OrderCompleted.v1.json";
    let check = |sunset: &str| {
        repository.edit(path, |schema| {
            schema["deprecated"] = true.into();
            schema["x-retirement-reason"] = "nothing is completed any more".into();
            schema["x-sunset"] = sunset.into();
        });
        repository.run(&["check", "--today", FIRST_DAY])
    };
    check("2020-01-01").prints(1, &["its sunset 2020-01-01 is announced without notice"]);
    check(FIRST_DAY).prints(1, &["without notice"]);
    for other in ["20990331", "2099-03-31[Europe/Berlin]"] {
        check(other).prints(1, &["error", path]);
    }
    check("2099-03-31").prints(0, &["ends on 2099-03-31", "0 errors"]);
}

#[test]
fn a_retired_name_is_used_up() {
    let repository = deprecated();
    retire(&repository);
    repository.declare("mailing", MAILING_ON_V2);
    repository.declare("shipping", SHIPPING_ON_V2);
    repository.release("2.0.0", SUNSET).unwrap();
    repository.publish(&entry::<contracts::orders::OrderCreated>());
    let back = repository.check(SUNSET).unwrap().differences.remove(0);
    assert_eq!((back.verdict, back.what.as_str()), (Verdict::Breaking, "the type is back"));
}
