//! Where a customer is reached, and whether mail may go there: only to an address that its owner has confirmed.
//!
//! A confirmation is of one address, and names it; so whatever becomes of the contact, it is never another address's.

use jiff::{SignedDuration, Timestamp};

use super::address::EmailAddress;
use super::cap::Counted;
use super::confirmation::SecretHash;
use super::ids::AddressMark;
use super::message::Failure;

/// How long the link of a confirmation mail works.
pub const LINK_WORKS: SignedDuration = SignedDuration::from_hours(24);

/// How many other addresses that mail was stopped to a contact remembers.
pub const STOPS_KEPT: usize = 10;

/// Where a customer is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// The address: the one in use, or the one given last while none is in use.
    pub email: EmailAddress,
    /// When the customer gave or confirmed it.
    pub updated_at: Timestamp,
    /// The last address that was confirmed. Only if it is `email`, mail goes there.
    pub confirmed: Option<Confirmed>,
    /// The confirmation that was asked for, if one was.
    pub pending: Option<Pending>,
    /// The last address in use that mail was stopped to. While it is `email`, nothing goes there.
    pub stopped: Option<Stopped>,
    /// The other addresses that mail was stopped to, the oldest first; nothing goes there either.
    pub stopped_others: Vec<StoppedOther>,
    /// How many order mails were counted.
    pub mails: Counted,
}

/// An address that is its owner's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmed {
    /// The address.
    pub email: EmailAddress,
    /// How that is known.
    pub by: Proof,
    /// Since when.
    pub at: Timestamp,
}

/// How it is known that an address is the customer's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// The identity provider has verified it, and its token says so.
    Token,
    /// The customer followed the link of a mail to it.
    Link,
}

impl Proof {
    /// Every proof.
    pub const ALL: [Self; 2] = [Self::Token, Self::Link];

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Token => "TOKEN",
            Self::Link => "LINK",
        }
    }

    /// The proof of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|proof| proof.as_str() == name)
    }
}

/// A confirmation that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// The address that the mail went to.
    pub email: EmailAddress,
    /// What the link's secret is recognised by.
    pub hash: SecretHash,
    /// When the link stops to work.
    pub until: Timestamp,
}

/// An address that no mail goes to any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    /// The address.
    pub email: EmailAddress,
    /// Why.
    pub reason: StopReason,
    /// Since when.
    pub at: Timestamp,
}

/// Another address that no mail goes to: what was reported of it names its mark alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoppedOther {
    /// The mark of the address.
    pub mark: AddressMark,
    /// Why.
    pub reason: StopReason,
}

/// Why mail to an address was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopReason {
    /// A mail came back for good.
    Bounced,
    /// Its owner reported a mail as unwanted.
    Complained,
}

impl StopReason {
    /// Every reason.
    pub const ALL: [Self; 2] = [Self::Bounced, Self::Complained];

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bounced => "BOUNCED",
            Self::Complained => "COMPLAINED",
        }
    }

    /// The reason of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == name)
    }
}

/// What a contact is, as far as mail is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Mail goes to its address.
    Confirmed(Proof),
    /// Nothing but a confirmation mail goes to its address.
    Unconfirmed,
    /// Nothing goes to its address, but a confirmation mail if the customer asks for one.
    Stopped(StopReason),
}

/// What it means that a customer gives an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// Save this: the address is confirmed.
    Confirmed(Contact),
    /// Save this, and send the link: the address is to be confirmed.
    Asked(Contact),
}

impl Contact {
    /// An address of which nothing else is known.
    #[must_use]
    pub fn unconfirmed(email: EmailAddress, at: Timestamp) -> Self {
        Self {
            email,
            updated_at: at,
            confirmed: None,
            pending: None,
            stopped: None,
            stopped_others: Vec::new(),
            mails: Counted::default(),
        }
    }

    /// What it is, as far as mail is concerned.
    #[must_use]
    pub fn standing(&self) -> Standing {
        let (mark, confirmed) = (AddressMark::of(self.email.reveal()), &self.confirmed);
        let last = self.stopped.iter().filter(|it| it.email == self.email).map(|it| it.reason);
        let others = self.stopped_others.iter().filter(|it| it.mark == mark).map(|it| it.reason);
        match (last.chain(others).next(), confirmed) {
            (Some(reason), _) => Standing::Stopped(reason),
            (None, Some(confirmed)) if confirmed.email == self.email => Standing::Confirmed(confirmed.by),
            (None, _) => Standing::Unconfirmed,
        }
    }
}

