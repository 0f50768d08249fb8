//! What the emulator opens, only this machine can reach.

use std::fs;

use omsctl::emulator;
use omsctl::repository::Repository;

use crate::world::World;

/// The state of a socket that listens, as the kernel writes it.
const LISTENS: &str = "0A";

/// The local addresses on which a process listens, as the kernel writes them: bytes of each four from the last to the first.
fn listens(pid: i32) -> Vec<String> {
    let descriptors = fs::read_dir(format!("/proc/{pid}/fd")).unwrap().flatten();
    let links = descriptors.filter_map(|it| Some(fs::read_link(it.path()).ok()?.to_string_lossy().into_owned()));
    let inodes: Vec<String> =
        links.filter_map(|it| Some(it.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned())).collect();
    let tables =
        ["tcp", "tcp6"].map(|table| fs::read_to_string(format!("/proc/{pid}/net/{table}")).unwrap_or_default());
    let rows =
        tables.iter().flat_map(|table| table.lines().skip(1)).map(|row| row.split_whitespace().collect::<Vec<_>>());
    let listening = rows.filter(|row| row[3] == LISTENS && inodes.iter().any(|inode| inode == row[9]));
    listening.map(|row| row[1].split(':').next().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_emulator_listens_on_loopback_only() {
    let world = World::open().await;
    let port: u16 = world.client.system.endpoint.as_ref().unwrap().rsplit(':').next().unwrap().parse().unwrap();
    let running = emulator::running(&Repository::find().unwrap()).unwrap();
    let emulator = running.iter().find(|it| it.port == port).unwrap();
    let listens = listens(emulator.pid);
    assert!(!listens.is_empty());
    let loopback = ["0100007F", "00000000000000000000000001000000"];
    assert!(listens.iter().all(|address| loopback.contains(&address.as_str())), "{listens:?}");
}
