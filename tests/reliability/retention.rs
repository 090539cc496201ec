use tests::campaigns::retention;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_of_what_should_be_gone() {
    let figures = retention::run(&|line| eprintln!("{line}")).await.expect("the campaign runs");
    assert!(figures.found_before > 20, "the search finds what is there: {}", figures.found_before);
    assert_eq!(figures.markers, 0, "cargo xtask prove retention: {:#?}", figures.stories);
}
