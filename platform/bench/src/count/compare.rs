//! What differs between the lock and what was counted.

use std::collections::BTreeMap;

use omsctl::cost::lock::{Counts, Lock};
use omsctl::terminal::table;

/// One count that differs.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    place: [String; 4],
    locked: f64,
    counted: f64,
}

/// Compares every count of every path.
pub fn differences(locked: &Lock, counted: &Lock) -> Vec<Difference> {
    let (locked, counted) = (flat(locked), flat(counted));
    let mut places: Vec<&[String; 4]> = locked.keys().chain(counted.keys()).collect();
    places.sort();
    places.dedup();
    let value = |all: &BTreeMap<[String; 4], f64>, place: &[String; 4]| all.get(place).copied().unwrap_or_default();
    let difference = |place: &[String; 4]| Difference {
        place: place.clone(),
        locked: value(&locked, place),
        counted: value(&counted, place),
    };
    places.into_iter().map(difference).filter(|it| it.locked.to_bits() != it.counted.to_bits()).collect()
}

/// The differences for a person: what was raised comes first, since a reader must decide whether it is worth it.
pub fn report(differences: &[Difference]) -> String {
    let mut sorted: Vec<&Difference> = differences.iter().collect();
    sorted.sort_by_key(|it| it.counted <= it.locked);
    let row = |it: &&Difference| {
        let [path, lines, service, what] = it.place.clone();
        let change = if it.counted > it.locked { "raised" } else { "fell" };
        [change.to_owned(), path, lines, service, what, it.locked.to_string(), it.counted.to_string()]
    };
    table(["", "PATH", "LINES", "SERVICE", "COUNT", "LOCKED", "COUNTED"], &sorted.iter().map(row).collect::<Vec<_>>())
}

/// How many counts were raised.
pub fn raised(differences: &[Difference]) -> usize {
    differences.iter().filter(|it| it.counted > it.locked).count()
}

/// Every count by path, lines, service and its own name.
fn flat(lock: &Lock) -> BTreeMap<[String; 4], f64> {
    let mut all = BTreeMap::new();
    for (path, lines, service, counts) in lock.rows() {
        for (what, count) in named(counts) {
            all.insert([path.to_owned(), lines.to_owned(), service.to_owned(), what], count);
        }
    }
    all
}

#[expect(clippy::cast_precision_loss, reason = "a count of one order is far below 2^52")]
fn named(counts: &Counts) -> Vec<(String, f64)> {
    let mut all = vec![
        ("deliveries".to_owned(), counts.deliveries as f64),
        ("stream records".to_owned(), counts.stream_records as f64),
        ("log lines".to_owned(), counts.log_lines as f64),
        ("log bytes".to_owned(), counts.log_bytes as f64),
    ];
    let maps = [
        ("invocations", &counts.invocations),
        ("events", &counts.events),
        ("requests", &counts.requests),
        ("write units", &counts.write_units),
    ];
    for (kind, map) in maps {
        all.extend(map.iter().map(|(name, count)| (format!("{kind}, {name}"), *count as f64)));
    }
    all.extend(counts.read_units.iter().map(|(name, units)| (format!("read units, {name}"), units.as_f64())));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lock(deliveries: u64, orders: u64) -> Lock {
        let write_units = BTreeMap::from([("orders".to_owned(), orders)]);
        let counts = Counts { deliveries, write_units, ..Counts::default() };
        let services = BTreeMap::from([("orders".to_owned(), counts)]);
        let lines = BTreeMap::from([("1".to_owned(), services)]);
        Lock { paths: BTreeMap::from([("paid".to_owned(), lines)]), ..Lock::default() }
    }

    #[test]
    fn the_same_counts_do_not_differ() {
        assert!(differences(&lock(4, 12), &lock(4, 12)).is_empty());
    }

    #[test]
    fn what_was_raised_comes_before_what_fell_and_names_path_service_and_count() {
        let found = differences(&lock(4, 12), &lock(3, 13));
        assert_eq!(raised(&found), 1);
        let report = report(&found);
        let lines: Vec<&str> = report.lines().collect();
        assert!(lines[1].contains("raised") && lines[1].contains("write units, orders"), "{report}");
        assert!(lines[2].contains("fell") && lines[2].contains("deliveries"), "{report}");
    }

    #[test]
    fn a_path_that_the_lock_lacks_is_raised_from_nothing() {
        let found = differences(&Lock::default(), &lock(4, 12));
        assert_eq!(raised(&found), 2);
    }
}
