//! Why a tree cannot be read.

use std::io;
use std::path::PathBuf;

use contracts::declaration::DeclarationError;

use super::consumers::ConsumerError;

/// Why the tree cannot be read; each names the file.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// A file or folder is missing or cannot be read.
    #[error("{}: {source}", .path.display())]
    Unreadable {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is not JSON, or not of the expected shape.
    #[error("{}: {source}", .path.display())]
    NotJson {
        /// Where.
        path: PathBuf,
        /// What is wrong, with line and column.
        source: serde_json::Error,
    },
    /// A file whose name does not have the expected form.
    #[error("{}: the file name must be {wanted}", .path.display())]
    Misnamed {
        /// Where.
        path: PathBuf,
        /// The expected form.
        wanted: &'static str,
    },
    /// A declaration in the folder of another service.
    #[error("{}: `service` is {service}, but must be the name of the folder", .path.display())]
    WrongFolder {
        /// Where.
        path: PathBuf,
        /// The service that it declares.
        service: String,
    },
    /// The file of a consumer outside this repository breaks a rule.
    #[error("{}: {rule}", .path.display())]
    Consumer {
        /// Where.
        path: PathBuf,
        /// The rule, with the field.
        rule: ConsumerError,
    },
    /// A declaration that cannot be read.
    #[error("{}: {source}", .path.display())]
    Declaration {
        /// Where.
        path: PathBuf,
        /// What is wrong, with line and column.
        source: DeclarationError,
    },
}

impl TreeError {
    /// What the operator does next.
    #[must_use]
    pub fn next(&self) -> String {
        let (Self::Unreadable { path, .. }
        | Self::NotJson { path, .. }
        | Self::Misnamed { path, .. }
        | Self::WrongFolder { path, .. }
        | Self::Consumer { path, .. }
        | Self::Declaration { path, .. }) = self;
        if path.starts_with("contracts/schemas") || path.starts_with("contracts/samples") {
            return "run `just contracts`, which generates these files".to_owned();
        }
        if path.starts_with("contracts/golden") {
            return "run `just pin-events SERVICE` for the service that publishes the type".to_owned();
        }
        if path.starts_with("contracts/releases") {
            return format!("run `git checkout -- {}`: a released file never changes", path.display());
        }
        format!("correct {}, then run `just check-contracts`", path.display())
    }
}
