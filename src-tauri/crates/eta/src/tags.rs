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
const METRES_PER_FOOT: f64 = 0.304_8;
/// What is driven on average where there is no limit.
const UNLIMITED_KMH: f64 = 140.0;
/// A crossing of more than this is a mistake in the data.
const LONGEST_SECS: f64 = 3.0 * 86_400.0;

/// A `maxspeed` value in km/h: numbers with or without unit, the strictest of a list, `walk`, `none` and the zones of
/// countries (`FR:urban`). `None` where it can't be read, so that the class decides.
pub(crate) fn speed_kmh(value: &str) -> Option<f64> {
    value.split([';', ',', '|']).filter_map(|one| single_speed_kmh(one.trim())).reduce(f64::min)
}

fn single_speed_kmh(value: &str) -> Option<f64> {
    match value {
        "none" | "unlimited" => return Some(UNLIMITED_KMH),
        "walk" => return Some(7.0),
        _ => {}
    }
    let (country, sign) = value.rsplit_once(':').unwrap_or(("", value));
    zone_kmh(country, sign).or_else(|| number_kmh(sign)).filter(|kmh| (3.0..=200.0).contains(kmh))
}

/// The limits behind the names of zones; where a country differs from most others, it is listed.
fn zone_kmh(country: &str, zone: &str) -> Option<f64> {
    match (country, zone) {
        ("AT" | "DE" | "RO" | "HU", "trunk") | ("DE" | "AT" | "PL" | "ZA", "rural") => Some(100.0),
        ("FR" | "CH" | "DK" | "NL" | "NO" | "SE" | "GB", "rural") => Some(80.0),
        ("CH" | "BE" | "NL" | "ES", "motorway") => Some(120.0),
        ("CH" | "NL", "trunk") => Some(100.0),
        ("NO", "motorway") => Some(110.0),
        ("GB" | "UK", "nsl_single") => Some(60.0 * KMH_PER_MPH),
        ("GB" | "UK", "nsl_dual" | "motorway") => Some(70.0 * KMH_PER_MPH),
        ("DE", "motorway") => Some(UNLIMITED_KMH),
        (_, "living_street" | "walk") => Some(10.0),
        (_, "urban") => Some(50.0),
        (_, "rural") => Some(90.0),
        (_, "trunk") => Some(110.0),
        (_, "motorway") => Some(130.0),
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

/// A height, width or weight: a number in metres or tonnes, or feet and inches (`6'7"`). `None` where it can't be read.
pub(crate) fn metres(value: &str) -> Option<f64> {
    let value = value.trim();
    if let Some((feet, inches)) = value.split_once('\'') {
        let inches = inches.trim().trim_end_matches('"');
        let inches: f64 = if inches.is_empty() { 0.0 } else { inches.parse().ok()? };
        return Some((feet.trim().parse::<f64>().ok()? + inches / 12.0) * METRES_PER_FOOT);
    }
    let digits = value.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(value.len());
    let (number, unit) = value.split_at(digits);
    matches!(unit.trim(), "" | "m" | "t").then(|| number.parse().ok()).flatten()
}

/// A duration in seconds: `MM`, `HH:MM`, `HH:MM:SS` or ISO 8601 (`PT1H30M`). `None` where it can't be read, is zero or absurd.
pub(crate) fn duration_secs(value: &str) -> Option<f64> {
    let value = value.trim();
    let secs = match value.strip_prefix('P') {
        Some(period) => iso_secs(period)?,
        None => clock_secs(value)?,
    };
    Some(secs).filter(|secs| *secs > 0.0 && *secs <= LONGEST_SECS)
}

fn clock_secs(value: &str) -> Option<f64> {
    let parts: Option<Vec<f64>> =
        value.split(':').map(|part| part.parse::<u32>().ok().map(f64::from)).collect();
    match parts?.as_slice() {
        [minutes] => Some(minutes * 60.0),
        [hours, minutes] => Some(hours * 3_600.0 + minutes * 60.0),
        [hours, minutes, secs] => Some(hours * 3_600.0 + minutes * 60.0 + secs),
        _ => None,
    }
}

fn iso_secs(period: &str) -> Option<f64> {
    let (mut secs, mut number, mut in_time) = (0.0, String::new(), false);
    for letter in period.chars() {
        let unit_secs = match letter {
            'T' if number.is_empty() => {
                in_time = true;
                continue;
            }
            '0'..='9' | '.' => {
                number.push(letter);
                continue;
            }
            'D' => 86_400.0,
            'H' => 3_600.0,
            'M' if in_time => 60.0,
            'S' => 1.0,
            _ => return None,
        };
        secs += number.parse::<f64>().ok()? * unit_secs;
        number.clear();
    }
    number.is_empty().then_some(secs)
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
            ("IT:rural", Some(90.0)),
            ("FR:rural", Some(80.0)),
            ("DE:motorway", Some(140.0)),
            ("walk", Some(7.0)),
            ("none", Some(140.0)),
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

    #[test]
    fn heights_and_crossings() {
        let metre_rows =
            [("2.1", Some(2.1)), ("2 m", Some(2.0)), ("3.5 t", Some(3.5)), ("default", None), ("-1", None)];
        for (sign, expected) in metre_rows {
            assert_eq!(metres(sign), expected, "reading the limit {sign:?}");
        }
        assert!((metres("6'7\"").expect("feet and inches") - 2.0066).abs() < 1e-4, "an English bridge");
        let rows = [
            ("20", Some(1_200.0)),
            ("00:20", Some(1_200.0)),
            ("1:30:00", Some(5_400.0)),
            ("PT1H30M", Some(5_400.0)),
            ("P1DT1H", Some(90_000.0)),
            ("0", None),
            ("-5", None),
            ("99999:00", None),
            ("PT", None),
            ("soon", None),
            ("1:2:3:4", None),
        ];
        for (sign, secs) in rows {
            assert_eq!(duration_secs(sign), secs, "reading the duration {sign:?}");
        }
    }
}
