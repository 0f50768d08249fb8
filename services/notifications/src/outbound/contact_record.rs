//! Attributes ⇄ contact.

use std::str::FromStr;

use chassis::store::Attributes;
use jiff::Timestamp;

use crate::domain::address::EmailAddress;
use crate::domain::cap::Counted;
use crate::domain::confirmation::SecretHash;
use crate::domain::contact::{Confirmed, Contact, Pending, Proof, StopReason, Stopped, StoppedOther};
use crate::domain::ids::AddressMark;

pub(super) const EMAIL: &str = "email";
const UPDATED_AT: &str = "updatedAt";
const CONFIRMED_EMAIL: &str = "confirmedEmail";
const CONFIRMED_BY: &str = "confirmedBy";
const CONFIRMED_AT: &str = "confirmedAt";
const PENDING_EMAIL: &str = "pendingEmail";
const PENDING_HASH: &str = "pendingHash";
const PENDING_UNTIL: &str = "pendingUntil";
const STOPPED_EMAIL: &str = "stoppedEmail";
const STOPPED_REASON: &str = "stoppedReason";
const STOPPED_AT: &str = "stoppedAt";
/// The marks of other stopped addresses, each with its reason: `mark:REASON mark:REASON`, the oldest first.
const STOPPED_OTHERS: &str = "stoppedOthers";
/// The hour whose order mails are counted, and their number: written by their own update alone.
pub(super) const MAILS_HOUR: &str = "mailsHour";
pub(super) const MAILS: &str = "mails";

/// Every attribute of a contact that is saved with it, and its value; none where the contact has no such part.
pub(super) fn attributes(contact: &Contact) -> [(&'static str, Option<String>); 12] {
    let address = |email: &EmailAddress| email.reveal().to_owned();
    let (confirmed, pending, stopped) = (&contact.confirmed, &contact.pending, &contact.stopped);
    [
        (EMAIL, Some(address(&contact.email))),
        (UPDATED_AT, Some(contact.updated_at.to_string())),
        (CONFIRMED_EMAIL, confirmed.as_ref().map(|it| address(&it.email))),
        (CONFIRMED_BY, confirmed.as_ref().map(|it| it.by.as_str().to_owned())),
        (CONFIRMED_AT, confirmed.as_ref().map(|it| it.at.to_string())),
        (PENDING_EMAIL, pending.as_ref().map(|it| address(&it.email))),
        (PENDING_HASH, pending.as_ref().map(|it| it.hash.as_str().to_owned())),
        (PENDING_UNTIL, pending.as_ref().map(|it| it.until.to_string())),
        (STOPPED_EMAIL, stopped.as_ref().map(|it| address(&it.email))),
        (STOPPED_REASON, stopped.as_ref().map(|it| it.reason.as_str().to_owned())),
        (STOPPED_AT, stopped.as_ref().map(|it| it.at.to_string())),
        (STOPPED_OTHERS, written(&contact.stopped_others)),
    ]
}

/// The contact that an item holds, or the name of the attribute that does not fit. An item of a version without
/// confirmations has none of them: its address is not confirmed.
pub(super) fn contact(item: &Attributes) -> Result<Contact, &'static str> {
    let read = Reader(item);
    Ok(Contact {
        email: read.required(EMAIL, EmailAddress::new)?,
        updated_at: read.required(UPDATED_AT, time)?,
        confirmed: read.part(CONFIRMED_EMAIL, |email| {
            Ok(Confirmed {
                email,
                by: read.required(CONFIRMED_BY, Proof::named)?,
                at: read.required(CONFIRMED_AT, time)?,
            })
        })?,
        pending: read.part(PENDING_EMAIL, |email| {
            Ok(Pending {
                email,
                hash: read.required(PENDING_HASH, SecretHash::new)?,
                until: read.required(PENDING_UNTIL, time)?,
            })
        })?,
        stopped: read.part(STOPPED_EMAIL, |email| {
            Ok(Stopped {
                email,
                reason: read.required(STOPPED_REASON, StopReason::named)?,
                at: read.required(STOPPED_AT, time)?,
            })
        })?,
        stopped_others: match item.get(STOPPED_OTHERS) {
            Some(_) => read.required(STOPPED_OTHERS, |text| text.split(' ').map(stopped_other).collect())?,
            None => Vec::new(),
        },
        mails: Counted {
            hour: number(item, MAILS_HOUR).unwrap_or_default(),
            mails: number(item, MAILS).unwrap_or_default(),
        },
    })
}

fn number<T: FromStr>(item: &Attributes, name: &str) -> Option<T> {
    item.get(name)?.as_n().ok()?.parse().ok()
}

/// Reads attributes that are texts.
struct Reader<'a>(&'a Attributes);

impl Reader<'_> {
    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_s().ok().map(String::as_str)
    }

    fn required<T>(&self, name: &'static str, parse: impl Fn(&str) -> Option<T>) -> Result<T, &'static str> {
        self.text(name).and_then(parse).ok_or(name)
    }

    /// A part of the contact that is there if its address is.
    fn part<T>(
        &self,
        name: &'static str,
        rest: impl Fn(EmailAddress) -> Result<T, &'static str>,
    ) -> Result<Option<T>, &'static str> {
        self.0.get(name).map(|_| rest(self.required(name, EmailAddress::new)?)).transpose()
    }
}

fn time(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

fn written(others: &[StoppedOther]) -> Option<String> {
    let text = |it: &StoppedOther| format!("{}:{}", it.mark, it.reason.as_str());
    (!others.is_empty()).then(|| others.iter().map(text).collect::<Vec<_>>().join(" "))
}

fn stopped_other(text: &str) -> Option<StoppedOther> {
    let (mark, reason) = text.split_once(':')?;
    Some(StoppedOther { mark: AddressMark::parse(mark)?, reason: StopReason::named(reason)? })
}
