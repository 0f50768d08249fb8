//! The stage that is counted: a system of its own on this machine, started and stopped by the command.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, TcpListener};

use anyhow::{Result, ensure};
use omsctl::aws::Aws;
use omsctl::client::Client;
use omsctl::emulator::{self, Emulator};
use omsctl::repository::Repository;
use omsctl::system::System;
use omsctl::up;

use super::proxy::Proxy;

/// A running stage with the proxy in front of it.
#[derive(Debug)]
pub struct Stage {
    /// The AWS clients, past the proxy.
    pub aws: Aws,
    /// The APIs, with the demo users' tokens.
    pub client: Client,
    /// Where the functions' requests are counted.
    pub proxy: Proxy,
}

impl Stage {
    /// Starts an emulator on this port or the next free one, and everything on it. What an earlier run left is stopped first.
    ///
    /// # Errors
    /// When the emulator or a stack fails.
    pub async fn start(repository: &Repository, name: &str, port: u16) -> Result<Self> {
        stop(repository, name)?;
        let port = free_port(port)?;
        let upstream = format!("http://127.0.0.1:{port}");
        let proxy = Proxy::start(&upstream).await?;
        let options = up::Options {
            stage: name.to_owned(),
            port: Some(port),
            // Each function has an access key of its own only if policies are enforced.
            auth: true,
            functions_endpoint: Some(proxy.endpoint.clone()),
            ..up::Options::default()
        };
        let system = up::run(repository, &options).await?;
        ensure!(system.endpoint.as_ref() == Some(&upstream), "another program took port {port}; run the command again");
        let aws = system.connect().await;
        let client = Client::sign_in(repository, &aws, system).await?;
        Ok(Self { aws, client, proxy })
    }

    /// Service and role by the full name of each function.
    pub fn functions(&self) -> BTreeMap<String, (String, String)> {
        names(&self.client.system)
    }
}

fn names(system: &System) -> BTreeMap<String, (String, String)> {
    let of = |(service, it): (&String, &omsctl::system::Service)| {
        let named = |(role, name): (&String, &String)| (name.clone(), (service.clone(), role.clone()));
        it.functions.iter().map(named).collect::<Vec<_>>()
    };
    system.services.iter().flat_map(of).collect()
}

/// Stops the stage's emulator, if it runs.
///
/// # Errors
/// When it does not stop.
pub fn stop(repository: &Repository, name: &str) -> Result<()> {
    let _lock = repository.lock()?;
    let Some(known) = repository.stage(name)? else { return Ok(()) };
    match Emulator::find(repository, known.port)? {
        Some(emulator) => emulator.stop(repository),
        None => emulator::forget(repository, known.port),
    }
}

fn free_port(from: u16) -> Result<u16> {
    let free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
    let port = (from..from.saturating_add(50)).find(free);
    port.ok_or_else(|| anyhow::anyhow!("no port from {from} on is free; to choose another, use --port PORT"))
}
