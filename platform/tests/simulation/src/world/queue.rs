//! Queues: at-least-once delivery in no order, with visibility timeouts, receive counts and dead letters.

use jiff::Timestamp;

use super::event::SharedEvent;

/// A consumer of a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Consumer {
    /// The orders service.
    Orders,
    /// The inventory service.
    Inventory,
    /// The payments service.
    Payments,
    /// Payments' consumer of its own dead letters.
    DeadLetters,
    /// The notifications service.
    Notifications,
}

impl Consumer {
    /// All of them, in the order of their queues.
    pub const ALL: [Self; 5] = [Self::Orders, Self::Inventory, Self::Payments, Self::DeadLetters, Self::Notifications];

    /// Its name in logs and dead letters.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Orders => "orders/events",
            Self::Inventory => "inventory/events",
            Self::Payments => "payments/events",
            Self::DeadLetters => "payments/dead-letters",
            Self::Notifications => "notifications/events",
        }
    }

    /// The types that its rule routes, from the service's own list.
    #[must_use]
    pub fn handled(self) -> &'static [&'static str] {
        match self {
            Self::Orders => &orders::inbound::events::HANDLED,
            Self::Inventory => &inventory::inbound::events::HANDLED,
            Self::Payments => &payments::inbound::events::HANDLED,
            Self::DeadLetters => &[],
            Self::Notifications => &notifications::inbound::events::HANDLED,
        }
    }
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Message {
    /// Its id in this world.
    pub id: u32,
    /// Its event.
    pub event: SharedEvent,
    /// The number of deliveries.
    pub receives: u32,
    /// How often its failure was suspicious.
    pub suspicions: u32,
    /// When it was sent; always the same in an exploration.
    pub sent_at: Timestamp,
    /// When it can be delivered.
    pub visible_at: Timestamp,
    /// The number of invocations that work on it.
    pub live: u8,
}

/// A queue of messages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Queue {
    /// The messages.
    pub messages: Vec<Message>,
}

impl Queue {
    /// The message with this id, unless it was acknowledged.
    pub fn find(&mut self, id: u32) -> Option<&mut Message> {
        self.messages.iter_mut().find(|message| message.id == id)
    }

    /// Removes the message with this id.
    pub fn remove(&mut self, id: u32) {
        if let Some(index) = self.messages.iter().position(|message| message.id == id) {
            drop(self.messages.swap_remove(index));
        }
    }
}

/// A message that its consumer could not handle.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DeadLetter {
    /// The consumer.
    pub consumer: Consumer,
    /// The event.
    pub event: SharedEvent,
    /// The class of the error.
    pub class: &'static str,
}
