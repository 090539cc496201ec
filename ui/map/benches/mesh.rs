//! Time to build the marker mesh of 20,000 moving resources. The goal is 1 ms on a desktop machine.
//!
//! `cargo bench -p map --bench mesh`

use std::time::Instant;

use map::bench::MovingFleet;

const RESOURCES: u128 = 20_000;
const FRAMES: usize = 300;

#[expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark measures time and prints it"
)]
fn main() {
    let ids: Vec<_> = (0..RESOURCES).map(|n| uuid::Uuid::from_u128(n).into()).collect();
    let mut fleet = MovingFleet::new(&ids);
    let mut measure = |what: &str, step: &mut dyn FnMut(&mut MovingFleet) -> usize| {
        let mut times_us: Vec<f64> = Vec::with_capacity(FRAMES);
        let mut result = 0;
        for _ in 0..FRAMES {
            let begin = Instant::now();
            result = step(&mut fleet);
            times_us.push(begin.elapsed().as_secs_f64() * 1e6);
        }
        times_us.sort_by(f64::total_cmp);
        let at = |share: f64| times_us[((FRAMES - 1) as f64 * share) as usize];
        println!(
            "{what}: best {:.0} µs, median {:.0} µs, 95 % {:.0} µs ({result})",
            at(0.0),
            at(0.5),
            at(0.95)
        );
    };
    measure("apply a frame of 20,000 moved dots", &mut |fleet| {
        fleet.apply_frame();
        0
    });
    measure("mesh of 20,000 quads (vertices)", &mut |fleet| fleet.build_mesh());
    measure("mesh with clustering (vertices)", &mut |fleet| fleet.build_clustered());
}
