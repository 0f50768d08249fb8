//! One binary; the template's `Handler` names the role that it plays.

#![deny(clippy::indexing_slicing, clippy::panic)]

use aws_config::SdkConfig;
use chassis::aws::First;
use chassis::config::{self, ConfigError};
use chassis::consumer::Parked;
use chassis::telemetry::SubjectKeys;
use chassis::{aws, consumer, http, relay, sweep, telemetry};
use contracts::platform::{Failure, processing_failed};
use inventory::application::Store;
use inventory::inbound::{self, Role};
use jiff::SignedDuration;
use lambda_runtime::Error;

/// An order's id is logged under this key.
const SUBJECTS: SubjectKeys = &[("ord_", "order_id")];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init("inventory", SUBJECTS);
    let role = config::role()?;
    let aws = aws::connect(if matches!(role, Role::Relay) { First::EventBridge } else { First::DynamoDb }).await;
    match role {
        Role::Api => http::serve(inbound::http::routes(store(&aws)?)).await,
        Role::Events => {
            let (store, hold) = (store(&aws)?, SignedDuration::from_secs(config::parse("HOLD_SECONDS")?));
            consumer::run(&aws, |delivery| inbound::events::apply(&store, hold, delivery), report).await
        }
        Role::Relay => relay::run(&aws, config::var("BUS")?, inventory::outbound::OUTBOX).await,
        Role::Sweep => {
            let store = store(&aws)?;
            sweep::run(store.due(), |order, due| inbound::sweep::sweep(&store, order, due)).await
        }
    }
}

fn store(aws: &SdkConfig) -> Result<Store, ConfigError> {
    Ok(Store::new(aws, config::var("STOCK_TABLE")?, config::var("RESERVATIONS_TABLE")?))
}

/// A parked message becomes a report on the bus, so that support sees which order it holds up.
fn report(parked: Parked<'_>) -> Option<String> {
    let Parked { event, consumer, error_class, message, receives, at } = parked;
    processing_failed(event, Failure { consumer, error_class, message, receives }, at)
}
