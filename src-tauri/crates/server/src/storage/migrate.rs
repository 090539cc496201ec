//! Brings an older file to the newest version, in numbered steps.

use rusqlite::Connection;

use super::{
    StorageError, alert_event, audit, company, credential, deadline, device, entity, entry, failure, feed,
    message, phone, position, privacy_gap, receipt, seeded, session, webhook,
};

/// Each step is applied once, in order; a released step never changes.
const STEPS: &[&[&str]] = &[
    &[
        company::TABLE,
        credential::TABLE,
        session::TABLE,
        failure::TABLE,
        device::TABLE,
        receipt::TABLE,
        entity::TABLE,
        feed::TABLE,
        phone::TABLE,
        entry::TABLE,
        position::TABLE,
        privacy_gap::TABLE,
        deadline::TABLE,
        audit::TABLE,
    ],
    &[alert_event::TABLE, alert_event::FILL, seeded::TABLE],
    &[webhook::TABLE, message::TABLE],
];

pub(super) fn migrate(sql: &mut Connection) -> Result<(), StorageError> {
    let found: i64 = sql.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let known = STEPS.len() as i64;
    if found > known {
        return Err(StorageError::Newer { found, known });
    }
    for (version, step) in (1..).zip(STEPS) {
        if version > found {
            let transaction = sql.transaction()?;
            step.iter().try_for_each(|statements| transaction.execute_batch(statements))?;
            transaction.pragma_update(None, "user_version", version)?;
            transaction.commit()?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_a_newer_server_is_refused_and_left_alone() {
        let mut sql = Connection::open_in_memory().expect("opens");
        sql.pragma_update(None, "user_version", 99).expect("sets");
        let refused = migrate(&mut sql);
        assert!(
            matches!(refused, Err(StorageError::Newer { found: 99, .. })),
            "said by its number: {refused:?}"
        );
    }

    #[test]
    fn the_alerts_of_an_older_file_are_found_by_what_happened_when() {
        let mut sql = Connection::open_in_memory().expect("opens");
        for statements in STEPS[0] {
            sql.execute_batch(statements).expect("the first version");
        }
        sql.pragma_update(None, "user_version", 1).expect("sets");
        sql.execute_batch(
            "INSERT INTO company VALUES (x'01', 'Old', 1, 2, 0, 0);
             INSERT INTO entity VALUES (x'01', 'alert', x'02', 1, 0, 0, '*', x'07',
                 '{\"event_time\":\"2026-11-23T09:00:00.125Z\"}', '');
             INSERT INTO entity VALUES (x'01', 'alert', x'03', 2, 1, 0, '', x'00', '', '');",
        )
        .expect("a row and a tombstone");
        migrate(&mut sql).expect("migrates");
        let mut found = sql.prepare("SELECT subject, event_ms, id FROM alert_event").expect("prepares");
        let found: Vec<(Vec<u8>, i64, Vec<u8>)> = found
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .expect("runs")
            .map(|row| row.expect("reads"))
            .collect();
        assert_eq!(
            found,
            [(vec![7], 1_795_424_400_125, vec![2])],
            "to the millisecond, without the tombstone"
        );
    }

    #[test]
    fn a_file_of_before_webhooks_keeps_its_rows_and_takes_messages() {
        let mut sql = Connection::open_in_memory().expect("opens");
        for statements in STEPS[..2].iter().copied().flatten() {
            sql.execute_batch(statements).expect("the second version");
        }
        sql.pragma_update(None, "user_version", 2).expect("sets");
        sql.execute_batch("INSERT INTO company VALUES (x'01', 'Old', 1, 2, 0, 7)").expect("a company");
        migrate(&mut sql).expect("migrates");
        sql.execute_batch(
            "INSERT INTO webhook VALUES (x'01', 'https://example.org', 'secret');
             INSERT INTO message VALUES (x'02', x'03', x'01', 'text', 1, 1, 0);",
        )
        .expect("both tables are there");
        let number: i64 =
            sql.query_row("SELECT last_task_number FROM company", [], |row| row.get(0)).expect("reads");
        assert_eq!(number, 7, "the company is as it was");
    }

    #[test]
    fn every_table_is_strict() {
        let mut sql = Connection::open_in_memory().expect("opens");
        migrate(&mut sql).expect("migrates");
        migrate(&mut sql).expect("a second start changes nothing");
        let mut lax = sql
            .prepare("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict = 0 AND name NOT LIKE 'sqlite_%'")
            .expect("prepares");
        let lax: Vec<String> =
            lax.query_map([], |row| row.get(0)).expect("runs").map(|row| row.expect("reads")).collect();
        assert!(lax.is_empty(), "tables without STRICT: {lax:?}");
    }
}
