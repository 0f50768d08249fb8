//! A process that is measured: its core, its CPU time, its memory.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::sys::signal::{Signal, kill};
use nix::time::{clock_getcpuclockid, clock_gettime};
use nix::unistd::Pid;

/// The cores that this process may use.
pub fn cores() -> Result<Vec<usize>> {
    let set = sched_getaffinity(Pid::from_raw(0))?;
    Ok((0..CpuSet::count()).filter(|core| set.is_set(*core).unwrap_or(false)).collect())
}

/// Keeps a process, and the threads that it starts from now on, to these cores; 0 is this thread.
pub fn pin(pid: u32, cores: &[usize]) -> Result<()> {
    let mut set = CpuSet::new();
    for core in cores {
        set.set(*core)?;
    }
    Ok(sched_setaffinity(process(pid)?, &set)?)
}

/// User and system time that a process has used, in nanoseconds' resolution; threads that ended count.
pub fn cpu_time(pid: u32) -> Result<Duration> {
    Ok(clock_gettime(clock_getcpuclockid(process(pid)?)?)?.into())
}

/// The memory that a process holds now, in bytes.
pub fn resident(pid: u32) -> Result<u64> {
    let status = std::fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("the process has ended")?;
    let Some(kilobytes) = line.trim().strip_suffix(" kB") else { bail!("VmRSS is not in kB: {line}") };
    Ok(kilobytes.parse::<u64>()? * 1024)
}

/// Asks a process to end.
pub fn terminate(pid: u32) -> Result<()> {
    Ok(kill(process(pid)?, Signal::SIGTERM)?)
}

fn process(pid: u32) -> Result<Pid> {
    Ok(Pid::from_raw(i32::try_from(pid)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_costs_cpu_time_and_waiting_does_not() {
        let me = std::process::id();
        let before = cpu_time(me).unwrap();
        let work = std::hint::black_box((0..20_000_000u64).fold(0, u64::wrapping_add));
        let after = cpu_time(me).unwrap();
        assert!(after > before, "{work}");
        assert!(resident(me).unwrap() > 100_000);
    }
}
