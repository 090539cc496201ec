//! OSM tags of one element, and the reading of speed signs.

/// The tags of one way or node. Elements have few, so a list beats a map.
#[derive(Debug, Default)]
pub(crate) struct Tags<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Tags<'a> {
    pub fn new(tags: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self(tags.into_iter().collect())
    }

    pub fn get(&self, key: &str) -> Option<&'a str> {
        self.0.iter().find(|(found, _)| *found == key).map(|(_, value)| *value)
    }
}

const KMH_PER_MPH: f64 = 1.609_344;
const KMH_PER_KNOT: f64 = 1.852;

/// A `maxspeed` value in km/h: numbers with or without unit, the strictest of a list, `walk`, `none` and the zones of
/// countries (`FR:urban`). `None` where it can't be read, so that the class decides.
pub(crate) fn speed_kmh(value: &str) -> Option<f64> {
    value.split([';', ',', '|']).filter_map(|one| single_speed_kmh(one.trim())).reduce(f64::min)
}

fn single_speed_kmh(value: &str) -> Option<f64> {
    match value {
        "none" | "unlimited" => return Some(150.0),
        "walk" => return Some(7.0),
        _ => {}
    }
    let sign = value.rsplit(':').next().unwrap_or(value);
    zone_kmh(sign).or_else(|| number_kmh(sign)).filter(|kmh| (3.0..=200.0).contains(kmh))
}

fn zone_kmh(zone: &str) -> Option<f64> {
    match zone {
        "living_street" | "walk" => Some(10.0),
        "urban" => Some(50.0),
        "rural" => Some(80.0),
        "trunk" => Some(100.0),
        "motorway" => Some(120.0),
        _ => zone.strip_prefix("zone").and_then(|kmh| kmh.parse().ok()),
    }
}

fn number_kmh(sign: &str) -> Option<f64> {
    let digits = sign.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(sign.len());
    let (number, unit) = sign.split_at(digits);
    let number: f64 = number.parse().ok()?;
    match unit.trim() {
        "" | "km/h" | "kmh" | "kph" => Some(number),
        "mph" => Some(number * KMH_PER_MPH),
        "knots" => Some(number * KMH_PER_KNOT),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_of_many_countries() {
        let rows: &[(&str, Option<f64>)] = &[
            ("50", Some(50.0)),
            ("50 km/h", Some(50.0)),
            ("30 mph", Some(48.28032)),
            ("20mph", Some(32.18688)),
            ("50;30", Some(30.0)),
            ("FR:urban", Some(50.0)),
            ("DE:zone:30", Some(30.0)),
            ("DE:zone30", Some(30.0)),
            ("IT:rural", Some(80.0)),
            ("walk", Some(7.0)),
            ("none", Some(150.0)),
            ("signals", None),
            ("", None),
            ("0", None),
            ("5000", None),
            ("-10", None),
            ("fifty", None),
        ];
        for (sign, kmh) in rows {
            assert_eq!(speed_kmh(sign), *kmh, "reading the sign {sign:?}");
        }
    }
}
