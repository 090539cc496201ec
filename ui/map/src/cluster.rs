//! Groups dots that would cover each other, on a grid that is fixed to the world so that panning changes no group.

use crate::dots::DotRow;
use crate::palette::Marker;
use crate::projection::{Viewport, WorldBox, WorldPos};

/// Side of a grid cell in points at whole zoom steps.
const CELL_PT: f64 = 56.0;
/// So many dots in a cell become one bubble.
const MIN_MEMBERS: usize = 3;
/// Below this zoom a town is a few dozen points wide: always group.
const ALWAYS_BELOW_ZOOM: f64 = 12.0;
/// More visible dots than this are grouped at any zoom (a software renderer takes 12–18 µs per marker) …
const GROUP_ABOVE: usize = 1_500;
/// … until there are fewer than this; the gap keeps the map from flickering between the two.
const UNGROUP_BELOW: usize = 1_200;

/// A bubble.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Cluster {
    /// The middle of its members.
    pub at: WorldPos,
    pub count: usize,
    /// Whether somebody in it will be late.
    pub late: bool,
    /// Around its members.
    pub bounds: WorldBox,
}

/// Whether to group, given whether it is being done now.
pub(crate) fn wanted(zoom: f64, visible: usize, now: bool) -> bool {
    zoom < ALWAYS_BELOW_ZOOM || visible > if now { UNGROUP_BELOW } else { GROUP_ABOVE }
}

/// So much more than the viewport has to be looked at for bubbles at its edge to be complete.
pub(crate) const MARGIN_PT: f32 = 2.0 * CELL_PT as f32;

/// Splits `visible` (indices into `rows`) into bubbles and dots that stay on their own; `never` stays on its own anyway.
pub(crate) fn group(
    rows: &[DotRow],
    visible: &[u32],
    view: &Viewport,
    never: Option<usize>,
) -> (Vec<u32>, Vec<Cluster>) {
    let grid = Grid::of(view);
    let mut cells: Vec<Vec<u32>> = vec![Vec::new(); grid.columns * grid.rows];
    let mut singles = Vec::new();
    for n in visible {
        match grid.cell(rows[*n as usize].world) {
            Some(cell) if never != Some(*n as usize) => cells[cell].push(*n),
            Some(_) | None => singles.push(*n),
        }
    }
    let mut clusters = Vec::new();
    for members in cells {
        if members.len() < MIN_MEMBERS {
            singles.extend(members);
        } else {
            clusters.extend(Cluster::of(rows, &members));
        }
    }
    (singles, clusters)
}

impl Cluster {
    fn of(rows: &[DotRow], members: &[u32]) -> Option<Self> {
        let dots = || members.iter().map(|n| &rows[*n as usize]);
        let share = 1.0 / members.len() as f64;
        let (x, y) =
            dots().fold((0.0, 0.0), |(x, y), row| (x + row.world.x * share, y + row.world.y * share));
        Some(Self {
            at: WorldPos { x, y },
            count: members.len(),
            late: dots().any(|row| row.marker == Marker::Late),
            bounds: WorldBox::around(dots().map(|row| row.world))?,
        })
    }
}

/// Cells around the viewport; numbered from the world's corner.
struct Grid {
    first: (i64, i64),
    columns: usize,
    rows: usize,
    per_world: f64,
}

impl Grid {
    fn of(view: &Viewport) -> Self {
        let per_world = crate::projection::WORLD_SIDE_PT * view.zoom.floor().exp2() / CELL_PT;
        let window = view.window(MARGIN_PT);
        let cell = |v: f64| (v * per_world).floor() as i64;
        let (first, last) =
            ((cell(window.min.x), cell(window.min.y)), (cell(window.max.x), cell(window.max.y)));
        let count = |from: i64, to: i64| (to - from + 1).clamp(1, 1_000) as usize;
        Self { first, columns: count(first.0, last.0), rows: count(first.1, last.1), per_world }
    }

