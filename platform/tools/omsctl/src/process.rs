//! Child processes that never outlive the work that started them.
//!
//! Each child leads a process group of its own, which a terminal's Ctrl-C does not reach. Dropping the future that waits
//! for the child kills the whole group, so that an interrupted `cargo test` leaves no test binary behind.

use std::ffi::OsStr;
use std::fs::File;
use std::path::Path;
use std::process::{Output, Stdio};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, Command};
use tokio::signal::unix::{SignalKind, signal};

/// Does some work until it ends or a signal interrupts it. An interruption drops the work, and with it its processes.
///
/// # Errors
/// The work's, or one that names the signal.
pub(crate) async fn until_interrupted<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    let name = tokio::select! {
        outcome = work => return outcome,
        _ = interrupt.recv() => "Ctrl-C",
        _ = terminate.recv() => "SIGTERM",
        _ = hang_up.recv() => "SIGHUP",
    };
    bail!("{name} interrupted the command")
}

/// A command that runs in a folder of the checkout.
pub(crate) struct Process {
    command: Command,
    /// The command as a person would type it.
    line: String,
}

impl Process {
    pub(crate) fn new<I>(program: impl AsRef<OsStr>, arguments: I) -> Self
    where
        I: IntoIterator<Item: AsRef<OsStr>>,
    {
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).process_group(0);
        let words = std::iter::once(command.as_std().get_program()).chain(command.as_std().get_args());
        let line = words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ");
        Self { command, line }
    }

    pub(crate) fn folder(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// In the region that `AWS_REGION` names, as our own clients are. The AWS CLI and SAM may read `AWS_DEFAULT_REGION` alone.
    pub(crate) fn in_the_region(self) -> Self {
        match std::env::var_os("AWS_REGION") {
            Some(region) => self.env("AWS_DEFAULT_REGION", &region),
            None => self,
        }
    }

    pub(crate) fn env(mut self, name: &str, value: &OsStr) -> Self {
        self.command.env(name, value);
        self
    }

    /// Sends its standard output nowhere; its standard error stays.
    pub(crate) fn without_output(mut self) -> Self {
        self.command.stdout(Stdio::null());
        self
    }

    /// Sends all of its output to a file.
    pub(crate) fn output_to(mut self, file: &File) -> Result<Self> {
        self.command.stdout(file.try_clone()?).stderr(file.try_clone()?);
        Ok(self)
    }

    /// Waits until it ends.
    ///
    /// # Errors
    /// When it cannot start, or its exit status is not 0.
    pub(crate) async fn run(mut self) -> Result<()> {
        let child = self.command.spawn().with_context(|| format!("cannot run `{}`", self.line))?;
        let mut group = Group::of(child)?;
        let status = group.child.wait().await?;
        group.ended();
        if !status.success() {
            bail!("`{}` failed ({status})", self.line);
        }
        Ok(())
    }

    /// Waits until it ends; returns what it wrote to standard output and error.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub(crate) async fn output(self) -> Result<Output> {
        let line = self.line.clone();
        let output = self.ended().await?;
        if !output.status.success() {
            bail!("`{line}` failed ({}): {}", output.status, String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(output)
    }

    /// Waits until it ends, well or not; returns its exit status and what it wrote.
    ///
    /// # Errors
    /// When it cannot start.
    pub(crate) async fn ended(mut self) -> Result<Output> {
        let output = self.command.kill_on_drop(true).output().await;
        output.with_context(|| format!("cannot run `{}`", self.line))
    }
}

/// A child and its descendants, until it was waited for.
struct Group {
    child: Child,
    leader: Option<Pid>,
}

impl Group {
    fn of(child: Child) -> Result<Self> {
        let id = child.id().context("the process ended before it was waited for")?;
        Ok(Self { leader: Pid::from_raw(i32::try_from(id)?), child })
    }

    /// From now on the system may give its id to another process.
    fn ended(&mut self) {
        self.leader = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(leader) = self.leader {
            // An error means that the group has ended.
            kill_process_group(leader, Signal::KILL).ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn an_abandoned_process_dies_with_its_children() {
        let folder = tempfile::tempdir().unwrap();
        let script = "sleep 30 & echo $! > child; wait";
        let process = Process::new("sh", ["-c", script]).folder(folder.path());
        let waited = tokio::time::timeout(Duration::from_millis(500), process.run()).await;
        assert!(waited.is_err(), "the script waits for its child");

        let child = fs::read_to_string(folder.path().join("child")).unwrap();
        let state = || fs::read_to_string(format!("/proc/{}/stat", child.trim()));
        for _ in 0..100 {
            // A zombie is dead, too: only its new parent has not collected it yet.
            if state().map_or(true, |stat| stat.contains(") Z ")) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the child still runs: {:?}", state());
    }

    #[tokio::test]
    async fn a_failure_names_the_command() {
        let error = Process::new("sh", ["-c", "exit 3"]).run().await.unwrap_err();
        assert_eq!(error.to_string(), "`sh -c exit 3` failed (exit status: 3)");
    }
}
