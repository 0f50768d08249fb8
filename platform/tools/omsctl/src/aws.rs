//! The AWS clients: one configuration for all of them.

use std::error::Error as StdError;
use std::fmt::Display;

use anyhow::{Result, anyhow};
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_ssm::config::{Credentials, SharedCredentialsProvider};
use aws_sdk_ssm::error::{ProvideErrorMetadata, SdkError};

/// The region of every emulated stage.
pub const LOCAL_REGION: &str = "us-east-1";

/// Connects to AWS with the caller's profile, or to an emulator at `endpoint`.
pub async fn connect(endpoint: Option<&str>) -> Aws {
    let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(chassis::aws::http_client());
    if let Some(endpoint) = endpoint {
        loader = loader.endpoint_url(endpoint).region(Region::new(LOCAL_REGION)).credentials_provider(emulator_root());
    }
    Aws { config: loader.load().await }
}

/// Turns a failed AWS call into one line: the attempt, then the service's message and code, or why AWS did not answer.
pub trait AwsContext<T> {
    /// Adds the attempt, such as "cannot read the queue", to a failure.
    ///
    /// # Errors
    /// When the call failed.
    fn aws_context(self, attempt: impl Display) -> Result<T>;
}

impl<T, E> AwsContext<T> for Result<T, SdkError<E>>
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
{
    fn aws_context(self, attempt: impl Display) -> Result<T> {
        self.map_err(|error| match (error.code(), error.message()) {
            (Some(code), Some(message)) => anyhow!("{attempt}: {message} ({code})"),
            _ => anyhow!(error).context(attempt.to_string()),
        })
    }
}

/// The emulator's root key: it may do everything, even when the emulator enforces policies.
fn emulator_root() -> SharedCredentialsProvider {
    let key = Credentials::builder().access_key_id("test").secret_access_key("test").provider_name("emulator").build();
    SharedCredentialsProvider::new(key)
}

/// AWS clients that share one configuration and one connection pool.
#[derive(Debug, Clone)]
pub struct Aws {
    config: SdkConfig,
}

impl Aws {
    /// The region of the clients.
    #[must_use]
    pub fn region(&self) -> String {
        self.config.region().map_or_else(|| LOCAL_REGION.to_owned(), ToString::to_string)
    }

    /// CloudFormation: the stacks.
    #[must_use]
    pub fn cloudformation(&self) -> aws_sdk_cloudformation::Client {
        aws_sdk_cloudformation::Client::new(&self.config)
    }

    /// Cognito: the user pool.
    #[must_use]
    pub fn cognito(&self) -> aws_sdk_cognitoidentityprovider::Client {
        aws_sdk_cognitoidentityprovider::Client::new(&self.config)
    }

    /// DynamoDB: the services' tables.
    #[must_use]
    pub fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        aws_sdk_dynamodb::Client::new(&self.config)
    }

    /// EventBridge: the bus.
    #[must_use]
    pub fn eventbridge(&self) -> aws_sdk_eventbridge::Client {
        aws_sdk_eventbridge::Client::new(&self.config)
    }

    /// Lambda: the functions.
    #[must_use]
    pub fn lambda(&self) -> aws_sdk_lambda::Client {
        aws_sdk_lambda::Client::new(&self.config)
    }

    /// CloudWatch Logs: what the functions logged.
    #[must_use]
    pub fn logs(&self) -> aws_sdk_cloudwatchlogs::Client {
        aws_sdk_cloudwatchlogs::Client::new(&self.config)
    }

    /// SQS: consumer queues and dead-letter queues.
    #[must_use]
    pub fn sqs(&self) -> aws_sdk_sqs::Client {
        aws_sdk_sqs::Client::new(&self.config)
    }

    /// SSM: the parameters with which the platform and the services find each other.
    #[must_use]
    pub fn ssm(&self) -> aws_sdk_ssm::Client {
        aws_sdk_ssm::Client::new(&self.config)
    }
}
