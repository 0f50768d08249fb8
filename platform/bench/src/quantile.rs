//! The one rule by which a share of measured values is told.

/// The value that so many of a hundred do not exceed: the nearest rank. `None` if nothing was measured.
#[must_use]
pub fn quantile(values: &[f64], percent: usize) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_the_nearest_rank() {
        let values: Vec<f64> = (1..=40).rev().map(f64::from).collect();
        assert_eq!([0, 50, 99, 100].map(|percent| quantile(&values, percent)), [1.0, 20.0, 40.0, 40.0].map(Some));
        assert_eq!(quantile(&[], 50), None);
    }
}
