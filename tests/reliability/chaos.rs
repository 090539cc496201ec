use std::time::Duration;

use tests::campaigns::chaos::{self, Size};

const SEED: u64 = 20_261_123;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_doubled_or_different_after_a_storm() {
    let size =
        Size { desks: 4, people: 8, rounds: 2, events: 10_000, commands: 500, storm: Duration::from_secs(6) };
    let figures = chaos::run(size, SEED, &|line| eprintln!("{line}")).await.expect("the campaign runs");
    let replay = format!(
        "SEED={SEED} cargo xtask prove chaos -- --seed {SEED} --events 10000 --commands 500 --rounds 2"
    );
    assert!(figures.wrongs.is_empty(), "{replay}: {:#?}", figures.wrongs);
    assert_eq!(
        (figures.events, figures.commands),
        (10_000, 500),
        "all of it happened, and the field and the office had their part"
    );
    let dealt: u64 = figures.dealt.iter().map(|(_, count)| count).sum();
    assert!(dealt >= 50, "that was no storm: {:?}", figures.dealt);
}
