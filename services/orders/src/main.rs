//! One binary; the template's `Handler` names the role that it plays.

use aws_config::SdkConfig;
use chassis::config::{self, ConfigError};
use chassis::{aws, consumer, http, relay, sweep, telemetry};
use jiff::SignedDuration;
use lambda_runtime::Error;
use orders::inbound::{self, Role};
use orders::outbound::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init("orders");
    let aws = aws::connect().await;
    match config::role()? {
        Role::Api => http::serve(inbound::http::routes(store(&aws)?, pay_within()?)).await,
        Role::Events => {
            let orders = store(&aws)?;
            consumer::run(&aws, |delivery| inbound::events::apply(&orders, delivery)).await
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
