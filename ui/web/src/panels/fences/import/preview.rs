//! What was read: notes about the whole file, and its features with what can become of each.

use leptos::prelude::*;
use protocol::view::{CoordinateOrder, FeatureOutcome, FeatureView, FenceFileView};

use super::{Import, area_of};
use crate::kit::VirtualList;
use crate::panels::fences::area::length_text;
use crate::panels::fences::describe::shape_text;
use crate::state::Desk;
use crate::words::{feature_fault_text, fence_format_text, t, tf, tn};

const ROW_PX: usize = 44;

/// What is said of the whole file.
#[component]
pub(super) fn Notes(import: Import) -> impl IntoView {
    let desk = Desk::here();
    let is =
        move |of: fn(&FenceFileView) -> bool| move || import.file.with(|file| file.as_ref().is_some_and(of));
    let turn = move |_| {
        let swapped = import.file.with_untracked(|file| file.as_ref().is_some_and(|file| file.swapped));
        let order = if swapped { CoordinateOrder::LonLat } else { CoordinateOrder::LatLon };
        import.read(desk, Some(order));
    };
    let counts = move || {
        import.file.with(|file| {
            let file = file.as_ref()?;
            let bad = file.features.iter().filter(|feature| area_of(feature).is_none()).count();
            let good = file.features.len() - bad;
            let format = fence_format_text(file.format);
            let bad = if bad == 0 { String::new() } else { format!(" · {}", tn("import-bad", bad)) };
            Some(format!("{format} · {}{bad}", tn("import-good", good)))
        })
    };
    view! {
        <p data-testid="import-counts" role="status">{counts}</p>
        <Show when=is(|file| file.swapped || file.order_unsure)>
            <div class="callout decide small" data-testid="import-order">
                <p>{move || if is(|file| file.swapped)() { t("import-swapped") } else { t("import-unsure") }}</p>
                <button type="button" class="small" data-testid="import-turn" on:click=turn>{t("import-turn")}</button>
            </div>
        </Show>
    }
    .into_any()
}

/// The features.
#[component]
pub(super) fn Preview(import: Import) -> impl IntoView {
    let items = Memo::new(move |_| {
        let count = import.file.with(|file| file.as_ref().map_or(0, |file| file.features.len()));
        (0..count).collect::<Vec<_>>()
    });
    let good = Memo::new(move |_| {
        import.file.with(|file| {
            let features = file.iter().flat_map(|file| &file.features).enumerate();
            features
                .filter(|(_, feature)| area_of(feature).is_some())
                .map(|(index, _)| index)
                .collect::<Vec<_>>()
        })
    });
    let all = move || {
        good.with(|good| {
            import.chosen.with(|chosen| !good.is_empty() && good.iter().all(|index| chosen.contains(index)))
        })
    };
    let choose_all = move |event| {
        let on = event_target_checked(&event);
        import.chosen.set(if on { good.get_untracked().into_iter().collect() } else { Default::default() });
    };
    view! {
        <label class="check">
            <input type="checkbox" data-testid="import-all" prop:checked=all on:change=choose_all />
            {t("choose-all")}
        </label>
        <div class="import-list">
            <VirtualList
                items=items
                row_px=ROW_PX
                row=|index| view! { <Row index=index /> }
                open=Callback::new(move |index| toggle(import, index))
                selected=Signal::derive(|| None)
                label=t("import-features")
                testid="features"
                empty=|| ()
            />
        </div>
    }
    .into_any()
}

fn toggle(import: Import, index: usize) {
    let can = import.file.with_untracked(|file| {
        let feature = file.as_ref().and_then(|file| file.features.get(index));
        feature.is_some_and(|feature| area_of(feature).is_some())
    });
    if can {
        import.chosen.update(|chosen| {
            if !chosen.remove(&index) {
                chosen.insert(index);
            }
        });
    }
}

#[component]
fn Row(index: usize) -> impl IntoView {
    let import: Import = expect_context();
    let feature =
        move || import.file.with(|file| file.as_ref().and_then(|file| file.features.get(index)).cloned());
    let chosen = move || import.chosen.with(|chosen| chosen.contains(&index));
    move || {
        let feature = feature()?;
        let tried = import.tried.with(|tried| tried.get(&index).cloned());
        let done = tried == Some(None);
        let (text, wrong) = match tried.flatten() {
            Some(refused) => (refused, true),
            None => line_of(&feature, done),
        };
        let (can, name) = (area_of(&feature).is_some() && !done, feature.name.clone());
        Some(view! {
            <input type="checkbox" tabindex="-1" aria-label=name.clone() disabled=!can prop:checked=chosen
                on:click=|event| event.stop_propagation() on:change=move |_| toggle(import, index) />
            <span class="two-lines" data-outcome=if wrong { "bad" } else { "good" }>
                <span class="line-1">{place_in_file(&feature)} " " {name} {tags(&feature)}</span>
                <span class="line-2" class:late=wrong class:muted=!wrong title=text.clone()>{text.clone()}</span>
            </span>
        })
    }
}

/// `3` or `3 (line 27)`: where to look for it in the file.
fn place_in_file(feature: &FeatureView) -> impl IntoView + use<> {
    let text = match feature.line {
        Some(line) => tf("import-line", &[("n", &feature.number.to_string()), ("line", &line.to_string())]),
        None => feature.number.to_string(),
    };
    view! { <span class="muted num">{text}</span> }
}

/// What it is or why not, and whether that is bad.
fn line_of(feature: &FeatureView, done: bool) -> (String, bool) {
    match &feature.outcome {
        FeatureOutcome::Fence { .. } if done => (t("import-imported").to_owned(), false),
        FeatureOutcome::Fence { shape, size_m, same_as, .. } => {
            let size = tf("import-size", &[("size", &length_text(*size_m))]);
            let what = format!("{} · {size}", shape_text(shape));
            match same_as {
                Some(other) => (format!("{} · {what}", tf("import-same", &[("place", other)])), false),
                None => (what, false),
            }
        }
        FeatureOutcome::Error(fault) => (feature_fault_text(fault), true),
    }
}

fn tags(feature: &FeatureView) -> impl IntoView + use<> {
    let (small, double) = match &feature.outcome {
        FeatureOutcome::Fence { too_small, same_as, .. } => (*too_small, same_as.is_some()),
        FeatureOutcome::Error(_) => (false, false),
    };
    let small = small.then(|| view! { <span class="tag" title=t("too-small-hint")>{t("too-small")}</span> });
    let double = double.then(|| view! { <span class="tag">{t("import-double")}</span> });
    view! { {small} {double} }
}
