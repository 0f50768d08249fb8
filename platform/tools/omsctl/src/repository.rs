//! This checkout: its folders, and the state that omsctl stores in `.oms/`, which git ignores.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// What omsctl remembers of a stage of this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalStage {
    /// The port of the emulator that hosts it.
    pub port: u16,
    /// The demo users' passwords, by user name; generated for this stage.
    pub passwords: BTreeMap<String, String>,
}

/// The root of this checkout.
#[derive(Debug, Clone)]
pub struct Repository {
    root: PathBuf,
}

impl Repository {
    /// Finds the root: the nearest folder, from the current one upwards, with a Justfile.
    ///
    /// # Errors
    /// When there is no such folder.
    pub fn find() -> Result<Self> {
        let here = std::env::current_dir()?;
        let root = here.ancestors().find(|folder| folder.join("Justfile").is_file());
        let root =
            root.context("no Justfile in this folder or above; change to the repository and run the command again")?;
        Ok(Self::at(root))
    }

    /// The checkout with this root.
    #[must_use]
    pub fn at(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// A path inside the checkout.
    #[must_use]
    pub fn path(&self, inside: &str) -> PathBuf {
        self.root.join(inside)
    }

    /// A path inside `.oms/`.
    #[must_use]
    pub fn oms(&self, name: &str) -> PathBuf {
        self.root.join(".oms").join(name)
    }

    /// The services: every folder of `services/` that has a template, in alphabetical order.
    ///
    /// # Errors
    /// When `services/` cannot be read.
    pub fn services(&self) -> Result<Vec<String>> {
        let folder = self.path("services");
        let mut names = Vec::new();
        for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
            let entry = entry?;
            if entry.path().join("template.yaml").is_file() {
                names.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
        names.sort();
        Ok(names)
    }

    /// The Python of the virtual environment in which the emulator is installed.
    ///
    /// # Errors
    /// When it does not exist; the message has the commands that create it.
    pub fn python(&self) -> Result<PathBuf> {
        let python = self.oms("venv/bin/python");
        if !python.is_file() {
            bail!(
                "the emulator is not installed. In the root of the repository, run:\n  \
                 python3 -m venv .oms/venv && .oms/venv/bin/pip install -r platform/local/requirements.txt"
            );
        }
        Ok(python)
    }

    /// Waits until no other omsctl starts or stops emulators; dropping the file releases the lock.
    ///
    /// # Errors
    /// When `.oms/` cannot be written.
    pub fn lock(&self) -> Result<File> {
        self.lock_file("lock")
    }

    /// Waits until no other omsctl changes the stage; dropping the file releases the lock.
    ///
    /// # Errors
    /// When `.oms/` cannot be written.
    pub fn lock_stage(&self, stage: &str) -> Result<File> {
        self.lock_file(&format!("lock-{stage}"))
    }

    /// The stored state of a local stage; `None` if there is none.
    ///
    /// # Errors
    /// When the file exists and cannot be parsed.
    pub fn stage(&self, stage: &str) -> Result<Option<LocalStage>> {
        read_json(&self.stage_file(stage))
    }

    /// Stores the state of a local stage in a file that only its owner can read, since it holds passwords.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn remember(&self, stage: &str, known: &LocalStage) -> Result<()> {
        write_private(&self.stage_file(stage), &serde_json::to_vec_pretty(known)?)
    }

    /// The local stages that an emulator hosts.
    ///
    /// # Errors
    /// When a stage's file cannot be parsed.
    pub fn stages_at(&self, port: u16) -> Result<Vec<String>> {
        let mut stages = Vec::new();
        for name in self.stage_names()? {
            if self.stage(&name)?.is_some_and(|known| known.port == port) {
                stages.push(name);
            }
        }
        Ok(stages)
    }

    /// Every local stage with a stored state, in alphabetical order.
    ///
    /// # Errors
    /// When `.oms/` cannot be read.
    pub fn stage_names(&self) -> Result<Vec<String>> {
        let entries = match fs::read_dir(self.oms("")) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error.into()),
        };
        let mut names = Vec::new();
        for entry in entries {
            let file = entry?.file_name().to_string_lossy().into_owned();
            names.extend(file.strip_prefix("stage-").and_then(|rest| rest.strip_suffix(".json")).map(str::to_owned));
        }
        names.sort();
        Ok(names)
    }

    /// Removes the stored state of a local stage.
    ///
    /// # Errors
    /// When its file exists and cannot be removed.
    pub fn forget(&self, stage: &str) -> Result<()> {
        remove(&self.stage_file(stage))
    }

    fn lock_file(&self, name: &str) -> Result<File> {
        fs::create_dir_all(self.root.join(".oms"))?;
        let lock = File::create(self.oms(name))?;
        lock.lock()?;
        Ok(lock)
    }

    fn stage_file(&self, stage: &str) -> PathBuf {
        self.oms(&format!("stage-{stage}.json"))
    }
}

/// Reads a JSON file; `None` if it does not exist.
///
/// # Errors
/// When it exists and cannot be read or parsed.
pub fn read_json<T: DeserializeOwned>(file: &Path) -> Result<Option<T>> {
    match fs::read(file) {
        Ok(bytes) => {
            Ok(Some(serde_json::from_slice(&bytes).with_context(|| format!("cannot parse {}", file.display()))?))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", file.display())),
    }
}

/// Writes a file that only its owner can read.
///
/// # Errors
/// When it cannot be written.
pub fn write_private(file: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut open = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(file)?;
    open.write_all(bytes)?;
    Ok(())
}

/// Removes a file if it exists.
///
/// # Errors
/// When it exists and cannot be removed.
pub fn remove(file: &Path) -> Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
        Ok(()) | Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_state_of_a_stage_is_a_file_that_only_its_owner_can_read() {
        let folder = tempfile::tempdir().unwrap();
        let repository = Repository::at(folder.path());
        let known = LocalStage { port: 4566, passwords: BTreeMap::from([("ada".to_owned(), "secret".to_owned())]) };

        repository.remember("local", &known).unwrap();

        assert_eq!(repository.stage("local").unwrap(), Some(known));
        assert_eq!(repository.stages_at(4566).unwrap(), ["local"]);
        assert!(repository.stages_at(4567).unwrap().is_empty());
        let mode = fs::metadata(repository.oms("stage-local.json")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn forgetting_an_unknown_stage_is_not_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let repository = Repository::at(folder.path());
        repository.forget("local").unwrap();
        assert_eq!(repository.stage("local").unwrap(), None);
        assert!(repository.stage_names().unwrap().is_empty());
    }

    #[test]
    fn a_service_is_a_folder_with_a_template() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["payments", "orders", "unfinished"] {
            fs::create_dir_all(folder.path().join("services").join(name)).unwrap();
        }
        for name in ["payments", "orders"] {
            fs::write(folder.path().join("services").join(name).join("template.yaml"), "").unwrap();
        }
        assert_eq!(Repository::at(folder.path()).services().unwrap(), ["orders", "payments"]);
    }
}
