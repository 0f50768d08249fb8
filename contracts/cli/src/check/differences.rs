//! What differs from the last release, type by type.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::Date;

use super::comparable::NotComparable;
use super::integrity::{self, Published};
use super::rule::{Problem, Rule};
use super::{CheckError, deprecation};
use crate::compare::{self, Change, What, events};
use crate::judge::{Difference, Readers, Verdict, accepted, judge};
use crate::tree::Tree;

/// Every difference between the last release and a tree whose schemas can be compared, judged.
///
/// # Errors
/// [`NotComparable`] for a released schema.
pub fn all(
    tree: &Tree,
    published: &BTreeMap<String, Published>,
    today: Date,
) -> Result<Vec<Difference>, NotComparable> {
    let readers = Readers::new(&tree.declarations);
    let mut differences = Vec::new();
    for event_type in tree.schemas.keys().chain(published.keys().filter(|it| !tree.schemas.contains_key(*it))) {
        let changes = changes(event_type, published.get(event_type), tree, readers, today)?;
        differences.extend(changes.iter().map(|change| judged(event_type, change, tree, readers)));
    }
    Ok(differences)
}

/// Every difference between two releases that the check would have refused: the later one was not written by it.
///
/// # Errors
/// [`CheckError`] when a released file cannot be read or compared.
pub fn between_releases(root: &Path, tree: &Tree, problems: &[Problem]) -> Result<Vec<Problem>, CheckError> {
    let mut found = Vec::new();
    for (number, pair) in tree.releases.windows(2).enumerate() {
        let [before, after] = pair else { continue };
        let of = |until: usize| Tree { releases: tree.releases[..until].to_vec(), ..tree.clone() };
        let (mut then, now) = (of(number + 1), integrity::published(root, &of(number + 2), problems)?);
        let was = integrity::published(root, &then, problems)?;
        then.schemas = now.iter().map(|(event_type, it)| (event_type.clone(), it.schema.clone())).collect();
        then.samples = BTreeMap::new();
        then.golden = now.into_iter().map(|(event_type, it)| (event_type, it.golden)).collect();
        then.accepted.clone_from(&after.accepted);
        // a file that is missing or changed is a problem already
        then.schemas.retain(|event_type, _| was.contains_key(event_type) || !before.types.contains_key(event_type));
        let was = was
            .into_iter()
            .filter(|(event_type, _)| then.schemas.contains_key(event_type) || !after.types.contains_key(event_type));
        let today = after.released.parse().unwrap_or(Date::MIN);
        let path = Path::new(integrity::RELEASES).join(format!("{}.json", after.version));
        let differences = all(&then, &was.collect(), today).map_err(CheckError::NotComparable)?;
        for it in differences.into_iter().filter(|it| it.verdict == Verdict::Breaking) {
            let field = if it.field.is_empty() { "the type".to_owned() } else { it.field };
            let rule = Rule::ReleaseBreaks { field, what: it.what, before: before.version.to_string() };
            found.push(Problem::new(&path, it.event_type, rule));
        }
    }
    Ok(found)
}

/// A difference of golden events is compatible where a reason is recorded.
fn judged(event_type: &str, change: &Change, tree: &Tree, readers: Readers<'_>) -> Difference {
    let difference = judge(event_type, change, readers);
    let golden = matches!(change.what, What::Golden(_) | What::GoldenRemoved(_));
    let recorded = tree.accepted.iter().find(|it| golden && it.event_type == event_type && it.is_of(&change.at));
    match recorded {
        Some(recorded) => accepted(difference, &recorded.reason),
        None => difference,
    }
}

/// What differs in one type. The tree's schemas can be compared, so an error is about the released one.
fn changes(
    event_type: &str,
    old: Option<&Published>,
    tree: &Tree,
    readers: Readers<'_>,
    today: Date,
) -> Result<Vec<Change>, NotComparable> {
    let whole = |what| Ok(vec![Change::of_type(what)]);
    let (old, new) = match (old, tree.schemas.get(event_type)) {
        (Some(old), Some(new)) => (old, new),
        (Some(old), None) => return whole(removed(event_type, old, readers, today)),
        (None, Some(_)) if tree.released().is_some_and(|it| it.types.contains_key(event_type)) => return Ok(Vec::new()),
        (None, Some(_)) if tree.releases.iter().any(|it| it.types.contains_key(event_type)) => {
            return whole(What::TypeReturned);
        }
        (None, Some(_)) => return whole(What::NewType),
        (None, None) => return Ok(Vec::new()),
    };
    let released = |why| NotComparable { file: old.file.clone(), event_type: event_type.to_owned(), why };
    let mut changes = compare::compare(&old.schema, new).map_err(released)?;
    let samples: Vec<_> = tree.samples.get(event_type).into_iter().flatten().map(|it| it.event.clone()).collect();
    let golden = tree.golden.get(event_type).map(Vec::as_slice).unwrap_or_default();
    let of_samples = events::of_samples(&old.samples, &samples, &changes);
    let of_golden = events::of_golden(&old.golden, golden, &changes);
    changes.extend(of_golden.into_iter().chain(of_samples));
    Ok(changes)
}

/// A type may be removed when a release announced its sunset, the date has come, and no service consumes it.
fn removed(event_type: &str, old: &Published, readers: Readers<'_>, today: Date) -> What {
    match deprecation::announced(&old.schema) {
        None => What::TypeRemoved("no release has deprecated it".to_owned()),
        Some(sunset) if today < sunset => What::TypeRemoved(format!("its sunset is {sunset}")),
        Some(_) if !readers.of_type(event_type).is_empty() => {
            What::TypeRemoved("its sunset has passed, but services still consume it".to_owned())
        }
        Some(_) => What::Retired,
    }
}
