//! How large DynamoDB counts an item. Source: DynamoDB's developer guide, "DynamoDB item sizes and formats".

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

/// The bytes of an item: the names and the values of its attributes. A write costs a unit for each 1,024 begun.
#[must_use]
pub fn size(item: &HashMap<String, AttributeValue>) -> usize {
    item.iter().map(|(name, value)| name.len() + size_of_value(value)).sum()
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the rest are a boolean and a null; the SDK's type is open")]
fn size_of_value(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::S(text) => text.len(),
        AttributeValue::N(digits) => size_of_number(digits),
        AttributeValue::B(bytes) => bytes.as_ref().len(),
        AttributeValue::L(values) => 3 + values.iter().map(|value| 1 + size_of_value(value)).sum::<usize>(),
        AttributeValue::M(values) => 3 + values.len() + size(values),
        AttributeValue::Ss(texts) => texts.iter().map(String::len).sum(),
        AttributeValue::Ns(numbers) => numbers.iter().map(|digits| size_of_number(digits)).sum(),
        AttributeValue::Bs(all) => all.iter().map(|bytes| bytes.as_ref().len()).sum(),
        _ => 1,
    }
}

/// A byte for two significant digits, and one more; another for a sign.
fn size_of_number(digits: &str) -> usize {
    let significant = digits.trim_start_matches(['-', '0', '.']).trim_end_matches(['0', '.']);
    let count = significant.chars().filter(char::is_ascii_digit).count();
    count.div_ceil(2) + 1 + usize::from(digits.starts_with('-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_as_large_as_its_names_and_values() {
        let number = |digits: &str| AttributeValue::N(digits.to_owned());
        let text = |text: &str| AttributeValue::S(text.to_owned());
        for (value, bytes) in [
            (text("abc"), 3),
            (number("0"), 1),
            (number("7"), 2),
            (number("1764411330123000000"), 8),
            (number("-12"), 3),
            (AttributeValue::Bool(true), 1),
            (AttributeValue::L(vec![text("ab"), text("c")]), 8),
            (AttributeValue::M(HashMap::from([("ab".to_owned(), text("c"))])), 7),
        ] {
            assert_eq!(size(&HashMap::from([("name".to_owned(), value.clone())])), 4 + bytes, "{value:?}");
        }
    }
}
