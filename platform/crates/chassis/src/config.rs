//! Configuration from the environment, with errors that name the variable.

use std::str::FromStr;

/// Why the environment does not configure the process.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The variable is absent or empty.
    #[error("environment variable {0} is not set")]
    Missing(&'static str),
    /// The variable's text, and what it must be instead.
    #[error("environment variable {0} is `{1}`: {2}")]
    Invalid(&'static str, String, String),
}

/// The text of a variable that must be there.
///
/// # Errors
/// [`ConfigError::Missing`].
pub fn var(name: &'static str) -> Result<String, ConfigError> {
    optional(name).ok_or(ConfigError::Missing(name))
}

/// The text of a variable that may be absent; an empty one counts as absent.
#[expect(clippy::disallowed_methods, reason = "this is the rim at which the environment is read")]
pub fn optional(name: &'static str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// A variable that must be there and must parse.
///
/// # Errors
/// [`ConfigError`] with the variable's name and the parser's rule.
pub fn parse<T>(name: &'static str) -> Result<T, ConfigError>
where
    T: FromStr,
    T::Err: std::fmt::Display,
{
    let value = var(name)?;
    value.parse().map_err(|rule: T::Err| ConfigError::Invalid(name, value, rule.to_string()))
}

/// The role that the template's `Handler` names for this function.
///
/// # Errors
/// [`ConfigError`] when the role is absent, or unknown to `T`.
pub fn role<T>() -> Result<T, ConfigError>
where
    T: FromStr,
    T::Err: std::fmt::Display,
{
    parse("_HANDLER")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_variable_is_named() {
        let error = var("SURELY_NOT_SET").unwrap_err();
        assert_eq!(error.to_string(), "environment variable SURELY_NOT_SET is not set");
    }

    #[test]
    fn a_variable_that_does_not_parse_is_named_with_the_rule() {
        let error = parse::<u16>("PATH").unwrap_err();
        assert!(error.to_string().starts_with("environment variable PATH is `"), "{error}");
        assert!(error.to_string().ends_with("invalid digit found in string"), "{error}");
    }
}
