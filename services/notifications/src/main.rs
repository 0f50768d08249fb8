//! One binary; the template's `Handler` names the role that it plays.

use aws_config::SdkConfig;
use chassis::consumer::Parked;
use chassis::telemetry::SubjectKeys;
use chassis::{aws, config, consumer, http, relay, telemetry};
use contracts::platform::{Failure, processing_failed};
use lambda_runtime::Error;
use notifications::inbound::{self, Role, events::Desk};
use notifications::outbound::{Contacts, DeliveryStore, Letters, PostOffice};

/// An order's id is logged under this key.
const SUBJECTS: SubjectKeys = &[("ord_", "order_id")];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init("notifications", SUBJECTS);
    let aws = aws::connect().await;
    match config::role()? {
        Role::Api => http::serve(inbound::http::routes(Contacts::new(&aws, config::var("CONTACTS_TABLE")?))).await,
        Role::Events => {
            let desk = &desk(&aws)?;
            consumer::run(&aws, |delivery| desk.apply(delivery), report).await
        }
        Role::Relay => relay::run(&aws, config::var("BUS")?).await,
    }
}

fn desk(aws: &SdkConfig) -> Result<Desk, Error> {
    Ok(Desk {
        deliveries: DeliveryStore::new(aws, config::var("DELIVERIES_TABLE")?),
        contacts: Contacts::new(aws, config::var("CONTACTS_TABLE")?),
        letters: Letters::new()?,
        post_office: PostOffice::new(aws, config::var("SENDER_ADDRESS")?),
    })
}

/// A parked message becomes a report on the bus, so that support sees which order it holds up.
fn report(parked: Parked<'_>) -> Option<String> {
    let Parked { event, consumer, error_class, message, receives, at } = parked;
    processing_failed(event, Failure { consumer, error_class, message, receives }, at)
}
