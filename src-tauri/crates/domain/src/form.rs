//! Forms: versioned definitions and their submissions.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::{FormId, ResourceId, SubmissionId, TaskId};

/// A form as the office designed it. A change makes a new version; submissions name theirs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormDefinition {
    /// Identity, the same over all versions.
    pub id: FormId,
    /// Starts at 1.
    pub version: u32,
    /// Its title.
    pub name: String,
    /// The questions, in order.
    pub fields: Vec<FormField>,
}

/// One question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormField {
    /// Key of the answer in a submission.
    pub key: String,
    /// What the person reads.
    pub label: String,
    /// What kind of answer is wanted.
    pub kind: FieldKind,
    /// Whether it has to be answered.
    pub required: bool,
}

/// Kinds of answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum FieldKind {
    /// Free text.
    Text,
    /// A number.
    Number,
    /// Yes or no.
    YesNo,
    /// A calendar day.
    Date,
    /// One of the options.
    Choice {
        /// What can be chosen.
        options: Vec<String>,
    },
    /// The key of an uploaded picture.
    Photo,
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type", content = "value")]
pub enum FormValue {
    /// Text, an option, or a photo's key.
    Text(String),
    /// A number.
    Number(f64),
    /// Yes or no.
    YesNo(bool),
    /// A calendar day.
    Date(NaiveDate),
}

/// A filled form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Submission {
    /// Identity.
    pub id: SubmissionId,
    /// Which form.
    pub form: FormId,
    /// Which version of it.
    pub form_version: u32,
    /// The task it was filled for.
    pub task: Option<TaskId>,
    /// Who filled it.
    pub resource: ResourceId,
    /// When it was filled.
    pub event_time: DateTime<Utc>,
    /// The answers by field key.
    pub values: BTreeMap<String, FormValue>,
}

/// What is wrong with a submission.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum FormError {
    /// Filled against another version.
    #[error("filled against version {filled}, this is version {expected}")]
    Version {
        /// The submission's.
        filled: u32,
        /// The definition's.
        expected: u32,
    },
    /// A required answer is missing.
    #[error("“{0}” has to be answered")]
    Missing(String),
    /// The answer is of the wrong kind or not among the options.
    #[error("“{0}” has an answer of the wrong kind")]
    WrongKind(String),
    /// An answer to a question that isn't there.
    #[error("there is no question “{0}”")]
    UnknownField(String),
}

impl FormDefinition {
    /// Checks a submission against this version; all problems, in field order.
    pub fn check(&self, submission: &Submission) -> Vec<FormError> {
        if submission.form_version != self.version {
            return vec![FormError::Version { filled: submission.form_version, expected: self.version }];
        }
        let answered = self.fields.iter().filter_map(|field| match submission.values.get(&field.key) {
            None if field.required => Some(FormError::Missing(field.key.clone())),
            Some(value) if !field.kind.takes(value) => Some(FormError::WrongKind(field.key.clone())),
            None | Some(_) => None,
        });
        let known = |key: &String| self.fields.iter().any(|field| field.key == *key);
        let unknown =
            submission.values.keys().filter(|key| !known(key)).cloned().map(FormError::UnknownField);
        answered.chain(unknown).collect()
    }
}

impl FieldKind {
    fn takes(&self, value: &FormValue) -> bool {
        match (self, value) {
            (FieldKind::Choice { options }, FormValue::Text(text)) => options.contains(text),
            (FieldKind::Number, FormValue::Number(number)) => number.is_finite(),
            (FieldKind::Text | FieldKind::Photo, FormValue::Text(_))
            | (FieldKind::YesNo, FormValue::YesNo(_))
            | (FieldKind::Date, FormValue::Date(_)) => true,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn definition() -> FormDefinition {
        let field = |key: &str, kind, required| FormField {
            key: key.to_owned(),
            label: key.to_owned(),
            kind,
            required,
        };
        FormDefinition {
            id: FormId(Uuid::from_u128(1)),
            version: 2,
            name: "Service report".to_owned(),
            fields: vec![
                field(
                    "result",
                    FieldKind::Choice { options: vec!["done".to_owned(), "follow-up".to_owned()] },
                    true,
                ),
                field("hours", FieldKind::Number, false),
            ],
        }
    }

    fn submission(values: &[(&str, FormValue)]) -> Submission {
        Submission {
            id: SubmissionId(Uuid::from_u128(1)),
            form: FormId(Uuid::from_u128(1)),
            form_version: 2,
            task: None,
            resource: ResourceId(Uuid::from_u128(1)),
            event_time: DateTime::UNIX_EPOCH,
            values: values.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect(),
        }
    }

    #[test]
    fn every_problem_is_named_by_its_field() {
        let problems = definition().check(&submission(&[
            ("hours", FormValue::Number(f64::NAN)),
            ("colour", FormValue::Text("red".to_owned())),
        ]));
        let expected = [
            FormError::Missing("result".to_owned()),
            FormError::WrongKind("hours".to_owned()),
            FormError::UnknownField("colour".to_owned()),
        ];
        assert_eq!(problems, expected, "a missing answer, a number that is none, and a stranger");
    }

    #[test]
    fn an_old_version_is_said_to_be_one() {
        let old = Submission { form_version: 1, ..submission(&[]) };
        assert_eq!(definition().check(&old), [FormError::Version { filled: 1, expected: 2 }], "no guessing");
    }

    #[test]
    fn a_good_submission_has_no_problems() {
        let good = submission(&[("result", FormValue::Text("done".to_owned()))]);
        assert!(definition().check(&good).is_empty(), "optional fields may stay empty");
    }
}
