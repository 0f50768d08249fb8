//! What can go wrong, at which kind of boundary.

/// One thing that goes wrong at one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fault {
    /// The process dies before the step.
    Crash,
    /// The service refuses the request; nothing is done.
    Throttle,
    /// The write is done, but the answer does not come.
    Unanswered,
    /// The write is done, the answer does not come, and the SDK's own repetition meets what it has written.
    Resent,
    /// A message is there twice.
    Duplicate,
    /// A message or a process is held up.
    Delay,
    /// A message overtakes an earlier one about the same order.
    Reorder,
    /// Two invocations work on one message.
    SecondInvocation,
    /// The bus takes some entries of a request and not the others.
    FailedEntry,
    /// An event of the past is delivered once more.
    Replay,
    /// Time goes on while everything that is under way stands still.
    Stall,
    /// The sweep's index shows what is not there any more.
    StaleIndex,
    /// The client does not get its answer, and repeats its request.
    AnswerLost,
    /// The gateway neither does what it is asked nor answers.
    GatewayLost,
    /// The gateway does what it is asked, and does not answer.
    GatewayMute,
    /// The gateway does not answer, and does it at some later time.
    GatewayLate,
    /// The gateway refuses for now, surely without doing it.
    GatewayRefuses,
    /// The gateway fails without doing it.
    GatewayFails,
    /// The gateway does it and fails then.
    GatewayFailsAfter,
    /// The gateway is at work on the same object.
    GatewayBusy,
    /// The channel neither takes the mail nor answers.
    MailLost,
    /// The channel takes the mail and does not answer.
    MailMute,
    /// The channel refuses for now.
    MailRefused,
    /// A service's clock is wrong by up to a day.
    Skew,
}

impl Fault {
    /// Every kind.
    pub const ALL: [Self; 24] = [
        Self::Crash,
        Self::Throttle,
        Self::Unanswered,
        Self::Resent,
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
    ];

    /// Whether it makes a difference where every interleaving is made anyway and time only moves when nothing else does.
    #[must_use]
    pub fn can_be_explored(self) -> bool {
        // A copy of a message may come at any later time, which is what a replay does.
        !matches!(self, Self::Delay | Self::Reorder | Self::Replay | Self::Skew)
    }

    /// The word for it in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Crash => "crash between two steps",
            Self::Throttle => "refused request",
            Self::Unanswered => "committed, but timed out",
            Self::Resent => "committed, then repeated by the SDK",
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
        }
    }
}

/// How often each kind of fault was met.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts([u64; Fault::ALL.len()]);

impl Counts {
    /// One more.
    pub fn add(&mut self, fault: Fault) {
        self.0[fault as usize] += 1;
    }

    /// Another world's as well.
    pub fn merge(&mut self, other: &Self) {
        for (sum, more) in self.0.iter_mut().zip(&other.0) {
            *sum += more;
        }
    }

    /// Each kind and how often it was met.
    pub fn iter(&self) -> impl Iterator<Item = (Fault, u64)> {
        Fault::ALL.into_iter().map(|fault| (fault, self.0[fault as usize]))
    }

    /// All of them.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }
}

/// What can go wrong where a service reads.
pub const READ: &[Fault] = &[Fault::Crash, Fault::Throttle, Fault::Delay];
/// What can go wrong where a service writes an item.
pub const WRITE: &[Fault] = &[Fault::Crash, Fault::Throttle, Fault::Unanswered, Fault::Resent, Fault::Delay];
/// What can go wrong where a service writes several items at once. The SDK's repetition carries the same token.
pub const TRANSACTION: &[Fault] = &[Fault::Crash, Fault::Throttle, Fault::Unanswered, Fault::Delay];
/// What can go wrong with a write, where the read before it is not looked at by itself.
pub const ON_THE_WAY: &[Fault] = &[Fault::Throttle, Fault::Unanswered, Fault::Resent];
/// What can go wrong with a write of several items, where the read before it is not looked at by itself.
pub const ON_THE_WAY_TO_STOCK: &[Fault] = &[Fault::Throttle, Fault::Unanswered];
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
/// What can go wrong where a sweep begins to look at an aggregate.
pub const SWEEP: &[Fault] = &[Fault::SecondInvocation, Fault::Delay];
