//! The emulator of AWS on this machine: start it, find it again, stop it with all its child processes.

mod launch;

use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::Child;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal};
use serde::{Deserialize, Serialize};

use launch::{is_alive, signal, spawn};

use crate::http;
use crate::repository::{Repository, read_json, remove, write_private};
use crate::terminal::note;

/// The emulator's port unless `--port` names another.
pub const DEFAULT_PORT: u16 = 4566;

const PORTS_TRIED: u16 = 50;
const START_LIMIT: Duration = Duration::from_mins(1);
const STOP_LIMIT: Duration = Duration::from_secs(10);
/// How long one that runs already may take to answer; it may be busy.
const ANSWER_LIMIT: Duration = Duration::from_secs(15);

/// A running emulator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Emulator {
    /// The port on 127.0.0.1 where it serves every AWS API.
    pub port: u16,
    /// Whether it enforces IAM policies.
    pub auth: bool,
    /// Its process id; the functions' processes belong to the same process group.
    pub pid: i32,
}

impl Emulator {
    /// The base URL of every AWS API.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The emulator that this checkout runs on a port; `None` if it does not run.
    ///
    /// # Errors
    /// When its state file in `.oms/` cannot be read.
    pub fn find(repository: &Repository, port: u16) -> Result<Option<Self>> {
        let known: Option<Self> = read_json(&repository.oms(&state_name(port)))?;
        Ok(known.filter(|emulator| is_alive(emulator.pid)))
    }

    /// Reuses this checkout's emulator, or starts one on the port or the next free port. Its functions call AWS at the
    /// endpoint `functions`, or at the emulator itself.
    ///
    /// # Errors
    /// When the emulator is not installed, does not start (the message has its last lines of output), or runs but does not
    /// answer.
    pub async fn start(repository: &Repository, port: u16, auth: bool, functions: Option<&str>) -> Result<Self> {
        let free = match choose_port(port, |port| Self::find(repository, port), is_free)? {
            Choice::Running(emulator) if functions.is_some() => bail!(
                "the emulator on port {port} already runs, so its functions cannot get another endpoint; to stop it, run \
                 `just down --port {port}`",
                port = emulator.port,
            ),
            Choice::Running(emulator) if emulator.auth == auth => return emulator.that_answers().await,
            Choice::Running(emulator) => bail!(
                "the emulator on port {port} already runs, with IAM policies {}; to stop it, run `just down --port {port}`",
                if emulator.auth { "enforced" } else { "not enforced" },
                port = emulator.port,
            ),
            Choice::Free(free) => free,
        };
        if free != port {
            note(format!("another program uses port {port}; the emulator uses {free}"));
        }
        let child = spawn(repository, free, auth, functions)?;
        let emulator = Self { port: free, auth, pid: i32::try_from(child.id())? };
        write_private(&repository.oms(&state_name(free)), &serde_json::to_vec_pretty(&emulator)?)?;
        emulator.wait_until_ready(repository, child).await?;
        Ok(emulator)
    }

