//! When two worlds are equal: the order of messages in a queue, of invocations and of requests does not matter, and
//! neither does the trace.

use std::hash::{Hash, Hasher};

use super::World;
use super::held::hash_of_all;

impl Hash for World {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let now = self.now;
        now.hash(state);
        (&self.orders, &self.reservations, &self.payments, &self.deliveries).hash(state);
        (&self.stock, &self.mails, &self.gateway.intents, &self.gateway.failed, &self.aside).hash(state);
        state
            .write_u64(hash_of_all(self.adjustments.iter().map(|(id, it)| (id, it.request.delta, it.level.available))));
        state.write_u64(hash_of_all(self.writing.iter().map(|it| (&it.chain, it.ready_at.max(now)))));
        let messages = |queue: &super::Queue| {
            hash_of_all(queue.messages.iter().map(|it| (&it.event, it.receives, it.visible_at.max(now), it.live)))
        };
        for queue in &self.queues {
            state.write_u64(messages(queue));
        }
        state.write_u64(hash_of_all(&self.letters));
        state.write_u64(hash_of_all(self.gateway.late.iter().map(|it| (it.order, &it.request, it.ready_at.max(now)))));
        state.write_u64(hash_of_all(self.requests.iter().map(|it| (it.kind, it.order, it.ready_at.max(now)))));
        let invocations = self.invocations.iter();
        state.write_u64(hash_of_all(
            invocations.map(|it| (&it.origin, it.order, it.began, it.skew, it.ready_at.max(now), &it.point)),
        ));
        state.write_usize(self.violations.len());
    }
}

impl PartialEq for World {
    fn eq(&self, other: &Self) -> bool {
        super::hash_of(self) == super::hash_of(other)
    }
}

impl Eq for World {}
