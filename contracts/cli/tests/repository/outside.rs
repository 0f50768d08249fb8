//! Consumers outside this repository.

use serde_json::Value;

use crate::repository::{FIRST_DAY, Repository};

const CHECK: [&str; 3] = ["check", "--today", FIRST_DAY];
const FILE: &str = "contracts/consumers/loyalty.toml";
const READS: &str = "[consumes.\"OrderCreated.v1\"]\nreads = [\"/data/customerId\"]\n";
const LOYALTY: &str = "service = \"loyalty\"\ncontact = \"loyalty@example.org\"\n";

fn without_customer(repository: &Repository) {
    repository.edit("contracts/schemas/OrderCreated.v1.json", |schema: &mut Value| {
        let data = &mut schema["$defs"]["OrderCreated"];
        data["properties"].as_object_mut().unwrap().remove("customerId");
        data["required"].as_array_mut().unwrap().retain(|name| name != "customerId");
    });
}

#[test]
fn a_consumer_outside_is_named_as_a_service_is() {
    let repository = Repository::released();
    repository.write(FILE, &format!("{LOYALTY}envelope = [\"/id\"]\n{READS}"));
    repository.run(&CHECK).prints(0, &["3 services, 1 consumer outside, compared with"]);
    let asked = ["who-breaks", "OrderCreated.v1", "/data/customerId"];
    repository
        .run(&asked)
        .prints(0, &["loyalty (outside, loyalty@example.org)\n  /data/customerId\n1 service reading"]);

    without_customer(&repository);
    let affects = "/data/customerId  the field was removed\n              why: a service that reads it finds nothing\n\
                   \x20             affects: loyalty (outside, loyalty@example.org)\n";
    let unknown = format!("{FILE}: OrderCreated.v1 has no field /data/customerId");
    repository.run(&CHECK).prints(1, &[affects, &unknown]);
    let ran = repository.run(&["who-breaks"]);
    ran.prints(
        1,
        &["loyalty (outside, loyalty@example.org)\n  OrderCreated.v1 /data/customerId: the field was removed"],
    );
    let json: Value = serde_json::from_str(&repository.run(&["who-breaks", "--json"]).out).unwrap();
    assert_eq!(
        (&json["services"][0]["service"], &json["services"][0]["contact"]),
        (&"loyalty".into(), &"loyalty@example.org".into())
    );
}

#[test]
fn a_consumer_may_keep_the_file_that_says_what_it_reads() {
    let repository = Repository::released();
    let kept = "checkouts/loyalty/events.toml";
    repository.write(FILE, &format!("{LOYALTY}path = \"{kept}\"\nurl = \"https://example.org/loyalty\"\n"));
    repository.run(&CHECK).prints(
        2,
        &[&format!(
            "{FILE}: `path` must name a file that exists, for example in a checkout of their repository (was {kept})"
        )],
    );
    repository.write(kept, &format!("service = \"loyalty\"\n{READS}"));
    without_customer(&repository);
    let unknown = format!("{kept}: OrderCreated.v1 has no field /data/customerId");
    repository.run(&CHECK).prints(1, &["affects: loyalty (outside, loyalty@example.org)", &unknown]);

    repository.write(kept, &format!("service = \"points\"\n{READS}"));
    repository
        .run(&CHECK)
        .prints(2, &[&format!("{kept}: `service` must be loyalty, the name of the file (was points)")]);
    repository.write(kept, "service = \"loyalty\"\nconsume = []\n");
    repository.run(&CHECK).prints(2, &[&format!("{kept}: "), "unknown field `consume`"]);
}

#[test]
fn a_file_with_an_error_names_the_field_and_the_rule() {
    let contact = "contact = \"loyalty@example.org\"\n";
    let cases = [
        (
            format!("service = \"points\"\n{contact}{READS}"),
            "`service` must be loyalty, the name of the file (was points)",
        ),
        (format!("service = \"loyalty\"\n{READS}"), "missing field `contact`"),
        (
            format!("service = \"loyalty\"\ncontact = \"the team\"\n{READS}"),
            "`contact` must be an e-mail address, or a URL",
        ),
        (
            format!("service = \"loyalty\"\ncontact = \"ada@example.org|<b>\"\n{READS}"),
            "`contact` must be an e-mail address, or a URL",
        ),
        (format!("service = \"loyalty\"\ncontact = \"@\"\n{READS}"), "`contact` must be an e-mail address, or a URL"),
        (LOYALTY.to_owned(), "`consumes` must have at least one type; or `path` must name"),
        (format!("{LOYALTY}path = \"a.toml\"\n{READS}"), "`path` and `consumes` exclude each other"),
        (
            format!("{LOYALTY}path = \"/a.toml\"\n"),
            "`path` must be relative to the root of this repository (was /a.toml)",
        ),
        (format!("{LOYALTY}url = \"https://example.org\"\n{READS}"), "`url` says where the file of `path` comes from"),
        (
            format!("{LOYALTY}path = \"a.toml\"\nurl = \"example.org\"\n"),
            "`url` must begin with https:// (was \"example.org\")",
        ),
        (format!("{LOYALTY}produces = []\n{READS}"), "unknown field `produces`"),
        (format!("{LOYALTY}{}", READS.replace("/data/", "data/")), "`data/customerId` is not a pointer to a field"),
    ];
    for (text, error) in cases {
        let repository = Repository::new();
        repository.write(FILE, &text);
        repository.run(&CHECK).prints(2, &[&format!("{FILE}: "), error, &format!("next: correct {FILE}")]);
    }
    let repository = Repository::new();
    repository.write(
        "contracts/consumers/mailing.toml",
        &format!("{}{READS}", LOYALTY.replace("\"loyalty\"", "\"mailing\"")),
    );
    repository.run(&CHECK).prints(2, &["`service` must differ from the services of this repository (was mailing)"]);
    let repository = Repository::new();
    repository.write(
        "contracts/consumers/the team.toml",
        &format!("{}{READS}", LOYALTY.replace("\"loyalty\"", "\"the team\"")),
    );
    repository.run(&CHECK).prints(2, &["`service` must consist of a to z, 0 to 9 and - (was the team)"]);
    let repository = Repository::new();
    repository.write(FILE, &format!("{LOYALTY}{}", READS.replace("OrderCreated", "OrderCreate")));
    repository.run(&CHECK).prints(1, &[FILE, "`consumes` names OrderCreate.v1, which is not published (did you mean"]);
}
