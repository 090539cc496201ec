//! The cells of a CSV row.

use domain::LonLat;

use super::{ImportError, RowProblem};

/// First letters that make a spreadsheet take a text for a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A cell as it is exported: one that a spreadsheet would take for a formula gets an apostrophe in front; quotes and commas are
/// written as CSV wants them.
pub fn escaped(text: &str) -> String {
    let safe = if text.starts_with(FORMULA) { format!("'{text}") } else { text.to_owned() };
    if safe.contains([',', '"', '\n', '\r']) { format!("\"{}\"", safe.replace('"', "\"\"")) } else { safe }
}

/// One row with the names of its columns.
#[derive(Debug)]
pub(super) struct Cells<'r> {
    header: &'r csv::StringRecord,
    row: &'r csv::StringRecord,
    line: u64,
}

impl Cells<'_> {
    pub fn problem(&self, column: &str, reason: impl Into<String>) -> RowProblem {
        RowProblem { line: self.line, column: column.to_owned(), reason: reason.into() }
    }

    /// The cell without spaces around it; empty where the file has no such column.
    pub fn raw(&self, column: &str) -> &str {
        let index = self.header.iter().position(|name| name == column);
        index.and_then(|index| self.row.get(index)).unwrap_or_default().trim_matches(' ')
    }

    /// A text of at most `most` characters, perhaps empty.
    pub fn text(&self, column: &str, most: usize) -> Result<String, RowProblem> {
        let text = self.raw(column);
        if text.starts_with(FORMULA) {
            return Err(self.problem(column, "starts with = + - @ or a tab, as formulas do"));
        }
        if text.chars().count() > most {
            return Err(self.problem(column, format!("is longer than {most} characters")));
        }
        Ok(text.to_owned())
    }

    /// A text that has to be there.
    pub fn name(&self, column: &str, most: usize) -> Result<String, RowProblem> {
        let text = self.text(column, most)?;
        if text.is_empty() { Err(self.problem(column, "is empty")) } else { Ok(text) }
    }

    /// Texts separated by semicolons.
    pub fn list(&self, column: &str) -> Result<Vec<String>, RowProblem> {
        let text = self.text(column, 1_000)?;
        Ok(text.split(';').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect())
    }

    /// Something that can be parsed; `None` where the cell is empty.
    pub fn parsed<T: std::str::FromStr>(&self, column: &str, what: &str) -> Result<Option<T>, RowProblem> {
        match self.raw(column) {
            "" => Ok(None),
            text => text
                .parse()
                .map(Some)
                .map_err(|_| self.problem(column, format!("“{}” is no {what}", short(text)))),
        }
    }

    /// Yes or no; an empty cell is no.
    pub fn yes(&self, column: &str) -> Result<bool, RowProblem> {
        match self.raw(column).to_lowercase().as_str() {
            "yes" | "true" | "1" => Ok(true),
            "no" | "false" | "0" | "" => Ok(false),
            other => Err(self.problem(column, format!("“{}” is neither yes nor no", short(other)))),
        }
    }

    /// A coordinate from two columns; `None` where both are empty.
    pub fn place(&self, lon: &str, lat: &str) -> Result<Option<LonLat>, RowProblem> {
        let degrees = |column| self.parsed::<f64>(column, "number of degrees");
        match (degrees(lon)?, degrees(lat)?) {
            (None, None) => Ok(None),
            (Some(_), None) => Err(self.problem(lat, "is empty")),
            (None, Some(_)) => Err(self.problem(lon, "is empty")),
            (Some(x), Some(y)) => match LonLat::new(x, y) {
                Ok(at) => Ok(Some(at)),
                Err(error @ domain::CoordinateError::Latitude(_)) => {
                    Err(self.problem(lat, error.to_string()))
                }
                Err(error) => Err(self.problem(lon, error.to_string())),
            },
        }
    }

    /// A coordinate that has to be there.
    pub fn required_place(&self, lon: &str, lat: &str) -> Result<LonLat, RowProblem> {
        self.place(lon, lat)?.ok_or_else(|| self.problem(lon, "is empty"))
    }
}

fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

/// Hands every row of a CSV file to `take` and collects what is wrong with them; answers how many were good.
pub(super) fn for_each_row(
    text: &[u8],
    (required, optional): (&[&'static str], &[&'static str]),
    problems: &mut Vec<RowProblem>,
    mut take: impl FnMut(&Cells<'_>) -> Result<Result<(), RowProblem>, ImportError>,
) -> Result<usize, ImportError> {
    // Some spreadsheets put a byte order mark in front.
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text);
    let header: csv::StringRecord = reader.headers()?.iter().map(|name| name.trim().to_lowercase()).collect();
    check_header(&header, required, optional)?;
    let mut good = 0;
    let mut row = csv::StringRecord::new();
    loop {
        let line = reader.position().line();
        let read = reader.read_record(&mut row);
        let line = row.position().map_or(line, csv::Position::line);
        let cells = Cells { header: &header, row: &row, line };
        match read {
            Ok(false) => return Ok(good),
            Ok(true) if row.len() != header.len() => {
                problems.push(
                    cells.problem("*", format!("has {} cells, the header has {}", row.len(), header.len())),
                );
            }
            Ok(true) => match take(&cells)? {
                Ok(()) => good += 1,
                Err(problem) => problems.push(problem),
            },
            Err(error) if matches!(error.kind(), csv::ErrorKind::Utf8 { .. }) => {
                problems.push(RowProblem { line, column: "*".to_owned(), reason: "is not UTF-8".to_owned() });
            }
            Err(error) => return Err(error.into()),
        }
    }
}

fn check_header(
    header: &csv::StringRecord,
    required: &[&'static str],
    optional: &[&'static str],
) -> Result<(), ImportError> {
    if let Some(missing) = required.iter().find(|&&column| !header.iter().any(|name| name == column)) {
        return Err(ImportError::MissingColumn(missing));
    }
    let known = |name: &str| required.contains(&name) || optional.contains(&name);
    match header.iter().find(|name| !known(name)) {
        Some(unknown) => Err(ImportError::UnknownColumn(short(unknown))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_formula_is_defused_on_the_way_out() {
        assert_eq!(escaped("=1+1"), "'=1+1", "an apostrophe makes it text");
        assert_eq!(escaped("Rossi, Ana"), "\"Rossi, Ana\"", "a comma needs quotes");
        assert_eq!(escaped("plain"), "plain", "the rest stays");
    }
}
