//! Whole numbers in JSON.
//!
//! JSON has no integers: `2`, `2.0` and `2e0` are one number, and JSON Schema calls each an `integer`
//! (JSON Schema Validation 2020-12, section 6.1.1). Beyond ±(2⁵³−1) two implementations may read one text as two numbers
//! (RFC 7493, section 2.2), so no event has such a number: the schemas say so, and a reader refuses it in a field that it
//! reads.

use serde_json::{Number, Value};

/// The largest whole number of an event, 2⁵³−1; the smallest is its negative.
pub(crate) const MAX_SAFE: u64 = (1 << 53) - 1;

/// Makes each whole number within ±(2⁵³−1) an integer, and every other number a float, which no integer field takes.
pub(crate) fn normalise(value: &mut Value) {
    match value {
        Value::Number(number) => {
            if let Some(normal) = normal(number) {
                *number = normal;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(normalise),
        Value::Object(fields) => fields.values_mut().for_each(normalise),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "whole numbers within 2⁵³ are exact in both types"
)]
fn normal(number: &Number) -> Option<Number> {
    let float = number.as_f64()?;
    let whole = float.fract() == 0.0 && float.abs() <= MAX_SAFE as f64;
    let exact = number.as_i64().is_none_or(|integer| integer.unsigned_abs() <= MAX_SAFE);
    if whole && exact { Some((float as i64).into()) } else { Number::from_f64(float) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_number_without_a_fraction_is_an_integer_however_it_is_written() {
        for (text, wanted) in [("2", 2), ("2.0", 2), ("2e0", 2), ("-3.0", -3), ("0.0", 0), ("-0.0", 0)] {
            let mut value: Value = serde_json::from_str(&format!(r#"{{"lines":[{text}]}}"#)).unwrap();
            normalise(&mut value);
            assert_eq!(value, json!({ "lines": [wanted] }), "{text}");
        }
    }

    #[test]
    fn a_number_that_is_not_exact_everywhere_is_no_integer() {
        for text in
            ["9007199254740992", "9007199254740993", "-9007199254740992", "18446744073709551616", "1e300", "2.5"]
        {
            let mut value: Value = serde_json::from_str(text).unwrap();
            normalise(&mut value);
            assert!(value.is_f64(), "{text}");
        }
        let mut largest: Value = serde_json::from_str("9007199254740991").unwrap();
        normalise(&mut largest);
        assert_eq!(largest, json!(9_007_199_254_740_991_u64));
    }
}
