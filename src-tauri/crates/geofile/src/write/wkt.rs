//! WKT, longitude first, one shape a line; circles and corridors as `BUFFER`, since no line of a file should turn the others round.

use domain::LonLat;
use domain::place::{Fence, FenceShape, PolygonArea};

use super::{Exported, rings};

pub(super) fn write(fenced: &[(&Exported<'_>, &Fence)]) -> String {
    fenced.iter().map(|(_, fence)| shape(&fence.shape) + "\n").collect()
}

fn shape(shape: &FenceShape) -> String {
    match shape {
        FenceShape::Circle { center, radius_m } => {
            format!("BUFFER (POINT ({}), {radius_m})", numbers(*center))
        }
        FenceShape::Corridor { line, half_width_m } => {
            format!("BUFFER (LINESTRING {}, {half_width_m})", points(line.iter().copied()))
        }
        FenceShape::Polygon { area } => format!("POLYGON {}", polygon(area)),
        FenceShape::MultiPolygon { areas } => {
            let areas: Vec<String> = areas.iter().map(polygon).collect();
            format!("MULTIPOLYGON ({})", areas.join(", "))
        }
    }
}

fn polygon(area: &PolygonArea) -> String {
    let rings: Vec<String> = rings(area).map(points).collect();
    format!("({})", rings.join(", "))
}

fn points(points: impl Iterator<Item = LonLat>) -> String {
    let points: Vec<String> = points.map(numbers).collect();
    format!("({})", points.join(", "))
}

fn numbers(at: LonLat) -> String {
    format!("{} {}", at.lon(), at.lat())
}