    /// Stops the emulator and its functions, and forgets the stages that it hosted.
    ///
    /// # Errors
    /// When the process cannot be signalled, or its files cannot be removed.
    pub fn stop(&self, repository: &Repository) -> Result<()> {
        let group = Pid::from_raw(self.pid).context("not a process id")?;
        signal(group, Signal::TERM)?;
        let deadline = Instant::now() + STOP_LIMIT;
        while is_alive(self.pid) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(50));
        }
        // A function can ignore the first signal; it must not outlive the emulator.
        signal(group, Signal::KILL)?;
        forget(repository, self.port)
    }

    /// A process that lives can still be one that hangs.
    async fn that_answers(self) -> Result<Self> {
        let ready = tokio::time::timeout(ANSWER_LIMIT, self.is_ready(&http::client()?)).await;
        if !ready.unwrap_or(false) {
            bail!(
                "the emulator on port {port} runs, but did not answer within {ANSWER_LIMIT:?}; to start it again without \
                 what it holds, run `just down --port {port}` and `just up`",
                port = self.port
            );
        }
        Ok(self)
    }

    async fn is_ready(&self, http: &reqwest::Client) -> bool {
        let answer = http.get(format!("{}/_ministack/ready", self.endpoint())).send().await;
        answer.is_ok_and(|response| response.status().is_success())
    }

    async fn wait_until_ready(&self, repository: &Repository, mut child: Child) -> Result<()> {
        let http = http::client()?;
        let deadline = Instant::now() + START_LIMIT;
        loop {
            if self.is_ready(&http).await {
                return Ok(());
            }
            if let Some(status) = child.try_wait()? {
                forget(repository, self.port)?;
                bail!("the emulator exited ({status}) before it was ready. {}", last_output(repository, self.port));
            }
            if Instant::now() > deadline {
                self.stop(repository)?;
                bail!("the emulator was not ready within {START_LIMIT:?}. {}", last_output(repository, self.port));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

/// Removes the files of an emulator that no longer runs, and forgets the stages that it hosted.
///
/// # Errors
/// When a file cannot be removed.
pub fn forget(repository: &Repository, port: u16) -> Result<()> {
    for stage in repository.stages_at(port)? {
        repository.forget(&stage)?;
    }
    let scratch = repository.oms(&name(port));
    if scratch.is_dir() {
        fs::remove_dir_all(scratch)?;
    }
    remove(&repository.oms(&state_name(port)))
}

/// Every emulator that this checkout runs, by port.
///
/// # Errors
/// When `.oms/` cannot be read.
pub fn running(repository: &Repository) -> Result<Vec<Emulator>> {
    let folder = repository.oms("");
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let file = entry?.file_name().to_string_lossy().into_owned();
        let port = file.strip_prefix("emulator-").and_then(|rest| rest.strip_suffix(".json"));
        if let Some(port) = port.and_then(|port| port.parse().ok()) {
            found.extend(Emulator::find(repository, port)?);
        }
    }
    found.sort_by_key(|emulator| emulator.port);
    Ok(found)
}

enum Choice {
    Running(Emulator),
    Free(u16),
}

fn choose_port(
    wanted: u16,
    ours: impl Fn(u16) -> Result<Option<Emulator>>,
    is_free: impl Fn(u16) -> bool,
) -> Result<Choice> {
    for port in wanted..wanted.saturating_add(PORTS_TRIED) {
        if let Some(emulator) = ours(port)? {
            return Ok(Choice::Running(emulator));
        }
        if is_free(port) {
            return Ok(Choice::Free(port));
        }
    }
    bail!("no port from {wanted} on is free; to choose another, run `just up --port PORT`")
}

fn is_free(port: u16) -> bool {
    let here = (Ipv4Addr::LOCALHOST, port);
    TcpStream::connect(here).is_err() && TcpListener::bind(here).is_ok()
}

/// The last lines of the emulator's log, and the command that shows all of it.
fn last_output(repository: &Repository, port: u16) -> String {
    let log = fs::read_to_string(repository.oms(&log_name(port))).unwrap_or_default();
    let lines: Vec<&str> = log.lines().collect();
    let last = lines[lines.len().saturating_sub(15)..].join("\n");
    format!("Its last output:\n{last}\nTo see all of it, run `cat .oms/{}`", log_name(port))
}

fn name(port: u16) -> String {
    format!("emulator-{port}")
}

fn state_name(port: u16) -> String {
    format!("emulator-{port}.json")
}

fn log_name(port: u16) -> String {
    format!("emulator-{port}.log")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn emulator(port: u16) -> Emulator {
        Emulator { port, auth: false, pid: 1 }
    }

    #[test]
    fn a_port_that_another_program_uses_is_skipped() {
        let choice = choose_port(4566, |_| Ok(None), |port| port >= 4568).unwrap();
        assert!(matches!(choice, Choice::Free(4568)));
    }

    #[test]
    fn our_emulator_is_reused_even_if_it_uses_another_port() {
        let choice = choose_port(4566, |port| Ok((port == 4567).then(|| emulator(port))), |_| false).unwrap();
        assert!(matches!(choice, Choice::Running(Emulator { port: 4567, .. })));
    }

    #[test]
    fn without_a_free_port_the_error_names_the_option() {
        let Err(error) = choose_port(4566, |_| Ok(None), |_| false) else { panic!("no port is free") };
        assert!(error.to_string().contains("--port"));
    }

    #[test]
    fn a_port_that_someone_listens_on_is_not_free() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        assert!(!is_free(listener.local_addr().unwrap().port()));
    }

    #[tokio::test]
    async fn an_emulator_that_does_not_answer_is_an_error_that_names_the_commands() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let hung = emulator(listener.local_addr().unwrap().port());
        drop(listener);
        let error = hung.clone().that_answers().await.unwrap_err().to_string();
        assert!(error.contains(&format!("`just down --port {}` and `just up`", hung.port)), "{error}");
    }

    #[test]
    fn another_program_with_the_same_process_id_is_not_mistaken_for_the_emulator() {
        let folder = tempfile::tempdir().unwrap();
        let repository = Repository::at(folder.path());
        let stale = emulator(4566);
        write_private(&repository.oms(&state_name(4566)), &serde_json::to_vec(&stale).unwrap()).unwrap();
        assert_eq!(Emulator::find(&repository, 4566).unwrap(), None);
        assert!(running(&repository).unwrap().is_empty());
    }
}
