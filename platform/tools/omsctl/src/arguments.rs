//! What a person types: order ids and lengths of time. Each has one form and one rule.

use std::fmt::{self, Display};

use jiff::fmt::friendly::{Designator, Spacing, SpanPrinter};
use jiff::{SignedDuration, Span, SpanRelativeTo};

const LENGTH: &str = "a length of time is such as 90s, 15m, 2h or 1d";
const ORDER: &str = "ord_8c5b1f0e-5c0e-5f3a-9a51-0f6f2f1f7a10";

/// Parses an order's id.
///
/// # Errors
/// When the text has another form.
pub fn order_id(text: &str) -> Result<String, String> {
    let is_same =
        |(mark, it): (u8, u8)| if mark == b'-' { it == b'-' } else { matches!(it, b'0'..=b'9' | b'a'..=b'f') };
    let mut parts = ORDER.bytes().skip("ord_".len()).zip(text.bytes().skip("ord_".len()));
    if text.len() == ORDER.len() && text.starts_with("ord_") && parts.all(is_same) {
        return Ok(text.to_owned());
    }
    Err(format!("an order id is ord_ and a UUID in small letters, such as {ORDER}"))
}

/// Parses how far something is back, such as `90s`, `15m`, `2h` or `1d`.
///
/// # Errors
/// When the text has another form, or is not more than nothing.
pub fn duration(text: &str) -> Result<SignedDuration, String> {
    length(text).filter(SignedDuration::is_positive).ok_or_else(|| LENGTH.to_owned())
}

/// Parses how long to wait, such as `60s`; `0s` is not to wait.
///
/// # Errors
/// When the text has another form, or is less than nothing.
pub fn wait(text: &str) -> Result<SignedDuration, String> {
    length(text).filter(|length| !length.is_negative()).ok_or_else(|| LENGTH.to_owned())
}

fn length(text: &str) -> Option<SignedDuration> {
    text.parse::<Span>().ok()?.to_duration(SpanRelativeTo::days_are_24_hours()).ok()
}

/// A length of time in words, such as `5 minutes`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words(pub SignedDuration);

impl Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let printer = SpanPrinter::new().designator(Designator::Verbose).spacing(Spacing::BetweenUnitsAndDesignators);
        f.write_str(&printer.duration_to_string(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_id_is_its_prefix_and_a_uuid() {
        assert_eq!(order_id(ORDER).unwrap(), ORDER);
        let long = format!("{ORDER}0");
        let others = ["", "ord_", "ord_1", "nonsense", &ORDER[4..], &ORDER.to_uppercase(), &long, &long[1..]];
        let spaced = [format!(" {}", &ORDER[1..]), format!("{}\n", &ORDER[..ORDER.len() - 1]), ORDER.replace('-', "0")];
        for text in others.into_iter().chain(spaced.iter().map(String::as_str)) {
            assert!(order_id(text).unwrap_err().starts_with("an order id is ord_ and a UUID"), "{text:?}");
        }
    }

    #[test]
    fn a_length_of_time_may_have_days() {
        for (text, seconds) in [("90s", 90), ("15m", 900), ("2h", 7_200), ("1d", 86_400), ("1d 12h", 129_600)] {
            assert_eq!(duration(text).unwrap(), SignedDuration::from_secs(seconds), "{text}");
        }
        for text in ["", "5", "1mo", "-5m", "0s", "soon", "1d ago"] {
            assert!(duration(text).unwrap_err().ends_with("such as 90s, 15m, 2h or 1d"), "{text}");
        }
        assert_eq!(wait("0s").unwrap(), SignedDuration::ZERO);
        assert!(wait("-1s").is_err() && wait("soon").is_err());
    }

    #[test]
    fn a_length_of_time_is_told_in_words() {
        let words = |text: &str| Words(duration(text).unwrap()).to_string();
        assert_eq!([words("5m"), words("1h"), words("90s")], ["5 minutes", "1 hour", "1 minute 30 seconds"]);
    }
}
