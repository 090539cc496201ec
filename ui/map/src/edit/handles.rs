//! What can be gripped of the shape: its vertices, the middles of its edges, a circle's rim, a corridor's side.

use egui::{Pos2, vec2};

use super::draft::{Draft, Spot, Vertex};
use crate::projection::{Viewport, WorldPos};

/// A handle is gripped within this distance.
const REACH_PT: f32 = 9.0;
/// Vertices closer together than this on the screen share a handle.
const THIN_PT: f32 = 10.0;
/// A shorter edge has no handle in its middle.
const MIDDLE_FROM_PT: f32 = 34.0;
/// Handles a little off the edge can still be seen in part.
const MARGIN_PT: f32 = 8.0;

/// What a handle moves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Knob {
    Vertex(Spot),
    /// The middle of an edge: a new vertex in front of this spot.
    Middle(Spot),
    Center,
    Radius,
    Width,
}

/// A handle on the screen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Handle {
    pub knob: Knob,
    pub pos: Pos2,
}

/// The handles in view; those of `keep` (the selected vertex) whatever is around it.
pub(crate) fn handles(draft: &Draft, view: &Viewport, keep: Option<Spot>) -> Vec<Handle> {
    match draft {
        Draft::Circle { center, radius_m } => {
            let pos = view.to_screen(center.world);
            let rim = pos + vec2((*radius_m as f32 * view.pt_per_metre(center.world)).max(0.0), 0.0);
            let center = Handle { knob: Knob::Center, pos };
            // On top of the middle it could not be gripped: the whole circle is smaller than a handle.
            let rim = if rim.x - pos.x < REACH_PT { pos + vec2(1.5 * REACH_PT, 0.0) } else { rim };
            vec![center, Handle { knob: Knob::Radius, pos: rim }]
        }
        Draft::Corridor { line, half_width_m } => {
            let mut found = along(line, Spot { area: 0, ring: 0, index: 0 }, false, view, keep);
            found.extend(side(line, *half_width_m, view).map(|pos| Handle { knob: Knob::Width, pos }));
            found
        }
        Draft::Areas(_) => {
            draft.paths().into_iter().flat_map(|(spot, path)| along(path, spot, true, view, keep)).collect()
        }
    }
}

/// The handle under the pointer: of several the nearest one; vertices before middles.
pub(crate) fn handle_at(handles: &[Handle], pos: Pos2) -> Option<Knob> {
    let rank = |knob: Knob| match knob {
        Knob::Vertex(_) | Knob::Center | Knob::Radius | Knob::Width => 0,
        Knob::Middle(_) => 1,
    };
    let near = handles.iter().filter(|handle| handle.pos.distance(pos) <= REACH_PT);
    let nearest = near.min_by(|a, b| {
        (rank(a.knob).cmp(&rank(b.knob))).then(a.pos.distance(pos).total_cmp(&b.pos.distance(pos)))
    });
    nearest.map(|handle| handle.knob)
}

fn along(path: &[Vertex], first: Spot, closed: bool, view: &Viewport, keep: Option<Spot>) -> Vec<Handle> {
    let window = view.window(MARGIN_PT);
    let spot = |index| Spot { index, ..first };
    let mut found: Vec<Handle> = Vec::new();
    let mut before: Option<Pos2> = None;
    for (index, vertex) in path.iter().enumerate() {
        if !window.contains(vertex.world) {
            before = None;
            continue;
        }
        let pos = view.to_screen(vertex.world);
        let crowded = before.is_some_and(|before| before.distance(pos) < THIN_PT);
        if !crowded || keep == Some(spot(index)) {
            found.push(Handle { knob: Knob::Vertex(spot(index)), pos });
            before = Some(pos);
        }
    }
    found.extend(
        middles(path, closed, view).map(|(index, pos)| Handle { knob: Knob::Middle(spot(index)), pos }),
    );
    found
}

