use super::{Samples, mug, order_id, parsed, reservation_id, tea, time};
use crate::inventory::{
    InventoryCommitted, InventoryRejected, InventoryReleased, InventoryReserved, RejectReason, RejectedLine,
    ReleaseCause, ReservedLine, StockAdjusted,
};

impl Samples for InventoryReserved {
    fn samples() -> Vec<Self> {
        vec![Self {
            order_id: order_id(),
            reservation_id: reservation_id(),
            lines: vec![ReservedLine { sku: mug(), quantity: 2 }, ReservedLine { sku: tea(), quantity: 1 }],
            expires_at: time("2026-11-22T10:30:30.310Z"),
        }]
    }
}

impl Samples for InventoryRejected {
    fn samples() -> Vec<Self> {
        [(RejectReason::InsufficientStock, 1), (RejectReason::UnknownSku, 0)]
            .map(|(reason, available)| Self {
                order_id: order_id(),
                lines: vec![RejectedLine { sku: mug(), requested: 2, available }],
                reason: reason.into(),
            })
            .into()
    }
}

impl Samples for InventoryReleased {
    fn samples() -> Vec<Self> {
        [ReleaseCause::Cancelled, ReleaseCause::Expired, ReleaseCause::NeverReserved]
            .map(|cause| Self { order_id: order_id(), reservation_id: reservation_id(), cause })
            .into()
    }
}

impl Samples for InventoryCommitted {
    fn samples() -> Vec<Self> {
        vec![Self { order_id: order_id(), reservation_id: reservation_id() }]
    }
}

impl Samples for StockAdjusted {
    fn samples() -> Vec<Self> {
        let adjusted = |delta, on_hand| Self {
            adjustment_id: parsed("adj_5a1e3c66-7b7e-5d0a-8f0e-0c9d1b2a3f44"),
            sku: mug(),
            delta,
            on_hand,
            reserved: 2,
            available: on_hand - 2,
        };
        vec![adjusted(100, 100), adjusted(-3, 97)]
    }
}
