use super::{Samples, order_id};
use crate::platform::EventProcessingFailed;

impl Samples for EventProcessingFailed {
    fn samples() -> Vec<Self> {
        vec![Self {
            order_id: order_id(),
            consumer: "inventory/events".into(),
            event_id: "evt_0e6f6f0a-3c53-5d0c-9a3e-2f8b7c1d4e5a".into(),
            event_type: "OrderConfirmed.v1".into(),
            error_class: "confirmed_without_hold".into(),
            message: "the order is confirmed but holds no stock".into(),
            receives: 1,
        }]
    }
}
