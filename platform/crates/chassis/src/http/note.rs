//! What people write in a request for other people to read.

use super::Problem;

/// The longest note, in characters.
const MAX_NOTE: usize = 500;

/// A note of 1 to 500 characters, none of them a control character. Where a note is optional it is absent, not empty.
///
/// # Errors
/// 422 with the field.
pub fn note(pointer: &str, text: &str) -> Result<String, Problem> {
    let fits = (1..=MAX_NOTE).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    let rule = || format!("must be 1 to {MAX_NOTE} characters, none of them a control character");
    fits.then(|| text.to_owned()).ok_or_else(|| Problem::invalid().at(pointer, rule()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_says_something_and_not_too_much() {
        for good in ["x", "zwei Wörter", &"é".repeat(500)] {
            assert_eq!(note("/note", good).unwrap(), good);
        }
        for bad in ["", "two\nlines", &"x".repeat(501)] {
            assert_eq!(note("/note", bad).unwrap_err().errors()[0].pointer, "/note");
        }
    }
}
