//! What orders cost on AWS: the counts of a lock, times public prices.

pub mod lock;
