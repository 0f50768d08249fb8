//! The demo users: their accounts in the stage's user pool, and tokens for them.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use aws_sdk_cognitoidentityprovider::Client;
use aws_sdk_cognitoidentityprovider::error::ProvideErrorMetadata;
use aws_sdk_cognitoidentityprovider::operation::admin_get_user::AdminGetUserError;
use aws_sdk_cognitoidentityprovider::types::{AttributeType, AuthFlowType, MessageActionType};
use serde::{Deserialize, Serialize};

use crate::aws::{Aws, AwsContext};
use crate::hash::hex;
use crate::repository::Repository;

/// The demo users and their groups: two customers, one operator, one member of support.
pub const DEMO: [(&str, Option<&str>); 4] =
    [("ada", None), ("bob", None), ("olga", Some("operator")), ("sam", Some("support"))];

/// The user pool that issues the tokens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Identity {
    /// The issuer in every token.
    pub issuer: String,
    /// The user pool's id.
    pub pool_id: String,
    /// The audience in every ID token.
    pub client_id: String,
}

/// A user of the pool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// The token's subject, which the services use as the customer's id.
    pub customer_id: String,
    /// The address by which the user signs in.
    pub email: String,
    /// The groups in the user's tokens.
    pub groups: Vec<String>,
    /// An ID token, if the caller asked for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

/// The tokens of one sign-in, valid for one hour.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// The ID token, which the services' APIs want as `Authorization: Bearer`.
    pub id: String,
    /// The access token.
    pub access: String,
}

/// Creates the demo users or resets their passwords; returns the passwords by user name.
///
/// # Errors
/// When the pool refuses.
pub async fn create(
    aws: &Aws,
    identity: &Identity,
    known: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>> {
    let cognito = aws.cognito();
    let mut passwords = BTreeMap::new();
    for (name, group) in DEMO {
        let password = known.get(name).cloned().map_or_else(password, Ok)?;
        create_one(&cognito, &identity.pool_id, name, &password, group).await?;
        passwords.insert(name.to_owned(), password);
    }
    Ok(passwords)
}

/// The demo users that exist in the pool, by name.
///
/// # Errors
/// When the pool does not answer.
pub async fn known(aws: &Aws, identity: &Identity) -> Result<BTreeMap<String, User>> {
    let cognito = aws.cognito();
    let mut users = BTreeMap::new();
    for (name, group) in DEMO {
        let answer = match cognito.admin_get_user().user_pool_id(&identity.pool_id).username(email(name)).send().await {
            Ok(answer) => answer,
            Err(error) if error.as_service_error().is_some_and(AdminGetUserError::is_user_not_found_exception) => {
                continue;
            }
            Err(error) => return Err(error).aws_context(format!("cannot look up {name}")),
        };
        let subject = answer.user_attributes().iter().find(|attribute| attribute.name() == "sub");
        let customer_id = subject.and_then(AttributeType::value).context("the user pool gave no subject")?.to_owned();
        let groups = group.into_iter().map(str::to_owned).collect();
        users.insert(name.to_owned(), User { customer_id, email: email(name), groups, token: None });
    }
    Ok(users)
}

/// Signs in a demo user of a local stage.
///
/// # Errors
/// When the stage has no such user, or the pool refuses.
pub async fn sign_in(
    repository: &Repository,
    stage: &str,
    identity: &Identity,
    aws: &Aws,
    name: &str,
) -> Result<Tokens> {
    let passwords = repository.stage(stage)?.map(|known| known.passwords).unwrap_or_default();
    let Some(password) = passwords.get(name) else {
        let names: Vec<&str> = passwords.keys().map(String::as_str).collect();
        if names.is_empty() {
            bail!("stage {stage} has no demo users: sign in at its own user pool");
        }
        bail!("stage {stage} has no demo user {name}; run `just token USER` with one of: {}", names.join(", "));
    };
    authenticate(&aws.cognito(), &identity.client_id, &email(name), password).await
}

/// The e-mail address with which a demo user signs in.
#[must_use]
pub fn email(name: &str) -> String {
    format!("{name}@example.com")
}

async fn authenticate(cognito: &Client, client_id: &str, email: &str, password: &str) -> Result<Tokens> {
    let request = cognito.initiate_auth().auth_flow(AuthFlowType::UserPasswordAuth).client_id(client_id);
    let answer = request.auth_parameters("USERNAME", email).auth_parameters("PASSWORD", password).send().await;
    let result = answer.aws_context(format!("{email} cannot sign in"))?.authentication_result;
    let result = result.context("the user pool requires another sign-in step")?;
    Ok(Tokens {
        id: result.id_token.context("the user pool gave no id token")?,
        access: result.access_token.context("the user pool gave no access token")?,
    })
}

async fn create_one(cognito: &Client, pool: &str, name: &str, password: &str, group: Option<&str>) -> Result<()> {
    let address = email(name);
    let request = cognito.admin_create_user().user_pool_id(pool).username(&address);
    let request =
        request.user_attributes(attribute("email", &address)?).user_attributes(attribute("given_name", name)?);
    let request = request.user_attributes(attribute("email_verified", "true")?);
    match request.message_action(MessageActionType::Suppress).send().await {
        Ok(_) => {}
        Err(error) if error.code() == Some("UsernameExistsException") => {}
        Err(error) => return Err(error).aws_context(format!("cannot create the user {name}")),
    }
    let request = cognito.admin_set_user_password().user_pool_id(pool).username(&address).password(password);
    request.permanent(true).send().await.aws_context(format!("cannot set the password of {name}"))?;
    if let Some(group) = group {
        let request = cognito.admin_add_user_to_group().user_pool_id(pool).username(&address).group_name(group);
        request.send().await.aws_context(format!("cannot add {name} to the group {group}"))?;
    }
    Ok(())
}

fn attribute(name: &str, value: &str) -> Result<AttributeType> {
    Ok(AttributeType::builder().name(name).value(value).build()?)
}

/// A random password; its first four characters satisfy every rule about kinds of characters.
fn password() -> Result<String> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("the system gave no random bytes: {error}"))?;
    Ok(format!("Aa1-{}", hex(&bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_password_is_new_and_satisfies_the_pool() {
        let (one, other) = (password().unwrap(), password().unwrap());
        assert_ne!(one, other);
        assert_eq!(one.len(), 36);
        for kind in [char::is_uppercase, char::is_lowercase, char::is_numeric] {
            assert!(one.contains(kind), "{one}");
        }
    }
}
