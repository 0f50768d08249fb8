//! The emulator's process: how it is started, told from others, and signalled.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process_group};

use super::{log_name, name};
use crate::aws::LOCAL_REGION;
use crate::repository::Repository;

/// The emulator's Python module, and the part of a command line by which its process is recognised.
const MODULE: &str = "ministack";
/// Runs the module, with what this system changes of it.
const LAUNCHER: &str = include_str!("launcher.py");
/// Seconds after which the process of an idle function ends. Schedules come every minute: their functions stay.
const FUNCTION_IDLE_LIMIT: &str = "75";

/// Starts the emulator on a port, in a process group of its own.
pub(super) fn spawn(repository: &Repository, port: u16, auth: bool, functions: Option<&str>) -> Result<Child> {
    let scratch = repository.oms(&name(port));
    fs::create_dir_all(&scratch)?;
    let log = File::create(repository.oms(&log_name(port)))?;
    let inherited = ["PATH", "HOME"].into_iter().filter_map(|key| Some((key, std::env::var_os(key)?)));
    Command::new(repository.python()?)
        .args(["-c", LAUNCHER, MODULE])
        // Functions inherit the emulator's environment. They must find what AWS gives them and nothing else.
        .env_clear()
        .envs(inherited)
        .envs([
            ("AWS_ENDPOINT_URL", functions.map_or_else(|| format!("http://127.0.0.1:{port}"), str::to_owned)),
            ("AWS_REGION", LOCAL_REGION.to_owned()),
            ("AWS_DEFAULT_REGION", LOCAL_REGION.to_owned()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
            ("AUTH", auth.to_string()),
            ("BIND_HOST", "127.0.0.1".to_owned()),
            ("GATEWAY_PORT", port.to_string()),
            ("LAMBDA_EXECUTOR", "local".to_owned()),
            ("LAMBDA_WARM_TTL_SECONDS", FUNCTION_IDLE_LIMIT.to_owned()),
            // Listeners of services that no template uses.
            ("IOT_MTLS_ENABLED", "0".to_owned()),
            ("SFTP_ENABLED", "0".to_owned()),
        ])
        .env("TMPDIR", &scratch)
        .current_dir(&scratch)
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .process_group(0)
        .spawn()
        .context("cannot start the emulator")
}

/// Signals the emulator and its functions.
pub(super) fn signal(group: Pid, signal: Signal) -> Result<()> {
    match kill_process_group(group, signal) {
        Ok(()) | Err(rustix::io::Errno::SRCH) => Ok(()),
        Err(error) => Err(error).context("cannot stop the emulator"),
    }
}

/// Whether the process is an emulator. The system may have given its id to another program since.
pub(super) fn is_alive(pid: i32) -> bool {
    let command_line = fs::read(format!("/proc/{pid}/cmdline")).or_else(|_| {
        Command::new("ps").args(["-o", "command=", "-p", &pid.to_string()]).output().map(|output| output.stdout)
    });
    command_line.is_ok_and(|line| String::from_utf8_lossy(&line).contains(MODULE))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs Python that has the launcher's functions, without the emulator.
    fn with_the_launcher(program: &str) {
        let output = Command::new("python3").args(["-c", PRELUDE, LAUNCHER, program]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    const PRELUDE: &str =
        "import sys; names = {'__name__': 'launcher'}; exec(sys.argv[1], names); exec(sys.argv[2], names)";

    #[test]
    fn nothing_that_the_emulator_starts_listens_to_the_network() {
        with_the_launcher(
            "
import socket
sys.addaudithook(listen_on_loopback)
def bound(family, host):
    with socket.socket(family) as it:
        try:
            it.bind((host, 0))
        except PermissionError:
            return False
    return True
for host in ('0.0.0.0', '', socket.gethostname()):
    assert not bound(socket.AF_INET, host), host
assert not bound(socket.AF_INET6, '::')
assert bound(socket.AF_INET, '127.0.0.1') and bound(socket.AF_INET, 'localhost')",
        );
    }

    #[test]
    fn an_idle_functions_process_ends_also_if_it_is_the_functions_only_one() {
        with_the_launcher(
            "
import threading, types
def worker(idle, in_use=False):
    return types.SimpleNamespace(last_used=time.time() - idle, in_use=in_use)
only, surplus, recent, busy = worker(90), worker(80), worker(10), worker(90, in_use=True)
ended = []
pool = types.SimpleNamespace(_lock=threading.Lock(), _LOCAL_WORKER_TTL=75.0, kill_workers=ended.extend, reap_idle_workers=len,
    _workers={'orders': [only], 'payments': [busy, surplus, recent]})
end_idle_functions(pool)
assert pool.reap_idle_workers() == 2 and ended == [only, surplus], ended
assert pool._workers == {'orders': [], 'payments': [busy, recent]}, pool._workers",
        );
    }

    #[test]
    fn an_emulator_that_manages_its_functions_in_another_way_does_not_start() {
        with_the_launcher(
            "
import types
try:
    end_idle_functions(types.SimpleNamespace())
except AttributeError:
    pass
else:
    raise AssertionError('it would keep every process')",
        );
    }
}
