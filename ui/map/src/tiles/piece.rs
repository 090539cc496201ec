//! Where tiles lie in their parents and in the world.

use egui::{Rect, pos2};
use walkers::{Tile, TileId, TilePiece};

use super::TILE_SIDE_PT;
use crate::projection::{WorldBox, WorldPos};

/// The tile's ancestor at `zoom`, and which part of it the tile is.
pub(super) fn piece_of(tile: TileId, zoom: u8) -> (TileId, Rect) {
    let levels = u32::from(tile.zoom.saturating_sub(zoom));
    let per_side = 1u32 << levels;
    let ancestor = TileId { x: tile.x >> levels, y: tile.y >> levels, zoom: tile.zoom.min(zoom) };
    let share = 1.0 / per_side as f32;
    let min = pos2((tile.x % per_side) as f32 * share, (tile.y % per_side) as f32 * share);
    (ancestor, Rect::from_min_max(min, min + egui::Vec2::splat(share)))
}

/// A piece with only the labels in it: the others would be laid out for nothing, once per piece.
pub(super) fn cut(tile: Tile, uv: Rect) -> TilePiece {
    let tile = match tile {
        Tile::Vector { drawables, texts } if uv.width() < 1.0 => {
            let side = TILE_SIDE_PT as f32;
            let part =
                Rect::from_min_max((uv.min.to_vec2() * side).to_pos2(), (uv.max.to_vec2() * side).to_pos2());
            Tile::Vector {
                drawables,
                texts: texts.into_iter().filter(|text| part.contains(text.position)).collect(),
            }
        }
        whole @ (Tile::Vector { .. } | Tile::Raster(_)) => whole,
    };
    TilePiece::new(tile, uv)
}

pub(super) fn extent(tile: TileId) -> WorldBox {
    let side = (-f64::from(tile.zoom)).exp2();
    let min = WorldPos { x: f64::from(tile.x) * side, y: f64::from(tile.y) * side };
    WorldBox { min, max: WorldPos { x: min.x + side, y: min.y + side } }
}
