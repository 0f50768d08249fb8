//! SES reports of a mail that it took. The emulator reports nothing and, like AWS, lets nobody publish in SES's name: so the
//! deployed rules are stood in for by rules with their pattern and target, but for the source.

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::{InputTransformer, PutEventsRequestEntry, Target};
use notifications::domain::ids::{AddressMark, OrderId};
use notifications::domain::message::Template;
use notifications::outbound::DeliveryStore;
use serde_json::{Value, json};
use testkit::{ACCOUNT, Capture, Stage, eventually, ses, unique};

use super::{Case, SES, drained, logged};

const STAND_IN: &str = "test.ses";

/// The tags of the order's mail, as the mailer has set them.
async fn tags(stage: &Stage, case: &Case) -> Value {
    let table = stage.text("/services/notifications/tables/deliveries");
    let stored = DeliveryStore::new(stage.aws(), table.into()).get(&OrderId::new(&case.order).unwrap()).await.unwrap();
    let attempt = stored.unwrap().value.deliveries.attempts[&Template::OrderCompleted].to_string();
    let address = AddressMark::of(&case.address()).to_string();
    json!({ "order": [case.order], "template": ["ORDER_COMPLETED"], "attempt": [attempt], "address": [address] })
}

/// An event of SES as it would come from this stage's mail.
fn of_this_stage(stage: &Stage, case: &Case, mut event: Value) -> Value {
    event["detail"]["mail"]["tags"]["ses:configuration-set"] = json!([format!("oms-{}-mail", stage.text("/stage"))]);
    event["account"] = json!(ACCOUNT);
    let text = event.to_string().replace("recipient@example.com", &case.address());
    serde_json::from_str(&text).unwrap()
}

/// The deployed rule matches the event as it is, and hands it on as its stand-in does.
async fn reported(stage: &Stage, rule: &str, event: &Value) {
    let bus = Client::new(stage.aws());
    let name = format!("oms-{}-notifications-{rule}", stage.text("/stage"));
    let deployed = bus.describe_rule().name(&name).send().await.unwrap().event_pattern.unwrap();
    let matched = bus.test_event_pattern().event_pattern(&deployed).event(event.to_string()).send().await.unwrap();
    assert!(matched.result(), "{deployed} does not match {event}");

    let target = bus.list_targets_by_rule().rule(&name).send().await.unwrap().targets.unwrap().remove(0);
    let transformer = target.input_transformer().unwrap();
    let template = transformer.input_template().replace("<source>", "\"aws.ses\"");
    let transformer = InputTransformer::builder()
        .set_input_paths_map(transformer.input_paths_map().cloned())
        .input_template(template)
        .build()
        .unwrap();
    let stand_in = unique("stand-in");
    let rule = bus.put_rule().name(&stand_in).event_pattern(deployed.replace("aws.ses", STAND_IN));
    rule.send().await.unwrap();
    let target = Target::builder().id("queue").arn(target.arn()).input_transformer(transformer).build().unwrap();
    bus.put_targets().rule(&stand_in).targets(target).send().await.unwrap();
    let entry = PutEventsRequestEntry::builder().source(STAND_IN).detail(event["detail"].to_string());
    let entry = entry.detail_type(event["detail-type"].as_str().unwrap()).build();
    let answer = bus.put_events().entries(entry).send().await.unwrap();
    assert_eq!(answer.failed_entry_count(), 0, "{:?}", answer.entries());
    bus.remove_targets().rule(&stand_in).ids("queue").send().await.unwrap();
    bus.delete_rule().name(&stand_in).send().await.unwrap();
}

/// The queue of what SES reports.
fn queue(stage: &Stage) -> &str {
    stage.text("/services/notifications/moreQueues/feedback/url")
}

async fn sent(stage: &Stage, capture: &Capture) -> Case {
    let case = Case::new().with_address(stage).await;
    stage.publish(&[case.completed()]).await;
    capture.wait_for(&case.order, "NotificationSent.v1").await;
    case
}

