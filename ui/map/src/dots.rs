//! The resources' last places, kept by frame and ready to be drawn.

use std::collections::{HashMap, HashSet};

use domain::ResourceId;
use egui::Vec2;
use protocol::view::{Dot, PositionFrame};

use crate::palette::Marker;
use crate::projection::{WorldBox, WorldPos};

/// All dots. Rows are dense so that culling runs over plain arrays.
#[derive(Default)]
pub(crate) struct Dots {
    rows: Vec<DotRow>,
    index: HashMap<ResourceId, usize>,
    filter: Option<HashSet<ResourceId>>,
}

/// A dot with what can be computed once.
#[derive(Clone, Copy)]
pub(crate) struct DotRow {
    pub world: WorldPos,
    /// Cosine and sine of the heading; (1, 0) without one.
    pub turn: Vec2,
    pub marker: Marker,
    /// Left out by the host's filter.
    pub hidden: bool,
    pub dot: Dot,
}

impl DotRow {
    fn of(dot: Dot, hidden: bool) -> Option<Self> {
        let world = WorldPos::of(dot.at()?);
        let marker = Marker::of_state(dot.state, dot.heading_deg.is_some());
        let turn = match dot.heading_deg {
            Some(degrees) if marker == Marker::EnRoute => Vec2::angled(f32::from(degrees).to_radians()),
            Some(_) | None => Vec2::RIGHT,
        };
        Some(Self { world, turn, marker, hidden, dot })
    }
}

impl Dots {
    /// Takes a frame in; `false` if nothing changed.
    pub(crate) fn apply(&mut self, frame: &PositionFrame) -> bool {
        let changed = frame.full || !frame.dots.is_empty() || !frame.gone.is_empty();
        if frame.full {
            self.rows.clear();
            self.index.clear();
        }
        for dot in &frame.dots {
            self.put(*dot);
        }
        // After the dots: a resource that moved and went private within one tick is gone.
        for resource in &frame.gone {
            self.remove(*resource);
        }
        changed
    }

    pub(crate) fn set_filter(&mut self, shown: Option<HashSet<ResourceId>>) {
        for row in &mut self.rows {
            row.hidden = shown.as_ref().is_some_and(|shown| !shown.contains(&row.dot.resource));
        }
        self.filter = shown;
    }

    pub(crate) fn rows(&self) -> &[DotRow] {
        &self.rows
    }

    /// The dot of a resource, also when it is filtered out.
    pub(crate) fn of(&self, resource: ResourceId) -> Option<&DotRow> {
        self.index.get(&resource).map(|n| &self.rows[*n])
    }

    pub(crate) fn place_in(&self, resource: ResourceId) -> Option<usize> {
        self.index.get(&resource).copied()
    }

