//! Amounts as people read them.

/// Currencies whose minor unit is not a hundredth. Source: ISO 4217, table A.1.
const OTHER_EXPONENTS: &[(usize, &str)] = &[
    (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"),
    (3, "BHD IQD JOD KWD LYD OMR TND"),
    (4, "CLF UYW"),
];

/// An amount in minor units of a currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Money {
    /// How many minor units.
    pub minor: u64,
    /// ISO 4217 code.
    pub currency: String,
}

impl Money {
    /// The amount for a customer's eyes: `€1,234.50`, `CHF 47.90`, `JPY 4,790`.
    #[must_use]
    pub fn readable(&self) -> String {
        let digits = exponent(&self.currency);
        let padded = format!("{:0width$}", self.minor, width = digits + 1);
        let (major, minor) = padded.split_at(padded.len() - digits);
        let point = if digits == 0 { "" } else { "." };
        format!("{}{}{point}{minor}", symbol(&self.currency), in_thousands(major))
    }
}

fn exponent(currency: &str) -> usize {
    OTHER_EXPONENTS
        .iter()
        .find(|(_, codes)| codes.split(' ').any(|code| code == currency))
        .map_or(2, |(digits, _)| *digits)
}

fn symbol(currency: &str) -> String {
    match currency {
        "EUR" => "€".to_owned(),
        "GBP" => "£".to_owned(),
        "USD" => "$".to_owned(),
        other => format!("{other} "),
    }
}

fn in_thousands(digits: &str) -> String {
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
