//! The gateway's key, from Secrets Manager.

use aws_config::SdkConfig;
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::error::ProvideErrorMetadata;

use super::GatewayKey;

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum NoKey {
    /// Secrets Manager did not answer, or refused.
    #[error("the secret {name} cannot be read: {code}")]
    Unreadable {
        /// The secret.
        name: String,
        /// Secrets Manager's error code.
        code: String,
    },
    /// The secret has no text.
    #[error("the secret {0} is empty")]
    Empty(String),
}

/// Reads the key from the secret `name`, once: a new key needs a new process.
///
/// # Errors
/// [`NoKey`].
pub async fn gateway_key(aws: &SdkConfig, name: String) -> Result<GatewayKey, NoKey> {
    let answer = Client::new(aws).get_secret_value().secret_id(&name).send().await;
    // The error itself may hold the whole answer, so only its code goes on.
    let secret = answer.map_err(|error| {
        let code = error.code().unwrap_or("no answer").to_owned();
        NoKey::Unreadable { name: name.clone(), code }
    })?;
    let text = secret.secret_string.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    text.map(GatewayKey::new).ok_or(NoKey::Empty(name))
}
