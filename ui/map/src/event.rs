//! What the map tells its host.

use domain::LonLat;
use protocol::view::Subject;

/// Something the user did on the map.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MapEvent {
    /// A resource, task or place was clicked. The map does not select by itself: answer with `select`.
    Clicked(Subject),
    /// Nothing was there. Usually clears the selection.
    ClickedEmpty(LonLat),
    /// Secondary click or long touch; the host shows a menu.
    ContextMenu {
        /// What is there, if anything.
        subject: Option<Subject>,
        /// Where on earth.
        at: LonLat,
        /// Where on the canvas, in points from its top left corner: (x, y).
        pos_on_screen: (f32, f32),
    },
    /// In pick mode a place was clicked; pick mode stays on until the host ends it.
    PlacePicked(LonLat),
    /// In pick mode Escape was pressed.
    PickCanceled,
    /// Center or zoom changed (also by code); at most once per frame.
    Moved(MapView),
    /// The pointer is over something else than before.
    HoverChanged(Option<Subject>),
    /// The edit of a fence is different from what it was: read [`LiveMap::edit_state`](crate::LiveMap::edit_state). Once per frame.
    EditChanged,
    /// Enter was pressed while nothing was being drawn: the user has finished on the map.
    EditFinished,
    /// The pointer is over another fix of the evidence than before: its place in the list.
    EvidenceHovered(Option<usize>),
    /// Following began, changed or ended (panning and a dot that goes away end it).
    FollowChanged(Option<domain::ResourceId>),
}

/// What part of the earth is shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MapView {
    /// The middle.
    pub center: LonLat,
    /// Zoom where 0 shows the whole earth on 256 points.
    pub zoom: f64,
}

/// What to bring into view.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fit {
    /// All dots and tasks; without any, the base map's bounds.
    All,
    /// What is selected (with its route, if one is shown).
    Selection,
    /// West, south, east, north in degrees.
    Bounds([f64; 4]),
}
