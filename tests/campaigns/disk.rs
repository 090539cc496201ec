//! The disk runs full at every write: a small file system of each size, filled with commands and rows until nothing fits any more.
//!
//! Each refusal has to say that the disk is full. What the server says of commands on their way, and the incident that tells of it,
//! still have to fit; whatever was taken before has to be there after a restart on the full disk, and when there is room again work
//! goes on where it was.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use chrono::{DateTime, Utc};
use domain::{CommandId, TaskId};
use protocol::durable::{
    CacheWrite, CommandState, Incident, IncidentKind, NewCommand, OutboxChange, QueuedCommand,
};
use protocol::entity::{EntityKind, EntityType};
use protocol::wire::{CommandBody, Cursor, Item};
use serde_json::value::RawValue;
use store::{Cache, Key, Outbox, StoreError};
use tempfile::TempDir;
use uuid::Uuid;

/// From a disk that has not even room for the empty files.
const SMALLEST_KIB: usize = 64;
const LARGEST_KIB: usize = 2_560;
/// Receipts that the ballast has to hold.
const RECEIPTS: usize = 40;
const ROWS_PER_PAGE: u64 = 8;

/// What came of it.
#[derive(Debug, Default)]
pub struct Figures {
    /// Sizes tried.
    pub sizes: usize,
    /// Those with no room for even the empty files: the first start says so.
    pub too_small: usize,
    /// Commands taken before the disk was full.
    pub acked: usize,
    /// Those that were gone afterwards.
    pub lost: usize,
    /// What went wrong, in words.
    pub stories: Vec<String>,
}

/// Why the campaign can't run here.
#[derive(Debug)]
pub struct Unable(pub String);

/// Tries `sizes` sizes, evenly spread.
///
/// # Errors
/// When the campaign itself can't go on. The inner one when no small disk can be made here, which takes the rights of an administrator.
pub fn run(sizes: usize, tell: &dyn Fn(String)) -> Result<Result<Figures, Unable>> {
    let mut figures = Figures::default();
    for number in 0..sizes {
        let kib = SMALLEST_KIB + (LARGEST_KIB - SMALLEST_KIB) * number / sizes.max(2).saturating_sub(1);
        let disk = match SmallDisk::of(kib / 4 * 4)? {
            Ok(disk) => disk,
            Err(unable) => return Ok(Err(unable)),
        };
        if let Err(story) = fill(&disk, &mut figures) {
            figures.stories.push(format!("{kib} KiB: {story:#}"));
        }
        figures.sizes += 1;
        tell(format!("{kib} KiB: {} commands so far, lost={}", figures.acked, figures.lost));
    }
    Ok(Ok(figures))
}

/// A file system in memory; unmounted when dropped.
struct SmallDisk(TempDir);

