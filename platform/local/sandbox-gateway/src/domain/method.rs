//! Payment methods: Stripe's test methods, and ours for what Stripe's do not show.

/// What a payment method does when an intent is confirmed with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Charges.
    Succeeds,
    /// Is refused by the card's issuer.
    Declines(Decline),
    /// Finds the gateway unavailable so many times, then charges.
    FailsFirst(u32),
    /// Charges, but answers later than a client waits.
    AnswersLate,
    /// Stalls without charging at first, then charges.
    StallsFirst,
    /// Finds the gateway unavailable for ever.
    Down,
}

/// Why a card's issuer refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decline {
    /// The issuer gives no reason.
    Generic,
    /// The card's account does not hold enough.
    InsufficientFunds,
}

impl Method {
    /// The method with this name, if there is one.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "pm_card_visa" | "pm_card_mastercard" => Some(Self::Succeeds),
            "pm_card_chargeDeclined" => Some(Self::Declines(Decline::Generic)),
            "pm_card_chargeDeclinedInsufficientFunds" => Some(Self::Declines(Decline::InsufficientFunds)),
            "pm_sandbox_failTwice" => Some(Self::FailsFirst(2)),
            "pm_sandbox_timeout" => Some(Self::AnswersLate),
            "pm_sandbox_timeout_before" => Some(Self::StallsFirst),
            "pm_sandbox_down" => Some(Self::Down),
            other => match other.strip_prefix("pm_sandbox_fail_")?.as_bytes() {
                [digit @ b'1'..=b'9'] => Some(Self::FailsFirst(u32::from(digit - b'0'))),
                _ => None,
            },
        }
    }
}

impl Decline {
    /// Stripe's code for it.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Generic => "generic_decline",
            Self::InsufficientFunds => "insufficient_funds",
        }
    }

    /// Stripe's sentence for it.
    #[must_use]
    pub fn message(self) -> &'static str {
        match self {
            Self::Generic => "Your card was declined.",
            Self::InsufficientFunds => "Your card has insufficient funds.",
        }
    }

    /// The decline with this code.
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        [Self::Generic, Self::InsufficientFunds].into_iter().find(|decline| decline.code() == code)
    }
}
