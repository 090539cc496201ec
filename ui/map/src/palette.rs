//! Colours and shapes of everything drawn on the map, and the legend that tells what they mean.
//!
//! The state colours are Okabe and Ito's palette, made for all common kinds of colour blindness (bluish green, blue, orange,
//! vermillion, reddish purple, plus grey), darkened or lightened per theme. Colour never stands alone: every state has its
//! own shape. Every marker has an outline that stands out from the base map by at least 3 : 1 where its fill does not
//! (WCAG 2.2, 1.4.11), and texts reach 4.5 : 1; tests check both.

use domain::place::FenceColor;
use egui::Color32;
use protocol::view::DotState;

/// Light or dark; follows the desk's theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// Dark things on a pale base map.
    #[default]
    Light,
    /// Bright things on a dark base map.
    Dark,
}

/// The shapes on the map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "names of shapes")]
pub enum MarkerShape {
    Circle,
    /// Points where the resource is heading; a circle with a hole when the heading is not known.
    Arrow,
    Square,
    /// A diamond in a ring.
    RingedDiamond,
    HollowCircle,
    Cross,
    /// A task's pin; its tip is the place.
    Pin,
    /// A pin with a hole: nobody has the task.
    HollowPin,
    /// A warning sign.
    Triangle,
}

/// One line of the legend.
#[derive(Debug, Clone, PartialEq)]
pub struct LegendItem {
    /// What it means, as a stable id for the message catalogue: `free`, `en_route`, `working`, `late`, `stale`, `silent`,
    /// `task_unassigned`, `task_open`, `task_active`, `task_late`, `task_over`, `waiting`, `decide`.
    pub id: &'static str,
    /// Its shape.
    pub shape: MarkerShape,
    /// Fill: red, green, blue.
    pub color: [u8; 3],
    /// Outline: red, green, blue.
    pub outline: [u8; 3],
    /// The shape's corners in points around (0, 0), y downwards, within ±9; fits a small SVG.
    pub polygon: Vec<[f32; 2]>,
}

/// All meanings of markers, in the order in which a legend shows them.
pub fn legend(theme: Theme) -> Vec<LegendItem> {
    let palette = Palette::of(theme);
    Marker::LEGEND
        .iter()
        .map(|(id, marker)| LegendItem {
            id,
            shape: marker.shape(),
            color: rgb(palette.fill(*marker)),
            outline: rgb(palette.outline),
            polygon: centered(crate::atlas::corners(*marker)),
        })
        .collect()
}

/// How a fence of this colour is drawn: red, green, blue; for swatches beside the map.
pub fn fence_rgb(theme: Theme, color: FenceColor) -> [u8; 3] {
    rgb(Palette::of(theme).fence_color(color))
}

/// The colour of the way at this place of a list of ways, from 0: red, green, blue; for marks beside the map.
pub fn way_rgb(theme: Theme, place: usize) -> [u8; 3] {
    rgb(Palette::of(theme).way(place))
}

/// Pins stand on their tip on the map, but in the middle of a legend's line.
fn centered(corners: Vec<egui::Vec2>) -> Vec<[f32; 2]> {
    let ys = || corners.iter().map(|at| at.y);
    let middle = (ys().fold(f32::INFINITY, f32::min) + ys().fold(f32::NEG_INFINITY, f32::max)) / 2.0;
    corners.iter().map(|at| [at.x, at.y - middle]).collect()
}

fn rgb(color: Color32) -> [u8; 3] {
    [color.r(), color.g(), color.b()]
}

/// Everything that has a cell in the marker atlas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Marker {
    Free,
    EnRoute,
    /// En route, but the device does not say in which direction.
    EnRouteAnywhere,
    Working,
    Late,
    Stale,
    Silent,
    TaskUnassigned,
    TaskOpen,
    TaskActive,
    TaskLate,
    TaskOver,
    /// Upper corner of a pin: urgent.
    Urgent,
    /// Other upper corner of a pin: a change is on its way to the server.
    Waiting,
    /// The same corner: a change needs a decision.
    Decide,
    Cluster,
    /// A cluster with somebody late in it.
    ClusterLate,
    Place,
}

