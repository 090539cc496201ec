//! The map as its host sees it: what goes in, what comes out.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use domain::ResourceId;
use egui::{Context, Ui};
use protocol::view::{BaseMapView, PositionFrame, Subject};
use walkers::{MapMemory, TileId};

use crate::atlas::Atlas;
use crate::dots::Dots;
use crate::edit::Editor;
use crate::event::{Fit, MapEvent, MapView};
use crate::evidence::EvidenceOnMap;
use crate::given::{Layers, PlaceShape, ResourceLabel, RouteLine, TaskPin, TrackLine};
use crate::lines::{RouteOnMap, TrackOnMap};
use crate::mesh::MarkerScene;
use crate::palette::{Palette, Theme};
use crate::pins::PinRow;
use crate::places::PlaceRow;
use crate::projection::{MAX_ZOOM, MIN_ZOOM, WorldBox, WorldPos};
use crate::tiles::{TileAnswer, TileStore};
use crate::ways::WayOnMap;
use crate::words::Words;

/// A single thing is brought into view at this zoom at most.
pub(crate) const CLOSEST_FIT_ZOOM: f64 = 16.0;

/// The live map; one per canvas, kept between frames.
pub struct LiveMap {
    pub(crate) ctx: Context,
    pub(crate) theme: Theme,
    pub(crate) words: Words,
    pub(crate) memory: MapMemory,
    pub(crate) tiles: TileStore,
    pub(crate) atlas: Option<Atlas>,
    pub(crate) dots: Dots,
    pub(crate) names: HashMap<ResourceId, String>,
    pub(crate) pins: Vec<PinRow>,
    pub(crate) places: Vec<PlaceRow>,
    pub(crate) route: Option<RouteOnMap>,
    pub(crate) ways: Vec<WayOnMap>,
    pub(crate) track: Option<TrackOnMap>,
    pub(crate) evidence: Option<EvidenceOnMap>,
    pub(crate) layers: Layers,
    pub(crate) selection: Option<Subject>,
    pub(crate) hovered: Option<Subject>,
    pub(crate) follow: Option<ResourceId>,
    pub(crate) told_follow: Option<ResourceId>,
    pub(crate) pick_mode: bool,
    pub(crate) editor: Option<Box<Editor>>,
    /// Shapes that are looked at before they are imported.
    pub(crate) preview: Vec<PlaceRow>,
    /// The map's widget, and where it was, in the last frame.
    pub(crate) map_id: Option<egui::Id>,
    pub(crate) last_rect: egui::Rect,
    pub(crate) pending_fit: Option<Fit>,
    /// Nobody has moved the map yet: the first dots will be brought into view.
    pub(crate) untouched: bool,
    /// The last input was a key: the focus is shown.
    pub(crate) keyboard_used: bool,
    pub(crate) told_view: Option<MapView>,
    pub(crate) scene: MarkerScene,
    /// Grows with everything that changes markers; tells whether the mesh of the last frame still holds.
    pub(crate) revision: u64,
}

