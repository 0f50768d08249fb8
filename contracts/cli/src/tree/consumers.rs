//! The consumers outside this repository: `contracts/consumers/NAME.toml`.
//!
//! Such a file has the format of a service's declaration, without what concerns a publisher and with `contact`. The part
//! about events may be in a file that the consumer keeps, which `path` names.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use contracts::declaration::{Consumed, Declaration, DeclarationError, Field};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{Declared, TreeError, entries, text};

const FOLDER: &str = "contracts/consumers";

/// A rule of such a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConsumerError {
    /// Another name than the file's.
    #[error("`service` must be {0}, the name of the file (was {1})")]
    Name(String, String),
    /// A name that diagrams and links cannot hold.
    #[error("`service` must consist of a to z, 0 to 9 and - (was {0})")]
    Letters(String),
    /// A service of this repository.
    #[error("`service` must differ from the services of this repository (was {0})")]
    Taken(String),
    /// No way to reach the team.
    #[error("`contact` must be an e-mail address, or a URL that begins with https:// (was {0:?})")]
    Contact(String),
    /// Declared twice.
    #[error("`path` and `consumes` exclude each other: either their own file says what they read, or this one")]
    Twice,
    /// Declared nowhere.
    #[error("`consumes` must have at least one type; or `path` must name their own file, which has them")]
    Nothing,
    /// A path that differs from machine to machine.
    #[error("`path` must be relative to the root of this repository (was {0})")]
    Absolute(String),
    /// Their own file is not there.
    #[error("`path` must name a file that exists, for example in a checkout of their repository (was {0})")]
    Missing(String),
    /// Where nothing is kept.
    #[error("`url` says where the file of `path` comes from, so it needs `path`")]
    UrlAlone,
    /// An address that is not one.
    #[error("`url` must begin with https:// (was {0:?})")]
    Url(String),
}

/// What is known of a consumer outside this repository, apart from what it reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outside {
    /// An e-mail address or a URL that reaches its team.
    pub contact: String,
    /// Where the file comes from in which it declares what it reads, if it keeps one.
    pub url: Option<String>,
}

/// `contracts/consumers/NAME.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    service: String,
    contact: String,
    path: Option<String>,
    url: Option<String>,
    #[serde(default)]
    envelope: BTreeSet<Field>,
    #[serde(default)]
    envelope_if_present: BTreeSet<Field>,
    #[serde(default)]
    consumes: BTreeMap<String, Consumed>,
}

/// The file that a consumer keeps.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    service: String,
    #[serde(default)]
    envelope: BTreeSet<Field>,
    #[serde(default)]
    envelope_if_present: BTreeSet<Field>,
    consumes: BTreeMap<String, Consumed>,
}

/// Adds the consumers outside this repository to the declarations of its services.
pub(super) fn read(root: &Path, declarations: &mut BTreeMap<String, Declared>) -> Result<(), TreeError> {
    if !root.join(FOLDER).exists() {
        return Ok(());
    }
    for path in entries(root, Path::new(FOLDER))? {
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let file: File = parsed(root, &path)?;
        let broken = |rule| TreeError::Consumer { path: path.clone(), rule };
        check(&file, &path, root).map_err(broken)?;
        if declarations.contains_key(&file.service) {
            return Err(broken(ConsumerError::Taken(file.service)));
        }
        let declared = declared(root, path, file)?;
        declarations.insert(declared.declaration.service.clone(), declared);
    }
    Ok(())
}

fn check(file: &File, path: &Path, root: &Path) -> Result<(), ConsumerError> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let is_url = |text: &str| text.starts_with("https://");
    let is_letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if file.service != stem {
        return Err(ConsumerError::Name(stem.into_owned(), file.service.clone()));
    }
    if !file.service.chars().all(is_letter) {
        return Err(ConsumerError::Letters(file.service.clone()));
    }
    let plain = |c: char| c.is_ascii_graphic() && !"<>|`\"\\".contains(c);
    let is_mail = |text: &str| text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
    let is_contact = is_mail(&file.contact) || is_url(&file.contact) && file.contact.len() > "https://".len();
    if !is_contact || !file.contact.chars().all(plain) {
        return Err(ConsumerError::Contact(file.contact.clone()));
    }
    let declares = !(file.consumes.is_empty() && file.envelope.is_empty() && file.envelope_if_present.is_empty());
    match (&file.path, &file.url) {
        (Some(_), _) if declares => Err(ConsumerError::Twice),
        (None, _) if file.consumes.is_empty() => Err(ConsumerError::Nothing),
        (None, Some(_)) => Err(ConsumerError::UrlAlone),
        (Some(_), Some(url)) if !is_url(url) => Err(ConsumerError::Url(url.clone())),
        (Some(kept), _) => check_kept(kept, root),
        (None, None) => Ok(()),
    }
}

fn check_kept(kept: &str, root: &Path) -> Result<(), ConsumerError> {
    let is_relative = Path::new(kept).components().all(|it| matches!(it, Component::Normal(_) | Component::ParentDir));
    match (is_relative, root.join(kept).is_file()) {
        (false, _) => Err(ConsumerError::Absolute(kept.to_owned())),
        (true, false) => Err(ConsumerError::Missing(kept.to_owned())),
        (true, true) => Ok(()),
    }
}

/// What the file says, or the file that it names.
fn declared(root: &Path, path: PathBuf, file: File) -> Result<Declared, TreeError> {
    let File { service, contact, path: kept, url, envelope, envelope_if_present, consumes } = file;
    let kept = kept.map(PathBuf::from);
    let (path, Kept { service, envelope, envelope_if_present, consumes }) = match kept {
        None => (path, Kept { service, envelope, envelope_if_present, consumes }),
        Some(kept) => {
            let read: Kept = parsed(root, &kept)?;
            if read.service != service {
                let rule = ConsumerError::Name(service, read.service);
                return Err(TreeError::Consumer { path: kept, rule });
            }
            (kept, read)
        }
    };
    let declaration = Declaration {
        service,
        source: String::new(),
        produces: BTreeSet::new(),
        envelope,
        envelope_if_present,
        consumes,
    };
    Ok(Declared { path, declaration, outside: Some(Outside { contact, url }) })
}

fn parsed<T: DeserializeOwned>(root: &Path, path: &Path) -> Result<T, TreeError> {
    toml::from_str(&text(root, path)?).map_err(|error| TreeError::Declaration {
        path: path.to_owned(),
        source: DeclarationError::Shape(error.to_string().trim_end().to_owned()),
    })
}
