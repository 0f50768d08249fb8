//! One binary; the template's `Handler` names the role that it plays.

#![deny(clippy::indexing_slicing, clippy::panic)]

use aws_config::SdkConfig;
use chassis::aws::First;
use chassis::consumer::Parked;
use chassis::telemetry::SubjectKeys;
use chassis::{aws, config, consumer, http, relay, telemetry};
use contracts::platform::{Failure, processing_failed};
use lambda_runtime::Error;
use notifications::application::apply_feedback::Correction;
use notifications::application::{Addresses, Notifier, Tally};
use notifications::inbound::{self, Role};
use notifications::outbound::{Contacts, DeliveryStore, Mailer, OUTBOX, Templates};

/// An order's id is logged under this key.
const SUBJECTS: SubjectKeys = &[("ord_", "order_id")];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init("notifications", SUBJECTS);
    let role = config::role()?;
    let aws = aws::connect(if matches!(role, Role::Relay) { First::EventBridge } else { First::DynamoDb }).await;
    match role {
        Role::Api => {
            let mail = inbound::http::notifications::routes(notifier(&aws)?);
            http::serve(inbound::http::routes(addresses(&aws)?).merge(mail)).await
        }
        Role::Events => {
            let notifier = &notifier(&aws)?;
            consumer::run(&aws, |delivery| inbound::events::apply(notifier, delivery), report).await
        }
        Role::Feedback => {
            let correction = &Correction {
                deliveries: DeliveryStore::new(&aws, config::var("DELIVERIES_TABLE")?),
                contacts: Contacts::new(&aws, config::var("CONTACTS_TABLE")?),
            };
            consumer::run_foreign(&aws, |message| inbound::feedback::apply(correction, message)).await
        }
        Role::Relay => relay::run(&aws, config::var("BUS")?, OUTBOX).await,
    }
}

fn addresses(aws: &SdkConfig) -> Result<Addresses, Error> {
    Ok(Addresses {
        contacts: Contacts::new(aws, config::var("CONTACTS_TABLE")?),
        templates: Templates::new()?,
        mailer: mailer(aws)?,
        link: config::var("CONFIRM_URL")?,
        per_hour: config::parse("CONFIRMATION_MAILS_PER_HOUR")?,
    })
}

fn notifier(aws: &SdkConfig) -> Result<Notifier, Error> {
    Ok(Notifier {
        deliveries: DeliveryStore::new(aws, config::var("DELIVERIES_TABLE")?),
        contacts: Contacts::new(aws, config::var("CONTACTS_TABLE")?),
        templates: Templates::new()?,
        mailer: mailer(aws)?,
        tally: Tally::new(config::parse("ORDER_MAILS_PER_HOUR")?),
    })
}

fn mailer(aws: &SdkConfig) -> Result<Mailer, Error> {
    Ok(Mailer::new(aws, config::var("SENDER_ADDRESS")?).reporting(config::var("CONFIGURATION_SET")?))
}

/// A parked message becomes a report on the bus, so that support sees which order it concerns.
fn report(parked: Parked<'_>) -> Option<String> {
    let Parked { event, consumer, error_class, message, receives, at } = parked;
    processing_failed(event, Failure { consumer, error_class, message, receives }, at)
}
