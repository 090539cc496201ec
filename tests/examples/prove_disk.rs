//! `cargo xtask prove disk`: small disks of many sizes, filled until nothing fits.

#![expect(clippy::print_stdout, reason = "its report is what it is for")]

use clap::Parser;
use tests::campaigns::disk;

/// Fills small disks; each refusal has to say why, and nothing that was taken may be lost.
#[derive(Parser)]
struct Args {
    /// How many sizes.
    #[arg(long, default_value_t = 64)]
    sizes: usize,
}

fn main() -> anyhow::Result<()> {
    let Args { sizes } = Args::parse();
    let figures = match disk::run(sizes, &|line| eprintln!("{line}"))? {
        Ok(figures) => figures,
        Err(disk::Unable(why)) => anyhow::bail!("no small disk can be made here: {why}"),
    };
    figures.stories.iter().take(20).for_each(|story| eprintln!("{story}"));
    let kept = figures.lost == 0 && figures.stories.is_empty();
    if !kept {
        eprintln!("cargo xtask prove disk -- --sizes {sizes}");
    }
    println!("prove disk: sizes={} lost={}", figures.sizes, figures.lost);
    std::process::exit(i32::from(!kept));
}
