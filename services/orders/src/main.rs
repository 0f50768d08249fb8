//! One binary; the template's `Handler` names the role that it plays.

#![deny(clippy::indexing_slicing, clippy::panic)]

use aws_config::SdkConfig;
use chassis::aws::First;
use chassis::config::{self, ConfigError};
use chassis::consumer::Parked;
use chassis::telemetry::SubjectKeys;
use chassis::{aws, consumer, http, relay, sweep, telemetry};
use contracts::platform::{Failure, processing_failed};
use jiff::SignedDuration;
use lambda_runtime::Error;
use orders::application::Orders;
use orders::inbound::{self, Role};
use orders::outbound::{OUTBOX, Store};

/// An order's id is logged under this key.
const SUBJECTS: SubjectKeys = &[("ord_", "order_id")];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init("orders", SUBJECTS);
    let role = config::role()?;
    let aws = aws::connect(if matches!(role, Role::Relay) { First::EventBridge } else { First::DynamoDb }).await;
    match role {
        Role::Api => http::serve(inbound::http::routes(orders(&aws)?, seconds("PAY_BY_SECONDS")?)).await,
        Role::Events => {
            let orders = orders(&aws)?;
            consumer::run(&aws, |delivery| inbound::events::apply(&orders, delivery), report).await
        }
        Role::Relay => relay::run(&aws, config::var("BUS")?, OUTBOX).await,
        Role::Sweep => {
            let orders = orders(&aws)?;
            sweep::run(orders.table(), |key, due_by| inbound::sweep::sweep(&orders, key, due_by)).await
        }
    }
}

fn orders(aws: &SdkConfig) -> Result<Orders, ConfigError> {
    let store = Store::new(aws, config::var("TABLE")?, config::var("HISTORY_TABLE")?);
    Ok(Orders::new(store, seconds("SETTLE_WITHIN_SECONDS")?))
}

fn seconds(variable: &'static str) -> Result<SignedDuration, ConfigError> {
    config::parse(variable).map(SignedDuration::from_secs)
}

/// A parked message becomes a report on the bus, so that support sees which order it holds up.
fn report(parked: Parked<'_>) -> Option<String> {
    let Parked { event, consumer, error_class, message, receives, at } = parked;
    processing_failed(event, Failure { consumer, error_class, message, receives }, at)
}
