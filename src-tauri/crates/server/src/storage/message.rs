//! `message`: what customers are to be told and no webhook has taken yet. A text is here and nowhere else, and goes with its row.

use chrono::{DateTime, Utc};
use domain::{CompanyId, PromiseId, TaskId};
use rusqlite::{Row, params};

use super::{Reader, StorageError, Tx, from_ms, id_of, to_ms};

pub(super) const TABLE: &str = "
CREATE TABLE message (
    task BLOB NOT NULL,
    promise BLOB NOT NULL,
    company BLOB NOT NULL REFERENCES company (id),
    text TEXT NOT NULL,
    queued_ms INTEGER NOT NULL,
    due_ms INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    PRIMARY KEY (task, promise)
) STRICT, WITHOUT ROWID;
CREATE INDEX message_due ON message (due_ms);";

/// Messages of one company that are tried at a time.
const MOST_OF_ONE_COMPANY: i64 = 4;

/// A message that waits.
#[derive(Clone, PartialEq, Eq)]
pub struct MessageRow {
    /// Which task.
    pub task: TaskId,
    /// Which of its promises.
    pub promise: PromiseId,
    /// Whose.
    pub company: CompanyId,
    /// What the customer is to be told.
    pub text: String,
    /// Since when it waits.
    pub queued: DateTime<Utc>,
    /// When to try (again).
    pub due: DateTime<Utc>,
    /// How often it was tried.
    pub tries: u32,
}

impl std::fmt::Debug for MessageRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MessageRow").field("promise", &self.promise).finish_non_exhaustive()
    }
}

fn row(row: &Row<'_>) -> rusqlite::Result<MessageRow> {
    Ok(MessageRow {
        task: TaskId(id_of(row.get(0)?)),
        promise: PromiseId(id_of(row.get(1)?)),
        company: CompanyId(id_of(row.get(2)?)),
        text: row.get(3)?,
        queued: from_ms(row.get(4)?),
        due: from_ms(row.get(5)?),
        tries: row.get(6)?,
    })
}