/// Where an order's mail goes: to a confirmed address, and to no other.
///
/// # Errors
/// Why it goes nowhere.
pub fn destination(contact: Option<&Contact>) -> Result<&EmailAddress, Failure> {
    let contact = contact.ok_or(Failure::NoAddress)?;
    match contact.standing() {
        Standing::Confirmed(_) => Ok(&contact.email),
        Standing::Unconfirmed => Err(Failure::Unconfirmed),
        Standing::Stopped(_) => Err(Failure::AddressStopped),
    }
}

/// A customer gives an address, and the token names `verified`, if the identity provider has verified one.
///
/// | the address is | and verified by the token | not verified |
/// |---|---|---|
/// | new, or not confirmed | confirmed | asked for by a link |
/// | confirmed | as it is | as it is |
/// | stopped | asked for by a link: the token says nothing new of it | asked for by a link |
///
/// A confirmed address stays in use until another one is confirmed, so a thief of a token cannot silence it.
#[must_use]
pub fn give(
    before: Option<&Contact>,
    email: EmailAddress,
    verified: Option<&EmailAddress>,
    hash: SecretHash,
    now: Timestamp,
) -> Given {
    let given = match before {
        Some(before) => Contact { email, updated_at: now, pending: None, ..before.clone() },
        None => Contact::unconfirmed(email, now),
    };
    match given.standing() {
        Standing::Confirmed(_) => return Given::Confirmed(given),
        Standing::Unconfirmed if verified == Some(&given.email) => {
            let confirmed = Confirmed { email: given.email.clone(), by: Proof::Token, at: now };
            return Given::Confirmed(Contact { confirmed: Some(confirmed), ..given });
        }
        Standing::Unconfirmed | Standing::Stopped(_) => {}
    }
    let until = now.saturating_add(LINK_WORKS).unwrap_or(Timestamp::MAX);
    let pending = Some(Pending { email: given.email.clone(), hash, until });
    match before.filter(|contact| matches!(contact.standing(), Standing::Confirmed(_))) {
        Some(in_use) => Given::Asked(Contact { pending, ..in_use.clone() }),
        None => Given::Asked(Contact { pending, ..given }),
    }
}

/// The button behind a link is pressed: the contact afterwards, if the secret is the one that was sent, and in time.
#[must_use]
pub fn confirm(before: &Contact, hash: &SecretHash, now: Timestamp) -> Option<Contact> {
    let pending = before.pending.as_ref().filter(|pending| pending.hash == *hash && now < pending.until)?;
    let email = pending.email.clone();
    let stopped = before.stopped.clone().filter(|stopped| stopped.email != email);
    let stopped_others = others(before, AddressMark::of(email.reveal()));
    let confirmed = Some(Confirmed { email: email.clone(), by: Proof::Link, at: now });
    Some(Contact { email, updated_at: now, confirmed, pending: None, stopped, stopped_others, mails: before.mails })
}

/// Mail to the address with this mark is stopped. It is the contact's, or one that the customer has left since: then it is
/// kept for the day on which the customer gives it again.
#[must_use]
pub fn stop(before: &Contact, mark: AddressMark, reason: StopReason, now: Timestamp) -> Contact {
    let (in_use, mut stopped_others) = (AddressMark::of(before.email.reveal()), others(before, mark));
    let last =
        before.stopped.as_ref().map(|it| StoppedOther { mark: AddressMark::of(it.email.reveal()), reason: it.reason });
    let stopped = if mark == in_use {
        stopped_others.extend(last.filter(|last| last.mark != mark));
        Some(Stopped { email: before.email.clone(), reason, at: now })
    } else {
        stopped_others.push(StoppedOther { mark, reason });
        before.stopped.clone()
    };
    let forgotten = stopped_others.len().saturating_sub(STOPS_KEPT);
    stopped_others.drain(..forgotten);
    Contact { stopped, stopped_others, ..before.clone() }
}

/// The other addresses that mail was stopped to, without this one.
fn others(contact: &Contact, mark: AddressMark) -> Vec<StoppedOther> {
    contact.stopped_others.iter().copied().filter(|it| it.mark != mark).collect()
}
