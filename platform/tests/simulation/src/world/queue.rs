//! Queues: at least once, in no order, with visibility, receive counts and dead letters.

use jiff::Timestamp;

use super::event::Said;

/// Who consumes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Consumer {
    /// The orders service.
    Orders,
    /// The inventory service.
    Inventory,
    /// The payments service.
    Payments,
    /// Payments' consumer of what its first one could not settle.
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

    /// The types that its rule routes: each service's own list.
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

    /// How often a message is tried, as the templates have it.
    #[must_use]
    pub fn max_receives(self) -> u32 {
        match self {
            Self::Orders | Self::Inventory | Self::Notifications => 5,
            Self::Payments => 20,
            Self::DeadLetters => 100,
        }
    }
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Message {
    /// Its name in this world.
    pub id: u32,
    /// What it brings.
    pub event: Said,
    /// How often it was delivered.
    pub receives: u32,
    /// From when on it can be delivered again.
    pub visible_at: Timestamp,
    /// How many invocations work on it.
    pub live: u8,
}

/// A queue of messages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Queue {
    /// The messages.
    pub messages: Vec<Message>,
}

impl Queue {
    /// The message of that name, unless it was acknowledged.
    pub fn find(&mut self, id: u32) -> Option<&mut Message> {
        self.messages.iter_mut().find(|message| message.id == id)
    }

    /// Takes the message of that name out.
    pub fn remove(&mut self, id: u32) {
        if let Some(index) = self.messages.iter().position(|message| message.id == id) {
            drop(self.messages.swap_remove(index));
        }
    }
}

/// A message that its consumer could not handle.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DeadLetter {
    /// Who could not.
    pub consumer: Consumer,
    /// What it brought.
    pub event: Said,
    /// Why not: a stable word.
    pub class: &'static str,
}
