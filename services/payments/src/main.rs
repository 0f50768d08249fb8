//! One binary; the template's `Handler` names the role that it plays.

use std::time::Duration;

use aws_config::SdkConfig;
use chassis::consumer::Parked;
use chassis::telemetry::SubjectKeys;
use chassis::{aws, clock, config, consumer, http, relay, sweep, telemetry};
use contracts::platform::{Failure, processing_failed};
use jiff::SignedDuration;
use lambda_runtime::Error;
use payments::domain::decide::{Rules, Seat};
use payments::inbound::{self, Role};
use payments::outbound::{HttpGateway, Store, gateway_key};

/// An order's id is logged under this key.
const SUBJECTS: SubjectKeys = &[("ord_", "order_id")];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init("payments", SUBJECTS);
    let aws = aws::connect().await;
    match config::role()? {
        Role::Api => serve(&aws).await,
        Role::Events => consume(&aws, Seat::Consumer).await,
        Role::DeadLetters => consume(&aws, Seat::DeadLetters).await,
        Role::Sweep => look_after(&aws).await,
        Role::Relay => relay::run(&aws, config::var("BUS")?).await,
    }
}

async fn serve(aws: &SdkConfig) -> Result<(), Error> {
    let (payments, (gateway, rules)) = (payments(aws)?, charging(aws, Seat::Sweep).await?);
    http::serve(inbound::http::routes(payments, gateway, rules)).await
}

async fn consume(aws: &SdkConfig, seat: Seat) -> Result<(), Error> {
    let (payments, (gateway, rules)) = (&payments(aws)?, &charging(aws, seat).await?);
    consumer::run(aws, |delivery| inbound::events::apply(payments, gateway, clock::now, rules, delivery), report).await
}

async fn look_after(aws: &SdkConfig) -> Result<(), Error> {
    let (payments, (gateway, rules)) = (&payments(aws)?, &charging(aws, Seat::Sweep).await?);
    sweep::run(payments.table(), async |order, at| {
        // The schedule's time may be a little old, but a call that begins now must be given its time.
        inbound::sweep::look(payments, gateway, || clock::now().max(at), rules, &order).await
    })
    .await
}

fn payments(aws: &SdkConfig) -> Result<Store, Error> {
    Ok(Store::new(aws, config::var("TABLE")?))
}

/// The gateway, and the rules by which it is used.
async fn charging(aws: &SdkConfig, seat: Seat) -> Result<(HttpGateway, Rules), Error> {
    let timeout = Duration::from_millis(config::parse("GATEWAY_TIMEOUT_MS")?);
    let key = gateway_key(aws, config::var("GATEWAY_SECRET")?).await?;
    Ok((HttpGateway::new(&config::var("GATEWAY_URL")?, key, timeout)?, rules(seat, timeout)?))
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

/// A parked message becomes a report on the bus, so that support sees which order it holds up.
fn report(parked: Parked<'_>) -> Option<String> {
    let Parked { event, consumer, error_class, message, receives, at } = parked;
    processing_failed(event, Failure { consumer, error_class, message, receives }, at)
}
