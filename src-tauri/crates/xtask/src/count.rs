//! Reading from a suite's output how many tests ran.

use anyhow::{Result, bail};

use crate::step::Counts;

/// Reasons on `#[ignore]` of tests that need the real window, or the routing servers of others, begin like this; they run in steps of
/// their own and are not "skipped" here.
pub const OWN_STEPS: [&str; 2] = ["in the real window", "against real engines"];

/// Sums the `test result:` lines of cargo's test harness.
pub fn cargo_tests(output: &str) -> Counts {
    let mut counts = Counts::default();
    for numbers in output.lines().filter_map(|line| Some(line.split_once("test result: ")?.1)) {
        counts.passed += before(numbers, " passed");
        counts.failed += before(numbers, " failed");
        counts.skipped += before(numbers, " ignored");
    }
    let elsewhere: usize =
        OWN_STEPS.iter().map(|reason| output.matches(&format!("... ignored, {reason}")).count()).sum();
    counts.skipped = counts.skipped.saturating_sub(elsewhere as u64);
    counts
}

/// Reads the closing comment lines (`# pass 3`) of node's TAP output.
pub fn tap(output: &str) -> Counts {
    let number = |name: &str| {
        let last = output
            .lines()
            .rev()
            .find_map(|line| line.strip_prefix("# ")?.strip_prefix(name)?.strip_prefix(' '));
        last.and_then(|text| text.trim().parse().ok()).unwrap_or(0)
    };
    Counts {
        passed: number("pass"),
        failed: number("fail") + number("cancelled"),
        skipped: number("skipped") + number("todo"),
    }
}

/// A suite in which nothing ran has proved nothing.
///
/// # Errors
/// When no test passed or failed.
pub fn assert_ran(suite: &str, counts: Counts) -> Result<()> {
    if counts.passed + counts.failed == 0 {
        bail!("{suite}: no test ran");
    }
    Ok(())
}

/// The number that stands before `word`, 0 when there is none.
fn before(text: &str, word: &str) -> u64 {
    let Some((left, _)) = text.split_once(word) else { return 0 };
    left.rsplit(|c: char| !c.is_ascii_digit()).next().and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_all_binaries_are_summed() {
        let output = "test a ... ok\n\
            test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s\n\
            test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.1s\n";
        assert_eq!(cargo_tests(output), Counts { passed: 15, failed: 2, skipped: 1 }, "two test binaries");
    }

    #[test]
    fn tests_of_a_step_of_their_own_are_not_skipped_tests() {
        let output = "test story ... ignored, in the real window: cargo xtask test\n\
            test osrm ... ignored, against real engines: cargo xtask test\n\
            test other ... ignored, takes an hour\n\
            test result: ok. 0 passed; 0 failed; 3 ignored; 0 measured; 0 filtered out\n";
        assert_eq!(cargo_tests(output).skipped, 1, "only the other one is skipped");
    }

    #[test]
    fn node_reports_by_tap() {
        let output = "TAP version 13\nok 1 - page\n1..1\n# tests 3\n# pass 2\n# fail 1\n# cancelled 0\n# skipped 0\n# todo 0\n";
        assert_eq!(tap(output), Counts { passed: 2, failed: 1, skipped: 0 }, "the closing comments");
    }

    #[test]
    fn an_empty_suite_fails() {
        assert!(assert_ran("UI", tap("")).is_err(), "no output means that nothing ran");
        assert!(assert_ran("UI", Counts { passed: 1, failed: 0, skipped: 0 }).is_ok(), "one test is a run");
    }
}
