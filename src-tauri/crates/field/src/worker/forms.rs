//! Filling forms.

use chrono::{DateTime, Utc};
use domain::form::{FieldKind, FormDefinition, FormField, FormValue, Submission};
use domain::{ResourceId, SubmissionId, TaskId};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

const REMARKS: [&str; 5] = [
    "All fine.",
    "Customer was present.",
    "Cleaned and tested.",
    "Part replaced.",
    "To be checked again in spring.",
];

/// A submission that the definition accepts: all that is required, and most of the rest.
pub(crate) fn fill(
    form: &FormDefinition,
    task: TaskId,
    resource: ResourceId,
    now: DateTime<Utc>,
    rng: &mut ChaCha8Rng,
) -> Submission {
    let id = SubmissionId(crate::random::new_id(now, rng));
    let mut values = std::collections::BTreeMap::new();
    for field in &form.fields {
        if field.required || rng.random_bool(0.7) {
            values.extend(answer(field, now, rng).map(|value| (field.key.clone(), value)));
        }
    }
    Submission {
        id,
        form: form.id,
        form_version: form.version,
        task: Some(task),
        resource,
        event_time: now,
        values,
    }
}

/// `None` where nothing can be answered: a choice without options.
fn answer(field: &FormField, now: DateTime<Utc>, rng: &mut ChaCha8Rng) -> Option<FormValue> {
    Some(match &field.kind {
        FieldKind::Text => FormValue::Text(REMARKS[rng.random_range(0..REMARKS.len())].to_owned()),
        FieldKind::Number => FormValue::Number(f64::from(rng.random_range(1..=240u32)) / 4.0),
        FieldKind::YesNo => FormValue::YesNo(rng.random_bool(0.8)),
        FieldKind::Date => FormValue::Date(now.date_naive()),
        FieldKind::Choice { options } => {
            let last = options.len().checked_sub(1)?;
            FormValue::Text(options[rng.random_range(0..=last)].clone())
        }
        FieldKind::Photo => FormValue::Text(format!("photo-{:08x}", rng.random::<u32>())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::FormId;
    use rand::SeedableRng;
    use uuid::Uuid;

    #[test]
    fn what_is_filled_fits_the_definition() {
        let options = vec!["done".to_owned(), "follow-up".to_owned()];
        let kinds = [
            FieldKind::Text,
            FieldKind::Number,
            FieldKind::YesNo,
            FieldKind::Date,
            FieldKind::Choice { options },
            FieldKind::Photo,
        ];
        let field = |(n, kind): (usize, FieldKind)| FormField {
            key: format!("f{n}"),
            label: String::new(),
            kind,
            required: n % 2 == 0,
        };
        let fields = kinds.into_iter().enumerate().map(field).collect();
        let form =
            FormDefinition { id: FormId(Uuid::from_u128(1)), version: 3, name: "Report".to_owned(), fields };
        let (task, resource) = (TaskId(Uuid::from_u128(2)), ResourceId(Uuid::from_u128(3)));
        for seed in 0..50 {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            let filled = fill(&form, task, resource, DateTime::UNIX_EPOCH, &mut rng);
            assert_eq!(form.check(&filled), [], "seed {seed}: the office accepts it");
        }
    }
}