    /// Indices of the shown dots in `window`.
    pub(crate) fn visible(&self, window: WorldBox) -> impl Iterator<Item = usize> + '_ {
        let inside = move |row: &DotRow| !row.hidden && window.contains(row.world);
        self.rows.iter().enumerate().filter(move |(_, row)| inside(row)).map(|(n, _)| n)
    }

    fn put(&mut self, dot: Dot) {
        let hidden = self.filter.as_ref().is_some_and(|shown| !shown.contains(&dot.resource));
        let Some(row) = DotRow::of(dot, hidden) else {
            // A coordinate that can't be on the earth: rather no dot than a wrong one.
            return self.remove(dot.resource);
        };
        match self.index.get(&dot.resource) {
            Some(n) => self.rows[*n] = row,
            None => {
                self.index.insert(dot.resource, self.rows.len());
                self.rows.push(row);
            }
        }
    }

    fn remove(&mut self, resource: ResourceId) {
        let Some(n) = self.index.remove(&resource) else { return };
        self.rows.swap_remove(n);
        if let Some(moved) = self.rows.get(n) {
            self.index.insert(moved.dot.resource, n);
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use domain::LonLat;
    use proptest::prelude::*;
    use protocol::view::DotState;

    pub(crate) fn resource(n: u128) -> ResourceId {
        uuid::Uuid::from_u128(n).into()
    }

    pub(crate) fn dot(n: u128, lon: f64, lat: f64, state: DotState) -> Dot {
        let (lon_e7, lat_e7) = Dot::fixed_point(LonLat::new(lon, lat).expect("coordinate"));
        let resource = resource(n);
        Dot { resource, lon_e7, lat_e7, accuracy_m: 8, heading_deg: Some(90), fix_ms: 0, state }
    }

    pub(crate) fn frame(full: bool, dots: Vec<Dot>, gone: Vec<ResourceId>) -> PositionFrame {
        PositionFrame { now_ms: 0, full, dots, gone }
    }

    #[test]
    fn who_goes_private_is_off_the_map_at_once_and_the_others_stay() {
        let mut dots = Dots::default();
        let three = (1..=3).map(|n| dot(n, 7.42, 43.73, DotState::Free)).collect();
        dots.apply(&frame(true, three, vec![]));
        dots.apply(&frame(false, vec![dot(1, 7.43, 43.74, DotState::Free)], vec![resource(1)]));
        assert!(dots.of(resource(1)).is_none(), "gone wins over a fix in the same frame");
        assert_eq!(dots.rows().len(), 2, "two are left");
        for n in 2..=3 {
            let row = dots.of(resource(n)).expect("still there");
            assert_eq!(row.dot.resource, resource(n), "the index still leads to the right dot");
        }
    }

    #[test]
    fn a_full_frame_replaces_everything() {
        let mut dots = Dots::default();
        dots.apply(&frame(true, vec![dot(1, 7.42, 43.73, DotState::Free)], vec![]));
        dots.apply(&frame(true, vec![dot(2, 7.42, 43.73, DotState::Free)], vec![]));
        assert!(dots.of(resource(1)).is_none(), "who is not in a full frame is not on the map");
        assert!(dots.of(resource(2)).is_some(), "who is in it, is");
    }

    #[test]
    fn a_filter_also_holds_for_who_comes_later() {
        let mut dots = Dots::default();
        dots.set_filter(Some([resource(1)].into()));
        let both = vec![dot(1, 7.42, 43.73, DotState::Free), dot(2, 7.42, 43.73, DotState::Free)];
        dots.apply(&frame(false, both, vec![]));
        let everywhere = WorldBox { min: WorldPos { x: 0.0, y: 0.0 }, max: WorldPos { x: 1.0, y: 1.0 } };
        assert_eq!(dots.visible(everywhere).count(), 1, "only who the list shows");
        dots.set_filter(None);
        assert_eq!(dots.visible(everywhere).count(), 2, "everybody again");
    }

    #[test]
    fn only_what_is_in_the_window_is_drawn() {
        let mut dots = Dots::default();
        let near = dot(1, 7.42, 43.73, DotState::Free);
        let far = dot(2, 10.75, 59.91, DotState::Free);
        dots.apply(&frame(true, vec![near, far], vec![]));
        let monaco = WorldBox::of_degrees([7.40, 43.72, 7.45, 43.75]).expect("box");
        let visible: Vec<_> = dots.visible(monaco).map(|n| dots.rows()[n].dot.resource).collect();
        assert_eq!(visible, [resource(1)], "Oslo is not drawn when Monaco is shown");
    }

    proptest! {
        #[test]
        fn any_sequence_of_frames_leaves_exactly_the_last_word(ops in prop::collection::vec((0u128..12, any::<bool>()), 0..60)) {
            let mut dots = Dots::default();
            let mut expected = HashSet::new();
            for (n, comes) in ops {
                if comes {
                    dots.apply(&frame(false, vec![dot(n, 7.42, 43.73, DotState::Working)], vec![]));
                    expected.insert(resource(n));
                } else {
                    dots.apply(&frame(false, vec![], vec![resource(n)]));
                    expected.remove(&resource(n));
                }
            }
            let there: HashSet<_> = dots.rows().iter().map(|row| row.dot.resource).collect();
            prop_assert_eq!(&there, &expected);
            prop_assert!(expected.iter().all(|id| dots.of(*id).is_some_and(|row| row.dot.resource == *id)));
        }
    }
}
