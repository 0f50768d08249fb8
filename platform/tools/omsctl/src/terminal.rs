//! Output for people: tables, colours, ages and progress lines.

use std::fmt::Display;
use std::io::IsTerminal;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp, Unit};

/// A colour, by what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// A failure.
    Red,
    /// A success.
    Green,
    /// A warning.
    Yellow,
    /// A name.
    Cyan,
    /// A detail.
    Dim,
}

/// Colours text on a terminal, and leaves it plain in a pipe or with `NO_COLOR`.
#[derive(Debug, Clone, Copy)]
pub struct Paint {
    enabled: bool,
}

impl Paint {
    /// For text on standard output.
    #[must_use]
    pub fn stdout() -> Self {
        Self { enabled: std::io::stdout().is_terminal() && !colour_refused() }
    }

    /// For text on standard error.
    #[must_use]
    pub fn stderr() -> Self {
        Self { enabled: std::io::stderr().is_terminal() && !colour_refused() }
    }

    /// For text in a file: no colours.
    #[must_use]
    pub const fn none() -> Self {
        Self { enabled: false }
    }

    /// The text in that colour.
    #[must_use]
    pub fn paint(self, colour: Colour, text: impl Display) -> String {
        let code = match colour {
            Colour::Red => 31,
            Colour::Green => 32,
            Colour::Yellow => 33,
            Colour::Cyan => 36,
            Colour::Dim => 2,
        };
        if self.enabled { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_string() }
    }
}

fn colour_refused() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}

/// A progress line on standard error: what was done, and how long it took. Standard output has results only.
#[derive(Debug)]
pub struct Step {
    name: String,
    since: Instant,
}

impl Step {
    /// Starts the clock.
    #[must_use]
    pub fn begin(name: impl Into<String>) -> Self {
        Self { name: name.into(), since: Instant::now() }
    }

    /// Prints that it is done, with one word about the result.
    pub fn done(self, how: &str) {
        let paint = Paint::stderr();
        let took = paint.paint(Colour::Dim, seconds(self.since.elapsed()));
        eprintln!("{} {:<36} {how:<10} {took}", paint.paint(Colour::Green, "✓"), self.name);
    }

    /// Prints that it failed; the error itself follows later.
    pub fn failed(self) {
        let paint = Paint::stderr();
        let took = paint.paint(Colour::Dim, seconds(self.since.elapsed()));
        eprintln!("{} {:<36} {:<10} {took}", paint.paint(Colour::Red, "✗"), self.name, "failed");
    }
}

/// Prints a remark on standard error that is not a failure.
pub fn note(text: impl Display) {
    eprintln!("{} {text}", Paint::stderr().paint(Colour::Yellow, "·"));
}

fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

/// The time since `at`, in full seconds, such as `1m 15s`.
#[must_use]
pub fn age(at: Timestamp, now: Timestamp) -> String {
    let age = now.duration_since(at).max(SignedDuration::ZERO);
    format!("{:#}", age.round(Unit::Second).unwrap_or(age))
}

/// Columns as wide as their widest cell, two spaces apart.
#[must_use]
pub fn table<const N: usize>(header: [&str; N], rows: &[[String; N]]) -> String {
    let mut widths = header.map(|cell| cell.chars().count());
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |cells: Vec<&str>| {
        let padded: Vec<String> = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        padded.join("  ").trim_end().to_owned() + "\n"
    };
    let body = rows.iter().map(|row| line(row.iter().map(String::as_str).collect()));
    line(header.to_vec()) + &body.collect::<String>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_as_wide_as_its_widest_cell_and_the_last_one_is_not_padded() {
        let rows = [["orders".to_owned(), "5".to_owned()], ["a".to_owned(), "12345".to_owned()]];
        assert_eq!(table(["NAME", "SIZE"], &rows), "NAME    SIZE\norders  5\na       12345\n");
    }

    #[test]
    fn a_pipe_gets_no_escape_codes() {
        assert_eq!(Paint::none().paint(Colour::Red, "text"), "text");
    }
}
