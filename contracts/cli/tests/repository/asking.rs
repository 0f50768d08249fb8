//! Who is hurt.

use serde_json::{Value, json};

use crate::repository::{FIRST_DAY, Repository};

const SCHEMA: &str = "contracts/schemas/OrderCreated.v1.json";

fn without_currency(schema: &mut Value) {
    let data = &mut schema["$defs"]["OrderCreated"];
    data["properties"].as_object_mut().unwrap().remove("currency");
    data["required"].as_array_mut().unwrap().retain(|name| name != "currency");
}

#[test]
fn the_differences_hurt_services_by_name() {
    let repository = Repository::released();
    repository.run(&["who-breaks"]).says(0, &["0 services hurt by the differences"]);
    repository.edit(SCHEMA, without_currency);
    repository.run(&["who-breaks"]).says(
        1,
        &["mailing\n  OrderCreated.v1 /data/currency: the field is gone\n", "1 service hurt by the differences"],
    );
    let json: Value = serde_json::from_str(&repository.run(&["who-breaks", "--json"]).out).unwrap();
    assert_eq!(json, json!([{ "service": "mailing", "by": ["OrderCreated.v1 /data/currency: the field is gone"] }]));
}

#[test]
fn the_check_is_readable_for_programs() {
    let repository = Repository::released();
    repository.edit(SCHEMA, without_currency);
    let ran = repository.run(&["check", "--json", "--today", FIRST_DAY]);
    ran.says(1, &[]);
    let json: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(
        json["differences"],
        json!([{ "type": "OrderCreated.v1", "field": "/data/currency", "what": "the field is gone",
            "verdict": "breaking", "release": "major", "why": "who reads it finds nothing", "victims": ["mailing"] }])
    );
    assert_eq!(json["problems"][0]["file"], "services/mailing/events.toml");
    assert_eq!(json["compared_with"], "1.0.0");
    assert!(!ran.out.contains('\u{1b}'), "no colours where there is no terminal");
}

#[test]
fn a_type_has_consumers_and_a_field_has_readers() {
    let repository = Repository::new();
    let asked = |args: &[&str]| repository.run(&[&["who-breaks"], args].concat());
    asked(&["OrderCreated.v1"]).says(0, &["mailing\n", "shipping\n", "2 services consuming OrderCreated.v1"]);
    asked(&["OrderCreated.v1", "/data/lines/*/sku"]).says(0, &["shipping\n", "1 service reading /data/lines/*/sku"]);
    asked(&["OrderCreated.v1", "/data/lines"]).says(0, &["shipping\n  /data/lines/*/sku\n1 service"]);
    asked(&["OrderCreated.v1", "/data/payBy"]).says(0, &["0 services reading /data/payBy of OrderCreated.v1"]);
    asked(&["OrderCreated.v1", "/data"]).says(0, &["2 services reading /data"]);
}

#[test]
fn a_question_about_what_is_not_there_is_answered_with_what_may_be_meant() {
    let repository = Repository::new();
    let said = "contracts/schemas has no type OrderCreate.v1 (is OrderCreated.v1 meant?)";
    repository.run(&["who-breaks", "OrderCreate.v1"]).says(2, &[said]);
    let said = "contracts/schemas/OrderCreated.v1.json: OrderCreated.v1 has no field /data/orderID \
                (is /data/orderId meant?)";
    repository.run(&["who-breaks", "OrderCreated.v1", "/data/orderID"]).says(2, &[said]);
}
