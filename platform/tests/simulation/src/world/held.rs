//! A value that many states share, compared by content and hashed once.

use std::fmt::{Debug, Write};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

/// A value of a domain. Domain types have no `Hash`, so the hash is that of their `Debug` text.
#[derive(Debug)]
pub struct Held<T>(Arc<(T, OnceLock<u64>)>);

impl<T> Held<T> {
    /// Shares a value.
    pub fn new(value: T) -> Self {
        Self(Arc::new((value, OnceLock::new())))
    }
}

impl<T> Clone for Held<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Deref for Held<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0.0
    }
}

impl<T: PartialEq> PartialEq for Held<T> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.0 == other.0.0
    }
}

impl<T: Eq> Eq for Held<T> {}

impl<T: Debug> Hash for Held<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(*self.0.1.get_or_init(|| print_of(&self.0.0)));
    }
}

/// The hash of a `Debug` text.
#[must_use]
pub fn print_of(value: &impl Debug) -> u64 {
    struct Sink(DefaultHasher);
    impl Write for Sink {
        fn write_str(&mut self, text: &str) -> std::fmt::Result {
            self.0.write(text.as_bytes());
            Ok(())
        }
    }
    let mut sink = Sink(DefaultHasher::new());
    // Writing into a hasher cannot fail.
    write!(sink, "{value:?}").map_or(0, |()| sink.0.finish())
}

/// The hash of a value.
#[must_use]
pub fn hash_of(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// The hash of values whose order does not matter.
pub fn hash_of_all<T: Hash>(values: impl IntoIterator<Item = T>) -> u64 {
    values.into_iter().fold(0, |sum, value| sum.wrapping_add(hash_of(&value)))
}