impl Marker {
    pub(crate) const ALL: [Marker; 18] = [
        Marker::Free,
        Marker::EnRoute,
        Marker::EnRouteAnywhere,
        Marker::Working,
        Marker::Late,
        Marker::Stale,
        Marker::Silent,
        Marker::TaskUnassigned,
        Marker::TaskOpen,
        Marker::TaskActive,
        Marker::TaskLate,
        Marker::TaskOver,
        Marker::Urgent,
        Marker::Waiting,
        Marker::Decide,
        Marker::Cluster,
        Marker::ClusterLate,
        Marker::Place,
    ];

    const LEGEND: [(&'static str, Marker); 13] = [
        ("free", Marker::Free),
        ("en_route", Marker::EnRoute),
        ("working", Marker::Working),
        ("late", Marker::Late),
        ("stale", Marker::Stale),
        ("silent", Marker::Silent),
        ("task_unassigned", Marker::TaskUnassigned),
        ("task_open", Marker::TaskOpen),
        ("task_active", Marker::TaskActive),
        ("task_late", Marker::TaskLate),
        ("task_over", Marker::TaskOver),
        ("waiting", Marker::Waiting),
        ("decide", Marker::Decide),
    ];

    pub(crate) fn of_state(state: DotState, has_heading: bool) -> Self {
        match state {
            DotState::Free => Marker::Free,
            DotState::EnRoute if has_heading => Marker::EnRoute,
            DotState::EnRoute => Marker::EnRouteAnywhere,
            DotState::Working => Marker::Working,
            DotState::Late => Marker::Late,
            DotState::Stale => Marker::Stale,
            DotState::Silent => Marker::Silent,
        }
    }

    pub(crate) fn shape(self) -> MarkerShape {
        match self {
            Marker::Free | Marker::Cluster | Marker::ClusterLate | Marker::Urgent => MarkerShape::Circle,
            Marker::EnRoute | Marker::EnRouteAnywhere => MarkerShape::Arrow,
            Marker::Working | Marker::Place => MarkerShape::Square,
            Marker::Late => MarkerShape::RingedDiamond,
            Marker::Stale | Marker::Waiting => MarkerShape::HollowCircle,
            Marker::Decide => MarkerShape::Triangle,
            Marker::Silent => MarkerShape::Cross,
            Marker::TaskUnassigned => MarkerShape::HollowPin,
            Marker::TaskOpen | Marker::TaskActive | Marker::TaskLate | Marker::TaskOver => MarkerShape::Pin,
        }
    }
}

/// All colours of one theme.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Palette {
    pub free: Color32,
    pub en_route: Color32,
    pub working: Color32,
    pub late: Color32,
    pub stale: Color32,
    pub silent: Color32,
    pub unassigned: Color32,
    pub outline: Color32,
    /// Inside of hollow shapes.
    pub hollow: Color32,
    pub cluster: Color32,
    pub cluster_text: Color32,
    pub accent: Color32,
    /// Base map without any tile.
    pub ground: Color32,
    /// Panels and labels on the map.
    pub panel: Color32,
    pub panel_stroke: Color32,
    pub text: Color32,
    pub weak_text: Color32,
    /// Of places, and of fences in their order in [`FenceColor::ALL`].
    pub fence: Color32,
    pub fences: [Color32; FenceColor::ALL.len()],
    pub track: Color32,
    /// What is wrong with a shape.
    pub wrong: Color32,
}