impl SmallDisk {
    fn of(kib: usize) -> Result<Result<Self, Unable>> {
        let folder = tempfile::tempdir()?;
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={kib}k"), "tmpfs"]).arg(folder.path());
        let done = match mount.output() {
            Ok(done) => done,
            Err(error) => return Ok(Err(Unable(format!("mount: {error}")))),
        };
        if !done.status.success() {
            return Ok(Err(Unable(String::from_utf8_lossy(&done.stderr).trim().to_owned())));
        }
        Ok(Ok(SmallDisk(folder)))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Somebody clears up.
    fn make_room(&self) -> Result<()> {
        let done = Command::new("mount").args(["-o", "remount,size=16m"]).arg(self.path()).output()?;
        ensure!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        Ok(())
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // What is left mounted is seen by whoever cleans the folder up: nothing to be done about it here.
        let _ = Command::new("umount").arg(self.path()).output();
    }
}

/// What a desk had been promised.
#[derive(Default)]
struct Promised {
    commands: Vec<QueuedCommand>,
    pages: u64,
}

fn fill(disk: &SmallDisk, figures: &mut Figures) -> Result<()> {
    let dir = disk.path();
    let mut promised = Promised::default();
    let opened = Cache::open(dir, &key(), now()).and_then(|cache| Ok((cache, Outbox::open(dir, &key())?)));
    match opened {
        Ok((mut cache, mut outbox)) => {
            work_until_full(&mut cache, &mut outbox, &mut promised)?;
            figures.acked += promised.commands.len();
            // A disk smaller than the ballast takes nothing at all, so nothing is on its way.
            if dir.join("ballast").exists() {
                bring_home(&mut cache, &mut outbox, &mut promised)?;
            }
            no_new_command_without_ballast(dir, &mut outbox, &mut promised)?;
        }
        Err(error) => {
            assert_full(&error).context("opening")?;
            figures.too_small += 1;
        }
    }
    if promised.pages > 0 {
        let (mut cache, mut outbox) = reopen(dir).context("a restart on the full disk")?;
        figures.lost += missing(&mut cache, &mut outbox, &promised).context("on the full disk")?;
    }
    disk.make_room()?;
    let (mut cache, mut outbox) = reopen(dir).context("with room")?;
    figures.lost += missing(&mut cache, &mut outbox, &promised).context("with room")?;
    outbox.push(&command(1_000_000), now()).context("a command, with room")?;
    cache.write(&feed_page(promised.pages + 1)?).context("rows, with room")?;
    Ok(())
}

fn reopen(dir: &Path) -> Result<(Cache, Outbox)> {
    let cache = Cache::open(dir, &key(), now())?;
    ensure!(cache.set_aside_as().is_none(), "a full disk was taken for damage");
    Ok((cache, Outbox::open(dir, &key())?))
}

/// Commands and pages in turn, until neither is taken.
fn work_until_full(cache: &mut Cache, outbox: &mut Outbox, promised: &mut Promised) -> Result<()> {
    let (mut takes_commands, mut takes_pages) = (true, true);
    while takes_commands || takes_pages {
        match outbox.push(&command(promised.commands.len() as u64), now()) {
            Ok(queued) => {
                ensure!(takes_commands || takes_pages, "a command is taken after the disk was full");
                promised.commands.push(queued);
            }
            Err(error) => {
                assert_full(&error).context("a command")?;
                takes_commands = false;
            }
        }
        match cache.write(&feed_page(promised.pages + 1)?) {
            Ok(_) => promised.pages += 1,
            Err(error) => {
                assert_full(&error).context("a page")?;
                takes_pages = false;
            }
        }
        ensure!(promised.pages < 10_000, "the disk is never full");
    }
    Ok(())
}

/// What was on its way comes home: the ballast is for that.
fn bring_home(cache: &mut Cache, outbox: &mut Outbox, promised: &mut Promised) -> Result<()> {
    let incident = Incident { at: now(), kind: IncidentKind::Storage, detail: "disk full".to_owned() };
    cache.record(&incident).context("the incident")?;
    for queued in promised.commands.iter_mut().take(RECEIPTS) {
        queued.state = CommandState::Acked { version: 2, cursor: Cursor { epoch: 1, seq: 1_000_000 } };
        queued.attempts = 1;
        outbox.change(&[OutboxChange::Put(Box::new(queued.clone()))]).context("a receipt")?;
    }
    Ok(())
}

/// A new command may not take the room of what is on its way: it is refused, or the ballast is there again.
fn no_new_command_without_ballast(dir: &Path, outbox: &mut Outbox, promised: &mut Promised) -> Result<()> {
    match outbox.push(&command(999_999), now()) {
        Err(error) => assert_full(&error),
        Ok(queued) => {
            promised.commands.push(queued);
            ensure!(dir.join("ballast").exists(), "a new command takes the room of what was on its way");
            Ok(())
        }
    }
}

/// Commands that were promised and are not there; everything else that differs is an error.
fn missing(cache: &mut Cache, outbox: &mut Outbox, promised: &Promised) -> Result<usize> {
    let stored = outbox.load()?.commands;
    let same = |was: &&QueuedCommand| {
        !stored
            .iter()
            .any(|is| is.command == was.command && format!("{:?}", is.state) == format!("{:?}", was.state))
    };
    let cursor = cache.load()?.cursor.map_or(0, |cursor| cursor.seq);
    ensure!(cursor == promised.pages, "the cache stands at {cursor}, not at {}", promised.pages);
    let rows = cache.rows(EntityKind::Task)?.len() as u64;
    ensure!(rows == promised.pages * ROWS_PER_PAGE, "{rows} rows at {cursor}");
    Ok(promised.commands.iter().filter(same).count())
}

fn assert_full(error: &StoreError) -> Result<()> {
    ensure!(error.is_full(), "not told as a full disk: {error:?}");
    Ok(())
}

fn feed_page(page: u64) -> Result<CacheWrite> {
    let item = |row: u64| -> Result<Item> {
        let data = format!("{{\"page\":{page},\"text\":\"{}\"}}", "x".repeat(700));
        Ok(Item {
            entity: EntityType("task".to_owned()),
            id: Uuid::from_u64_pair(page, row),
            version: page,
            op: "put".to_owned(),
            data: Some(RawValue::from_string(data)?),
            at: now(),
            cause: None,
        })
    };
    let items = (0..ROWS_PER_PAGE).map(item).collect::<Result<_>>()?;
    Ok(CacheWrite::Apply {
        items,
        cursor: Cursor { epoch: 1, seq: page },
        checksums: None,
        forget: Vec::new(),
    })
}

fn command(number: u64) -> NewCommand {
    let text = format!("{number} {}", "y".repeat(900));
    NewCommand {
        id: CommandId(Uuid::from_u64_pair(7, number)),
        body: CommandBody::TaskNote { task: TaskId(Uuid::from_u128(1)), text },
        if_match: None,
        valid_until: None,
        depends_on: None,
    }
}

fn key() -> Key {
    Key::from_bytes([7; 32])
}

/// The campaign's own time: nothing in it depends on the machine's.
fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + chrono::TimeDelta::days(20_000)
}
