//! SES refuses every mail until its set-up is mended.

use aws_sdk_sesv2::Client;
use testkit::{Capture, Stage, eventually};

use super::{Case, SES, asked, drained, logged};

/// The story of a stage's first days: the sender is not verified yet.
#[tokio::test(flavor = "multi_thread")]
async fn mails_that_an_unverified_sender_may_not_send_are_sent_once_each_when_it_is_verified() {
    let stage = Stage::from_env().await;
    let _alone = SES.write().await;
    let sender = format!("orders@{}.oms.example", stage.text("/stage"));
    let mut cases = Vec::new();
    for _ in 0..3 {
        cases.push(Case::new().with_address(&stage).await);
    }
    let capture = Capture::begin(&stage).await;

    forget(&stage, &sender).await;
    stage.publish(&cases.iter().map(Case::completed).collect::<Vec<_>>()).await;
    for case in &cases {
        let told =
            || async { logged(&stage, "events", &case.order).await.iter().any(|line| line.contains("mail_setup")) };
        eventually("the log names the fault", told).await;
    }
    for case in &cases {
        assert_eq!((case.mails(&stage).await, capture.about(&case.order).len()), (0, 1), "neither sent nor given up");
    }
    let lines = logged(&stage, "events", "mail_setup").await;
    assert!(lines.iter().all(|line| line.contains("verify the identity of SenderAddress")), "{lines:?}");
    assert!(!lines.iter().any(|line| line.contains("canary")), "{lines:?}");

    verify(&stage, &sender).await;
    for case in &cases {
        capture.wait_for(&case.order, "NotificationSent.v1").await;
    }
    drained(&stage, stage.text("/services/notifications/queue/url")).await;
    for case in &cases {
        let failed = capture.of_type(&case.order, "NotificationFailed.v1").len();
        let sent = capture.of_type(&case.order, "NotificationSent.v1").len();
        assert_eq!((case.mails(&stage).await, sent, failed), (1, 1, 0));
    }
}

/// The emulator keeps an identity in both of SES's interfaces, and believes either.
async fn forget(stage: &Stage, sender: &str) {
    let form = format!("Action=DeleteIdentity&Version=2010-12-01&Identity={sender}");
    let request = asked(stage, "ses").header("content-type", "application/x-www-form-urlencoded").body(form);
    assert!(request.send().await.unwrap().status().is_success());
    Client::new(stage.aws()).delete_email_identity().email_identity(sender).send().await.unwrap();
}

async fn verify(stage: &Stage, sender: &str) {
    Client::new(stage.aws()).create_email_identity().email_identity(sender).send().await.unwrap();
}
