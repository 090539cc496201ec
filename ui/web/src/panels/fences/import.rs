//! Fences from a file: choose, look at what was read on the map, choose what is imported, import.
//!
//! It stands beside the map, not over it: what is about to be imported is seen where it will be.

use std::collections::{BTreeMap, BTreeSet};

use domain::place::{Fence, FenceColor, FenceShape, Poi, PoiKind};
use domain::{LonLat, PoiId};
use leptos::prelude::*;
use map::PlaceShape;
use protocol::view::{
    CoordinateOrder, DeskRequest, DeskResponse, FeatureOutcome, FeatureView, FenceFileView,
};

use super::values::Timed;
use crate::clock;
use crate::panels::details::PanelHead;
use crate::state::fences::PlacesUndo;
use crate::state::{Desk, DockTab, Editor};
use crate::words::{error_text, t, tn};

mod choose;
mod defaults;
mod preview;

use choose::ChooseFile;
use defaults::Defaults;
use preview::{Notes, Preview};

/// What is going on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Busy {
    Idle,
    Reading,
    /// So many of so many are done.
    Importing(usize, usize),
}

/// An import under way.
#[derive(Clone, Copy)]
pub(super) struct Import {
    name: RwSignal<String>,
    text: StoredValue<String>,
    file: RwSignal<Option<FenceFileView>>,
    /// Features that will be imported, by their place in the list.
    chosen: RwSignal<BTreeSet<usize>>,
    /// What became of those that were tried: why not, or nothing.
    tried: RwSignal<BTreeMap<usize, Option<String>>>,
    error: RwSignal<Option<String>>,
    busy: RwSignal<Busy>,
    color: RwSignal<FenceColor>,
    on_enter: RwSignal<bool>,
    on_exit: RwSignal<bool>,
    dwell: RwSignal<Timed>,
}

impl Import {
    fn new() -> Self {
        Self {
            name: RwSignal::new(String::new()),
            text: StoredValue::new(String::new()),
            file: RwSignal::new(None),
            chosen: RwSignal::default(),
            tried: RwSignal::default(),
            error: RwSignal::new(None),
            busy: RwSignal::new(Busy::Idle),
            color: RwSignal::new(FenceColor::default()),
            on_enter: RwSignal::new(true),
            on_exit: RwSignal::new(false),
            dwell: RwSignal::new(Timed::of(None, 15)),
        }
    }

    /// Reads a text; `order` asks for its coordinates in that order.
    fn read(self, desk: Desk, order: Option<CoordinateOrder>) {
        self.busy.set(Busy::Reading);
        self.error.set(None);
        let request =
            DeskRequest::ReadFences { name: self.name.get_untracked(), text: self.text.get_value(), order };
        leptos::task::spawn_local(async move {
            let answer = desk.request(request).await;
            let _ = self.busy.try_set(Busy::Idle);
            match answer {
                Ok(DeskResponse::FenceFile(file)) => self.show(desk, *file),
                Ok(_) => {}
                Err(error) => {
                    let _ = self.error.try_set(Some(error_text(&error)));
                }
            }
        });
    }

    fn show(self, desk: Desk, file: FenceFileView) {
        let good = file.features.iter().enumerate().filter(|(_, feature)| is_new(feature));
        let chosen = good.map(|(index, _)| index).collect();
        let _ = self.tried.try_set(BTreeMap::new());
        let _ = self.chosen.try_set(chosen);
        let _ = self.file.try_set(Some(file));
        // The preview is handed to the map first.
        request_animation_frame(move || desk.map.order(|map| map.fit_preview()));
    }

    /// The chosen ones as places.
    fn places(self) -> Vec<(usize, Poi)> {
        let dwell_secs = self.dwell.with_untracked(|dwell| dwell.secs(None)).unwrap_or_default();
        let with_rules = |shape: &FenceShape| Fence {
            on_enter: self.on_enter.get_untracked(),
            on_exit: self.on_exit.get_untracked(),
            dwell_secs,
            color: self.color.get_untracked(),
            ..Fence::new(shape.clone())
        };
        let place = |(index, feature): (usize, &FeatureView)| {
            let (shape, at) = area_of(feature)?;
            Some((index, new_place(&feature.name, at, with_rules(shape))))
        };
        let chosen = self.chosen.get_untracked();
        self.file.with_untracked(|file| {
            let features = file.iter().flat_map(|file| &file.features).enumerate();
            features.filter(|(index, _)| chosen.contains(index)).filter_map(place).collect()
        })
    }

    fn run(self, desk: Desk) {
        let places = self.places();
        let all = places.len();
        self.busy.set(Busy::Importing(0, all));
        leptos::task::spawn_local(async move {
            let mut made: Vec<PoiId> = Vec::new();
            for (done, (index, poi)) in places.into_iter().enumerate() {
                let id = poi.id;
                let refused = match desk.request(DeskRequest::PutPoi(Box::new(poi))).await {
                    Ok(_) => None,
                    Err(error) => Some(error_text(&error)),
                };
                if refused.is_none() {
                    made.push(id);
                    let _ = self.chosen.try_update(|chosen| chosen.remove(&index));
                }
                let _ = self.tried.try_update(|tried| tried.insert(index, refused));
                let _ = self.busy.try_set(Busy::Importing(done + 1, all));
            }
            let _ = self.busy.try_set(Busy::Idle);
            self.conclude(desk, made, all);
        });
    }

