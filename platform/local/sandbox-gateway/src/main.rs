//! One function with one role: it answers requests.

#![deny(clippy::indexing_slicing, clippy::panic)]

use std::time::Duration;

use chassis::{aws, config, http, telemetry};
use lambda_runtime::Error;
use sandbox_gateway::application::Gateway;
use sandbox_gateway::inbound::http::routes;
use sandbox_gateway::outbound::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init("sandbox-gateway", &[]);
    let aws = aws::connect(aws::First::DynamoDb).await;
    let delay = Duration::from_millis(config::parse("DELAY_MS")?);
    http::serve(routes(Gateway { store: Store::new(&aws, config::var("TABLE")?), delay })).await
}