impl LiveMap {
    /// A map that shows the base map's bounds first; without a base map everything else still works.
    pub fn new(ctx: &Context, base: impl Into<Option<BaseMapView>>, theme: Theme, words: Words) -> Self {
        Self {
            ctx: ctx.clone(),
            theme,
            words,
            memory: MapMemory::default(),
            tiles: TileStore::new(base.into(), theme),
            atlas: None,
            dots: Dots::default(),
            names: HashMap::new(),
            pins: Vec::new(),
            places: Vec::new(),
            route: None,
            ways: Vec::new(),
            track: None,
            evidence: None,
            layers: Layers::default(),
            selection: None,
            hovered: None,
            follow: None,
            told_follow: None,
            pick_mode: false,
            editor: None,
            preview: Vec::new(),
            map_id: None,
            last_rect: egui::Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(900.0, 600.0)),
            pending_fit: Some(Fit::All),
            untouched: true,
            keyboard_used: false,
            told_view: None,
            scene: MarkerScene::default(),
            revision: 0,
        }
        .starting_at_bounds()
    }

    /// Draws the map into all of the remaining space of `ui` and tells what the user did. `now` ages the dots and times
    /// the tiles' retries.
    pub fn ui(&mut self, ui: &mut Ui, now: DateTime<Utc>) -> Vec<MapEvent> {
        self.paint(ui, now)
    }

    /// Takes moved and gone dots in. The first ones are brought into view if nobody has moved the map yet.
    pub fn apply_frame(&mut self, frame: &PositionFrame) {
        let center_before = self.center();
        if !self.dots.apply(frame) {
            return;
        }
        if self.follow.is_some_and(|who| self.dots.of(who).is_none()) {
            self.follow = None;
            self.memory.center_at(center_before);
        }
        if self.untouched && !self.dots.rows().is_empty() {
            self.untouched = false;
            self.pending_fit = Some(Fit::All);
        }
        self.changed();
    }

    /// Names of the resources; replaces all names before.
    pub fn set_resources(&mut self, labels: Vec<ResourceLabel>) {
        self.names = labels.into_iter().map(|label| (label.resource, label.name)).collect();
        self.changed();
    }

    /// Task pins; replaces all pins before.
    pub fn set_tasks(&mut self, pins: Vec<TaskPin>) {
        self.pins = PinRow::sorted(pins);
        self.changed();
    }

    /// Places and fences; replaces all places before. Shapes that can't be a fence are left out, their pin stays.
    pub fn set_places(&mut self, places: Vec<PlaceShape>) {
        let mut known: HashMap<_, _> = self.places.drain(..).map(|row| (row.shape.poi, row)).collect();
        let row = |shape: PlaceShape| {
            let before = known.remove(&shape.poi);
            PlaceRow::after(before, shape)
        };
        self.places = places.into_iter().map(row).collect();
        self.changed();
    }

    /// Shapes that are looked at before they are imported, drawn over everything else; replaces all before.
    pub fn set_preview(&mut self, shapes: Vec<PlaceShape>) {
        self.preview = shapes.into_iter().map(PlaceRow::of).collect();
        self.changed();
    }

    /// Brings the preview into view.
    pub fn fit_preview(&mut self) {
        let boxes = self.preview.iter().filter_map(|row| row.outline.as_ref()).map(|outline| outline.bounds);
        if let Some(all) = WorldBox::around(boxes.flat_map(|bounds| [bounds.min, bounds.max])) {
            self.bring_into_view(&all);
        }
    }

    /// The way of somebody to a task; `None` takes it away.
    pub fn set_route(&mut self, route: Option<RouteLine>) {
        self.route = route.map(RouteOnMap::of);
        self.changed();
    }

    /// Where somebody was; `None` takes it away.
    pub fn set_track(&mut self, track: Option<TrackLine>) {
        self.track = track.map(|line| TrackOnMap::of(&line));
        self.changed();
    }

    /// Marks one thing with a halo and keeps its label; does not move the map.
    pub fn select(&mut self, subject: Option<Subject>) {
        self.selection = subject;
        self.changed();
    }

    /// What is selected.
    pub fn selection(&self) -> Option<Subject> {
        self.selection
    }

    /// Colours of the map and its base map.
    pub fn set_theme(&mut self, theme: Theme) {
        self.theme = theme;
        self.tiles.set_theme(theme);
        self.changed();
    }

    /// Texts of the map.
    pub fn set_words(&mut self, words: Words) {
        self.words = words;
        self.changed();
    }

    /// Another base map, or none; forgets the tiles of the old one and shows the new one's bounds.
    pub fn set_base_map(&mut self, base: Option<BaseMapView>) {
        self.tiles = TileStore::new(base, self.theme);
        self.start_at_bounds();
        self.pending_fit = Some(Fit::All);
        self.untouched = self.dots.rows().is_empty();
        self.changed();
    }

    /// Keeps a resource in the middle until the user pans, the dot goes away, or `None`.
    pub fn set_follow(&mut self, resource: Option<ResourceId>) {
        if resource.is_none() && self.follow.is_some() {
            // Stay where the resource was last.
            self.memory.center_at(self.center());
        }
        self.follow = resource.filter(|who| self.dots.of(*who).is_some());
        self.changed();
    }

    /// Who is followed.
    pub fn follow(&self) -> Option<ResourceId> {
        self.follow
    }

    /// Brings something into view with the next frame; ends following.
    pub fn fit(&mut self, what: Fit) {
        self.set_follow(None);
        self.pending_fit = Some(what);
        self.untouched = false;
        self.changed();
    }

    /// In pick mode a click tells a place instead of selecting ([`MapEvent::PlacePicked`]); Escape cancels.
    pub fn set_pick_mode(&mut self, on: bool) {
        self.pick_mode = on;
        self.changed();
    }

    /// Which resources are drawn; `None` means all.
    pub fn set_filter(&mut self, shown: Option<HashSet<ResourceId>>) {
        self.dots.set_filter(shown);
        self.changed();
    }

    /// Which kinds of things are drawn.
    pub fn set_layers(&mut self, layers: Layers) {
        self.layers = layers;
        self.changed();
    }

    /// The part of the earth that is shown.
    pub fn view(&self) -> MapView {
        let center = self.center();
        MapView { center: WorldPos::from(center).lon_lat(), zoom: self.memory.zoom() }
    }

    /// Shows this part of the earth (for a restored session); ends following.
    pub fn set_view(&mut self, view: MapView) {
        self.set_follow(None);
        self.pending_fit = None;
        self.untouched = false;
        self.show_world(WorldPos::of(view.center), view.zoom);
        self.changed();
    }

    /// Tiles to fetch now, most wanted first; call once after every [`LiveMap::ui`]. Each is answered with
    /// [`LiveMap::tile_arrived`]; at most a handful are under way at a time.
    pub fn take_tile_requests(&mut self, now: DateTime<Utc>) -> Vec<TileId> {
        self.tiles.take_requests(now)
    }

    /// The answer to a request.
    pub fn tile_arrived(&mut self, tile: TileId, answer: TileAnswer, now: DateTime<Utc>) {
        self.tiles.arrived(tile, answer, now);
        self.ctx.request_repaint();
    }

    /// How many dots there are, filtered ones included.
    pub fn dot_count(&self) -> usize {
        self.dots.rows().len()
    }

    pub(crate) fn palette(&self) -> &'static Palette {
        Palette::of(self.theme)
    }

    /// Something drawn has changed.
    pub(crate) fn changed(&mut self) {
        self.revision += 1;
        self.ctx.request_repaint();
    }

    /// What is in the middle, as walkers has it.
    pub(crate) fn center(&self) -> walkers::Position {
        self.memory.detached().unwrap_or_else(|| self.followed_position())
    }

    /// Where walkers' "my position" is: the followed dot.
    pub(crate) fn followed_position(&self) -> walkers::Position {
        let followed = self.follow.and_then(|who| self.dots.of(who)).and_then(|row| row.dot.at());
        followed.map_or_else(|| walkers::lon_lat(0.0, 0.0), |at| walkers::lon_lat(at.lon(), at.lat()))
    }

    pub(crate) fn show_world(&mut self, center: WorldPos, zoom: f64) {
        let at = center.lon_lat();
        self.memory.center_at(walkers::lon_lat(at.lon(), at.lat()));
        self.set_zoom(zoom);
    }

    pub(crate) fn set_zoom(&mut self, zoom: f64) {
        // Within walkers' own limits, so this can't fail.
        let _in_range = self.memory.set_zoom(zoom.clamp(MIN_ZOOM, MAX_ZOOM));
    }

    fn starting_at_bounds(mut self) -> Self {
        self.start_at_bounds();
        self
    }

    fn start_at_bounds(&mut self) {
        let bounds = self
            .tiles
            .bounds()
            .unwrap_or(WorldBox { min: WorldPos { x: 0.0, y: 0.25 }, max: WorldPos { x: 1.0, y: 0.75 } });
        let (center, zoom) = bounds.fit(egui::vec2(900.0, 600.0), 0.0, CLOSEST_FIT_ZOOM);
        self.show_world(center, zoom);
    }
}

impl From<walkers::Position> for WorldPos {
    fn from(at: walkers::Position) -> Self {
        WorldPos::of(domain::LonLat::from_e7((at.x() * 1e7).round() as i32, (at.y() * 1e7).round() as i32))
    }
}
