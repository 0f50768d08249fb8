//! What a write does to the item of a sku, and on which condition.

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure::AllOld;
use aws_sdk_dynamodb::types::{AttributeValue, Update};
use chassis::store::KEY;

use crate::domain::adjustment::Adjustment;
use crate::domain::ids::Sku;
use crate::domain::stock::Movement;

/// Moves pieces. The condition, not what was known before, decides whether they are there. Pieces always come back.
///
/// # Errors
/// None that depends on the values.
pub fn moved(table: &str, sku: &Sku, pieces: u64, movement: Movement) -> Result<Update, BuildError> {
    let (sign, condition) = match movement {
        Movement::Reserve => ('-', Some("available >= :pieces".to_owned())),
        Movement::Release => ('+', None),
    };
    Update::builder()
        .table_name(table)
        .key(KEY, AttributeValue::S(sku.to_string()))
        .update_expression(format!("SET available = available {sign} :pieces, version = version + :one"))
        .set_condition_expression(condition)
        .return_values_on_condition_check_failure(AllOld)
        .expression_attribute_values(":pieces", number(pieces))
        .expression_attribute_values(":one", number(1))
        .build()
}

/// Sets the level that an adjustment leads to, if nobody wrote the stock since `read`, its version then: 0 if there was none.
///
/// # Errors
/// None that depends on the values.
pub fn adjusted(table: &str, adjustment: &Adjustment, read: u64) -> Result<Update, BuildError> {
    let update = Update::builder()
        .table_name(table)
        .key(KEY, AttributeValue::S(adjustment.request.sku.to_string()))
        .update_expression("SET available = :available, version = :next")
        .expression_attribute_values(":available", number(adjustment.level.available))
        .expression_attribute_values(":next", number(read + 1));
    let update = match read {
        0 => update.condition_expression("attribute_not_exists(pk)"),
        seen => update.condition_expression("version = :seen").expression_attribute_values(":seen", number(seen)),
    };
    update.build()
}

fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}
