//! `omsctl order` and `omsctl logs`: one order across the services.

use serde_json::{Value, json};
use testkit::{Capture, PATIENCE, unique};

use crate::stuck::omsctl;
use crate::world::World;

/// The id of an order that was never placed.
fn unknown() -> String {
    let hex = unique("");
    let parts = [(0, 8), (8, 12), (12, 16), (16, 20), (20, 32)];
    let digits: String = hex.chars().filter(char::is_ascii_hexdigit).collect();
    format!("ord_{}", parts.map(|(from, to)| digits[from..to].to_owned()).join("-"))
}

fn report(world: &World, order: &str) -> Value {
    let output = omsctl(world, &["order", order, "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_shown_with_its_money_its_mail_and_its_steps() {
    let world = World::open().await;
    let capture = Capture::begin(&world.stage).await;
    let sku = world.stock_sku("shown", 1).await;
    let order = world.place_order(&sku, "pm_card_chargeDeclined").await;
    world.client.follow_order("ada", &order, PATIENCE).await.unwrap();
    capture.wait_for(&order, "NotificationSent.v1").await;
    let report = report(&world, &order);
    assert_eq!(report["order"]["known"]["status"], "PAYMENT_FAILED", "{report}");
    assert_eq!(report["why"], "PAYMENT_FAILED: DECLINED generic_decline");
    assert_eq!(report["reservation"]["known"]["state"], "RELEASED");
    assert_eq!(report["payment"]["known"]["attempts"][0]["outcome"], "DECLINED");
    assert_eq!(report["mails"]["known"][0]["outcome"], "sent");
    assert_eq!(report["deadLetters"]["known"]["found"], json!({}));
    let steps: Vec<&str> = report["steps"].as_array().unwrap().iter().map(|it| it["what"].as_str().unwrap()).collect();
    assert_eq!(steps[..3], ["OrderCreated.v1", "InventoryReserved.v1", "charge, attempt 1"], "{steps:?}");
    assert!(steps.contains(&"OrderCancelled.v1") && steps.contains(&"mail ORDER_CANCELLED"), "{steps:?}");
    let text = String::from_utf8(omsctl(&world, &["order", &order]).stdout).unwrap();
    assert!(text.contains("PAYMENT_FAILED") && text.contains("dead letters  none"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejected_order_is_shown_with_what_is_missing_and_its_dead_letter() {
    let world = World::open().await;
    let capture = Capture::begin(&world.stage).await;
    let sku = unique("never-stocked");
    let order = world.place_order(&sku, "pm_card_visa").await;
    world.client.follow_order("ada", &order, PATIENCE).await.unwrap();
    let rejected = capture.wait_for(&order, "InventoryRejected.v1").await;
    world.park("orders", &[rejected], &[("ErrorClass", "contract")]).await;
    let report = report(&world, &order);
    assert_eq!(report["why"], format!("OUT_OF_STOCK: {sku} is an unknown sku"), "{report}");
    assert_eq!(report["order"]["known"]["rejectReason"], "UNKNOWN_SKU");
    assert_eq!(report["deadLetters"]["known"]["found"]["orders"][0]["errorClass"], "contract", "{report}");
    let parked = world.dead_letter("orders", |it| it.order_id.as_ref() == Some(&order)).await;
    world.discard("orders", &parked).await;
    let logged = omsctl(&world, &["logs", "--order", &order, "--since", "1d", "--service", "inventory"]);
    let logged = String::from_utf8(logged.stdout).unwrap();
    assert!(logged.contains(&format!("missing={sku}: unknown sku")), "{logged}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_no_service_knows_is_said_to_be_unknown() {
    let world = World::open().await;
    let told = |arguments: &[&str], status: i32| {
        let output = omsctl(&world, arguments);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(status), 0), "{arguments:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    let (stage, order) = (&world.client.system.stage, unknown());
    assert!(told(&["logs", "--order", &order], 0).contains("unknown order, or nothing in the last 5 minutes"));
    assert_eq!(told(&["order", &order], 1), format!("omsctl: stage {stage} has no order {order}\n"));
    for arguments in
        [["order", "nonsense"], ["logs", "--order=x"], ["sweep", "--key=x"], ["sweep", "--at=2099-01-01T00:00:00Z"]]
    {
        assert!(!told(&arguments, 2).is_empty(), "{arguments:?}");
    }
}
