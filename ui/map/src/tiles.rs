//! The base map's tiles: which are wanted, which are here, which are drawn meanwhile.
//!
//! Tiles are vector tiles; their bytes are kept so that another theme or zoom only restyles them. Decoding happens on
//! the drawing thread and takes milliseconds, so a frame decodes [`DECODES_PER_FRAME`] at most and shows a parent (or
//! an older style) of the others. A missing tile is remembered and leaves the plain ground; a failed one is asked for
//! again after a pause that doubles.

mod piece;

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use protocol::view::BaseMapView;
use walkers::{Style, Tile, TileId, TilePiece, Tiles};

use self::piece::{cut, extent, piece_of};

use crate::base_style;
use crate::palette::Theme;
use crate::projection::WorldBox;

/// Side of a tile in points. Vector tiles and their styles are made for this size.
pub(crate) const TILE_SIDE_PT: u32 = 512;
/// Decoding a dense tile takes tens of milliseconds in the web view.
const DECODES_PER_FRAME: usize = 1;
/// Requests under way at a time.
const IN_FLIGHT_MAX: usize = 8;
/// An answer that takes longer counts as failed.
const ANSWER_TIMEOUT: TimeDelta = TimeDelta::seconds(30);
/// The pause after the first failure; it doubles up to [`RETRY_PAUSE_MAX`].
const RETRY_PAUSE: TimeDelta = TimeDelta::seconds(1);
const RETRY_PAUSE_MAX: TimeDelta = TimeDelta::seconds(60);
/// Decoded tiles kept beyond those on the screen.
const DECODED_KEPT: usize = 96;
/// Tiles whose bytes (or absence) are remembered.
const SOURCES_KEPT: usize = 512;
/// Beyond the deepest tiles, lines are restyled (made wider) for so many further zoom levels.
const RESTYLED_LEVELS: u8 = 3;

/// What came of a tile's request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TileAnswer {
    /// The tile's bytes: Mapbox vector tile, unpacked.
    Bytes(Vec<u8>),
    /// There is no such tile (404); it is not asked for again.
    Missing,
    /// It could not be had now; it is asked for again later.
    Failed,
}

/// `{source}/{z}/{x}/{y}`: what follows `tiles://localhost/`.
pub fn tile_path(source: &str, tile: TileId) -> String {
    format!("{source}/{}/{}/{}", tile.zoom, tile.x, tile.y)
}

enum Source {
    InFlight { since: DateTime<Utc>, failures: u32 },
    Here(Vec<u8>),
    Missing,
    Failed { failures: u32, retry_at: DateTime<Utc> },
}

struct Kept<T> {
    value: T,
    used: u64,
}

/// What the ground shows, for the hint on an empty map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coverage {
    /// At least something is drawn.
    Some,
    /// Nothing yet, but tiles are on their way.
    Loading,
    /// There is nothing here.
    None,
}

/// All tiles of one base map.
pub(crate) struct TileStore {
    base: Option<BaseMapView>,
    bounds: Option<WorldBox>,
    style: Style,
    sources: HashMap<TileId, Kept<Source>>,
    /// By tile and the zoom it is styled for.
    decoded: HashMap<(TileId, u8), Kept<Tile>>,
    /// Of this frame: wanted but not here, nearest to the middle first.
    wanted: Vec<TileId>,
    to_decode: Vec<(TileId, u8)>,
    drawn: usize,
    frame: u64,
}

impl TileStore {
    pub(crate) fn new(base: Option<BaseMapView>, theme: Theme) -> Self {
        let bounds = base.as_ref().and_then(|base| WorldBox::of_degrees(base.bounds));
        Self {
            base,
            bounds,
            style: base_style::style(theme),
            sources: HashMap::new(),
            decoded: HashMap::new(),
            wanted: Vec::new(),
            to_decode: Vec::new(),
            drawn: 0,
            frame: 0,
        }
    }

    pub(crate) fn set_theme(&mut self, theme: Theme) {
        self.style = base_style::style(theme);
        self.decoded.clear();
    }

    /// Where there are tiles.
    pub(crate) fn bounds(&self) -> Option<WorldBox> {
        self.bounds
    }