    fn cell(&self, at: WorldPos) -> Option<usize> {
        let column = usize::try_from((at.x * self.per_world).floor() as i64 - self.first.0).ok()?;
        let row = usize::try_from((at.y * self.per_world).floor() as i64 - self.first.1).ok()?;
        (column < self.columns && row < self.rows).then_some(row * self.columns + column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dots::Dots;
    use crate::dots::tests::{dot, frame};
    use domain::LonLat;
    use egui::{Rect, pos2, vec2};
    use proptest::prelude::*;
    use protocol::view::DotState;

    fn view(lon: f64, zoom: f64) -> Viewport {
        let center = WorldPos::of(LonLat::new(lon, 43.73).expect("coordinate"));
        Viewport { rect: Rect::from_min_size(pos2(0.0, 0.0), vec2(900.0, 600.0)), center, zoom }
    }

    fn many(n: u128, spread: f64) -> Dots {
        let mut dots = Dots::default();
        let place =
            |n: u128| dot(n, 7.42 + (n % 7) as f64 * spread, 43.73 + (n / 7) as f64 * spread, DotState::Free);
        dots.apply(&frame(true, (0..n).map(place).collect(), vec![]));
        dots
    }

    #[test]
    fn a_depot_full_of_vans_is_one_bubble_and_the_selected_van_stays_out() {
        let dots = many(20, 1e-6);
        let visible: Vec<u32> = (0..20).collect();
        let (singles, clusters) = group(dots.rows(), &visible, &view(7.42, 11.0), Some(4));
        assert_eq!(singles, [4], "the selected one is drawn on its own");
        assert_eq!(clusters.len(), 1, "the others are one bubble");
        assert_eq!(clusters[0].count, 19, "which counts them");
    }

    #[test]
    fn a_late_member_shows_on_the_bubble() {
        let mut dots = many(5, 1e-6);
        dots.apply(&frame(false, vec![dot(3, 7.42, 43.73, DotState::Late)], vec![]));
        let (_, clusters) = group(dots.rows(), &[0, 1, 2, 3, 4], &view(7.42, 10.0), None);
        assert!(clusters[0].late, "lateness must not drown in a bubble");
    }

    #[test]
    fn the_step_between_grouped_and_single_does_not_flicker() {
        assert!(!wanted(14.0, 1_300, false), "1,300 dots on their own stay so");
        assert!(wanted(14.0, 1_300, true), "1,300 dots in bubbles stay so, too");
        assert!(wanted(14.0, 1_501, false), "1,501 are grouped");
        assert!(!wanted(14.0, 60, true), "sixty at street level are never bubbles");
        assert!(wanted(9.0, 2, false), "a whole country is always grouped");
    }

    proptest! {
        #[test]
        fn nobody_is_lost_or_counted_twice(n in 1u128..200, spread in 1e-6..5e-3, zoom in 8.0..16.0) {
            let dots = many(n, spread);
            let view = view(7.42, zoom);
            let visible: Vec<u32> = dots.visible(view.window(MARGIN_PT)).map(|n| n as u32).collect();
            let (singles, clusters) = group(dots.rows(), &visible, &view, None);
            let members: usize = clusters.iter().map(|cluster| cluster.count).sum();
            prop_assert_eq!(singles.len() + members, visible.len());
        }

        #[test]
        fn panning_changes_no_bubble_in_the_middle(shift in -0.002..0.002) {
            let dots = many(60, 3e-4);
            let counts = |view: Viewport| {
                let visible: Vec<u32> = dots.visible(view.window(MARGIN_PT)).map(|n| n as u32).collect();
                let (_, clusters) = group(dots.rows(), &visible, &view, None);
                let mut counts: Vec<usize> = clusters.iter().map(|cluster| cluster.count).collect();
                counts.sort_unstable();
                counts
            };
            prop_assert_eq!(counts(view(7.42, 11.0)), counts(view(7.42 + shift, 11.0)));
        }
    }
}
