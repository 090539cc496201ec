//! The live map: base map, resources, tasks, places, route and track, drawn with egui and walkers.
//!
//! The host owns a [`LiveMap`], calls [`LiveMap::ui`] once per frame inside its egui panel, fetches the tiles named by
//! [`LiveMap::take_tile_requests`] and hands their bytes to [`LiveMap::tile_arrived`]. Before the first frame it calls
//! [`install_renderer`] with the wgpu render state (vector tiles are drawn by walkers' own pipeline).
//!
//! ```ignore
//! map::install_renderer(cc.wgpu_render_state.as_ref());
//! let mut live = LiveMap::new(&cc.egui_ctx, session.base_map, Theme::Light, Words::default());
//! live.apply_frame(&frame);                       // any time; asks egui for a repaint itself
//! for event in live.ui(ui, now) { /* MapEvent */ }
//! for tile in live.take_tile_requests(now) { /* fetch tiles://localhost/{tile_path(source, tile)} */ }
//! live.tile_arrived(tile, TileAnswer::Bytes(bytes), now);
//! ```
//!
//! Invariants:
//!
//! * **What is gone from a frame is gone from the screen** with the next paint: no fading, no last known place, and
//!   whatever followed it lets go. A private resource never has a dot because the backend names it in `gone`.
//! * **Nothing is extrapolated.** A dot stands where its last fix was; an old fix shows a growing ring instead.
//! * Every state has its own shape *and* colour, see [`legend`].
//! * Repaints happen only on change: setters ask for one, the rings ask for one every few seconds.
//! * **A fence is edited here and saved elsewhere.** The host starts an edit ([`LiveMap::start_edit`]), gives orders ([`EditOrder`])
//!   and reads [`EditState`] at every [`MapEvent::EditChanged`]; whether a shape can be a fence is `domain`'s to say.
//! * Ways side by side ([`LiveMap::set_ways`]) are drawn only while whoever takes them has a dot.
//! * A fence is drawn in its own colour; dashed while its rules are silent.
//! * Every position is projected once, when it arrives; per frame an affine map moves it to the screen.
//!
//! Deliberately absent: network, clock (`now` is a parameter), DOM, Tauri, texts for people (they come as [`Words`]),
//! animation between fixes (it would repaint at 60 Hz for ever).

mod atlas;
mod base_style;
mod cluster;
mod dots;
mod draw;
mod edit;
mod event;
mod evidence;
mod furniture;
mod given;
mod hit;
mod keys;
mod labels;
mod lines;
mod live_map;
mod mesh;
mod outlines;
mod paint;
mod palette;
mod pins;
mod places;
mod projection;
mod tiles;
mod ways;
mod words;

pub use edit::{EditOrder, EditStart, EditState, EditTool, Measures};
pub use event::{Fit, MapEvent, MapView};
pub use evidence::{Evidence, EvidenceFix, evidence_color};
pub use given::{Layers, PlaceShape, ResourceLabel, RouteLine, TaskPin, TrackLine, Unsent, WayOption};
pub use live_map::LiveMap;
pub use palette::{LegendItem, MarkerShape, Theme, fence_rgb, legend, way_rgb};
pub use tiles::{TileAnswer, tile_path};
pub use walkers::{TileId, install_renderer};
pub use words::Words;

#[doc(hidden)]
pub mod bench;
