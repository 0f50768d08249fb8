//! One binary; the template's `Handler` names the role that it plays.

#![deny(clippy::indexing_slicing, clippy::panic)]

use chassis::aws::First;
use chassis::consumer::Parked;
use chassis::telemetry::SubjectKeys;
use chassis::{aws, config, consumer, telemetry};
use contracts::platform::{Failure, processing_failed};
use lambda_runtime::Error;
use newcomer::inbound::{self, Role};
use newcomer::outbound::OrderStore;

/// An order's id is logged under this key.
const SUBJECTS: SubjectKeys = &[("ord_", "order_id")];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init("newcomer", SUBJECTS);
    let aws = aws::connect(First::DynamoDb).await;
    match config::role()? {
        Role::Events => {
            let orders = &OrderStore::new(&aws, config::var("TABLE")?);
            consumer::run(&aws, |delivery| inbound::events::apply(orders, delivery), report).await
        }
    }
}

/// A parked message becomes a report on the bus, so that support sees which order it holds up.
fn report(parked: Parked<'_>) -> Option<String> {
    let Parked { event, consumer, error_class, message, receives, at } = parked;
    processing_failed(event, Failure { consumer, error_class, message, receives }, at)
}
