//! The connection to AWS: region, credentials and endpoint from the environment, one HTTP client, one TLS provider.

use aws_config::{BehaviorVersion, SdkConfig, environment::EnvironmentVariableCredentialsProvider};
use aws_sdk_dynamodb::config::SharedHttpClient;
use aws_smithy_http_client::{Builder, tls::Provider, tls::rustls_provider::CryptoMode};

/// What every client of this process is made from. A function's credentials are always in its environment, so
/// the other providers, which cost start-up time, are not asked.
pub async fn connect() -> SdkConfig {
    aws_config::defaults(BehaviorVersion::latest())
        .http_client(http_client())
        .credentials_provider(EnvironmentVariableCredentialsProvider::new())
        .load()
        .await
}

/// The HTTP client of every AWS client.
pub fn http_client() -> SharedHttpClient {
    Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https()
}