#[tokio::test(flavor = "multi_thread")]
async fn a_permanent_bounce_and_a_complaint_correct_what_was_said_and_stop_mail_to_the_address() {
    let stage = Stage::from_env().await;
    let _shared = SES.read().await;
    let capture = Capture::begin(&stage).await;
    for (rule, reason) in [("bounces", "BOUNCED"), ("complaints", "COMPLAINED")] {
        let case = sent(&stage, &capture).await;
        let tags = tags(&stage, &case).await;
        let event = if rule == "bounces" { ses::bounce("Permanent", &tags) } else { ses::complaint(&tags) };
        let event = of_this_stage(&stage, &case, event);
        reported(&stage, rule, &event).await;
        let failed = capture.wait_for(&case.order, "NotificationFailed.v1").await;
        let sent = capture.of_type(&case.order, "NotificationSent.v1").remove(0);
        assert_eq!(failed["data"]["reason"], reason);
        assert_eq!((&failed["correlationid"], &failed["causationid"]), (&sent["correlationid"], &sent["id"]));

        // SES may report twice.
        reported(&stage, rule, &event).await;
        let later = Case { customer: case.customer.clone(), ..Case::new() };
        stage.publish(&[later.completed()]).await;
        capture.wait_for(&later.order, "NotificationFailed.v1").await;
        drained(&stage, queue(&stage)).await;
        assert_eq!((case.mails(&stage).await, capture.of_type(&case.order, "NotificationFailed.v1").len()), (1, 1));
        let lines = logged(&stage, "feedback", &case.order).await;
        assert!(lines.iter().any(|line| line.contains(&reason.to_lowercase())), "{lines:?}");
        assert!(!lines.iter().any(|line| line.contains("canary")), "{lines:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bounce_that_may_be_over_tomorrow_changes_nothing_but_the_log() {
    let stage = Stage::from_env().await;
    let _shared = SES.read().await;
    let capture = Capture::begin(&stage).await;
    let case = sent(&stage, &capture).await;
    let event = of_this_stage(&stage, &case, ses::bounce("Transient", &tags(&stage, &case).await));
    reported(&stage, "bounces", &event).await;
    let told = || async { logged(&stage, "feedback", &case.order).await.iter().any(|line| line.contains("Transient")) };
    eventually("the log tells", told).await;
    drained(&stage, queue(&stage)).await;
    assert!(capture.of_type(&case.order, "NotificationFailed.v1").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_a_report_about_our_mail_is_parked_with_its_cause() {
    let stage = Stage::from_env().await;
    let _shared = SES.read().await;
    let unknown = chassis::clock::new_id("ord_");
    let (mark, attempt) = (AddressMark::of("x").to_string(), AddressMark::of("y").to_string());
    let tags = json!({ "order": [unknown], "template": ["ORDER_COMPLETED"], "attempt": [attempt], "address": [mark] });
    let forged = json!({ "source": "aws.ses", "account": ACCOUNT, "type": "Email Complaint Received", "tags": tags });
    let elsewhere = json!({ "source": "oms.orders", "account": ACCOUNT, "type": "Email Bounced", "tags": tags });
    let sqs = aws_sdk_sqs::Client::new(stage.aws());
    let bodies = [
        ("canary@example.org".to_owned(), "malformed"),
        (elsewhere.to_string(), "mislabelled"),
        (forged.to_string(), "unknown_order"),
    ];
    for (body, _) in &bodies {
        sqs.send_message().queue_url(queue(&stage)).message_body(body).send().await.unwrap();
    }
    let mut parked = Vec::new();
    for _ in &bodies {
        let letter = stage.dead_letter("notifications-feedback").await;
        assert!(!format!("{:?}", letter.cause).contains("canary"), "{:?}", letter.cause);
        assert_eq!(letter.cause["Consumer"], "notifications/feedback");
        parked.push((letter.body, letter.cause["ErrorClass"].clone()));
    }
    for (body, class) in bodies {
        assert!(parked.contains(&(body.clone(), class.to_owned())), "{class}: {body} {parked:?}");
    }
}
