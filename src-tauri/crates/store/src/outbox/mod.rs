//! The outbox: what people did and the server has not confirmed. Precious.

mod commands;
mod device;
mod mark;
pub(crate) mod salvage;

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use domain::company::Retention;
use protocol::durable::{CommandState, NewCommand, OutboxChange, QueuedCommand, StoredOutbox};
use protocol::wire::{Command, Occurred};
use rusqlite::{Connection, TransactionBehavior};

pub use commands::UnreadableCommand;
pub use salvage::{Rescued, Salvage};

use mark::Mark;

use crate::database::{self, Ballast, Layout, Medium, Migration, between};
use crate::{Key, StoreError};

pub(crate) const LAYOUT: Layout = Layout {
    file: "outbox.db",
    synchronous: "FULL",
    log_pages: 32,
    migrations: &[device::CREATE, commands::CREATE, device::COUNT_CHANGES],
};

/// The outbox of this desk.
#[derive(Debug)]
pub struct Outbox {
    pub(crate) conn: Connection,
    /// `None` in memory.
    file: Option<PathBuf>,
    /// `None` in memory.
    mark: Option<Mark>,
    ballast: Ballast,
}

impl Outbox {
    /// Opens `outbox.db` in `dir`, making both when missing; a new outbox is a new device.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`]: the file is damaged or gone; it is kept as it is. [`Outbox::salvage`] shows what can be saved,
    /// [`Outbox::rescue`] goes on with it. [`StoreError::WrongKey`], [`StoreError::NewerSchema`] and [`StoreError::Unavailable`] leave the file as it is.
    pub fn open(dir: &Path, key: &Key) -> Result<Self, StoreError> {
        salvage::finish_restore(dir)?;
        Outbox::open_on(&Medium::Sealed { dir, key })
    }

    /// An outbox of which nothing survives the process: say so to the user.
    ///
    /// # Errors
    /// When there is no memory.
    pub fn open_in_memory() -> Result<Self, StoreError> {
        Outbox::open_on(&Medium::Memory)
    }

    pub(crate) fn open_on(medium: &Medium<'_>) -> Result<Self, StoreError> {
        let (conn, file) = (database::open(&LAYOUT, medium)?, medium.file(&LAYOUT));
        if let (Some(file), Medium::Sealed { key, .. }) = (&file, medium) {
            assert_marked(&conn, file, key)?;
        }
        let mark = Mark::open(file.as_deref(), medium)?;
        let mut outbox = Outbox { conn, file, mark, ballast: Ballast::in_dir(medium.dir()) };
        // Without room for it nothing new is taken, but what waits can be seen and sent.
        let _ = outbox.ballast.keep();
        if !device::is_known(&outbox.conn)? {
            outbox.write(device::make)?;
        }
        Ok(outbox)
    }

    /// The device and its commands. Commands that this build can't read are left out: see [`unreadable`](Self::unreadable).
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn load(&mut self) -> Result<StoredOutbox, StoreError> {
        let device = device::get(&self.conn)?;
        let (commands, _) = commands::all(&self.conn)?;
        Ok(StoredOutbox { device: device.id, device_epoch: device.epoch, next_n: device.next_n, commands })
    }

    /// Stores a command; its number is taken in the same transaction.
    ///
    /// # Errors
    /// [`StoreError::AlreadyQueued`] when it has been pushed before; else when the database can't be written
    /// ([`StoreError::is_full`]: while the disk is full, no command is taken).
    pub fn push(&mut self, new: &NewCommand, wall: DateTime<Utc>) -> Result<QueuedCommand, StoreError> {
        self.ballast.keep_beside(&self.conn)?;
        self.write(|tx| insert(tx, new, wall))
    }

    /// As [`push`](Self::push), of several commands in one transaction: all of them or none.
    ///
    /// # Errors
    /// As [`push`](Self::push).
    pub fn push_all(
        &mut self,
        new: &[NewCommand],
        wall: DateTime<Utc>,
    ) -> Result<Vec<QueuedCommand>, StoreError> {
        self.ballast.keep_beside(&self.conn)?;
        self.write(|tx| new.iter().map(|new| insert(tx, new, wall)).collect())
    }

    /// Stores a command that takes the place of `old`, which is deleted, in one transaction.
    ///
    /// # Errors
    /// [`StoreError::NoSuchCommand`] when `old` is gone (its place was taken before, or it was confirmed); else as
    /// [`push`](Self::push).
    pub fn replace(
        &mut self,
        old: u64,
        new: &NewCommand,
        wall: DateTime<Utc>,
    ) -> Result<QueuedCommand, StoreError> {
        self.ballast.keep_beside(&self.conn)?;
        self.write(|tx| {
            commands::delete(tx, old)?;
            insert(tx, new, wall)
        })
    }

    /// All changes in one transaction. They are what becomes of commands on their way: on a full disk the ballast makes room for them.
    ///
    /// # Errors
    /// [`StoreError::NoSuchCommand`] when a command to replace is gone; one to delete may be.
    pub fn change(&mut self, changes: &[OutboxChange]) -> Result<(), StoreError> {
        self.write_even_when_full(|tx| changes.iter().try_for_each(|change| apply(tx, change)))
    }

