use super::{Samples, order_id};
use crate::newcomer::OrderNoted;

impl Samples for OrderNoted {
    fn samples() -> Vec<Self> {
        vec![Self { order_id: order_id() }]
    }
}