    fn conclude(self, desk: Desk, made: Vec<PoiId>, all: usize) {
        let complete = made.len() == all;
        if !made.is_empty() {
            desk.say_places(tn("import-done", made.len()), PlacesUndo::TakeAway(made));
        }
        // Whoever closed the panel meanwhile may be writing something else.
        if complete && desk.look.editor.get_untracked() == Some(Editor::ImportFences) {
            desk.look.editor.set(None);
            desk.look.dock.set(DockTab::Places);
            desk.look.dock_open.set(true);
        }
    }
}

/// It can be a fence and is not here yet.
fn is_new(feature: &FeatureView) -> bool {
    matches!(&feature.outcome, FeatureOutcome::Fence { same_as: None, .. })
}

fn area_of(feature: &FeatureView) -> Option<(&FenceShape, LonLat)> {
    match &feature.outcome {
        FeatureOutcome::Fence { shape, at, .. } => Some((shape, *at)),
        FeatureOutcome::Error(_) => None,
    }
}

fn new_place(name: &str, at: LonLat, fence: Fence) -> Poi {
    Poi {
        id: PoiId(clock::new_id()),
        name: shortened(name),
        kind: PoiKind::Polygon,
        at,
        address: String::new(),
        fence: Some(fence),
    }
}

/// A name as long as the server takes it.
fn shortened(name: &str) -> String {
    const BYTES: usize = 200;
    let cut = (0..=name.len().min(BYTES)).rev().find(|end| name.is_char_boundary(*end));
    name[..cut.unwrap_or_default()].to_owned()
}

/// The import.
#[component]
pub fn ImportFences() -> impl IntoView {
    let desk = Desk::here();
    let import = Import::new();
    provide_context(import);
    draw_preview(desk, import);
    let read = move || import.file.with(Option::is_some);
    view! {
        <PanelHead kind=t("fences") title=Signal::derive(|| t("import-title").to_owned()) />
        <div class="panel-body import" data-testid="import">
            <ChooseFile import=import />
            <Show when=move || import.error.with(Option::is_some)>
                <p class="field-error" role="alert" data-testid="import-error">{move || import.error.get()}</p>
            </Show>
            <Show when=read>
                <Notes import=import />
                <Preview import=import />
                <Defaults import=import />
                <Foot import=import />
            </Show>
        </div>
    }
    .into_any()
}

#[component]
fn Foot(import: Import) -> impl IntoView {
    let desk = Desk::here();
    let count = move || import.chosen.with(BTreeSet::len);
    let wrong = move || import.dwell.with(|dwell| dwell.secs(None).is_err());
    let busy = move || import.busy.get() != Busy::Idle;
    let progress = move || match import.busy.get() {
        Busy::Importing(done, all) => Some(view! {
            <progress max=all.to_string() value=done.to_string() aria-label=t("import-running") data-testid="import-progress"></progress>
        }),
        Busy::Idle | Busy::Reading => None,
    };
    view! {
        <footer class="form-foot">
            {progress}
            <div class="actions">
                <button type="button" class="primary" data-testid="import-chosen" disabled=move || count() == 0 || busy() || wrong()
                    on:click=move |_| import.run(desk)>
                    {move || tn("import-chosen", count())}
                </button>
                <button type="button" disabled=busy on:click=move |_| desk.look.close_one()>{t("cancel")}</button>
            </div>
        </footer>
    }
    .into_any()
}

/// What is chosen is drawn on the map as long as the panel is there.
fn draw_preview(desk: Desk, import: Import) {
    Effect::new(move |_| {
        let (color, chosen) = (import.color.get(), import.chosen.get());
        let shapes = import.file.with(|file| {
            let features = file.iter().flat_map(|file| &file.features).enumerate();
            let shape = |(index, feature): (usize, &FeatureView)| {
                let (shape, at) = area_of(feature)?;
                Some(PlaceShape {
                    poi: uuid::Uuid::from_u128(index as u128).into(),
                    name: feature.name.clone(),
                    kind: PoiKind::Polygon,
                    at,
                    fence: Some(shape.clone()),
                    color,
                    quiet: false,
                    inside: 0,
                })
            };
            features.filter(|(index, _)| chosen.contains(index)).filter_map(shape).collect::<Vec<_>>()
        });
        desk.map.order(move |map| map.set_preview(shapes));
    });
    on_cleanup(move || desk.map.order(|map| map.set_preview(Vec::new())));
}

#[cfg(test)]
mod tests {
    use protocol::view::FeatureFault;

    use super::*;

    fn feature(outcome: FeatureOutcome) -> FeatureView {
        FeatureView { number: 1, line: None, name: "Yard".to_owned(), outcome }
    }

    fn circle(same_as: Option<&str>) -> FeatureOutcome {
        let at = LonLat::new(7.42, 43.73).expect("coordinate");
        FeatureOutcome::Fence {
            shape: FenceShape::Circle { center: at, radius_m: 80.0 },
            at,
            size_m: 160.0,
            too_small: false,
            same_as: same_as.map(str::to_owned),
        }
    }

    #[test]
    fn what_is_here_already_or_broken_is_not_chosen_by_itself() {
        assert!(is_new(&feature(circle(None))), "a good one");
        assert!(!is_new(&feature(circle(Some("Harbour")))), "one in the same spot as another");
        assert!(!is_new(&feature(FeatureOutcome::Error(FeatureFault::NoGeometry))), "a broken one");
        assert!(area_of(&feature(circle(Some("Harbour")))).is_some(), "but a double can be chosen by hand");
    }

    #[test]
    fn long_names_are_cut_between_letters() {
        let name = shortened(&"ü".repeat(150));
        assert_eq!((name.len(), name.chars().count()), (200, 100), "two bytes a letter");
        assert_eq!(shortened("Yard"), "Yard", "short ones stay");
    }
}
