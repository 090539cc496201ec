//! GeoJSON; a circle is a point with `radius_m`, a corridor a line with `half_width_m`.

use domain::LonLat;
use domain::place::{Fence, FenceShape, PolygonArea};
use geojson::{Feature, FeatureCollection, Geometry, GeometryValue};
use serde_json::{Map, Value};

use super::{Exported, rings, said};

pub(super) fn write(fenced: &[(&Exported<'_>, &Fence)]) -> String {
    let features = fenced.iter().map(|&(place, fence)| feature(place, fence)).collect();
    FeatureCollection { bbox: None, features, foreign_members: None }.to_string()
}

fn feature(place: &Exported<'_>, fence: &Fence) -> Feature {
    let mut properties = Map::from_iter([("name".to_owned(), Value::from(place.poi.name.as_str()))]);
    properties.extend(said((place, fence)).into_iter().map(|(name, value)| (name.to_owned(), value)));
    match fence.shape {
        FenceShape::Circle { radius_m, .. } => {
            drop(properties.insert("radius_m".to_owned(), radius_m.into()))
        }
        FenceShape::Corridor { half_width_m, .. } => {
            properties.insert("half_width_m".to_owned(), half_width_m.into());
        }
        FenceShape::Polygon { .. } | FenceShape::MultiPolygon { .. } => {}
    }
    Feature {
        bbox: None,
        geometry: Some(Geometry::new(geometry(&fence.shape))),
        id: None,
        properties: Some(properties),
        foreign_members: None,
    }
}

fn geometry(shape: &FenceShape) -> GeometryValue {
    let numbers = |at: LonLat| [at.lon(), at.lat()];
    let area = |area: &PolygonArea| {
        rings(area).map(|ring| ring.map(numbers).collect::<Vec<_>>()).collect::<Vec<_>>()
    };
    match shape {
        FenceShape::Circle { center, .. } => GeometryValue::new_point(numbers(*center)),
        FenceShape::Corridor { line, .. } => {
            GeometryValue::new_line_string(line.iter().map(|at| numbers(*at)))
        }
        FenceShape::Polygon { area: own } => GeometryValue::new_polygon(area(own)),
        FenceShape::MultiPolygon { areas } => GeometryValue::new_multi_polygon(areas.iter().map(area)),
    }
}