const fn rgb32(hex: u32) -> Color32 {
    Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

const LIGHT: Palette = Palette {
    free: rgb32(0x00_9E73),
    en_route: rgb32(0x00_72B2),
    working: rgb32(0xE6_9F00),
    late: rgb32(0xD5_5E00),
    stale: rgb32(0x6B_7280),
    silent: rgb32(0xA8_4B84),
    unassigned: rgb32(0xA8_4B84),
    outline: rgb32(0x14_1A21),
    hollow: rgb32(0xFF_FFFF),
    cluster: rgb32(0x2B_3A4A),
    cluster_text: rgb32(0xFF_FFFF),
    accent: rgb32(0x00_5FB8),
    ground: rgb32(0xF2_F1EC),
    panel: rgb32(0xFF_FFFF),
    panel_stroke: rgb32(0x8A_94A0),
    text: rgb32(0x14_1A21),
    weak_text: rgb32(0x4A_5561),
    fence: rgb32(0x6A_3FA0),
    fences: [
        rgb32(0x6A_3FA0),
        rgb32(0x00_5FB8),
        rgb32(0x00_7A78),
        rgb32(0x2C_7A1F),
        rgb32(0x9A_5B00),
        rgb32(0xC2_2A1E),
        rgb32(0xB5_2A7E),
        rgb32(0x5A_6570),
    ],
    wrong: rgb32(0xC4_1010),
    track: rgb32(0x8C_3A6E),
};

const DARK: Palette = Palette {
    free: rgb32(0x2C_C295),
    en_route: rgb32(0x56_B4E9),
    working: rgb32(0xF0_B429),
    late: rgb32(0xFF_8552),
    stale: rgb32(0xA9_B1BB),
    silent: rgb32(0xE5_9AC4),
    unassigned: rgb32(0xE5_9AC4),
    outline: rgb32(0x07_0A0E),
    hollow: rgb32(0x1B_2028),
    cluster: rgb32(0xD5_DEE8),
    cluster_text: rgb32(0x0B_0E13),
    accent: rgb32(0x6C_B8FF),
    ground: rgb32(0x1B_2028),
    panel: rgb32(0x10_151C),
    panel_stroke: rgb32(0x5C_6875),
    text: rgb32(0xF0_F4F8),
    weak_text: rgb32(0xB4_BECA),
    fence: rgb32(0xB9_9AE8),
    fences: [
        rgb32(0xB9_9AE8),
        rgb32(0x6C_B8FF),
        rgb32(0x3F_D0C9),
        rgb32(0x7C_D06A),
        rgb32(0xF2_B53C),
        rgb32(0xFF_7F73),
        rgb32(0xFF_8FCB),
        rgb32(0xA9_B4BF),
    ],
    wrong: rgb32(0xFF_5A4D),
    track: rgb32(0xE5_9AC4),
};

impl Palette {
    pub(crate) fn of(theme: Theme) -> &'static Self {
        match theme {
            Theme::Light => &LIGHT,
            Theme::Dark => &DARK,
        }
    }

    /// A fence's own colour.
    pub(crate) fn fence_color(&self, color: FenceColor) -> Color32 {
        let place = FenceColor::ALL.iter().position(|known| *known == color).unwrap_or_default();
        self.fences[place]
    }

    /// The colour of the way at this place of a list of ways, from 0.
    pub(crate) fn way(&self, place: usize) -> Color32 {
        let colors = [FenceColor::ALL[1], FenceColor::ALL[4], FenceColor::ALL[6]];
        self.fence_color(colors[place % colors.len()])
    }

    /// The colour that tells what a marker means.
    pub(crate) fn fill(&self, marker: Marker) -> Color32 {
        match marker {
            Marker::Free => self.free,
            Marker::EnRoute | Marker::EnRouteAnywhere | Marker::TaskActive => self.en_route,
            Marker::Working | Marker::Decide => self.working,
            Marker::Late | Marker::TaskLate | Marker::Urgent => self.late,
            Marker::Stale | Marker::TaskOver => self.stale,
            Marker::Silent => self.silent,
            Marker::TaskUnassigned => self.unassigned,
            Marker::TaskOpen => self.free,
            Marker::Cluster | Marker::ClusterLate => self.cluster,
            Marker::Place => self.fence,
            Marker::Waiting => self.accent,
        }
    }
}

#[cfg(test)]
mod tests;
