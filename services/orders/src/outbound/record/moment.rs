//! Times as an item holds them: whole nanoseconds where DynamoDB compares them, and elsewhere the seconds since the order
//! was placed, such as `1.53`.

use jiff::Timestamp;

const SECOND: u128 = 1_000_000_000;

/// How long after `placed_at` it is, in seconds; exact, and without zeros that say nothing.
pub(super) fn since(placed_at: Timestamp, at: Timestamp) -> String {
    let nanos = at.as_nanosecond() - placed_at.as_nanosecond();
    let (sign, size) = (if nanos < 0 { "-" } else { "" }, nanos.unsigned_abs());
    let text = format!("{sign}{}.{:09}", size / SECOND, size % SECOND);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The time of such a text.
pub(super) fn at(placed_at: Timestamp, text: &str) -> Option<Timestamp> {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    let (seconds, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if !digits.starts_with(|first: char| first.is_ascii_digit()) || fraction.len() > 9 {
        return None;
    }
    let nanos: i128 = format!("{seconds}{fraction:0<9}").parse().ok()?;
    Timestamp::from_nanosecond(placed_at.as_nanosecond().checked_add(sign * nanos)?).ok()
}

/// A time as a number of nanoseconds since 1970.
pub(super) mod number {
    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer, de::Error, ser::Error as _};

    pub fn serialize<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(i64::try_from(time.as_nanosecond()).map_err(S::Error::custom)?)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        Timestamp::from_nanosecond(i64::deserialize(deserializer)?.into()).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_comes_back_exactly_from_the_seconds_since_the_order_was_placed() {
        let placed_at: Timestamp = "2026-11-22T10:15:30.12Z".parse().unwrap();
        for (time, text) in [
            ("2026-11-22T10:15:30.12Z", "0"),
            ("2026-11-22T10:15:31.65Z", "1.53"),
            ("2026-11-22T10:15:40.12Z", "10"),
            ("2026-11-22T10:15:30.120000001Z", "0.000000001"),
            ("2026-11-22T10:15:30Z", "-0.12"),
        ] {
            let time = time.parse().unwrap();
            assert_eq!((since(placed_at, time).as_str(), at(placed_at, text)), (text, Some(time)));
        }
        for bad in ["", "x", "1.x", "1.0000000001", "--1"] {
            assert_eq!(at(placed_at, bad), None, "{bad}");
        }
    }
}
