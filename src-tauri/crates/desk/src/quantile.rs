//! Exact quantiles of small sets.

/// The value that so many per cent of the sorted values do not exceed (nearest rank); `None` of nothing.
pub fn nearest_rank(sorted: &[i64], percent: usize) -> Option<i64> {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_rank_is_a_value_that_was_there() {
        let ten: Vec<i64> = (1..=10).collect();
        assert_eq!(nearest_rank(&ten, 50), Some(5), "half of ten do not exceed the fifth");
        assert_eq!(nearest_rank(&ten, 90), Some(9), "nine of ten do not exceed the ninth");
        assert_eq!(nearest_rank(&ten, 100), Some(10), "all");
        assert_eq!(nearest_rank(&[7], 90), Some(7), "of one it is that one");
        assert_eq!(nearest_rank(&[1, 2, 3], 50), Some(2), "the one in the middle");
        assert_eq!(nearest_rank(&[], 50), None, "of nothing there is none");
    }
}
