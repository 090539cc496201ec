//! Subjects given from outside: on the command line, by a second start or by a link. They only bring something up.

use desk::Desk;
use protocol::view::Subject;
use tauri::{AppHandle, Manager as _};

use crate::window;

/// Not a subject.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a subject: expected task/<id>, resource/<id>, bid/<id>, poi/<id> or alert/<id>")]
pub struct SubjectError;

/// Reads `kind/<uuid>`.
///
/// # Errors
/// [`SubjectError`] for everything else.
pub fn parse_subject(text: &str) -> Result<Subject, SubjectError> {
    let (kind, id) = text.split_once('/').ok_or(SubjectError)?;
    let id = uuid::Uuid::parse_str(id).map_err(|_| SubjectError)?;
    match kind {
        "task" => Ok(Subject::Task(id.into())),
        "resource" => Ok(Subject::Resource(id.into())),
        "bid" => Ok(Subject::Bid(id.into())),
        "poi" => Ok(Subject::Poi(id.into())),
        "alert" => Ok(Subject::Alert(id.into())),
        _ => Err(SubjectError),
    }
}

/// The subject of this process's own command line.
pub fn first_start(app: &AppHandle, subject: Option<Subject>) {
    if let Some(subject) = subject {
        open(app, subject);
    }
}

/// Somebody started the program again: show the window, and the subject if one was given.
pub fn second_start(app: &AppHandle, arguments: &[String]) {
    window::bring_up(app);
    if let Some(subject) = arguments.iter().skip(1).find_map(|argument| parse_subject(argument).ok()) {
        open(app, subject);
    }
}

fn open(app: &AppHandle, subject: Subject) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move { app.state::<Desk>().open(subject).await });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_a_known_kind_and_an_id_and_nothing_else() {
        let id = uuid::Uuid::from_u128(7);
        assert_eq!(parse_subject(&format!("task/{id}")), Ok(Subject::Task(id.into())), "a task");
        for text in ["", "task", "task/", "task/7", "settings/theme", &format!("task/{id}/delete"), "--demo"]
        {
            assert_eq!(parse_subject(text), Err(SubjectError), "“{text}” brings nothing up");
        }
    }
}
