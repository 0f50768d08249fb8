//! Which lines are shown: the story of one order, of some correlation ids, or everything.

use std::collections::BTreeSet;

use super::Line;

/// The field with what a client called its request.
pub(super) const CLIENTS: &str = "client_correlation_id";

/// Selects lines; selects all of them if it names neither an order nor a correlation id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// The order whose story is shown: lines that name it, and lines with a correlation id of such a line.
    pub order: Option<String>,
    /// Correlation ids whose lines are shown; those of the order are added as they are found.
    pub correlation_ids: BTreeSet<String>,
    /// Keeps the reads in an order's story, for programs.
    pub with_reads: bool,
}

impl Selection {
    /// Selects among more lines; remembers the correlation ids that belong to the order.
    ///
    /// Reads are not part of an order's story: a client that polls would fill it.
    pub fn select(&mut self, mut lines: Vec<Line>) -> Vec<Line> {
        if self.order.is_none() && self.correlation_ids.is_empty() {
            return lines;
        }
        if self.order.is_some() && !self.with_reads {
            lines.retain(|line| !line.is_read());
        }
        let about = lines.iter().filter(|line| self.names_the_order(line));
        let found: Vec<String> = about.filter_map(|line| line.field("correlation_id")).map(str::to_owned).collect();
        self.correlation_ids.extend(found);
        lines.into_iter().filter(|line| self.names_the_order(line) || self.is_correlated(line)).collect()
    }

    fn names_the_order(&self, line: &Line) -> bool {
        self.order.as_ref().is_some_and(|order| line.names(order))
    }

    /// What the client called its request is looked at only where no order's story is told: it may be called like an order.
    fn is_correlated(&self, line: &Line) -> bool {
        let is_called = |id: &String| self.order.is_none() && line.field(CLIENTS) == Some(id.as_str());
        self.correlation_ids.iter().any(|id| line.names(id) || is_called(id))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::line;
    use super::*;

    fn story() -> Selection {
        Selection { order: Some("ord_1".into()), ..Selection::default() }
    }

    fn messages(lines: &[Line]) -> Vec<&str> {
        lines.iter().map(|line| line.field("message").unwrap()).collect()
    }

    #[test]
    fn an_order_selects_every_correlated_line_and_no_other() {
        let lines = vec![
            line(r#"{"message":"before the order had an id","correlation_id":"cor-1"}"#),
            line(r#"{"message":"accepted","correlation_id":"cor-1","order_id":"ord_1"}"#),
            line(r#"{"message":"another","correlation_id":"cor-2","order_id":"ord_2"}"#),
        ];
        let mut selection = story();
        assert_eq!(messages(&selection.select(lines)), ["before the order had an id", "accepted"]);

        let later = selection.select(vec![line(r#"{"message":"charged","correlation_id":"cor-1"}"#)]);
        assert_eq!(later.len(), 1, "while following, a correlation id that was found stays selected");
    }

    #[test]
    fn what_a_client_calls_its_request_tells_no_orders_story() {
        let lines = vec![
            line(
                r#"{"message":"accepted","correlation_id":"cor-1","order_id":"ord_1","client_correlation_id":"trip"}"#,
            ),
            line(r#"{"message":"another","correlation_id":"cor-2","order_id":"ord_2","client_correlation_id":"trip"}"#),
            line(r#"{"message":"sly","correlation_id":"cor-3","order_id":"ord_3","client_correlation_id":"cor-1"}"#),
            line(r#"{"message":"slyer","correlation_id":"cor-4","order_id":"ord_4","client_correlation_id":"ord_1"}"#),
        ];
        assert_eq!(messages(&story().select(lines.clone())), ["accepted"]);
        let called = |id: &str| Selection { correlation_ids: [id.into()].into(), ..Selection::default() };
        assert_eq!(messages(&called("trip").select(lines)), ["accepted", "another"]);
    }

    #[test]
    fn the_demos_polling_is_not_in_an_orders_story() {
        let polled = r#"{"message":"request answered","method":"GET","path":"/v1/orders/ord_1","status":200,"order_id":"ord_1","correlation_id":"cor-poll"}"#;
        let lines = vec![
            line(r#"{"message":"accepted","correlation_id":"cor-1","order_id":"ord_1"}"#),
            line(polled),
            line(r#"{"message":"something of the polling request","correlation_id":"cor-poll"}"#),
            line(&polled.replace("200", "500")),
        ];
        let mut selection = story();
        let shown = selection.select(lines[..3].to_vec());
        assert_eq!(messages(&shown), ["accepted"], "neither the request nor what it logged");
        assert_eq!(messages(&selection.select(lines[3..].to_vec())), ["request answered"], "a failure is");

        let for_programs = Selection { with_reads: true, ..story() }.select(lines.clone());
        assert_eq!(for_programs.len(), 4, "programs see all of it");
        let everything = Selection::default().select(lines);
        assert_eq!(everything.len(), 4, "without an order, reads are shown");
    }
}
