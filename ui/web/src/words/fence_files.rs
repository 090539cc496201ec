//! Texts for what can't be read in a file of fences, and for shapes that can't be fences.

use domain::LonLat;
use domain::place::ShapeError;
use protocol::view::{FeatureFault, FenceFileFault};

use super::{t, tf};

/// Why a feature of a file can't be a fence.
pub fn feature_fault_text(fault: &FeatureFault) -> String {
    match fault {
        FeatureFault::Shape(error) => shape_error_text(error),
        FeatureFault::OffEarth { x, y } => {
            tf("fault-off-earth", &[("x", &x.to_string()), ("y", &y.to_string())])
        }
        FeatureFault::NotANumber(text) => tf("fault-not-a-number", &[("text", text)]),
        FeatureFault::UnknownGeometry(name) => tf("fault-unknown-geometry", &[("name", name)]),
        FeatureFault::NoGeometry => t("fault-no-geometry").to_owned(),
        FeatureFault::NoRadius => t("fault-no-radius").to_owned(),
        FeatureFault::NoWidth => t("fault-no-width").to_owned(),
        FeatureFault::TooDeep => t("fault-too-deep").to_owned(),
        FeatureFault::Malformed(text) => tf("fault-malformed", &[("text", text)]),
    }
}

/// Why a file of fences can't be read at all.
pub fn file_fault_text(fault: &FenceFileFault) -> String {
    match fault {
        FenceFileFault::TooLarge(megabytes) => tf("file-too-large", &[("n", &megabytes.to_string())]),
        FenceFileFault::TooMany(features) => tf("file-too-many", &[("n", &features.to_string())]),
        FenceFileFault::NotText => t("file-not-text").to_owned(),
        FenceFileFault::UnknownFormat => t("file-unknown-format").to_owned(),
        FenceFileFault::Empty => t("file-empty").to_owned(),
        FenceFileFault::Malformed(Some(line)) => tf("file-malformed-at", &[("line", &line.to_string())]),
        FenceFileFault::Malformed(None) => t("file-malformed").to_owned(),
        FenceFileFault::HasDoctype => t("file-has-doctype").to_owned(),
        FenceFileFault::TooDeep => t("file-too-deep").to_owned(),
    }
}

/// Why a shape can't be a fence.
pub fn shape_error_text(error: &ShapeError) -> String {
    match error {
        ShapeError::Size(size_m) => tf("shape-size", &[("size", &size_m.to_string())]),
        ShapeError::RingTooShort(points) => tf("shape-ring-too-short", &[("n", &points.to_string())]),
        ShapeError::LineTooShort(points) => tf("shape-line-too-short", &[("n", &points.to_string())]),
        ShapeError::Empty => t("shape-empty").to_owned(),
        ShapeError::TooManyPoints(points) => tf("shape-too-many-points", &[("n", &points.to_string())]),
        ShapeError::AroundPole => t("shape-around-pole").to_owned(),
        ShapeError::SelfIntersecting(at) => tf("shape-crosses-itself", &[("place", &place(*at))]),
        ShapeError::Flat(at) => tf("shape-flat", &[("place", &place(*at))]),
        ShapeError::HoleOutside(at) => tf("shape-hole-outside", &[("place", &place(*at))]),
        ShapeError::BeyondHemisphere => t("shape-beyond-hemisphere").to_owned(),
        ShapeError::TooTangled => t("shape-too-tangled").to_owned(),
    }
}

fn place(at: LonLat) -> String {
    tf("place-at", &[("lat", &format!("{:.6}", at.lat())), ("lon", &format!("{:.6}", at.lon()))])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crossing_is_told_with_its_place() {
        let at = LonLat::new(7.4234567, 43.73).expect("a coordinate");
        let text = feature_fault_text(&FeatureFault::Shape(ShapeError::SelfIntersecting(at)));
        assert!(text.contains("43.730000, 7.423457"), "latitude first, as everywhere on the screen: {text}");
    }

    #[test]
    fn every_fault_has_its_values_in_its_text() {
        let faults = [
            (FeatureFault::OffEarth { x: 200.5, y: 43.0 }, "200.5"),
            (FeatureFault::NotANumber("abc".to_owned()), "abc"),
            (FeatureFault::UnknownGeometry("TIN".to_owned()), "TIN"),
            (FeatureFault::Malformed("((7".to_owned()), "((7"),
            (FeatureFault::Shape(ShapeError::TooManyPoints(200_001)), "200001"),
        ];
        for (fault, value) in faults {
            let text = feature_fault_text(&fault);
            assert!(text.contains(value) && !text.contains('$'), "{fault:?}: {text}");
        }
        assert!(file_fault_text(&FenceFileFault::Malformed(Some(12))).contains("12"), "the line");
    }
}
