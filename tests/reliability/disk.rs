use tests::campaigns::disk;

const SIZES: usize = 8;

#[test]
fn a_full_disk_is_told_and_costs_nothing_that_was_taken() {
    let figures = match disk::run(SIZES, &|line| eprintln!("{line}")).expect("the campaign runs") {
        Ok(figures) => figures,
        Err(disk::Unable(why)) => {
            eprintln!("SKIPPED: no small disk can be made here (it takes an administrator's rights): {why}");
            return;
        }
    };
    assert_eq!(figures.stories, [""; 0], "cargo xtask prove disk -- --sizes {SIZES}");
    assert_eq!((figures.sizes, figures.lost), (SIZES, 0), "nothing that was taken is gone");
    assert!(figures.too_small > 0, "one disk was too small for anything, and said so");
    assert!(figures.acked > 100, "the others took something first: {figures:?}");
}
