//! Icons: the map's own markers in a small SVG, and a few glyphs.

use domain::ResourceId;
use domain::position::PositionState;
use leptos::prelude::*;
use map::Theme;
use protocol::view::DotState;

use crate::state::Desk;
use crate::words::{dot_text, position_text, t};

/// Glyphs of buttons; drawn as paths so that no font is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "names of glyphs")]
pub enum Glyph {
    Bell,
    Sun,
    Moon,
    Auto,
    Out,
    Plus,
    Layers,
    Lock,
    Warning,
    Pin,
    Keyboard,
    Collapse,
    Expand,
    Data,
    Fence,
    Undo,
    Redo,
    Eye,
    Person,
    Clock,
    Check,
    Again,
    Sliders,
    Road,
}

impl Glyph {
    fn path(self) -> &'static str {
        match self {
            Glyph::Bell => "M8 2a4 4 0 0 0-4 4v3l-1.5 2.5h11L12 9V6a4 4 0 0 0-4-4zM6.5 13a1.5 1.5 0 0 0 3 0",
            Glyph::Sun => {
                "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM8 1v2M8 13v2M1 8h2M13 8h2M3 3l1.4 1.4M11.6 11.6 13 13M13 3l-1.4 1.4M4.4 11.6 3 13"
            }
            Glyph::Moon => "M13 9.5A5.5 5.5 0 0 1 6.5 3a5.5 5.5 0 1 0 6.5 6.5z",
            Glyph::Auto => "M8 2a6 6 0 1 0 0 12zM8 2a6 6 0 0 1 0 12",
            Glyph::Out => "M9 3H4v10h5M7 8h7M11.5 5.5 14 8l-2.5 2.5",
            Glyph::Plus => "M8 3v10M3 8h10",
            Glyph::Layers => "M8 2 2 5l6 3 6-3zM2 8l6 3 6-3M2 11l6 3 6-3",
            Glyph::Lock => "M4 7h8v6.5H4zM5.5 7V5a2.5 2.5 0 0 1 5 0v2",
            Glyph::Warning => "M8 2.5 14.5 13.5h-13zM8 6.5v3.5M8 11.5v.5",
            Glyph::Pin => {
                "M8 14.5s4.5-4.6 4.5-8a4.5 4.5 0 1 0-9 0c0 3.4 4.5 8 4.5 8zM8 5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3z"
            }
            Glyph::Keyboard => "M1.5 4h13v8h-13zM4 6.5h.5M7 6.5h.5M10 6.5h.5M12.5 6.5h.1M4.5 9.5h7",
            Glyph::Collapse => "M4 6l4 4 4-4",
            Glyph::Expand => "M4 10l4-4 4 4",
            Glyph::Fence => "M3 5l5-2.5L13 6l-1.5 7L4 12zM3 5h.1M8 2.5h.1M13 6h.1M11.5 13h.1M4 12h.1",
            Glyph::Undo => "M6 3 3 6l3 3M3 6h6.5a3.5 3.5 0 0 1 0 7H6",
            Glyph::Redo => "M10 3l3 3-3 3M13 6H6.5a3.5 3.5 0 0 0 0 7H10",
            Glyph::Eye => {
                "M1.5 8S4 3.8 8 3.8 14.5 8 14.5 8 12 12.2 8 12.2 1.5 8 1.5 8zM8 6.2a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6z"
            }
            Glyph::Person => {
                "M8 2.5a2.7 2.7 0 1 0 0 5.4 2.7 2.7 0 0 0 0-5.4zM2.8 13.5c.4-2.6 2.4-4 5.2-4s4.8 1.4 5.2 4"
            }
            Glyph::Clock => "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 4.8V8l2.3 1.6",
            Glyph::Check => "M3 8.5l3.3 3.3L13 4.8",
            Glyph::Again => "M3.2 5.5A5.5 5.5 0 1 1 2.5 8M3 2.3v3.4h3.4",
            Glyph::Sliders => "M2 4.5h6M12 4.5h2M10 2.8v3.4M2 11.5h2M8 11.5h6M6 9.8v3.4",
            Glyph::Road => "M5.5 2 2.5 14M10.5 2l3 12M8 2.5v2M8 7v2M8 11.5v2",
            Glyph::Data => {
                "M13 4c0 1.1-2.2 2-5 2S3 5.1 3 4s2.2-2 5-2 5 .9 5 2zM3 4v8c0 1.1 2.2 2 5 2s5-.9 5-2V4M3 8c0 1.1 2.2 2 5 2s5-.9 5-2"
            }
        }
    }
}

/// A glyph; purely decorative, so its button needs a label.
#[component]
pub fn Icon(
    /// Which.
    glyph: Glyph,
) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
            <path d=glyph.path() fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round" />
        </svg>
    }
    .into_any()
}

fn legend_id(state: DotState) -> &'static str {
    match state {
        DotState::Free => "free",
        DotState::EnRoute => "en_route",
        DotState::Working => "working",
        DotState::Late => "late",
        DotState::Stale => "stale",
        DotState::Silent => "silent",
    }
}

/// A legend's marker as SVG, the same shape and colours as on the map.
pub fn marker(id: &str, dark: bool) -> Option<AnyView> {
    let theme = if dark { Theme::Dark } else { Theme::Light };
    let item = map::legend(theme).into_iter().find(|item| item.id == id)?;
    let points: Vec<String> = item.polygon.iter().map(|[x, y]| format!("{x:.1},{y:.1}")).collect();
    let color = |[r, g, b]: [u8; 3]| format!("rgb({r},{g},{b})");
    let hollow = matches!(item.shape, map::MarkerShape::HollowCircle | map::MarkerShape::HollowPin);
    let fill = if hollow { "none".to_owned() } else { color(item.color) };
    let stroke = if hollow { color(item.color) } else { color(item.outline) };
    let view = view! {
        <svg class="marker" viewBox="-10 -10 20 20" width="14" height="14" aria-hidden="true">
            <polygon points=points.join(" ") fill=fill stroke=stroke stroke-width=if hollow { "3" } else { "1.2" } stroke-linejoin="round" />
        </svg>
    };
    Some(view.into_any())
}

/// How a resource is, as on the map; without a dot a sign that says why.
#[component]
pub fn DotIcon(
    /// Whose.
    resource: ResourceId,
) -> impl IntoView {
    let desk = Desk::here();
    move || {
        let position = desk.rows.resources.get(resource).map(|row| row.position);
        let dark = desk.look.dark.get();
        let sign = |glyph, state| {
            let text = position_text(state);
            view! { <span class="dot-icon off" role="img" aria-label=text title=text><Icon glyph=glyph /></span> }.into_any()
        };
        match position {
            Some(state @ PositionState::Private { .. }) => sign(Glyph::Lock, state),
            Some(state @ PositionState::NoFix) => sign(Glyph::Warning, state),
            Some(PositionState::OffDuty) => {
                view! { <span class="dot-icon off" role="img" aria-label=t("position-off-duty") title=t("position-off-duty")>"○"</span> }
                    .into_any()
            }
            Some(PositionState::Live | PositionState::Stale | PositionState::DeviceSilent) | None => {
                let state = desk.rows.dots.get(resource).map_or(DotState::Free, |state| *state);
                let text = dot_text(state);
                view! { <span class="dot-icon" role="img" aria-label=text.clone() title=text>{marker(legend_id(state), dark)}</span> }
                    .into_any()
            }
        }
    }
}
