//! A phone that lies still is no news: the short run of `cargo xtask prove quiet`.

#[path = "quiet/campaign.rs"]
mod campaign;

#[test]
fn fifty_thousand_fixes_of_phones_that_lie_still() {
    let seed = 1;
    let outcome = campaign::run(seed, 50_000, |_| {});
    assert_eq!(outcome.fixes, 50_000, "all of them were looked at");
    assert_eq!(
        (outcome.false_transitions, outcome.missed),
        (0, 0),
        "SEED={seed}: cargo xtask prove quiet -- --seed {seed} --fixes 50000"
    );
}
