//! Labels next to markers, placed so that they cover neither each other nor more important markers.

use egui::{Align2, Color32, CornerRadius, FontId, Painter, Pos2, Rect, Stroke, StrokeKind, Vec2, vec2};

use crate::palette::Palette;

const PADDING: Vec2 = Vec2::new(5.0, 2.0);
const FONT_PT: f32 = 12.5;
/// A label stands so far from its marker's middle.
const GAP_PT: f32 = 12.0;

/// How a label looks and what happens when there is no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    /// Hovered or selected: always drawn, framed.
    Strong,
    /// One of many: drawn only where there is room.
    Plain,
}

/// Places labels from the most to the least important.
pub(crate) struct Labels {
    painter: Painter,
    palette: &'static Palette,
    room: Room,
}

/// Which parts of the screen are taken.
struct Room {
    within: Rect,
    taken: Vec<Rect>,
}

impl Labels {
    /// Labels stay within the painter's area.
    pub(crate) fn new(painter: &Painter, palette: &'static Palette) -> Self {
        let within = painter.clip_rect().shrink(2.0);
        Self { painter: painter.clone(), palette, room: Room { within, taken: Vec::new() } }
    }

    /// Keeps an area free of plain labels.
    pub(crate) fn keep_free(&mut self, area: Rect) {
        self.room.taken.push(area);
    }

    /// Lays out, places and draws a label next to `anchor`; a plain one only where there is room.
    pub(crate) fn draw(&mut self, anchor: Pos2, text: &str, weight: Weight) {
        let color = self.palette.text;
        let galley = self.painter.layout_no_wrap(shortened(text), FontId::proportional(FONT_PT), color);
        if let Some(rect) = self.room.place(anchor, galley.size() + 2.0 * PADDING, weight) {
            plate(&self.painter, rect, self.palette, weight);
            self.painter.galley(rect.min + PADDING, galley, color);
        }
    }
}

impl Room {
    /// Where a label of `size` next to `anchor` goes: right, left, above or below it; `None` if there is no room.
    fn place(&mut self, anchor: Pos2, size: Vec2, weight: Weight) -> Option<Rect> {
        let free =
            |rect: &Rect| self.within.contains_rect(*rect) && !self.taken.iter().any(|t| t.intersects(*rect));
        let sides = sides(anchor, size);
        let fitting = sides.iter().find(|rect| free(rect)).copied();
        let placed = match weight {
            Weight::Plain => fitting,
            Weight::Strong => fitting.or_else(|| {
                sides.iter().find(|rect| self.within.contains_rect(**rect)).or(sides.first()).copied()
            }),
        }?;
        self.taken.push(placed);
        Some(placed)
    }
}

/// The background of texts on the map.
pub(crate) fn plate(painter: &Painter, rect: Rect, palette: &Palette, weight: Weight) {
    let (fill, stroke) = match weight {
        Weight::Strong => (palette.panel, Stroke::new(1.0, palette.panel_stroke)),
        Weight::Plain => (palette.panel.gamma_multiply(0.82), Stroke::NONE),
    };
    painter.rect(rect, CornerRadius::same(4), fill, stroke, StrokeKind::Inside);
}

/// A text on a plate whose corner or middle `anchor` is at `pos`; returns its area.
pub(crate) fn note(painter: &Painter, pos: Pos2, anchor: Align2, text: &str, palette: &Palette) -> Rect {
    note_sized(painter, pos, anchor, (text, FONT_PT, palette.text), palette)
}

/// A text of several lines at most `wide_pt` wide, its top in the middle at `pos`.
pub(crate) fn note_wrapped(painter: &Painter, pos: Pos2, wide_pt: f32, text: &str, palette: &Palette) {
    let font = FontId::proportional(FONT_PT);
    let galley = painter.layout(text.to_owned(), font, palette.text, wide_pt);
    let rect = Align2::CENTER_TOP.anchor_size(pos, galley.size() + 2.0 * PADDING);
    plate(painter, rect, palette, Weight::Strong);
    painter.galley(rect.min + PADDING, galley, palette.text);
}

/// Like [`note`], with a font size in points and a colour.
pub(crate) fn note_sized(
    painter: &Painter,
    pos: Pos2,
    anchor: Align2,
    (text, font_pt, color): (&str, f32, Color32),
    palette: &Palette,
) -> Rect {
    let galley = painter.layout_no_wrap(text.to_owned(), FontId::proportional(font_pt), color);
    let rect = anchor.anchor_size(pos, galley.size() + 2.0 * PADDING);
    plate(painter, rect, palette, Weight::Plain);
    painter.galley(rect.min + PADDING, galley, color);
    rect
}

fn sides(anchor: Pos2, size: Vec2) -> [Rect; 4] {
    let at = |middle: Vec2| Rect::from_center_size(anchor + middle, size);
    [
        at(vec2(GAP_PT + size.x / 2.0, 0.0)),
        at(vec2(-GAP_PT - size.x / 2.0, 0.0)),
        at(vec2(0.0, -GAP_PT - size.y / 2.0)),
        at(vec2(0.0, GAP_PT + size.y / 2.0)),
    ]
}

/// A name or title that fits on a map: 40 characters at most.
fn shortened(text: &str) -> String {
    const MOST: usize = 40;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    text.chars().take(MOST - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::pos2;
    use proptest::prelude::*;

    fn screen() -> Rect {
        Rect::from_min_size(Pos2::ZERO, vec2(900.0, 600.0))
    }

    fn room() -> Room {
        Room { within: screen(), taken: Vec::new() }
    }

    proptest! {
        #[test]
        fn plain_labels_never_cover_each_other(anchors in prop::collection::vec((0.0f32..900.0, 0.0f32..600.0), 1..80)) {
            let mut labels = room();
            let placed: Vec<_> = anchors
                .iter()
                .filter_map(|(x, y)| labels.place(pos2(*x, *y), vec2(70.0, 18.0), Weight::Plain))
                .collect();
            for (n, a) in placed.iter().enumerate() {
                prop_assert!(screen().contains_rect(*a), "{a:?} leaves the screen");
                for b in &placed[n + 1..] {
                    prop_assert!(!a.intersects(*b), "{a:?} covers {b:?}");
                }
            }
        }
    }

    #[test]
    fn the_hovered_name_is_shown_even_in_a_crowd() {
        let mut labels = room();
        labels.taken.push(screen());
        let anchor = pos2(450.0, 300.0);
        assert!(labels.place(anchor, vec2(70.0, 18.0), Weight::Plain).is_none(), "no room for one of many");
        assert!(
            labels.place(anchor, vec2(70.0, 18.0), Weight::Strong).is_some(),
            "but for the one pointed at"
        );
    }

    #[test]
    fn at_the_right_edge_a_label_goes_to_the_left() {
        let mut labels = room();
        let rect =
            labels.place(pos2(890.0, 300.0), vec2(70.0, 18.0), Weight::Plain).expect("room on the left");
        assert!(rect.max.x < 890.0, "it stays on the screen: {rect:?}");
    }

    #[test]
    fn long_titles_are_cut_by_characters_not_bytes() {
        let title = "Überprüfung der Löschwasserversorgung im größten Gebäude";
        let short = shortened(title);
        assert_eq!(short.chars().count(), 40, "forty characters");
        assert!(short.ends_with('…'), "and it shows that there is more");
    }
}
