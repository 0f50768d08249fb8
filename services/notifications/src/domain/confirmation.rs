//! The link of a confirmation mail: a person who has it can read that mail, so the address is theirs.

use std::fmt;

use sha2::{Digest, Sha256};

use super::ids::CustomerId;

/// Bytes of a secret: 256 bits, too many to guess.
const LENGTH: usize = 32;

/// What a link ends with: it says whose contact it confirms, and holds the secret. It shows itself in a mail alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    /// The customer who gave the address.
    pub customer: CustomerId,
    /// The secret.
    pub secret: Secret,
}

/// Random bytes that were sent to an address, and are stored nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret([u8; LENGTH]);

/// What is stored of a secret: enough to recognise it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretHash(String);

impl Token {
    /// The token, if the text has its form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (customer, secret) = text.split_once('.')?;
        Some(Self { customer: CustomerId::new(customer)?, secret: Secret(bytes(secret)?) })
    }

    /// The text, for the link alone: letters, digits, `-`, `_` and one `.`, which no URL and no page has to escape.
    #[must_use]
    pub fn reveal(&self) -> String {
        format!("{}.{}", self.customer, hex(&self.secret.0))
    }
}

impl Secret {
    /// The secret of these random bytes.
    #[must_use]
    pub fn new(random: [u8; LENGTH]) -> Self {
        Self(random)
    }

    /// What it is recognised by.
    #[must_use]
    pub fn hash(&self) -> SecretHash {
        SecretHash(hex(&Sha256::digest(self.0)))
    }
}

impl SecretHash {
    /// The hash in this text, if it is one.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        bytes(text).map(|_| Self(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// As lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0x0f]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

/// The bytes that lower-case hexadecimal digits stand for.
fn bytes(text: &str) -> Option<[u8; LENGTH]> {
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if text.len() != 2 * LENGTH || !text.bytes().all(is_digit) {
        return None;
    }
    let pairs = (0..LENGTH).map(|n| u8::from_str_radix(text.get(2 * n..2 * n + 2)?, 16).ok());
    pairs.collect::<Option<Vec<u8>>>()?.try_into().ok()
}
