//! Which confirmation settings to propose for a fence, from what it would have said under several of them.

use protocol::wire::{ConfirmSettings, FenceCounts, WhatIfResponse};

/// What the server goes by unless told otherwise.
pub const USUAL: ConfirmSettings = ConfirmSettings {
    enter_confirm_secs: 30,
    leave_confirm_secs: 60,
    leave_margin_m: 25.0,
    dwell_secs: None,
};

/// What is tried, the least strict first: each stricter than the one before in at least one way.
pub fn candidates(now: ConfirmSettings) -> Vec<ConfirmSettings> {
    let of = |times: u32, margin: f64| ConfirmSettings {
        enter_confirm_secs: now.enter_confirm_secs.max(15) * times,
        leave_confirm_secs: now.leave_confirm_secs.max(15) * times,
        leave_margin_m: (now.leave_margin_m.max(10.0) * margin).round(),
        dwell_secs: now.dwell_secs,
    };
    vec![of(1, 2.0), of(2, 1.0), of(2, 2.0), of(4, 1.0), of(4, 2.0), of(6, 3.0)]
}

/// What came of trying.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Proposal {
    /// There is nothing to improve.
    NoFlaps,
    /// The least strict settings without flaps.
    Enough(ConfirmSettings, FenceCounts),
    /// None of those tried is without flaps; these have the fewest.
    Fewest(ConfirmSettings, FenceCounts),
    /// Stricter settings would also lose visits that were real.
    TooDear,
}

/// What to propose after trying settings, the least strict first. Settings that lose more entries than there were flaps lose real
/// visits and are never proposed.
pub fn propose(tried: &[(ConfirmSettings, WhatIfResponse)]) -> Proposal {
    let Some(now) = tried.first().map(|(_, answer)| answer.now) else { return Proposal::TooDear };
    if now.flaps == 0 {
        return Proposal::NoFlaps;
    }
    let real = now.entered.saturating_sub(now.flaps);
    let kept: Vec<&(ConfirmSettings, WhatIfResponse)> = tried
        .iter()
        .filter(|(_, answer)| answer.then.entered >= real && answer.then.flaps < now.flaps)
        .collect();
    if let Some((settings, answer)) = kept.iter().find(|(_, answer)| answer.then.flaps == 0) {
        return Proposal::Enough(*settings, answer.then);
    }
    match kept.iter().min_by_key(|(_, answer)| answer.then.flaps) {
        Some((settings, answer)) => Proposal::Fewest(*settings, answer.then),
        None => Proposal::TooDear,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tried(outcomes: &[(u32, u32)]) -> Vec<(ConfirmSettings, WhatIfResponse)> {
        let now = FenceCounts { entered: 20, left: 20, flaps: 8, ..FenceCounts::default() };
        let answer = |(entered, flaps): &(u32, u32)| WhatIfResponse {
            days: 7,
            resources: 3,
            fixes: 1_000,
            now,
            then: FenceCounts { entered: *entered, flaps: *flaps, ..now },
        };
        candidates(USUAL).into_iter().zip(outcomes.iter().map(answer)).collect()
    }

    #[test]
    fn the_least_strict_settings_without_flaps_are_proposed() {
        let runs = tried(&[(16, 4), (12, 0), (12, 0)]);
        let expected = Proposal::Enough(runs[1].0, runs[1].1.then);
        assert_eq!(propose(&runs), expected, "the second is enough, the third only stricter");
    }

    #[test]
    fn real_visits_are_worth_more_than_quiet() {
        let runs = tried(&[(16, 4), (11, 0)]);
        assert_eq!(
            propose(&runs),
            Proposal::Fewest(runs[0].0, runs[0].1.then),
            "one real visit would be lost"
        );
        assert_eq!(propose(&tried(&[(5, 0), (2, 0)])), Proposal::TooDear, "each of them loses visits");
        assert_eq!(propose(&tried(&[(20, 8)])), Proposal::TooDear, "and what changes nothing is no proposal");
    }

    #[test]
    fn a_quiet_fence_needs_nothing() {
        let mut runs = tried(&[(20, 0)]);
        runs[0].1.now.flaps = 0;
        assert_eq!(propose(&runs), Proposal::NoFlaps, "nothing flaps");
        assert_eq!(propose(&[]), Proposal::TooDear, "without a run there is no proposal");
    }

    #[test]
    fn each_candidate_is_stricter_than_what_is_in_force() {
        for settings in candidates(USUAL) {
            let stricter = settings.enter_confirm_secs > USUAL.enter_confirm_secs
                || settings.leave_margin_m > USUAL.leave_margin_m;
            assert!(stricter, "{settings:?} could not remove a flap");
            assert!(
                settings.enter_confirm_secs <= 3_600 && settings.leave_margin_m <= 1_000.0,
                "the server takes it"
            );
        }
    }
}
