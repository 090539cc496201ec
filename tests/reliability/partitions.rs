use std::time::Duration;

use tests::campaigns::chaos::impatient;
use tests::campaigns::partitions::{self, Size};

const SEED: u64 = 20_261_124;

#[tokio::test(flavor = "multi_thread")]
async fn no_desk_stalls_after_a_partition() {
    let (longest, patience) = (Duration::from_secs(2), Duration::from_secs(120));
    let size = Size { desks: 6, each: 5, longest, patience, core: impatient() };
    let figures = partitions::run(size, SEED, &|line| eprintln!("{line}")).await.expect("the campaign runs");
    let replay = format!(
        "SEED={SEED} cargo xtask prove partitions -- --seed {SEED} --desks 6 --each 5 --longest-secs 2"
    );
    assert!(figures.wrongs.is_empty(), "{replay}: {:#?}", figures.wrongs);
    assert_eq!((figures.partitions, figures.wedged), (30, 0), "{replay}: {:#?}", figures.wrongs.stories);
    assert_eq!(figures.commands, 60, "two commands around each partition, or it was a partition of nothing");
}
