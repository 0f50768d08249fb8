//! One binary; the template's `Handler` names the role that it plays.

use std::time::Duration;

use aws_config::SdkConfig;
use chassis::{aws, clock, config, consumer, http, relay, telemetry};
use jiff::SignedDuration;
use lambda_runtime::Error;
use payments::domain::decide::{Rules, Seat};
use payments::inbound::{self, Role};
use payments::outbound::{HttpGateway, Store, gateway_key};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init("payments");
    let aws = aws::connect().await;
    match config::role()? {
        Role::Api => http::serve(inbound::http::routes(Store::new(&aws, config::var("TABLE")?))).await,
        Role::Events => consume(&aws, Seat::Consumer).await,
        Role::DeadLetters => consume(&aws, Seat::DeadLetters).await,
        Role::Relay => relay::run(&aws, config::var("BUS")?).await,
    }
}

async fn consume(aws: &SdkConfig, seat: Seat) -> Result<(), Error> {
    let timeout = Duration::from_millis(config::parse("GATEWAY_TIMEOUT_MS")?);
    let rules = rules(seat, timeout)?;
    let payments = &Store::new(aws, config::var("TABLE")?);
    let key = gateway_key(aws, config::var("GATEWAY_SECRET")?).await?;
    let gateway = &HttpGateway::new(&config::var("GATEWAY_URL")?, key, timeout)?;
    consumer::run(aws, |delivery| inbound::events::apply(payments, gateway, clock::now, &rules, delivery)).await
}

/// More than the time that passes between the answer's last moment and its write.
const LEASE_MARGIN: Duration = Duration::from_secs(5);

fn rules(seat: Seat, gateway_timeout: Duration) -> Result<Rules, Error> {
    Ok(Rules {
        max_attempts: config::parse("MAX_ATTEMPTS")?,
        backoff: SignedDuration::from_secs(config::parse("RETRY_BACKOFF_SECONDS")?),
        lease: SignedDuration::try_from(gateway_timeout + LEASE_MARGIN)?,
        seat,
    })
}
