//! One binary; the template's `Handler` names the role that it plays.

use aws_config::SdkConfig;
use chassis::config::{self, ConfigError};
use chassis::{aws, consumer, http, relay, sweep, telemetry};
use inventory::inbound::{self, Role};
use inventory::outbound::Store;
use jiff::SignedDuration;
use lambda_runtime::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init("inventory");
    let aws = aws::connect().await;
    match config::role()? {
        Role::Api => http::serve(inbound::http::routes(store(&aws)?)).await,
        Role::Events => {
            let (inventory, hold) = (store(&aws)?, SignedDuration::from_secs(config::parse("HOLD_SECONDS")?));
            consumer::run(&aws, |delivery| inbound::events::apply(&inventory, hold, delivery)).await
        }
        Role::Relay => relay::run(&aws, config::var("BUS")?).await,
        Role::Sweep => {
            let inventory = store(&aws)?;
            sweep::run(inventory.waiting(), |order, at| inbound::sweep::look(&inventory, order, at)).await
        }
    }
}

fn store(aws: &SdkConfig) -> Result<Store, ConfigError> {
    Ok(Store::new(aws, config::var("STOCK_TABLE")?, config::var("RESERVATIONS_TABLE")?))
}
