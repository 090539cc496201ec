//! Recorded traces as CSV.
//!
//! Columns by name, in any order: `t` (seconds, or an RFC 3339 time), `id`, `lon`/`longitude`, `lat`/`latitude`, and optionally
//! `speed_mps`, `heading_deg`, `accuracy_m`; others are ignored. Without `id` all rows are one vehicle's; without `t` its rows are
//! one second apart. Bad rows are named by their line and skipped.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use chrono::DateTime;
use csv::ByteRecord;
use domain::LonLat;
use flate2::bufread::MultiGzDecoder;

/// Longest id of a vehicle in bytes.
const MAX_ID_BYTES: usize = 100;

/// What was recorded.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Trace {
    /// Vehicles in the order in which they first appear.
    pub vehicles: Vec<Vehicle>,
}

/// One vehicle's recording.
#[derive(Debug, Clone, PartialEq)]
pub struct Vehicle {
    /// As in the file.
    pub id: String,
    /// In the order of time, never empty.
    pub sightings: Vec<Sighting>,
}

/// One row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sighting {
    /// Seconds on the recording's own clock.
    pub secs: f64,
    /// Where.
    pub at: LonLat,
    /// Metres per second.
    pub speed_mps: Option<f32>,
    /// Degrees clockwise from north.
    pub heading_deg: Option<f32>,
    /// 68 % radius in metres.
    pub accuracy_m: Option<f32>,
}

/// A row that can't be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRow {
    /// Line in the file, from 1.
    pub line: u64,
    /// What is wrong.
    pub reason: String,
}

/// What a file held.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Recording {
    /// The good rows.
    pub trace: Trace,
    /// The others, by line.
    pub bad: Vec<BadRow>,
    /// Number of rows read, bad ones included.
    pub rows: u64,
}

