//! Sizes of items as DynamoDB bills them.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html>
//!
//! The 100 bytes that each item has on top are storage, not throughput. One thing is rounded up: a time has the bytes that it
//! has at most times, even if it ends in zeros. Otherwise an item near a limit would cost more in one run than in another.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

/// An item in DynamoDB's JSON: attribute values by name.
pub type Item = Map<String, Value>;

/// An item's bytes: names and values.
pub fn item(item: &Item) -> u64 {
    item.iter().map(|(name, value)| length(name) + attribute(value)).sum()
}

/// A value in DynamoDB's JSON, such as `{"S": "text"}`, without its name.
fn attribute(value: &Value) -> u64 {
    let Some((kind, value)) = value.as_object().and_then(|typed| typed.iter().next()) else { return 0 };
    let text = || value.as_str().unwrap_or_default();
    let each = |size: fn(&str) -> u64| elements(value).iter().filter_map(Value::as_str).map(size).sum();
    match kind.as_str() {
        "S" => text_length(text()),
        "N" => number(text()),
        "B" => binary(text()),
        "SS" => each(length),
        "NS" => each(number),
        "BS" => each(binary),
        // 3 bytes for the list or map, and 1 for each element.
        "L" => 3 + elements(value).iter().map(|element| 1 + attribute(element)).sum::<u64>(),
        "M" => 3 + value.as_object().map_or(0, |map| item(map) + map.len() as u64),
        // NULL and BOOL.
        _ => 1,
    }
}

fn elements(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn length(text: &str) -> u64 {
    text.len() as u64
}

/// The bytes of a text, with three, six or nine digits of each second in it, such as `T10:15:00.12Z`.
fn text_length(text: &str) -> u64 {
    let times = text.split('Z').filter_map(|before| before.rsplit_once('T')).map(|(_, time)| time);
    length(text) + times.map(missing_digits).sum::<u64>()
}

/// How many digits of the second a time of day lacks; none if it is no time of day.
fn missing_digits(time: &str) -> u64 {
    let (clock, fraction) = time.split_once('.').unwrap_or((time, ""));
    let is_clock = clock.len() == 8 && clock.chars().all(|it| it.is_ascii_digit() || it == ':');
    if !is_clock || !fraction.chars().all(|it| it.is_ascii_digit()) {
        return 0;
    }
    let point = u64::from(fraction.is_empty());
    point + length(fraction).max(1).next_multiple_of(3) - length(fraction)
}

/// The raw bytes, not their base64.
fn binary(base64: &str) -> u64 {
    STANDARD.decode(base64).map_or_else(|_| length(base64), |bytes| bytes.len() as u64)
}

/// One byte for two significant digits, and one more. The documentation says "approximately": half a pair is counted as a
/// whole one, and a minus sign as a byte.
fn number(text: &str) -> u64 {
    let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    // Ten digits and more are seconds or milliseconds since 1970.
    let is_time = digits.len() >= 10 && !mantissa.contains('.');
    let digits = if is_time { digits.as_str() } else { digits.trim_end_matches('0') };
    let significant = digits.trim_start_matches('0').len() as u64;
    significant.div_ceil(2) + 1 + u64::from(mantissa.starts_with('-'))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn size(value: &Value) -> u64 {
        item(value.as_object().unwrap())
    }

    #[test]
    fn a_string_has_the_bytes_of_its_name_and_of_its_utf8_text() {
        assert_eq!(size(&json!({ "name": { "S": "mug" } })), 4 + 3);
        assert_eq!(size(&json!({ "ä": { "S": "€" } })), 2 + 3);
        assert_eq!(size(&json!({ "a": { "S": "" } })), 1);
    }

    #[test]
    fn a_number_has_a_byte_for_two_significant_digits_and_one_more() {
        for (text, expected) in [
            ("0", 1),
            ("1", 2),
            ("12", 2),
            ("123", 3),
            ("1200", 2),
            ("0.0012", 2),
            ("-12", 3),
            ("1764410958", 6),
            ("1764410000", 6),
            ("1.2e5", 2),
            ("12345678901234567890123456789012345678", 20),
        ] {
            assert_eq!(number(text), expected, "{text}");
        }
    }

    #[test]
    fn a_binary_value_counts_its_raw_bytes() {
        assert_eq!(size(&json!({ "b": { "B": "AAECAw==" } })), 1 + 4);
    }

    #[test]
    fn a_time_weighs_the_same_whatever_zeros_it_ends_in() {
        let sizes = ["10:15:00.123Z", "10:15:00.12Z", "10:15:00.1Z", "10:15:00Z"].map(|time| {
            let event = format!(r#"{{"time":"2026-11-29T{time}","total":"TEST:ZZ"}}"#);
            size(&json!({ "e": { "S": event } }))
        });
        assert_eq!(sizes, [1 + 53; 4]);
        assert_eq!(text_length("2026-11-29T10:15:00.123456Z"), 27);
    }

    #[test]
    fn null_and_booleans_are_one_byte() {
        assert_eq!(size(&json!({ "n": { "NULL": true }, "b": { "BOOL": false } })), 4);
    }

    #[test]
    fn a_list_or_map_has_three_bytes_and_one_for_each_element() {
        assert_eq!(size(&json!({ "l": { "L": [] }, "m": { "M": {} } })), 2 + 3 + 3);
        assert_eq!(size(&json!({ "l": { "L": [{ "S": "ab" }, { "N": "7" }] } })), 1 + 3 + (1 + 2) + (1 + 2));
        assert_eq!(size(&json!({ "m": { "M": { "key": { "S": "ab" } } } })), 1 + 3 + 1 + 3 + 2);
        let nested = json!({ "m": { "M": { "l": { "L": [{ "BOOL": true }] } } } });
        assert_eq!(size(&nested), 1 + (3 + 1 + 1 + (3 + 1 + 1)));
    }

    #[test]
    fn a_set_is_the_sum_of_its_elements() {
        assert_eq!(size(&json!({ "s": { "SS": ["ab", "c"] }, "n": { "NS": ["1", "22"] } })), 1 + 3 + 1 + 4);
    }
}
