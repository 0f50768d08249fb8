//! One binary; the template's `Handler` names the role that it plays.

#![deny(clippy::indexing_slicing, clippy::panic)]

use std::time::Duration;

use aws_config::SdkConfig;
use chassis::aws::First;
use chassis::consumer::Parked;
use chassis::telemetry::SubjectKeys;
use chassis::{aws, clock, config, consumer, http, relay, sweep, telemetry};
use contracts::platform::{Failure, processing_failed};
use jiff::SignedDuration;
use lambda_runtime::Error;
use payments::application::sweep::sweep as try_due_refunds;
use payments::application::{App, Service};
use payments::domain::decision::ChargePolicy;
use payments::domain::ids::OrderId;
use payments::inbound::{self, Role};
use payments::outbound::{HttpGateway, OUTBOX, Store, gateway_key};

/// An order's id is logged under this key.
const SUBJECTS: SubjectKeys = &[("ord_", "order_id")];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init("payments", SUBJECTS);
    let role = config::role()?;
    let aws = aws::connect(if matches!(role, Role::Relay) { First::EventBridge } else { First::DynamoDb }).await;
    match role {
        Role::Api => http::serve(inbound::http::routes(service(&aws).await?)).await,
        Role::Events => {
            let service = &service(&aws).await?;
            consumer::run(&aws, |delivery| inbound::events::apply(service, delivery), report).await
        }
        Role::DeadLetters => {
            let service = &service(&aws).await?;
            consumer::run(&aws, |delivery| inbound::events::apply_dead_letter(service, delivery), report).await
        }
        Role::Sweep => go_on_with_refunds(&service(&aws).await?).await,
        Role::Relay => relay::run(&aws, config::var("BUS")?, OUTBOX).await,
    }
}

async fn go_on_with_refunds(service: &Service) -> Result<(), Error> {
    sweep::run(service.payments.table(), async |order, due_by| {
        try_due_refunds(&service.looking_ahead(due_by), &OrderId::trusted(&order)).await
    })
    .await
}

/// The use cases, as the function's environment configures them.
async fn service(aws: &SdkConfig) -> Result<Service, Error> {
    let timeout = Duration::from_millis(config::parse("GATEWAY_TIMEOUT_MS")?);
    let key = gateway_key(aws, config::var("GATEWAY_SECRET")?).await?;
    Ok(App {
        payments: Store::new(aws, config::var("TABLE")?),
        gateway: HttpGateway::new(&config::var("GATEWAY_URL")?, key, timeout),
        clock: clock::now,
        policy: policy(timeout)?,
        look_ahead: None,
    })
}

/// More than the time that passes between the answer's last moment and its write.
const LEASE_MARGIN: Duration = Duration::from_secs(5);

fn policy(gateway_timeout: Duration) -> Result<ChargePolicy, Error> {
    Ok(ChargePolicy {
        max_attempts: config::parse("MAX_ATTEMPTS")?,
        backoff: SignedDuration::from_secs(config::parse("RETRY_BACKOFF_SECONDS")?),
        lease: SignedDuration::try_from(gateway_timeout + LEASE_MARGIN)?,
    })
}

fn report(parked: Parked<'_>) -> Option<String> {
    let Parked { event, consumer, error_class, message, receives, at } = parked;
    processing_failed(event, Failure { consumer, error_class, message, receives }, at)
}