/// A file that is no recording at all.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    /// Can't be opened or read.
    #[error("the recording can't be read: {0}")]
    Io(#[from] std::io::Error),
    /// Broken CSV or a broken compressed file.
    #[error("the recording can't be read: {0}")]
    Csv(#[from] csv::Error),
    /// No coordinates.
    #[error("the recording has no column “{0}”")]
    NoColumn(&'static str),
}

/// Reads a file, plain or gzip (told by its first bytes).
pub fn read_file(path: &Path) -> Result<Recording, TraceError> {
    let mut file = BufReader::new(std::fs::File::open(path)?);
    if file.fill_buf()?.starts_with(&[0x1f, 0x8b]) { read(MultiGzDecoder::new(file)) } else { read(file) }
}

/// Reads CSV.
pub fn read(from: impl Read) -> Result<Recording, TraceError> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(from);
    let columns = Columns::find(reader.byte_headers()?)?;
    let (mut recording, mut known) = (Recording::default(), HashMap::new());
    let mut row = ByteRecord::new();
    while reader.read_byte_record(&mut row)? {
        recording.rows += 1;
        let line = row.position().map_or(0, csv::Position::line);
        match columns.sighting(&row) {
            Ok((id, sighting)) => recording.trace.add(&mut known, id, sighting),
            Err(reason) => recording.bad.push(BadRow { line, reason }),
        }
    }
    let by_time = |a: &Sighting, b: &Sighting| a.secs.total_cmp(&b.secs);
    recording.trace.vehicles.iter_mut().for_each(|vehicle| vehicle.sightings.sort_by(by_time));
    Ok(recording)
}

impl Trace {
    /// The same with the first `count` vehicles only.
    pub fn limited(mut self, count: usize) -> Trace {
        self.vehicles.truncate(count);
        self
    }

    /// First and last second; `None` without any row.
    pub fn span_secs(&self) -> Option<(f64, f64)> {
        let starts =
            self.vehicles.iter().filter_map(|vehicle| vehicle.sightings.first()).map(|first| first.secs);
        let ends = self.vehicles.iter().filter_map(|vehicle| vehicle.sightings.last()).map(|last| last.secs);
        Some((starts.min_by(f64::total_cmp)?, ends.max_by(f64::total_cmp)?))
    }

    fn add(&mut self, known: &mut HashMap<String, usize>, id: String, mut sighting: Sighting) {
        let index = *known.entry(id).or_insert_with_key(|id| {
            self.vehicles.push(Vehicle { id: id.clone(), sightings: Vec::new() });
            self.vehicles.len() - 1
        });
        let sightings = &mut self.vehicles[index].sightings;
        if sighting.secs.is_nan() {
            sighting.secs = sightings.len() as f64;
        }
        sightings.push(sighting);
    }
}

/// Where each column is.
struct Columns {
    secs: Option<usize>,
    id: Option<usize>,
    lon: usize,
    lat: usize,
    speed: Option<usize>,
    heading: Option<usize>,
    accuracy: Option<usize>,
}

impl Columns {
    fn find(header: &ByteRecord) -> Result<Self, TraceError> {
        let names: Vec<String> =
            header.iter().map(|name| String::from_utf8_lossy(name).to_lowercase()).collect();
        let find = |wanted: &[&str]| {
            names.iter().position(|name| wanted.contains(&name.trim_start_matches('\u{feff}').trim()))
        };
        Ok(Columns {
            secs: find(&["t", "time", "secs"]),
            id: find(&["id", "vehicle", "trackid"]),
            lon: find(&["lon", "longitude", "lng"]).ok_or(TraceError::NoColumn("lon"))?,
            lat: find(&["lat", "latitude"]).ok_or(TraceError::NoColumn("lat"))?,
            speed: find(&["speed_mps", "speed"]),
            heading: find(&["heading_deg", "heading"]),
            accuracy: find(&["accuracy_m", "accuracy"]),
        })
    }

    /// The vehicle and what the row says of it; a time that is not recorded is NaN.
    fn sighting(&self, row: &ByteRecord) -> Result<(String, Sighting), String> {
        let at = LonLat::new(number(row, self.lon, "lon")?, number(row, self.lat, "lat")?);
        let at = at.map_err(|error| error.to_string())?;
        let secs = self.secs.map(|column| time(row, column)).transpose()?.unwrap_or(f64::NAN);
        let id = self.id.map(|column| text(row, column, "id")).transpose()?.unwrap_or("1").to_owned();
        if id.is_empty() || id.len() > MAX_ID_BYTES {
            return Err("id is empty or too long".to_owned());
        }
        let speed_mps = optional(row, self.speed, "speed", 0.0..=1_000.0)?;
        let heading_deg =
            optional(row, self.heading, "heading", -360.0..=360.0)?.map(|degrees| degrees.rem_euclid(360.0));
        let accuracy_m = optional(row, self.accuracy, "accuracy", 0.0..=1_000_000.0)?;
        Ok((id, Sighting { secs, at, speed_mps, heading_deg, accuracy_m }))
    }
}

fn text<'a>(row: &'a ByteRecord, column: usize, name: &str) -> Result<&'a str, String> {
    let field = row.get(column).ok_or_else(|| format!("{name} is missing"))?;
    std::str::from_utf8(field).map_err(|_| format!("{name} is no text"))
}

fn number(row: &ByteRecord, column: usize, name: &str) -> Result<f64, String> {
    let text = text(row, column, name)?;
    text.parse().map_err(|_| format!("{name} “{}” is no number", shortened(text)))
}

fn time(row: &ByteRecord, column: usize) -> Result<f64, String> {
    let text = text(row, column, "t")?;
    let secs = match DateTime::parse_from_rfc3339(text) {
        Ok(time) => time.timestamp_millis() as f64 / 1_000.0,
        Err(_) => number(row, column, "t")?,
    };
    if secs.is_finite() { Ok(secs) } else { Err("t is not a finite number".to_owned()) }
}

