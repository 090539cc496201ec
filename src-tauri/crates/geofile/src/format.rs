//! Which format a file has.

use crate::{FileFault, wkt};

/// The formats that are read and written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// RFC 7946; circles and corridors as a point or line with a radius.
    GeoJson,
    /// KML 2.2.
    Kml,
    /// Well-known text, one shape a line.
    Wkt,
}

impl Format {
    /// What the text is, by how it begins; where that says nothing, by the file's name.
    ///
    /// # Errors
    /// [`FileFault::Empty`], [`FileFault::UnknownFormat`].
    pub(crate) fn of(name: &str, text: &str) -> Result<Self, FileFault> {
        let named = Self::named(name);
        match text.trim_start().chars().next() {
            None => Err(FileFault::Empty),
            Some('{' | '[') => Ok(Format::GeoJson),
            Some('<') => Ok(Format::Kml),
            Some(_) if wkt::begins(text) => Ok(Format::Wkt),
            Some(_) => named.ok_or(FileFault::UnknownFormat),
        }
    }

    fn named(name: &str) -> Option<Self> {
        let (_, ending) = name.rsplit_once('.')?;
        match ending.to_ascii_lowercase().as_str() {
            "geojson" | "json" => Some(Format::GeoJson),
            "kml" => Some(Format::Kml),
            "wkt" | "ewkt" => Some(Format::Wkt),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_inside_counts_more_than_the_name() {
        assert_eq!(Format::of("zones.kml", " {\"type\":"), Ok(Format::GeoJson), "a brace");
        assert_eq!(Format::of("zones.txt", "\r\n<kml>"), Ok(Format::Kml), "a tag");
        assert_eq!(Format::of("zones", "Polygon ((7 43"), Ok(Format::Wkt), "a shape's name");
        assert_eq!(Format::of("zones.wkt", "TIN ((7 43"), Ok(Format::Wkt), "what nobody knows, by its name");
        assert_eq!(Format::of("zones.txt", "Dear Sirs"), Err(FileFault::UnknownFormat), "a letter");
        assert_eq!(Format::of("zones.kml", " \n"), Err(FileFault::Empty), "nothing");
    }
}
