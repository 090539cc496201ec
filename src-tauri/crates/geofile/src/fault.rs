//! Why a feature, or a whole file, can't be read.

use domain::LonLat;
use domain::place::ShapeError;

/// Longest piece of text in an error, characters.
const PIECE_CHARS: usize = 40;

/// Why a feature can't be a fence.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Fault {
    /// Its shape is no area that can be watched.
    #[error(transparent)]
    Shape(#[from] ShapeError),
    /// Two finite numbers, in the order of the file, that are no place on the earth.
    #[error("{x}, {y} is no place on the earth")]
    OffEarth {
        /// The first number.
        x: f64,
        /// The second number.
        y: f64,
    },
    /// This should be a finite number.
    #[error("“{0}” should be a number")]
    NotANumber(String),
    /// A kind of geometry that can't be a fence, by its name in the file.
    #[error("“{0}” can't be a fence")]
    UnknownGeometry(String),
    /// There is no geometry, or an empty one.
    #[error("there is no geometry")]
    NoGeometry,
    /// A point needs a radius; it is here.
    #[error("a point needs a radius to be a fence")]
    NoRadius(LonLat),
    /// A line needs a width.
    #[error("a line needs a width to be a fence")]
    NoWidth,
    /// Geometries within geometries, too deep.
    #[error("the geometries are nested too deep")]
    TooDeep,
    /// It can't be read from this piece of its text on (at most 40 characters).
    #[error("it can't be read from “{0}” on")]
    Malformed(String),
}

impl Fault {
    /// It can't be read from here on.
    pub(crate) fn malformed(text: &str) -> Self {
        Fault::Malformed(piece(text))
    }

    /// This is no finite number.
    pub(crate) fn not_a_number(text: &str) -> Self {
        Fault::NotANumber(piece(text))
    }

    /// Geometries of this name are not known.
    pub(crate) fn unknown(name: &str) -> Self {
        Fault::UnknownGeometry(piece(name))
    }
}

/// Why a file can't be read at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FileFault {
    /// More bytes than this.
    #[error("the file is larger than {} MB", .0 / 1_048_576)]
    TooLarge(usize),
    /// More features than this.
    #[error("the file has more than {0} features")]
    TooMany(usize),
    /// Not UTF-8.
    #[error("the file is not UTF-8 text")]
    NotText,
    /// Neither GeoJSON nor KML nor WKT.
    #[error("the file is neither GeoJSON nor KML nor WKT")]
    UnknownFormat,
    /// A file of that format with nothing in it.
    #[error("the file has no features")]
    Empty,
    /// It breaks its format on this line, from 1.
    #[error("the file is damaged at line {0}")]
    Malformed(u32),
    /// XML with a document type.
    #[error("the file has a document type of its own, which is not read")]
    HasDoctype,
    /// Things within things, too deep.
    #[error("the file is nested too deep")]
    TooDeep,
}

/// The beginning of a text's first line.
fn piece(text: &str) -> String {
    let line = text.trim_start().lines().next().unwrap_or_default();
    line.chars()
        .filter(|letter| !letter.is_control())
        .take(PIECE_CHARS)
        .collect::<String>()
        .trim_end()
        .to_owned()
}