fn optional(
    row: &ByteRecord,
    column: Option<usize>,
    name: &str,
    range: std::ops::RangeInclusive<f64>,
) -> Result<Option<f32>, String> {
    let Some(column) = column.filter(|column| row.get(*column).is_some_and(|field| !field.is_empty())) else {
        return Ok(None);
    };
    let value = number(row, column, name)?;
    if range.contains(&value) { Ok(Some(value as f32)) } else { Err(format!("{name} {value} can't be")) }
}

fn shortened(text: &str) -> String {
    text.chars().take(30).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recording(text: &str) -> Recording {
        read(text.as_bytes()).expect("a recording")
    }

    #[test]
    fn good_rows_are_kept_and_bad_ones_are_named_by_their_line() {
        let all = recording(
            "t,id,lon,lat,speed_mps,heading_deg\n\
             0,a,7.42,43.73,5,90\n\
             1,a,NaN,43.73,5,90\n\
             2,a,7.42,143.73,5,90\n\
             3,a,7.42\n\
             4,a,seven,43.73,5,90\n\
             inf,a,7.42,43.73,5,90\n\
             6,,7.42,43.73,5,90\n\
             7,b,7.43,43.74,,-90\n\
             8,a,7.42,43.73,-4,0\n",
        );
        assert_eq!(all.rows, 9, "every row is counted");
        let lines: Vec<u64> = all.bad.iter().map(|bad| bad.line).collect();
        assert_eq!(
            lines,
            [3, 4, 5, 6, 7, 8, 10],
            "NaN, off the earth, cut off, no number, no time, no id, backwards"
        );
        assert_eq!(all.trace.vehicles.len(), 2, "two vehicles are left");
        let b = &all.trace.vehicles[1];
        assert_eq!((b.id.as_str(), b.sightings.len()), ("b", 1), "with one row");
        assert_eq!(
            (b.sightings[0].speed_mps, b.sightings[0].heading_deg),
            (None, Some(270.0)),
            "without a speed"
        );
        assert_eq!(all.trace.span_secs(), Some((0.0, 7.0)), "first and last");
    }

    #[test]
    fn one_track_without_times_is_a_second_a_row() {
        let track = recording("latitude,longitude\n39.65,-104.91\n39.66,-104.92\n39.67,-104.93\n").trace;
        assert_eq!(track.vehicles.len(), 1, "one vehicle");
        let secs: Vec<f64> = track.vehicles[0].sightings.iter().map(|sighting| sighting.secs).collect();
        assert_eq!(secs, [0.0, 1.0, 2.0], "a second apart");
        assert!((track.vehicles[0].sightings[0].at.lat() - 39.65).abs() < 1e-9, "latitude comes first here");
    }

    #[test]
    fn rows_out_of_order_are_put_in_order_and_times_may_be_times() {
        let track =
            recording("t,id,lon,lat\n2026-11-23T08:00:05Z,a,7,43\n2026-11-23T08:00:00Z,a,7,43\n").trace;
        let sightings = &track.vehicles[0].sightings;
        assert!((sightings[1].secs - sightings[0].secs - 5.0).abs() < 1e-6, "five seconds later");
    }

    #[test]
    fn a_compressed_file_is_read_and_a_cut_off_one_is_an_error() {
        use std::io::Write;
        let dir = tempfile::tempdir().expect("folder");
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        packer.write_all(b"t,id,lon,lat\n0,a,7.42,43.73\n").expect("packs");
        let packed = packer.finish().expect("packs");
        let path = dir.path().join("trace.csv.gz");
        std::fs::write(&path, &packed).expect("writes");
        assert_eq!(read_file(&path).expect("reads").trace.vehicles.len(), 1, "told by its first bytes");
        std::fs::write(&path, &packed[..packed.len() - 12]).expect("writes");
        assert!(read_file(&path).is_err(), "half a file is no recording");
        assert!(
            matches!(read("a,b\n1,2\n".as_bytes()), Err(TraceError::NoColumn("lon"))),
            "nor is any table"
        );
    }
}