    /// What has to be shown with the base map.
    pub(crate) fn attribution_text(&self) -> &str {
        self.base.as_ref().map_or("", |base| &base.attribution)
    }

    /// Before the tiles are drawn.
    pub(crate) fn begin_frame(&mut self) {
        self.frame += 1;
        self.drawn = 0;
        self.wanted.clear();
        self.to_decode.clear();
    }

    /// After the tiles were drawn: decodes a few of those that are here but not drawn yet; `true` if more is left to do.
    pub(crate) fn decode_some(&mut self) -> bool {
        let queue = std::mem::take(&mut self.to_decode);
        for (tile, styled_for) in queue.iter().take(DECODES_PER_FRAME) {
            self.decode(*tile, *styled_for);
        }
        self.forget_old();
        !queue.is_empty()
    }

    pub(crate) fn coverage(&self) -> Coverage {
        let under_way = self.sources.values().any(|kept| {
            self.is_recent(kept) && matches!(kept.value, Source::InFlight { .. } | Source::Failed { .. })
        });
        if self.drawn > 0 {
            Coverage::Some
        } else if under_way || !self.wanted.is_empty() || !self.to_decode.is_empty() {
            Coverage::Loading
        } else {
            Coverage::None
        }
    }

    /// When the next failed tile of this frame may be asked for again.
    pub(crate) fn next_retry(&self) -> Option<DateTime<Utc>> {
        let due = |kept: &Kept<Source>| match kept.value {
            Source::Failed { retry_at, .. } if self.is_recent(kept) => Some(retry_at),
            Source::Failed { .. } | Source::InFlight { .. } | Source::Here(_) | Source::Missing => None,
        };
        self.sources.values().filter_map(due).min()
    }

    pub(crate) fn take_requests(&mut self, now: DateTime<Utc>) -> Vec<TileId> {
        self.expire(now);
        let under_way =
            self.sources.values().filter(|kept| matches!(kept.value, Source::InFlight { .. })).count();
        let room = IN_FLIGHT_MAX.saturating_sub(under_way);
        let wanted = std::mem::take(&mut self.wanted);
        let due: Vec<TileId> = wanted.into_iter().filter(|tile| self.is_due(*tile, now)).take(room).collect();
        for tile in &due {
            let failures = self.failures(*tile);
            let value = Source::InFlight { since: now, failures };
            self.sources.insert(*tile, Kept { value, used: self.frame });
        }
        due
    }

    pub(crate) fn arrived(&mut self, tile: TileId, answer: TileAnswer, now: DateTime<Utc>) {
        let failures = self.failures(tile);
        let value = match answer {
            TileAnswer::Bytes(bytes) => Source::Here(bytes),
            TileAnswer::Missing => Source::Missing,
            TileAnswer::Failed => failed_again(failures, now),
        };
        self.sources.insert(tile, Kept { value, used: self.frame });
    }

    /// Requests whose answer never came.
    fn expire(&mut self, now: DateTime<Utc>) {
        for kept in self.sources.values_mut() {
            if let Source::InFlight { since, failures } = kept.value
                && now - since > ANSWER_TIMEOUT
            {
                kept.value = failed_again(failures, now);
            }
        }
    }

    fn is_due(&self, tile: TileId, now: DateTime<Utc>) -> bool {
        match self.sources.get(&tile).map(|kept| &kept.value) {
            None => true,
            Some(Source::Failed { retry_at, .. }) => *retry_at <= now,
            Some(Source::InFlight { .. } | Source::Here(_) | Source::Missing) => false,
        }
    }

    fn failures(&self, tile: TileId) -> u32 {
        match self.sources.get(&tile).map(|kept| &kept.value) {
            Some(Source::Failed { failures, .. } | Source::InFlight { failures, .. }) => *failures,
            Some(Source::Here(_) | Source::Missing) | None => 0,
        }
    }

    fn is_recent<T>(&self, kept: &Kept<T>) -> bool {
        kept.used + 1 >= self.frame
    }