    /// Deletes every command, as somebody who signs out may want; afterwards no byte of them is in the file or its log. Numbers go on.
    ///
    /// # Errors
    /// When the database can't be written.
    pub fn clear(&mut self) -> Result<(), StoreError> {
        self.write_even_when_full(commands::clear)?;
        between("commands deleted, their bytes not yet");
        database::scrub(&self.conn)
    }

    /// Deletes `outbox.db` in `dir` with all that lies beside it, and what was set aside of it: for a user who signs out and discards
    /// what waits. No outbox may be open there; the next one is another device.
    ///
    /// # Errors
    /// [`StoreError::File`]; calling it again goes on.
    pub fn delete(dir: &Path) -> Result<(), StoreError> {
        salvage::forget_restored(dir)?;
        database::delete(&dir.join(LAYOUT.file))
    }

    /// Commands that this build can't read. They stay in the file, are never sent, and can be exported.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn unreadable(&self) -> Result<Vec<UnreadableCommand>, StoreError> {
        Ok(commands::all(&self.conn)?.1)
    }

    /// Everything in the outbox as JSON text, for people who want to save it: `{"device", "commands": […], "unreadable": […]}`.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn export(&self) -> Result<String, StoreError> {
        let (commands, unreadable) = commands::all(&self.conn)?;
        let device = device::get(&self.conn).ok().map(|device| device.id);
        salvage::export(device, &commands, &unreadable)
    }

    /// Deletes commands that have failed or wait for the user since before the retention limit; answers their numbers. What is
    /// on its way stays, however old. Afterwards no byte of them is in the file or its log. Damaged files that were set aside
    /// before the limit are deleted, too.
    ///
    /// # Errors
    /// When the database can't be written.
    pub fn purge(&mut self, now: DateTime<Utc>, retention: &Retention) -> Result<Vec<u64>, StoreError> {
        let limit = now - chrono::TimeDelta::days(i64::from(retention.default_days));
        let old =
            |queued: &&QueuedCommand| !queued.state.is_pending() && queued.command.occurred.wall < limit;
        let purge = |tx: &Connection| {
            let (queued, _) = commands::all(tx)?;
            let gone: Vec<u64> = queued.iter().filter(old).map(|queued| queued.command.n).collect();
            gone.iter().try_for_each(|&n| commands::delete(tx, n))?;
            Ok(gone)
        };
        let gone = self.write_even_when_full(purge)?;
        between("commands deleted, their bytes not yet");
        database::scrub(&self.conn)?;
        if let Some(file) = &self.file {
            database::delete_older(file, limit)?;
        }
        Ok(gone)
    }

    /// A transaction that takes no new room for long: the ballast is for it.
    fn write_even_when_full<T>(
        &mut self,
        work: impl Fn(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        match self.write(&work) {
            Err(error) if self.ballast.make_room(&self.conn, &error) => self.write(&work),
            done => done,
        }
    }

    /// One transaction, counted and marked.
    fn write<T>(&mut self, work: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let done = work(&tx)?;
        device::count_change(&tx)?;
        let progress = device::progress(&tx)?;
        tx.commit()?;
        between("a transaction without its mark");
        if let Some(mark) = &mut self.mark {
            mark.note(progress);
        }
        Ok(done)
    }
}

/// Nothing that was durable is missing.
fn assert_marked(conn: &Connection, file: &Path, key: &Key) -> Result<(), StoreError> {
    let Some(marked) = Mark::read(file, key) else { return Ok(()) };
    let changes = if device::is_known(conn)? { device::progress(conn)?.changes } else { 0 };
    if changes < marked.changes {
        database::leave_log(conn, true)?;
        return Err(StoreError::Corrupt { file: file.to_owned() });
    }
    Ok(())
}

fn apply(tx: &Connection, change: &OutboxChange) -> Result<(), StoreError> {
    match change {
        OutboxChange::Put(queued) => commands::update(tx, queued),
        OutboxChange::Delete { n } => match commands::delete(tx, *n) {
            Err(StoreError::NoSuchCommand { .. }) => Ok(()),
            done => done,
        },
        OutboxChange::NewDevice { device } => device::replace(tx, *device),
    }
}

fn insert(tx: &Connection, new: &NewCommand, wall: DateTime<Utc>) -> Result<QueuedCommand, StoreError> {
    let command = Command {
        n: device::take_number(tx)?,
        id: new.id,
        body: new.body.clone(),
        if_match: new.if_match,
        occurred: Occurred { wall, mono_age_ms: 0 },
        valid_until: new.valid_until,
        depends_on: new.depends_on,
    };
    let command = settled(&command)?;
    let queued = QueuedCommand { command, state: CommandState::Queued, attempts: 0, seen: false };
    commands::insert(tx, &queued)?;
    Ok(queued)
}

/// The command as every later reading will have it. Reading JSON may move a coordinate's last bit, and the server refuses a number
/// that comes again with other bytes: so the first sending has to have the bytes of the one after a restart.
fn settled(command: &Command) -> Result<Command, StoreError> {
    let mut text = serde_json::to_string(command)?;
    for _ in 0..32 {
        let read: Command = serde_json::from_str(&text)?;
        let again = serde_json::to_string(&read)?;
        if again == text {
            return Ok(read);
        }
        text = again;
    }
    Err(StoreError::Unreadable { what: "command" })
}
