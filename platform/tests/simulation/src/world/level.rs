//! The item of a sku, and the updates of it that inventory sends: their shipped expressions are carried out here.

use aws_sdk_dynamodb::types::{AttributeValue, Update};
use chassis::store::{Attributes, KEY};

/// The item of a sku; one that was never stocked has the version 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Level {
    /// Pieces that orders can reserve. Signed, so that a flaw can sell more than there is, and be noticed.
    pub available: i64,
    /// The number of its writes.
    pub version: i64,
}

impl Level {
    /// A sku of which so many pieces were stocked; without any it has no item.
    #[must_use]
    pub fn stocked(pieces: u32) -> Self {
        Self { available: pieces.into(), version: i64::from(pieces > 0) }
    }

    /// The pieces, if the sku was ever stocked.
    #[must_use]
    pub fn pieces(self) -> Option<u64> {
        (self.version > 0).then(|| u64::try_from(self.available).unwrap_or_default())
    }

    /// The item as a failed condition returns it.
    #[must_use]
    pub fn item(self) -> Option<Attributes> {
        let number = |value: i64| AttributeValue::N(value.to_string());
        let attributes = [("available", number(self.available)), ("version", number(self.version))];
        (self.version > 0).then(|| attributes.map(|(name, value)| (name.to_owned(), value)).into())
    }

    /// Whether the condition of an update holds; none for an expression that is not known here.
    #[must_use]
    pub fn allows(self, update: &Update) -> Option<bool> {
        let Some(condition) = update.condition_expression() else { return Some(true) };
        if condition == format!("attribute_not_exists({KEY})") {
            return Some(self.version == 0);
        }
        let [left, operator, right] = *condition.split(' ').collect::<Vec<_>>() else { return None };
        if self.version == 0 {
            return Some(false);
        }
        let (left, right) = (self.operand(left, update)?, self.operand(right, update)?);
        match operator {
            ">=" => Some(left >= right),
            "=" => Some(left == right),
            _ => None,
        }
    }

    /// The item after an update; none for an expression that is not known here, or names what the item does not have.
    #[must_use]
    pub fn after(self, update: &Update) -> Option<Self> {
        let mut after = self;
        for assignment in update.update_expression().strip_prefix("SET ")?.split(", ") {
            let (name, value) = assignment.split_once(" = ")?;
            let value = match *value.split(' ').collect::<Vec<_>>() {
                [value] => self.operand(value, update)?,
                [left, "+", right] => self.operand(left, update)? + self.operand(right, update)?,
                [left, "-", right] => self.operand(left, update)? - self.operand(right, update)?,
                _ => return None,
            };
            match name {
                "available" => after.available = value,
                "version" => after.version = value,
                _ => return None,
            }
        }
        Some(after)
    }

    fn operand(self, name: &str, update: &Update) -> Option<i64> {
        match name {
            "available" if self.version > 0 => Some(self.available),
            "version" if self.version > 0 => Some(self.version),
            _ => update.expression_attribute_values()?.get(name)?.as_n().ok()?.parse().ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use inventory::domain::ids::Sku;
    use inventory::domain::stock::Movement;
    use inventory::outbound::level::moved;

    use super::*;

    fn update(pieces: u64, movement: Movement) -> Update {
        moved("stock", &Sku::trusted("MUG"), pieces, movement).unwrap()
    }

    #[test]
    fn the_shipped_updates_are_carried_out() {
        let (three, none) = (Level { available: 3, version: 7 }, Level::stocked(0));
        let (reserve, release) = (update(2, Movement::Reserve), update(2, Movement::Release));
        assert_eq!(
            (three.allows(&reserve), three.after(&reserve)),
            (Some(true), Some(Level { available: 1, version: 8 }))
        );
        assert_eq!(
            (three.allows(&release), three.after(&release)),
            (Some(true), Some(Level { available: 5, version: 8 }))
        );
        assert_eq!(three.allows(&update(4, Movement::Reserve)), Some(false));
        assert_eq!((none.allows(&reserve), none.after(&release)), (Some(false), None));
    }

    #[test]
    fn an_expression_that_is_not_known_is_not_passed_over() {
        let strange = |condition: &str, set: &str| {
            let update = Update::builder().table_name("stock").key(KEY, AttributeValue::S("MUG".into()));
            let update = update.condition_expression(condition).update_expression(set).build().unwrap();
            (Level::stocked(1).allows(&update), Level::stocked(1).after(&update))
        };
        assert_eq!(strange("available <> :pieces", "REMOVE available"), (None, None));
        assert_eq!(strange("available >= :pieces", "SET available = :pieces"), (None, None));
    }
}
