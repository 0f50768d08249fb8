//! The HTTP client for everything that is not an AWS API: the services' APIs and the emulator's pages.

use std::time::Duration;

use anyhow::Result;

/// A client that gives up after 30 seconds; it uses the TLS provider of the AWS clients.
///
/// # Errors
/// When the system's root certificates cannot be read.
pub fn client() -> Result<reqwest::Client> {
    install_tls_provider();
    Ok(reqwest::Client::builder().timeout(Duration::from_secs(30)).no_proxy().build()?)
}

fn install_tls_provider() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // An error means that another thread installed one meanwhile, which is as good.
        drop(rustls::crypto::ring::default_provider().install_default());
    }
}
