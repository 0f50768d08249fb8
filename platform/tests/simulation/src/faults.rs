//! What can go wrong, and at which kind of step.

/// A fault at one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fault {
    /// The process dies before the step.
    Crash,
    /// The AWS service refuses the request; nothing is done.
    Throttle,
    /// The write is done, but the answer is lost.
    Unanswered,
    /// The write is done, the answer is lost, and the SDK's retry conflicts with its own write.
    Resent,
    /// The write meets a transaction on the same item, and nothing is done.
    Conflict,
    /// A message is delivered twice.
    Duplicate,
    /// A message or a process is delayed.
    Delay,
    /// A message overtakes an earlier one about the same order.
    Reorder,
    /// Two invocations work on one message.
    SecondInvocation,
    /// The bus accepts some entries of a request and refuses the others.
    FailedEntry,
    /// A past event is delivered again.
    Replay,
    /// Time passes while everything in progress stalls.
    Stall,
    /// The sweep's index shows an older state.
    StaleIndex,
    /// The client does not get the answer and repeats its request.
    AnswerLost,
    /// The gateway neither does what it was asked nor answers.
    GatewayLost,
    /// The gateway does what it was asked and does not answer.
    GatewayMute,
    /// The gateway does not answer, and does it later.
    GatewayLate,
    /// The gateway refuses for now, and certainly does nothing.
    GatewayRefuses,
    /// The gateway fails without doing it.
    GatewayFails,
    /// The gateway does it and then fails.
    GatewayFailsAfter,
    /// The gateway is busy with another request for the same object.
    GatewayBusy,
    /// The mail channel neither accepts the mail nor answers.
    MailLost,
    /// The mail channel accepts the mail and does not answer.
    MailMute,
    /// The mail channel refuses for now.
    MailRefused,
    /// A service's clock is wrong by up to a day.
    Skew,
    /// A table, the bus, the gateway or the mail channel is away for up to ten minutes.
    Outage,
}

impl Fault {
    /// Every kind.
    pub const ALL: [Self; 26] = [
        Self::Crash,
        Self::Throttle,
        Self::Unanswered,
        Self::Resent,
        Self::Conflict,
        Self::Duplicate,
        Self::Delay,
        Self::Reorder,
        Self::SecondInvocation,
        Self::FailedEntry,
        Self::Replay,
        Self::Stall,
        Self::StaleIndex,
        Self::AnswerLost,
        Self::GatewayLost,
        Self::GatewayMute,
        Self::GatewayLate,
        Self::GatewayRefuses,
        Self::GatewayFails,
        Self::GatewayFailsAfter,
        Self::GatewayBusy,
        Self::MailLost,
        Self::MailMute,
        Self::MailRefused,
        Self::Skew,
        Self::Outage,
    ];

    /// Whether it matters to the explorer, which makes every interleaving and lets time pass only when nothing else can.
    #[must_use]
    pub fn can_be_explored(self) -> bool {
        // A duplicate can arrive at any later time, so it covers a replay.
        !matches!(self, Self::Delay | Self::Reorder | Self::Replay | Self::Skew | Self::Outage)
    }

    /// Its name in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Crash => "crash between two steps",
            Self::Throttle => "refused request",
            Self::Unanswered => "committed, but timed out",
            Self::Resent => "committed, then repeated by the SDK",
            Self::Conflict => "conflict with another transaction",
            Self::Duplicate => "duplicate",
            Self::Delay => "delay",
            Self::Reorder => "reorder",
            Self::SecondInvocation => "two live invocations of one message",
            Self::FailedEntry => "failed PutEvents entry",
            Self::Replay => "replay of a past event",
            Self::Stall => "everything under way stands still",
            Self::StaleIndex => "stale index",
            Self::AnswerLost => "client without its answer",
            Self::GatewayLost => "gateway: unknown, before the effect",
            Self::GatewayMute => "gateway: unknown, after the effect",
            Self::GatewayLate => "gateway: unknown, effect comes late",
            Self::GatewayRefuses => "gateway: refused",
            Self::GatewayFails => "gateway: failed before the effect",
            Self::GatewayFailsAfter => "gateway: failed after the effect",
            Self::GatewayBusy => "gateway: busy",
            Self::MailLost => "mail: unknown, not sent",
            Self::MailMute => "mail: unknown, sent",
            Self::MailRefused => "mail: refused for now",
            Self::Skew => "clock wrong by up to a day",
            Self::Outage => "outage of up to ten minutes",
        }
    }
}

/// How often each kind of fault occurred.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts([u64; Fault::ALL.len()]);

impl Counts {
    /// Counts one fault.
    pub fn add(&mut self, fault: Fault) {
        self.0[fault as usize] += 1;
    }

    /// Adds the counts of another world.
    pub fn merge(&mut self, other: &Self) {
        for (sum, more) in self.0.iter_mut().zip(&other.0) {
            *sum += more;
        }
    }

    /// Each kind with its count.
    pub fn iter(&self) -> impl Iterator<Item = (Fault, u64)> {
        Fault::ALL.into_iter().map(|fault| (fault, self.0[fault as usize]))
    }

    /// The sum over all kinds.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }
}

/// What can go wrong where a service reads.
pub const READ: &[Fault] = &[Fault::Crash, Fault::Throttle, Fault::Delay];
/// What can go wrong where a service writes an item.
pub const WRITE: &[Fault] = &[Fault::Crash, Fault::Throttle, Fault::Unanswered, Fault::Resent, Fault::Delay];
/// What can go wrong where a service writes items that transactions write.
pub const TRANSACT: &[Fault] =
    &[Fault::Crash, Fault::Throttle, Fault::Unanswered, Fault::Resent, Fault::Conflict, Fault::Delay];
/// What can go wrong with a write that is one step with the read before it.
pub const ON_THE_WAY: &[Fault] = &[Fault::Throttle, Fault::Unanswered, Fault::Resent];
/// The same, of items that transactions write.
pub const TRANSACT_ON_THE_WAY: &[Fault] = &[Fault::Throttle, Fault::Unanswered, Fault::Resent, Fault::Conflict];
/// What can go wrong where the gateway is called.
pub const GATEWAY: &[Fault] = &[
    Fault::Crash,
    Fault::Delay,
    Fault::GatewayLost,
    Fault::GatewayMute,
    Fault::GatewayLate,
    Fault::GatewayRefuses,
    Fault::GatewayFails,
    Fault::GatewayFailsAfter,
    Fault::GatewayBusy,
];
/// What can go wrong where the mail channel is called.
pub const MAIL: &[Fault] = &[Fault::Crash, Fault::Delay, Fault::MailLost, Fault::MailMute, Fault::MailRefused];
/// What can go wrong after the work and before the acknowledgement.
pub const ACKNOWLEDGE: &[Fault] = &[Fault::Crash, Fault::Delay];
/// What can go wrong after the work and before the client's answer.
pub const ANSWER: &[Fault] = &[Fault::AnswerLost];
/// What can go wrong where a message is delivered.
pub const DELIVER: &[Fault] = &[Fault::SecondInvocation, Fault::Delay, Fault::Duplicate];
/// What can go wrong where a relay publishes.
pub const RELAY: &[Fault] = &[Fault::Crash, Fault::Throttle, Fault::Unanswered, Fault::FailedEntry, Fault::Delay];
/// What can go wrong where a sweep begins with an aggregate.
pub const SWEEP: &[Fault] = &[Fault::SecondInvocation, Fault::Delay];
