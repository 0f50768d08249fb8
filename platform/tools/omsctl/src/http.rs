//! The HTTP client for what is no AWS API: the services' own endpoints and the emulator's pages.

use std::time::Duration;

use anyhow::Result;

/// A client with a time limit; TLS goes through the same provider as the AWS clients'.
///
/// # Errors
/// When the system's root certificates cannot be read.
pub fn client() -> Result<reqwest::Client> {
    install_tls_provider();
    Ok(reqwest::Client::builder().timeout(Duration::from_secs(30)).no_proxy().build()?)
}

fn install_tls_provider() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // An error says that another thread has installed one in between, which serves as well.
        drop(rustls::crypto::ring::default_provider().install_default());
    }
}