impl Reader<'_> {
    /// What is to be tried at `now`, the longest due first, at most `most`, and few of each company: one whose webhook is dead must not
    /// delay the others.
    pub fn messages_due(&self, now: DateTime<Utc>, most: usize) -> Result<Vec<MessageRow>, StorageError> {
        let sql = "SELECT task, promise, company, text, queued_ms, due_ms, tries FROM (
            SELECT *, ROW_NUMBER() OVER (PARTITION BY company ORDER BY due_ms) AS place FROM message WHERE due_ms <= ?1
        ) WHERE place <= ?3 ORDER BY due_ms LIMIT ?2";
        let mut statement = self.sql.prepare_cached(sql)?;
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let rows = statement.query_map(params![to_ms(now), most, MOST_OF_ONE_COMPANY], row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Tx<'_> {
    /// Adds a message; the same one twice is one.
    pub fn insert_message(&self, message: &MessageRow) -> Result<(), StorageError> {
        self.sql
            .prepare_cached(
                "INSERT OR IGNORE INTO message (task, promise, company, text, queued_ms, due_ms, tries) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![
                message.task.0.as_bytes(),
                message.promise.0.as_bytes(),
                message.company.0.as_bytes(),
                message.text,
                to_ms(message.queued),
                to_ms(message.due),
                message.tries
            ])?;
        Ok(())
    }

    /// One try more; the next one is at `due`. Nothing happens where the message is gone.
    pub fn put_off_message(
        &self,
        task: TaskId,
        promise: PromiseId,
        due: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        self.sql
            .prepare_cached(
                "UPDATE message SET due_ms = ?3, tries = tries + 1 WHERE task = ?1 AND promise = ?2",
            )?
            .execute(params![task.0.as_bytes(), promise.0.as_bytes(), to_ms(due)])?;
        Ok(())
    }

    /// Deletes a message that is done with.
    pub fn delete_message(&self, task: TaskId, promise: PromiseId) -> Result<(), StorageError> {
        self.sql
            .prepare_cached("DELETE FROM message WHERE task = ?1 AND promise = ?2")?
            .execute(params![task.0.as_bytes(), promise.0.as_bytes()])?;
        Ok(())
    }

    /// Deletes all messages of a task.
    pub fn delete_messages_of(&self, task: TaskId) -> Result<(), StorageError> {
        self.sql.prepare_cached("DELETE FROM message WHERE task = ?1")?.execute([task.0.as_bytes()])?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Storage, WebhookRow};
    use super::*;
    use crate::config::DataPlace;
    use chrono::TimeDelta;
    use uuid::Uuid;

    fn at(secs: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(secs)
    }

    fn message(task: u128, due: i64) -> MessageRow {
        MessageRow {
            task: TaskId(Uuid::from_u128(task)),
            promise: PromiseId(Uuid::from_u128(7)),
            company: CompanyId(Uuid::from_u128(1)),
            text: "We are there by ten.".to_owned(),
            queued: at(0),
            due: at(due),
            tries: 0,
        }
    }

    fn storage() -> Storage {
        let storage = Storage::open(&DataPlace::Memory).expect("opens");
        let add = |tx: &Tx<'_>| tx.insert_company(Uuid::from_u128(1), "Riviera", 1);
        storage.write::<_, StorageError>(add, |()| ()).expect("a company");
        storage
    }

    fn write(storage: &Storage, work: impl FnOnce(&Tx<'_>) -> Result<(), StorageError>) {
        storage.write(work, |()| ()).expect("writes");
    }

    fn due(storage: &Storage, secs: i64) -> Vec<MessageRow> {
        storage.read(|rows| rows.messages_due(at(secs), 2)).expect("reads")
    }

    #[test]
    fn the_longest_due_come_first_and_wait_after_a_try() {
        let storage = storage();
        let (late, soon, first) = (message(1, 90), message(2, 50), message(3, 20));
        write(&storage, |tx| [&late, &soon, &first].into_iter().try_for_each(|row| tx.insert_message(row)));
        assert_eq!(due(&storage, 10), [], "nothing is due yet");
        assert_eq!(due(&storage, 100), [first.clone(), soon.clone()], "the oldest, and no more than asked");
        write(&storage, |tx| tx.put_off_message(first.task, first.promise, at(200)));
        assert_eq!(due(&storage, 100), [soon, late], "the first one waits");
        let again = due(&storage, 300).pop();
        assert_eq!(again.map(|row| row.tries), Some(0), "the others were not tried");
        write(&storage, |tx| tx.delete_messages_of(message(2, 0).task));
        let tries: Vec<u32> = due(&storage, 300).iter().map(|row| row.tries).collect();
        assert_eq!(tries, [0, 1], "the third is gone, the first was tried once");
    }

    #[test]
    fn a_company_with_much_to_tell_does_not_delay_another() {
        let storage = storage();
        let many = (1..=6).map(|task| message(task, task as i64));
        let other = MessageRow { company: CompanyId(Uuid::from_u128(2)), ..message(7, 50) };
        write(&storage, |tx| {
            tx.insert_company(Uuid::from_u128(2), "Ligurien", 1)?;
            many.chain([other]).try_for_each(|row| tx.insert_message(&row))
        });
        let rows = storage.read(|rows| rows.messages_due(at(100), 32)).expect("reads");
        let tasks: Vec<u128> = rows.iter().map(|row| row.task.0.as_u128()).collect();
        assert_eq!(tasks, [1, 2, 3, 4, 7], "the four longest due of the one, and that of the other");
    }

    #[test]
    fn the_same_message_twice_is_one() {
        let storage = storage();
        let (row, other) = (message(1, 10), MessageRow { text: "Another text".to_owned(), ..message(1, 10) });
        write(&storage, |tx| [&row, &other].into_iter().try_for_each(|row| tx.insert_message(row)));
        assert_eq!(due(&storage, 10), std::slice::from_ref(&row), "the first one counts");
        write(&storage, |tx| tx.delete_message(row.task, row.promise));
        assert_eq!(due(&storage, 10), [], "done with");
    }

    #[test]
    fn a_company_has_one_webhook() {
        let storage = storage();
        let company = Uuid::from_u128(1);
        let row = |url: &str| WebhookRow { url: url.to_owned(), secret: "s".to_owned() };
        let there = || storage.read(|rows| rows.webhook(company)).expect("reads");
        assert_eq!(there(), None, "at first there is none");
        write(&storage, |tx| tx.put_webhook(company, &row("https://one.example")));
        write(&storage, |tx| tx.put_webhook(company, &row("https://two.example")));
        assert_eq!(there(), Some(row("https://two.example")), "the newer one counts");
        let gone = storage.write::<_, StorageError>(|tx| tx.delete_webhook(company), |_| ()).expect("writes");
        assert!(gone && there().is_none(), "taken away");
    }
}
