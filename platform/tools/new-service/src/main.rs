//! One binary; the template's `Handler` names the role that it plays.

use chassis::{aws, config, consumer, telemetry};
use lambda_runtime::Error;
use newcomer::inbound::{self, Role};
use newcomer::outbound::OrderStore;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init("newcomer");
    let aws = aws::connect().await;
    match config::role()? {
        Role::Events => {
            let orders = &OrderStore::new(&aws, config::var("TABLE")?);
            consumer::run(&aws, |delivery| inbound::events::apply(orders, delivery)).await
        }
    }
}
