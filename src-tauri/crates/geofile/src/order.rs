//! Which of two numbers is the longitude.

use crate::Format;

/// The order of the two numbers of a coordinate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Longitude first, as the formats have it.
    LonLat,
    /// Latitude first, as Traccar writes WKT.
    LatLon,
}

/// What was decided for a whole file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Decided {
    pub order: Order,
    /// Nothing proves it.
    pub unsure: bool,
}

/// Decides for all coordinates of a file at once: by the caller's word, by numbers that can only be a longitude, by what the file
/// says of itself (`hint`), by the format.
pub(crate) fn decide(
    positions: impl Iterator<Item = [f64; 2]>,
    hint: Option<Order>,
    format: Format,
    forced: Option<Order>,
) -> Decided {
    let sure = |order| Decided { order, unsure: false };
    if let Some(order) = forced {
        return sure(order);
    }
    let (mut lon_lat, mut lat_lon, mut all) = (0usize, 0usize, 0usize);
    for [x, y] in positions {
        let is_only_longitude = |value: f64| value.abs() > 90.0 && value.abs() <= 180.0;
        lon_lat += usize::from(is_only_longitude(x) && y.abs() <= 90.0);
        lat_lon += usize::from(is_only_longitude(y) && x.abs() <= 90.0);
        all += 1;
    }
    // Where the format has an order, a few odd numbers are slips, not a proof that it was broken throughout.
    let is_turned = if format == Format::Wkt { lat_lon > 0 } else { lat_lon > all / 2 };
    match (lon_lat > 0, is_turned, hint) {
        (true, false, _) => sure(Order::LonLat),
        (false, true, _) => sure(Order::LatLon),
        (_, _, Some(order)) => sure(order),
        (_, _, None) => Decided { order: Order::LonLat, unsure: all > 0 && format == Format::Wkt },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BERLIN: [f64; 2] = [13.4, 52.5];
    const SYDNEY: [f64; 2] = [151.2, -33.9];
    const SYDNEY_TURNED: [f64; 2] = [-33.9, 151.2];

    fn order(positions: &[[f64; 2]], hint: Option<Order>) -> (Order, bool) {
        let decided = decide(positions.iter().copied(), hint, Format::Wkt, None);
        (decided.order, decided.unsure)
    }

    #[test]
    fn a_number_beyond_ninety_decides_for_all() {
        assert_eq!(order(&[BERLIN], None), (Order::LonLat, true), "Berlin could be in Somalia");
        assert_eq!(order(&[BERLIN, SYDNEY], None), (Order::LonLat, false), "151 is no latitude");
        assert_eq!(order(&[BERLIN, SYDNEY_TURNED], None), (Order::LatLon, false), "nor here");
        assert_eq!(
            order(&[SYDNEY, SYDNEY_TURNED], None),
            (Order::LonLat, true),
            "a contradiction decides nothing"
        );
        assert_eq!(order(&[BERLIN], Some(Order::LatLon)), (Order::LatLon, false), "the file's own word");
        assert_eq!(order(&[SYDNEY], Some(Order::LatLon)), (Order::LonLat, false), "a proof outweighs it");
    }

    #[test]
    fn one_slip_does_not_turn_a_format_that_has_an_order() {
        let order =
            |positions: &[[f64; 2]]| decide(positions.iter().copied(), None, Format::GeoJson, None).order;
        assert_eq!(order(&[BERLIN, BERLIN, SYDNEY_TURNED]), Order::LonLat, "one of three is a slip");
        assert_eq!(order(&[SYDNEY_TURNED, SYDNEY_TURNED, BERLIN]), Order::LatLon, "two are a habit");
    }

    #[test]
    fn the_caller_has_the_last_word() {
        let decided = decide([SYDNEY].into_iter(), None, Format::GeoJson, Some(Order::LatLon));
        assert_eq!(decided, Decided { order: Order::LatLon, unsure: false }, "whatever the numbers say");
    }
}
