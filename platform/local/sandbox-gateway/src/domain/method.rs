//! Payment methods: Stripe's test methods, and ours for what Stripe's do not show.

/// What a payment method does when an intent is confirmed with it, and when its charge is refunded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Charges.
    Succeeds,
    /// Is refused by the card's issuer.
    Declines(Decline),
    /// Is refused for now this many times, then charges.
    DeclinesFirst(u32),
    /// Finds the gateway unavailable this many times, then charges.
    FailsFirst(u32),
    /// Charges, but answers later than a client waits.
    AnswersLate,
    /// Stalls without charging at first, then charges.
    StallsFirst,
    /// Finds the gateway unavailable every time.
    Down,
    /// Charges; refunds find the gateway unavailable this many times, then work.
    RefundFailsFirst(u32),
    /// Charges; refunds work, but are answered later than a client waits.
    RefundAnswersLate,
    /// Charges; refunds are refused every time.
    RefundRefused,
}

/// Why a card's issuer refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decline {
    /// The issuer gives no reason.
    Generic,
    /// The card's account does not hold enough.
    InsufficientFunds,
    /// Something went wrong on the way to the issuer.
    ProcessingError,
    /// The issuer gives no reason, and advises to try again later.
    TryAgainLater,
}

impl Method {
    /// The method with this name, if there is one.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "pm_card_visa" | "pm_card_mastercard" => Some(Self::Succeeds),
            "pm_card_chargeDeclined" => Some(Self::Declines(Decline::Generic)),
            "pm_card_chargeDeclinedInsufficientFunds" => Some(Self::Declines(Decline::InsufficientFunds)),
            "pm_card_chargeDeclinedProcessingError" => Some(Self::Declines(Decline::ProcessingError)),
            "pm_sandbox_failTwice" => Some(Self::FailsFirst(2)),
            "pm_sandbox_timeout" => Some(Self::AnswersLate),
            "pm_sandbox_timeout_before" => Some(Self::StallsFirst),
            "pm_sandbox_down" => Some(Self::Down),
            "pm_sandbox_refund_timeout" => Some(Self::RefundAnswersLate),
            "pm_sandbox_refund_refused" => Some(Self::RefundRefused),
            other => {
                let charge = || Some(Self::FailsFirst(times(other.strip_prefix("pm_sandbox_fail_")?)?));
                let decline = || Some(Self::DeclinesFirst(times(other.strip_prefix("pm_sandbox_decline_")?)?));
                let refund = || Some(Self::RefundFailsFirst(times(other.strip_prefix("pm_sandbox_refund_fail_")?)?));
                charge().or_else(decline).or_else(refund)
            }
        }
    }
}

fn times(text: &str) -> Option<u32> {
    match text.as_bytes() {
        [digit @ b'1'..=b'9'] => Some(u32::from(digit - b'0')),
        _ => None,
    }
}

impl Decline {
    /// Every reason.
    const ALL: [Self; 4] = [Self::Generic, Self::InsufficientFunds, Self::ProcessingError, Self::TryAgainLater];

    /// Stripe's code for it, its decline code and its advice, where it has one.
    #[must_use]
    pub fn codes(self) -> (&'static str, Option<&'static str>, Option<&'static str>) {
        match self {
            Self::Generic => ("card_declined", Some("generic_decline"), None),
            Self::InsufficientFunds => ("card_declined", Some("insufficient_funds"), None),
            Self::ProcessingError => ("processing_error", None, None),
            Self::TryAgainLater => ("card_declined", Some("generic_decline"), Some("try_again_later")),
        }
    }

    /// Stripe's sentence for it.
    #[must_use]
    pub fn message(self) -> &'static str {
        match self {
            Self::Generic | Self::TryAgainLater => "Your card was declined.",
            Self::InsufficientFunds => "Your card has insufficient funds.",
            Self::ProcessingError => "An error occurred while processing your card. Try again in a little bit.",
        }
    }

    /// The word for it in the table.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Generic => "generic_decline",
            Self::InsufficientFunds => "insufficient_funds",
            Self::ProcessingError => "processing_error",
            Self::TryAgainLater => "try_again_later",
        }
    }

    /// The decline with this word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|decline| decline.as_str() == word)
    }
}
