//! One binary; the template's `Handler` names the role that it plays.

use chassis::config::{self, ConfigError};
use chassis::{aws, consumer, http, relay, telemetry};
use jiff::SignedDuration;
use lambda_runtime::Error;
use orders::inbound::{self, Role};
use orders::outbound::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init("orders");
    let aws = aws::connect().await;
    match config::role()? {
        Role::Api => http::serve(inbound::http::routes(Store::new(&aws, config::var("TABLE")?), pay_within()?)).await,
        Role::Events => {
            let orders = Store::new(&aws, config::var("TABLE")?);
            consumer::run(&aws, |delivery| inbound::events::apply(&orders, delivery)).await
        }
        Role::Relay => relay::run(&aws, config::var("BUS")?).await,
    }
}

/// How long an order may stay open.
fn pay_within() -> Result<SignedDuration, ConfigError> {
    config::parse("PAY_BY_SECONDS").map(SignedDuration::from_secs)
}
