//! A fence in words: its rules, its shape, whom it concerns; and its colour.

use domain::place::{Fence, FenceColor, FenceShape};
use leptos::prelude::*;

use super::area::{area_text, length_text};
use super::values::points_of;
use crate::format::duration;
use crate::panels::details::Fact;
use crate::panels::policy_field::policy_text;
use crate::panels::schedule_field::hours_text;
use crate::state::Desk;
use crate::words::{fence_color_text, t, tf, tn};

/// When it raises alerts: `on entering, after 15 min inside`.
pub fn rules_text(fence: &Fence) -> String {
    let time = |secs: u32| duration(i64::from(secs));
    let rules = [
        fence.on_enter.then(|| t("fence-enter").to_owned()),
        fence.on_exit.then(|| t("fence-exit").to_owned()),
        fence.dwell_secs.map(|secs| tf("fence-dwell", &[("duration", &time(secs))])),
        fence.on_crossed.then(|| t("fence-crossed").to_owned()),
        fence.absent_secs.map(|secs| tf("fence-absent", &[("duration", &time(secs))])),
    ];
    let rules: Vec<String> = rules.into_iter().flatten().collect();
    if rules.is_empty() { t("fence-quiet").to_owned() } else { rules.join(", ") }
}

/// What kind of shape it is, and how large.
pub(super) fn shape_text(shape: &FenceShape) -> String {
    match shape {
        FenceShape::Circle { radius_m, .. } => tf("shape-is-circle", &[("radius", &length_text(*radius_m))]),
        FenceShape::Corridor { half_width_m, .. } => {
            tf("shape-is-corridor", &[("width", &length_text(2.0 * half_width_m))])
        }
        FenceShape::Polygon { .. } => tf("shape-is-area", &[("points", &tn("points", points_of(shape)))]),
        FenceShape::MultiPolygon { areas } => tf(
            "shape-is-areas",
            &[("n", &areas.len().to_string()), ("points", &tn("points", points_of(shape)))],
        ),
    }
}

/// Whom it concerns.
pub fn groups_text(desk: Desk, fence: &Fence) -> String {
    let name = |id| desk.rows.groups.get(id).map(|group| group.name.clone());
    let names: Vec<String> = fence.groups.iter().filter_map(|id| name(*id)).collect();
    if fence.groups.is_empty() { t("scope-all").to_owned() } else { names.join(", ") }
}

/// A fence's colour as it is drawn on the map.
pub(super) fn css_color(desk: Desk, color: FenceColor) -> String {
    let theme = if desk.look.dark.get() { map::Theme::Dark } else { map::Theme::Light };
    let [r, g, b] = map::fence_rgb(theme, color);
    format!("rgb({r} {g} {b})")
}

/// A spot of a fence's colour, with its name for those who don't see it.
#[component]
pub fn Swatch(
    /// Which.
    color: FenceColor,
) -> impl IntoView {
    let desk = Desk::here();
    let name = fence_color_text(color);
    view! {
        <span class="color-spot" role="img" aria-label=name.clone() title=name style=move || format!("background:{}", css_color(desk, color))></span>
    }
    .into_any()
}

/// All there is to know about a fence, as lines of a definition list.
#[component]
pub fn FenceFacts(
    /// The fence.
    fence: Fence,
) -> impl IntoView {
    let desk = Desk::here();
    let small = fence.shape.too_small_m().map(|size_m| {
        let hint = tf("fence-too-small", &[("size", &length_text(size_m))]);
        view! { <span class="tag" title=hint data-testid="too-small">{t("too-small")}</span> }
    });
    let shape = shape_text(&fence.shape);
    let delivery = fence.policy.as_ref().map(|policy| policy_text(desk, policy));
    let hours = hours_text(&fence.schedule).unwrap_or_else(|| t("fence-always").to_owned());
    let area = area_of_circle(&fence.shape);
    let (rules, groups) = (rules_text(&fence), groups_text(desk, &fence));
    let Fence { color, version, .. } = fence;
    view! {
        <Fact label=t("fact-fence")><span data-testid="fence-rules">{rules}</span></Fact>
        <Fact label=t("rule-hours")>{hours}</Fact>
        <Fact label=t("fact-concerns")>{groups}</Fact>
        <Fact label=t("fact-told")>{delivery.unwrap_or_else(|| t("fence-delivery-usual").to_owned())}</Fact>
        <Fact label=t("fence-shape")><span>{shape} {area}</span> {small}</Fact>
        <Fact label=t("fence-color")><Swatch color=color /> {fence_color_text(color)}</Fact>
        <Fact label=t("fence-version")><span class="num">{version}</span></Fact>
    }
    .into_any()
}

fn area_of_circle(shape: &FenceShape) -> Option<String> {
    match shape {
        FenceShape::Circle { radius_m, .. } => {
            Some(format!(" · {}", area_text(std::f64::consts::PI * radius_m * radius_m)))
        }
        FenceShape::Polygon { .. } | FenceShape::MultiPolygon { .. } | FenceShape::Corridor { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use domain::LonLat;

    use super::*;

    #[test]
    fn rules_read_like_a_sentence() {
        let center = LonLat::new(7.42, 43.73).expect("coordinate");
        let quiet = Fence::new(FenceShape::Circle { center, radius_m: 80.0 });
        assert_eq!(rules_text(&quiet), "no alerts", "a fence without rules");
        let loud = Fence {
            on_enter: true,
            dwell_secs: Some(900),
            on_crossed: true,
            absent_secs: Some(600),
            ..quiet.clone()
        };
        let text = rules_text(&loud);
        assert_eq!(
            text, "on entering, after 15 min inside, on driving through, when missing 10 min into the shift",
            "all of them"
        );
        assert_eq!(shape_text(&quiet.shape), "Circle, radius 80 m", "what it is");
    }
}