/// Middles of the long edges in view, with where a vertex there would go.
fn middles<'a>(
    path: &'a [Vertex],
    closed: bool,
    view: &'a Viewport,
) -> impl Iterator<Item = (usize, Pos2)> + 'a {
    let window = view.window(MARGIN_PT);
    let edges = if closed { path.len() } else { path.len().saturating_sub(1) };
    (0..edges).filter_map(move |index| {
        let (from, to) = (path[index].world, path[(index + 1) % path.len()].world);
        let long = view.to_screen(from).distance(view.to_screen(to)) >= MIDDLE_FROM_PT;
        let middle = WorldPos { x: (from.x + to.x) / 2.0, y: (from.y + to.y) / 2.0 };
        (long && window.contains(middle)).then(|| (index + 1, view.to_screen(middle)))
    })
}

/// Where a corridor's border is beside the middle of its longest edge in view.
fn side(line: &[Vertex], half_width_m: f64, view: &Viewport) -> Option<Pos2> {
    let edges = line.windows(2).map(|pair| (view.to_screen(pair[0].world), view.to_screen(pair[1].world)));
    let seen = edges.filter(|(from, to)| view.rect.contains(*from + (*to - *from) * 0.5));
    let (from, to) = seen.max_by(|a, b| a.0.distance(a.1).total_cmp(&b.0.distance(b.1)))?;
    let along = (to - from).normalized();
    let middle = from + (to - from) * 0.5;
    let reach_pt = half_width_m as f32 * view.pt_per_metre(view.to_world(middle));
    // Beside the handle in the edge's middle, not on it.
    Some(middle + vec2(-along.y, along.x) * reach_pt.max(1.6 * REACH_PT))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::LonLat;
    use domain::place::{FenceShape, PolygonArea};
    use egui::Rect;

    fn view(zoom: f64) -> Viewport {
        let center = WorldPos::of(LonLat::new(7.42, 43.73).expect("coordinate"));
        Viewport { rect: Rect::from_min_size(Pos2::ZERO, vec2(900.0, 600.0)), center, zoom }
    }

    fn round(corners: usize) -> Draft {
        let center = LonLat::new(7.42, 43.73).expect("coordinate");
        let corner = |n: usize| center.destination(n as f64 * 360.0 / corners as f64, 500.0);
        let area = PolygonArea { outer: (0..corners).map(corner).collect(), holes: Vec::new() };
        Draft::of(&FenceShape::Polygon { area })
    }

    #[test]
    fn thousands_of_vertices_do_not_become_thousands_of_handles() {
        let draft = round(5_000);
        assert!(handles(&draft, &view(14.0), None).len() < 120, "as many as can be told apart");
        let spot = Spot { area: 0, ring: 0, index: 7 };
        let kept = handles(&draft, &view(14.0), Some(spot));
        assert!(kept.iter().any(|handle| handle.knob == Knob::Vertex(spot)), "the selected one is there");
        let close =
            handles(&draft, &Viewport { center: WorldPos::of(corner_of(&draft)), ..view(19.0) }, None);
        assert!(close.len() < 300 && close.len() > 20, "closer in, those in view: {}", close.len());
    }

    fn corner_of(draft: &Draft) -> LonLat {
        draft.vertex(Spot { area: 0, ring: 0, index: 0 }).expect("a corner").at
    }

    #[test]
    fn a_vertex_is_gripped_before_the_middle_beside_it() {
        let draft = round(6);
        let found = handles(&draft, &view(13.0), None);
        let vertex = found.iter().find(|handle| matches!(handle.knob, Knob::Vertex(_))).expect("a vertex");
        assert_eq!(handle_at(&found, vertex.pos), Some(vertex.knob), "itself");
        assert_eq!(handle_at(&found, Pos2::new(-50.0, -50.0)), None, "nothing out there");
        let middles = found.iter().filter(|handle| matches!(handle.knob, Knob::Middle(_))).count();
        assert_eq!(middles, 6, "six edges");
    }
}
