//! A built binary becomes the `bootstrap.zip` that Lambda runs: the same bytes in, the same bytes out.

use std::fs::{self, File};
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::repository::Repository;

/// What stands in for the payment provider on an emulator.
pub const SANDBOX: &str = "sandbox-gateway";
/// What validates every event on the bus of a stage that is not for production.
pub const WATCHER: &str = "watcher";

/// The schema registry, which has no code.
pub const REGISTRY: &str = "contracts";

/// What is deployed and is no service, and where it is.
const BESIDE: [(&str, &str); 3] =
    [(SANDBOX, "platform/local/sandbox-gateway"), (WATCHER, "platform/watcher"), (REGISTRY, "contracts")];

/// Where a deployable project is, relative to the root: a service's folder, or that of what stands beside the services.
#[must_use]
pub fn folder(project: &str) -> String {
    let beside = BESIDE.iter().find(|(name, _)| *name == project);
    beside.map_or_else(|| format!("services/{project}"), |(_, folder)| (*folder).to_owned())
}

/// Everything that has a stack of its own on the platform: the services, and what stands beside them if it is there.
///
/// # Errors
/// When `services/` cannot be read.
pub fn deployable(repository: &Repository) -> Result<Vec<String>> {
    let mut all = repository.services()?;
    let beside = BESIDE.iter().filter(|(_, folder)| repository.path(folder).join("template.yaml").is_file());
    all.extend(beside.map(|(name, _)| (*name).to_owned()));
    Ok(all)
}

/// What of it is deployed with code.
///
/// # Errors
/// When `services/` cannot be read.
pub fn projects(repository: &Repository) -> Result<Vec<String>> {
    let mut projects = deployable(repository)?;
    projects.retain(|name| name != REGISTRY);
    Ok(projects)
}

/// Where a project's zip is: the template beside it names it as `build/bootstrap.zip`.
#[must_use]
pub fn zip_path(repository: &Repository, project: &str) -> PathBuf {
    repository.path(&folder(project)).join("build/bootstrap.zip")
}

/// How large a packaged binary is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packaged {
    /// The zip.
    pub zip: PathBuf,
    /// Bytes of the binary.
    pub binary_bytes: u64,
    /// Bytes of the zip: what is uploaded, and what a cold start loads.
    pub zip_bytes: u64,
}

/// Zips a binary as `bootstrap`.
///
/// # Errors
/// When the binary cannot be read or the zip cannot be written.
pub fn package(binary: &Path, zip: &Path) -> Result<Packaged> {
    let code =
        fs::read(binary).with_context(|| format!("there is no {}: build it first (just build)", binary.display()))?;
    let packed = bootstrap(&code)?;
    if let Some(folder) = zip.parent() {
        fs::create_dir_all(folder)?;
    }
    File::create(zip)?.write_all(&packed)?;
    Ok(Packaged { zip: zip.to_owned(), binary_bytes: code.len() as u64, zip_bytes: packed.len() as u64 })
}

/// The name under which a zip is uploaded: its content decides, so that an unchanged one changes no stack.
#[must_use]
pub fn key(project: &str, zip: &[u8]) -> String {
    format!("{project}/{}.zip", hex(&Sha256::digest(zip)))
}

/// Two digits a byte.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

fn bootstrap(code: &[u8]) -> Result<Vec<u8>> {
    let entry = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o755);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("bootstrap", entry)?;
    writer.write_all(code)?;
    Ok(writer.finish()?.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_binary_makes_the_same_zip() {
        let code = b"not really a program".repeat(100);
        assert_eq!(bootstrap(&code).unwrap(), bootstrap(&code).unwrap());
        assert_ne!(key("orders", &bootstrap(&code).unwrap()), key("orders", &bootstrap(b"other").unwrap()));
    }

    #[test]
    fn the_zip_holds_one_executable_named_bootstrap() {
        let folder = tempfile::tempdir().unwrap();
        let binary = folder.path().join("orders");
        fs::write(&binary, b"code").unwrap();

        let packaged = package(&binary, &folder.path().join("build/bootstrap.zip")).unwrap();

        let mut archive = zip::ZipArchive::new(File::open(packaged.zip).unwrap()).unwrap();
        assert_eq!(archive.len(), 1);
        let file = archive.by_name("bootstrap").unwrap();
        assert_eq!(file.unix_mode().unwrap() & 0o777, 0o755);
        assert_eq!((file.size(), packaged.binary_bytes), (4, 4));
    }

    #[test]
    fn a_binary_that_was_not_built_is_named() {
        let error = package(Path::new("/nowhere/orders"), Path::new("/nowhere/out.zip")).unwrap_err();
        assert!(error.to_string().contains("/nowhere/orders"));
    }
}
