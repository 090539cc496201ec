//! Several ways to one place, side by side: each in its own colour, with a letter half way and a label where it begins.

use std::cmp::Reverse;

use egui::{Align2, Color32, FontId, Painter, Pos2, Stroke};

use crate::given::WayOption;
use crate::labels::{Labels, Weight};
use crate::lines::RouteOnMap;
use crate::live_map::{CLOSEST_FIT_ZOOM, LiveMap};
use crate::palette::Palette;
use crate::projection::{Viewport, WorldBox, WorldPos};

/// Radius of the disc with a way's letter.
const LETTER_PT: f32 = 9.0;
/// Ways brought into view stay so far from the edge: their labels have to fit, too.
const FIT_MARGIN_PT: f32 = 96.0;
/// Width of the first way. Each later one is wider by so much and lies below: where they take the same road, every colour is seen
/// as long as none is looked at.
const FIRST_WIDE_PT: f32 = 3.0;
const WIDER_PT: f32 = 2.5;
/// Width of the one that is looked at, which lies on top.
const STRONG_WIDE_PT: f32 = 5.5;

/// A way with its points projected.
pub(crate) struct WayOnMap {
    option: WayOption,
    line: RouteOnMap,
}

impl LiveMap {
    /// Ways to one place side by side, each in the colour of its letter; replaces all ways before. The way of somebody who has no
    /// dot (any more) is not drawn.
    pub fn set_ways(&mut self, ways: Vec<WayOption>) {
        self.ways = ways.into_iter().map(WayOnMap::of).collect();
        self.changed();
    }

    /// Brings all ways into view.
    pub fn fit_ways(&mut self) {
        let boxes = self.ways_shown().filter_map(|way| way.line.bounds());
        let Some(all) = WorldBox::around(boxes.flat_map(|bounds| [bounds.min, bounds.max])) else { return };
        let (center, zoom) = all.fit(self.last_rect.size(), FIT_MARGIN_PT, CLOSEST_FIT_ZOOM);
        self.set_follow(None);
        self.pending_fit = None;
        self.untouched = false;
        self.show_world(WorldPos { x: center.x.rem_euclid(1.0), y: center.y }, zoom);
        self.changed();
    }

    /// The lines, the best on top of the others, and the one that is looked at on top of all; then the letters.
    pub(crate) fn draw_ways(&self, painter: &Painter, view: &Viewport) {
        let palette = self.palette();
        let mut ways: Vec<&WayOnMap> = self.ways_shown().collect();
        ways.sort_by_key(|way| (way.option.strong, Reverse(way.place())));
        for way in &ways {
            way.line.draw_casing(painter, view, palette, way.width());
        }
        for way in &ways {
            let stroke = Stroke::new(way.width(), way.color(palette));
            way.line.draw_as(painter, view, palette, stroke);
        }
        for way in ways {
            if let (Some(letter), Some(middle)) = (way.option.letter, way.line.middle(view)) {
                draw_letter(painter, middle, letter, way.color(palette), palette);
            }
        }
    }

    /// Whose way it is and when they arrive, where it begins.
    pub(crate) fn draw_way_labels(&self, view: &Viewport, labels: &mut Labels) {
        for way in self.ways_shown() {
            let Some(start) = way.line.points.first().filter(|_| !way.option.label.is_empty()) else {
                continue;
            };
            let text = match way.option.letter {
                Some(letter) => format!("{letter} · {}", way.option.label),
                None => way.option.label.clone(),
            };
            labels.draw(view.to_screen(*start), &text, Weight::Strong);
        }
    }

    /// Ways of people whose place may be shown.
    fn ways_shown(&self) -> impl Iterator<Item = &WayOnMap> {
        self.ways.iter().filter(|way| self.dots.of(way.option.resource).is_some())
    }
}

impl WayOnMap {
    fn of(option: WayOption) -> Self {
        let line = RouteOnMap::of_route(&option.route);
        Self { option, line }
    }

    /// The place that the letter stands for, from 0: ways that are still to come leave no gap in the list.
    fn place(&self) -> Option<usize> {
        self.option.letter.map(|letter| u32::from(letter).saturating_sub(u32::from('A')) as usize)
    }

    fn color(&self, palette: &Palette) -> Color32 {
        self.place().map_or(palette.en_route, |place| palette.way(place))
    }

    fn width(&self) -> f32 {
        if self.option.strong {
            STRONG_WIDE_PT
        } else {
            FIRST_WIDE_PT + WIDER_PT * self.place().unwrap_or_default() as f32
        }
    }
}

fn draw_letter(painter: &Painter, at: Pos2, letter: char, color: Color32, palette: &Palette) {
    painter.circle(at, LETTER_PT, color, Stroke::new(2.0, palette.panel));
    painter.text(at, Align2::CENTER_CENTER, letter, FontId::proportional(12.0), palette.panel);
}
