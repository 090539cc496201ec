use tests::campaigns::clock;

#[tokio::test(flavor = "multi_thread")]
async fn no_clock_loses_anything_or_makes_time_run_backwards() {
    let cases = clock::cases();
    assert_eq!(cases.len(), 40, "every jump at every moment, the server's clock, summer time");
    let figures = clock::run(cases, &|line| eprintln!("{line}")).await.expect("the campaign runs");
    assert!(figures.is_clean(), "cargo xtask prove clock: {:#?}", figures.stories);
    assert_eq!(figures.cases, 40, "each case was run");
}
