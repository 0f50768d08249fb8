//! One binary; the template's `Handler` names the role that it plays.

use aws_config::SdkConfig;
use chassis::config::{self, ConfigError};
use chassis::consumer::Parked;
use chassis::telemetry::SubjectKeys;
use chassis::{aws, consumer, http, relay, sweep, telemetry};
use contracts::platform::{Failure, processing_failed};
use jiff::SignedDuration;
use lambda_runtime::Error;
use orders::inbound::{self, Role};
use orders::outbound::Store;

/// An order's id is logged under this key.
const SUBJECTS: SubjectKeys = &[("ord_", "order_id")];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init("orders", SUBJECTS);
    let aws = aws::connect().await;
    match config::role()? {
        Role::Api => http::serve(inbound::http::routes(store(&aws)?, pay_within()?)).await,
        Role::Events => {
            let orders = store(&aws)?;
            consumer::run(&aws, |delivery| inbound::events::apply(&orders, delivery), report).await
        }
        Role::Relay => relay::run(&aws, config::var("BUS")?).await,
        Role::Sweep => {
            let orders = store(&aws)?;
            sweep::run(orders.table(), |key, at| inbound::sweep::look(&orders, key, at)).await
        }
    }
}

fn store(aws: &SdkConfig) -> Result<Store, ConfigError> {
    let patience = SignedDuration::from_secs(config::parse("SETTLE_WITHIN_SECONDS")?);
    Ok(Store::new(aws, config::var("TABLE")?, config::var("HISTORY_TABLE")?, patience))
}

/// How long an order may stay open.
fn pay_within() -> Result<SignedDuration, ConfigError> {
    config::parse("PAY_BY_SECONDS").map(SignedDuration::from_secs)
}

/// A parked message becomes a report on the bus, so that support sees which order it holds up.
fn report(parked: Parked<'_>) -> Option<String> {
    let Parked { event, consumer, error_class, message, receives, at } = parked;
    processing_failed(event, Failure { consumer, error_class, message, receives }, at)
}
