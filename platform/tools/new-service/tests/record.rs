//! An order comes back from its item as it was saved.

use jiff::Timestamp;
use newcomer::domain::ids::OrderId;
use newcomer::domain::order::Order;
use newcomer::outbound::OrderRecord;

#[test]
fn an_order_survives_its_item() {
    let id = OrderId::new("ord_8c5b1f0e-5c0e-5f3a-9a51-0f6f2f1f7a10").unwrap();
    for completed_at in [None, Some(Timestamp::UNIX_EPOCH)] {
        let order = Order { id: id.clone(), completed_at };
        let item = serde_json::to_string(&OrderRecord::from(&order)).unwrap();
        assert_eq!(serde_json::from_str::<OrderRecord>(&item).unwrap().order().unwrap(), order);
    }
}
