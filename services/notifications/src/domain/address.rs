//! An e-mail address. It is personal data: no log, event or error of this service may hold it, so it does not show itself
//! when it is formatted.

use std::fmt;

/// An e-mail address.
#[derive(Clone, PartialEq, Eq)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// The rule, for the client whose text breaks it.
    pub const RULE: &'static str =
        "must be an e-mail address like name@example.org, in ASCII, of at most 254 characters";

    /// The address, if the text keeps the rule: RFC 5321's `Dot-string` at a host name with at least two labels.
    /// Quoted local parts and address literals are legal there, and in practice a typing error.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let (local, domain) = text.rsplit_once('@')?;
        let valid = text.len() <= 254 && is_local(local) && is_domain(domain);
        valid.then(|| Self(text.to_owned()))
    }

    /// The text, for the mail itself and for its owner.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(…)")
    }
}

fn is_local(text: &str) -> bool {
    let atom = |atom: &str| !atom.is_empty() && atom.bytes().all(is_atom_byte);
    text.len() <= 64 && text.split('.').all(atom)
}

fn is_atom_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte)
}

fn is_domain(text: &str) -> bool {
    let labels: Vec<&str> = text.split('.').collect();
    let is_number = |label: &&str| label.bytes().all(|b| b.is_ascii_digit());
    labels.len() >= 2 && labels.iter().all(|label| is_label(label)) && !labels.last().is_some_and(is_number)
}

fn is_label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}
