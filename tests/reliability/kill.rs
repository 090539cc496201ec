use std::process::Command;

use tests::campaigns::kill::{self, Size};

const SEED: u64 = 20_261_123;
/// What fits into half a minute of an unoptimised build.
const LOOPS: usize = 40;

#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_dispatcher_was_told_is_kept_survives_the_process() {
    let victim = || {
        let mut command = Command::new(std::env::current_exe().expect("this suite"));
        command.args(["--exact", "kill::victim", "--ignored", "--nocapture"]);
        command
    };
    let size = Size { loops: LOOPS, seed: SEED };
    let figures = kill::run(size, &victim, &|line| eprintln!("{line}")).await.expect("the campaign runs");
    let replay = format!("SEED={SEED} cargo xtask prove kill -- --seed {SEED} --loops {LOOPS}");
    assert!(figures.is_clean(), "{replay}: {figures:#?}");
    assert_eq!(figures.loops, LOOPS, "all of them were killed");
    assert!(figures.opened > LOOPS / 10, "enough of them had somebody at work: {figures:?}");
    assert!(figures.acked > LOOPS, "enough was promised: {figures:?}");
}

/// The process that is killed.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "is started, and killed, by the story above"]
async fn victim() {
    kill::live().await.expect("it lives until it is killed");
}
