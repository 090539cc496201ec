use tests::campaigns::flip;

const SEED: u64 = 20_261_123;
const FLIPS: usize = 50;

#[test]
fn no_damage_goes_unnoticed() {
    let figures = flip::run(FLIPS, SEED, &|line| eprintln!("{line}")).expect("the campaign runs");
    let replay = format!("SEED={SEED} cargo xtask prove flip -- --seed {SEED} --flips {FLIPS}");
    assert_eq!(figures.silent, 0, "{replay}: {:#?}", figures.stories);
    assert_eq!(figures.flips, FLIPS, "all of them happened");
    assert!(
        figures.rescued > 5 && figures.set_aside > 5,
        "both databases were hit where it hurts: {figures:?}"
    );
    assert!(figures.kept > 0 && figures.lost > 0, "some commands were saved, some were not: {figures:?}");
}
