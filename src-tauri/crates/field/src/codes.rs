//! The list of connection codes that the office hands out, as `officetrack-server import resources` prints it.

use std::io::Read;

use domain::ResourceId;
use serde::Deserialize;

/// What one phone needs to be activated.
#[derive(Clone, PartialEq, Eq)]
pub struct PhoneCard {
    /// Whose phone it is.
    pub resource: ResourceId,
    /// The phone's number.
    pub msisdn: String,
    /// The one-time connection code.
    pub code: String,
}

impl std::fmt::Debug for PhoneCard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PhoneCard").field("resource", &self.resource).finish_non_exhaustive()
    }
}

/// A line that is no code.
#[derive(Debug, thiserror::Error)]
pub enum CodesError {
    /// Not CSV, or a column is missing.
    #[error("the list of codes can't be read: {0}")]
    Csv(#[from] csv::Error),
    /// The resource is no id.
    #[error("line {line}: “{text}” is no resource id")]
    Resource {
        /// Line in the file, from 1.
        line: u64,
        /// What stands there.
        text: String,
    },
}

#[derive(Deserialize)]
struct Row {
    resource: String,
    msisdn: String,
    code: String,
}

/// Reads CSV with the columns `resource,msisdn,code` (others are ignored), in the order of the file.
pub fn read(from: impl Read) -> Result<Vec<PhoneCard>, CodesError> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(from);
    let mut cards = Vec::new();
    for row in reader.deserialize::<Row>() {
        let Row { resource, msisdn, code } = row?;
        let line = cards.len() as u64 + 2;
        let resource = resource.parse().map_err(|_| CodesError::Resource { line, text: resource })?;
        cards.push(PhoneCard { resource, msisdn, code });
    }
    Ok(cards)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_list_is_read_in_its_order() {
        let list = "resource,name,msisdn,code\n00000000-0000-0000-0000-000000000007,Ana,+37711,ABCD-1234\n";
        let cards = read(list.as_bytes()).expect("a good list");
        assert_eq!((cards.len(), cards[0].code.as_str()), (1, "ABCD-1234"), "other columns do not matter");
        assert!(!format!("{:?}", cards[0]).contains("ABCD"), "codes and numbers are not for logs");
    }

    #[test]
    fn a_line_without_an_id_is_named() {
        let list = "resource,msisdn,code\n00000000-0000-0000-0000-000000000007,1,A\nAna,2,B\n";
        let error = read(list.as_bytes()).expect_err("Ana is no id");
        assert!(error.to_string().starts_with("line 3:"), "{error}");
        assert!(read("msisdn\n1\n".as_bytes()).is_err(), "a missing column is an error");
    }
}