    fn decode(&mut self, tile: TileId, styled_for: u8) {
        let Some(Kept { value: Source::Here(bytes), .. }) = self.sources.get(&tile) else { return };
        match Tile::from_mvt(bytes, &self.style, styled_for, TILE_SIDE_PT) {
            Ok(decoded) => {
                self.decoded.insert((tile, styled_for), Kept { value: decoded, used: self.frame });
            }
            // What can't be read now can't be read later either.
            Err(_) => {
                self.sources.insert(tile, Kept { value: Source::Missing, used: self.frame });
            }
        }
    }

    fn forget_old(&mut self) {
        forget_oldest(&mut self.decoded, DECODED_KEPT, self.frame);
        forget_oldest(&mut self.sources, SOURCES_KEPT, self.frame);
    }

    /// The decoded tile, marked as used.
    fn ready(&mut self, tile: TileId, styled_for: u8) -> Option<Tile> {
        let kept = self.decoded.get_mut(&(tile, styled_for))?;
        kept.used = self.frame;
        Some(kept.value.clone())
    }

    /// Asks for what is needed to draw `tile` as it should be.
    fn want(&mut self, tile: TileId, styled_for: u8) {
        match self.sources.get_mut(&tile) {
            Some(kept) => {
                kept.used = self.frame;
                match kept.value {
                    Source::Here(_) => push_once(&mut self.to_decode, (tile, styled_for)),
                    Source::Failed { .. } => push_once(&mut self.wanted, tile),
                    Source::InFlight { .. } | Source::Missing => {}
                }
            }
            None => push_once(&mut self.wanted, tile),
        }
    }

    /// The best that is here for `asked`: the tile in an older style, or a piece of one of its parents.
    fn meanwhile(&mut self, asked: TileId, max_zoom: u8) -> Option<TilePiece> {
        (0..=asked.zoom.min(max_zoom)).rev().take(6).find_map(|zoom| {
            let (parent, uv) = piece_of(asked, zoom);
            let styles = (zoom..=zoom + RESTYLED_LEVELS).rev();
            styles.into_iter().find_map(|styled_for| self.ready(parent, styled_for)).map(|tile| cut(tile, uv))
        })
    }
}

impl Tiles for TileStore {
    fn at(&mut self, asked: TileId) -> Option<TilePiece> {
        let (min_zoom, max_zoom) = self.base.as_ref().map(|base| (base.min_zoom, base.max_zoom))?;
        if asked.zoom < min_zoom || self.bounds.is_some_and(|bounds| !bounds.overlaps(&extent(asked))) {
            return None;
        }
        let (tile, uv) = piece_of(asked, asked.zoom.min(max_zoom));
        let styled_for = asked.zoom.min(max_zoom + RESTYLED_LEVELS);
        let piece = match self.ready(tile, styled_for) {
            Some(ready) => Some(cut(ready, uv)),
            None => {
                self.want(tile, styled_for);
                self.meanwhile(asked, max_zoom)
            }
        };
        self.drawn += usize::from(piece.is_some());
        piece
    }

    /// Drawn by the map itself, because this wants text that lives for ever.
    fn attribution(&self) -> walkers::sources::Attribution {
        walkers::sources::Attribution { text: "", url: "", logo_light: None, logo_dark: None }
    }

    fn tile_size(&self) -> u32 {
        TILE_SIDE_PT
    }
}

fn failed_again(failures: u32, now: DateTime<Utc>) -> Source {
    let pause = (RETRY_PAUSE * (1 << failures.min(10))).min(RETRY_PAUSE_MAX);
    Source::Failed { failures: failures + 1, retry_at: now + pause }
}

fn push_once<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if !list.contains(&item) {
        list.push(item);
    }
}

fn forget_oldest<K: Copy + Eq + std::hash::Hash, T>(kept: &mut HashMap<K, Kept<T>>, most: usize, frame: u64) {
    if kept.len() <= most {
        return;
    }
    let mut by_age: Vec<(u64, K)> = kept.iter().map(|(key, value)| (value.used, *key)).collect();
    by_age.sort_unstable_by_key(|(used, _)| *used);
    let surplus = kept.len() - most;
    for (_, key) in by_age.into_iter().take(surplus).filter(|(used, _)| *used < frame) {
        kept.remove(&key);
    }
}

#[cfg(test)]
mod tests;
