//! What a file says of a feature beside its shape.

use serde_json::{Map, Value};

use crate::Fault;

/// Longest name, bytes.
const NAME_BYTES: usize = 200;
/// Where a name is looked for, best first.
const NAMES: [&str; 3] = ["name", "title", "id"];
/// Where a radius is looked for.
const RADII: [&str; 2] = ["radius_m", "radius"];
/// Where half the width of a corridor is looked for: `polylineDistance` is Traccar's.
const HALF_WIDTHS: [&str; 6] =
    ["half_width_m", "buffer_m", "buffer", "polylineDistance", "radius_m", "radius"];

/// Properties of a feature by their names in the file, which are found in any case of letters.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Properties(Map<String, Value>);

impl Properties {
    pub(crate) fn new(values: Map<String, Value>) -> Self {
        Self(values)
    }

    pub(crate) fn put(&mut self, name: &str, text: &str) {
        self.0.insert(name.to_owned(), Value::from(text.trim()));
    }

    /// A property, unless it is null or an empty text.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let own = || self.0.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value);
        self.0.get(name).or_else(own).filter(|value| !value.is_null() && value.as_str() != Some(""))
    }

    /// A property that should be a finite number; texts count as what they say.
    ///
    /// # Errors
    /// [`Fault::NotANumber`].
    pub fn number(&self, name: &str) -> Result<Option<f64>, Fault> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => finite(text).map(Some),
            Some(value) => value.as_f64().ok_or_else(|| Fault::not_a_number(&value.to_string())).map(Some),
        }
    }

    /// The first name that there is, made fit for a list.
    pub(crate) fn name(&self) -> Option<String> {
        let text = |value: &Value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        };
        NAMES.iter().filter_map(|name| text(self.get(name)?)).find_map(|name| tidy(&name))
    }

    /// A circle's radius, metres.
    pub(crate) fn radius_m(&self) -> Result<Option<f64>, Fault> {
        self.first_number(&RADII)
    }

    /// Half the width of a corridor, metres.
    pub(crate) fn half_width_m(&self) -> Result<Option<f64>, Fault> {
        self.first_number(&HALF_WIDTHS)
    }

    fn first_number(&self, names: &[&str]) -> Result<Option<f64>, Fault> {
        names.iter().find_map(|name| self.number(name).transpose()).transpose()
    }
}

/// A finite number.
pub(crate) fn finite(text: &str) -> Result<f64, Fault> {
    let number: Option<f64> = text.trim().parse().ok();
    number.filter(|number| number.is_finite()).ok_or_else(|| Fault::not_a_number(text))
}

/// A name on one line, not too long; `None` when nothing is left of it.
pub(crate) fn tidy(name: &str) -> Option<String> {
    let words = name.split(|letter: char| letter.is_control() || letter.is_whitespace());
    let mut name = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    while name.len() > NAME_BYTES {
        name.pop();
    }
    Some(name.trim_end().to_owned()).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn properties(json: &str) -> Properties {
        Properties::new(serde_json::from_str(json).expect("an object"))
    }

    #[test]
    fn the_best_name_is_taken_and_made_fit() {
        assert_eq!(
            properties(r#"{"id":7,"Title":" Old\n port "}"#).name().as_deref(),
            Some("Old port"),
            "one line"
        );
        assert_eq!(properties(r#"{"id":7,"name":""}"#).name().as_deref(), Some("7"), "rather than nothing");
        let long = format!(r#"{{"name":"{}"}}"#, "ü".repeat(300));
        assert_eq!(
            properties(&long).name().map(|name| name.len()),
            Some(200),
            "as long as a place's name may be"
        );
    }

    #[test]
    fn a_number_may_be_a_text_but_has_to_be_one() {
        assert_eq!(properties(r#"{"radius":"80"}"#).radius_m(), Ok(Some(80.0)), "KML has only texts");
        assert_eq!(properties(r#"{"radius":null}"#).radius_m(), Ok(None), "nothing is nothing");
        let odd = properties(r#"{"radius":"wide"}"#).radius_m();
        assert_eq!(odd, Err(Fault::NotANumber("wide".to_owned())), "named");
        assert!(properties(r#"{"radius":"inf"}"#).radius_m().is_err(), "infinity is none");
    }
}
