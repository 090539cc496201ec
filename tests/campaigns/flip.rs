//! Bytes of the local databases flip, files lose their ends: random damage to everything a desk has on its disk.
//!
//! What opens afterwards has to be what it was. Damage to the outbox has to be noticed, and what can be read of it saved with a count
//! of what can't. A damaged cache has to be set aside; one that only lost the end of its log may stand where it stood earlier, since
//! its rows and its cursor go back together and the feed brings the rest.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use domain::{CommandId, TaskId};
use protocol::durable::{CacheWrite, NewCommand, StoredOutbox};
use protocol::entity::{EntityKind, EntityType};
use protocol::wire::{CommandBody, Cursor, Item};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::value::RawValue;
use store::{Cache, Key, Outbox, StoreError};
use tempfile::TempDir;
use uuid::Uuid;

const COMMANDS: u64 = 24;
const PAGES: u64 = 12;
const ROWS_PER_PAGE: u64 = 6;

/// What came of it.
#[derive(Debug, Default)]
pub struct Figures {
    /// Times that something was damaged.
    pub flips: usize,
    /// The cache was as before: the damage hit the other database, or what nobody reads.
    pub harmless: usize,
    /// A cache stood where it had stood earlier.
    pub earlier: usize,
    /// A cache was set aside.
    pub set_aside: usize,
    /// An outbox was found damaged, and went on with what could be saved.
    pub rescued: usize,
    /// Commands saved from damaged outboxes.
    pub kept: usize,
    /// Commands that could not be read, as the user is told.
    pub lost: usize,
    /// Damage that was not noticed, or not dealt with.
    pub silent: usize,
    /// What it was.
    pub stories: Vec<String>,
}

/// Damages as often as asked.
///
/// # Errors
/// When the campaign itself can't go on.
pub fn run(flips: usize, seed: u64, tell: &dyn Fn(String)) -> Result<Figures> {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut figures = Figures::default();
    let templates = [Template::make(false)?, Template::make(true)?];
    for flip in 1..=flips {
        let template = &templates[rng.random_range(0..templates.len())];
        let folder = template.copy()?;
        let damage = Damage::draw(&mut rng, folder.path())?;
        damage.apply(&mut rng)?;
        let found = template.look_at(folder.path(), &mut figures);
        if let Err(story) = found {
            figures.silent += 1;
            figures.stories.push(format!("flip {flip}, {damage:?}, killed: {}: {story:#}", template.killed));
        }
        figures.flips = flip;
        if flip.is_multiple_of(100) {
            tell(format!("{figures:?}"));
        }
    }
    Ok(figures)
}

/// A desk's folder, and all that is known of what is in it.
struct Template {
    folder: TempDir,
    /// As a killed process leaves it, with logs; else closed.
    killed: bool,
    outbox: StoredOutbox,
    /// Every state that the cache was ever in, the last one last.
    states: Vec<CacheState>,
}

#[derive(Debug, Clone, PartialEq)]
struct CacheState {
    cursor: Option<Cursor>,
    rows: Vec<(Uuid, u64, String)>,
}

impl Template {
    fn make(killed: bool) -> Result<Self> {
        let (open, folder) = (tempfile::tempdir()?, tempfile::tempdir()?);
        let mut cache = Cache::open(open.path(), &key(), now())?;
        let mut states = vec![state(&mut cache)?];
        for page in 1..=PAGES {
            cache.write(&feed_page(page)?)?;
            states.push(state(&mut cache)?);
        }
        let mut outbox = Outbox::open(open.path(), &key())?;
        for number in 1..=COMMANDS {
            outbox.push(&command(number), now())?;
        }
        let stored = outbox.load()?;
        if !killed {
            drop((cache, outbox));
        }
        copy(open.path(), folder.path())?;
        Ok(Template { folder, killed, outbox: stored, states })
    }

    fn copy(&self) -> Result<TempDir> {
        let folder = tempfile::tempdir()?;
        copy(self.folder.path(), folder.path())?;
        Ok(folder)
    }

    /// Opens both as the next start would.
    fn look_at(&self, dir: &Path, figures: &mut Figures) -> Result<()> {
        self.look_at_cache(dir, figures).context("the cache")?;
        self.look_at_outbox(dir, figures).context("the outbox")
    }

    fn look_at_cache(&self, dir: &Path, figures: &mut Figures) -> Result<()> {
        let mut cache = Cache::open(dir, &key(), now())?;
        let found = state(&mut cache)?;
        if cache.set_aside_as().is_some() {
            figures.set_aside += 1;
            anyhow::ensure!(found == self.states[0], "the new cache is not empty");
            cache.write(&feed_page(1)?)?;
        } else if self.states.last() == Some(&found) {
            figures.harmless += 1;
        } else {
            anyhow::ensure!(self.states.contains(&found), "a state that never was, at {:?}", found.cursor);
            figures.earlier += 1;
        }
        Ok(())
    }

    fn look_at_outbox(&self, dir: &Path, figures: &mut Figures) -> Result<()> {
        match Outbox::open(dir, &key()) {
            Ok(mut outbox) => {
                let found = format!("{:?}", outbox.load()?);
                anyhow::ensure!(found == format!("{:?}", self.outbox), "opened with other commands");
                Ok(())
            }
            Err(StoreError::Corrupt { .. }) => self.rescue(dir, figures),
            Err(other) => Err(other.into()),
        }
    }

    fn rescue(&self, dir: &Path, figures: &mut Figures) -> Result<()> {
        let rescued = Outbox::rescue(dir, &key(), now()).context("the rescue")?;
        anyhow::ensure!(rescued.aside.is_some_and(|aside| aside.exists()), "the damaged one is not kept");
        let lost = rescued.lost.context("what is lost is not even counted")?;
        figures.rescued += 1;
        figures.kept += rescued.kept;
        figures.lost += lost;
        anyhow::ensure!(
            rescued.kept + lost >= self.outbox.commands.len(),
            "{} kept, only {lost} said to be lost",
            rescued.kept
        );
        let mut outbox = Outbox::open(dir, &key()).context("the new outbox")?;
        let stored = outbox.load()?;
        anyhow::ensure!(
            stored.commands.len() == rescued.kept,
            "the new outbox has {} commands",
            stored.commands.len()
        );
        anyhow::ensure!(stored.device != self.outbox.device, "the server takes it for the old one");
        for queued in &stored.commands {
            let was = self.outbox.commands.iter().find(|was| was.command.n == queued.command.n);
            anyhow::ensure!(
                was.is_some_and(|was| was.command == queued.command),
                "{} is another command now",
                queued.command.n
            );
        }
        let next = outbox.push(&command(1_000), now())?.command.n;
        anyhow::ensure!(next >= self.outbox.next_n, "number {next} is given twice");
        Ok(())
    }
}

/// What happens to a file.
#[derive(Debug)]
struct Damage {
    file: PathBuf,
    kind: DamageKind,
}

#[derive(Debug)]
enum DamageKind {
    /// One bit.
    Bit { at: usize },
    /// A sector full of anything.
    Sector { at: usize },
    /// A sector of zeros, as a disk gives that has lost a write.
    Zeros { at: usize },
    /// The end is missing.
    Cut { at: usize },
}

impl Damage {
    fn draw(rng: &mut StdRng, dir: &Path) -> Result<Self> {
        let mut files: Vec<PathBuf> = fs::read_dir(dir)?.flatten().map(|entry| entry.path()).collect();
        files.retain(|file| !file.ends_with("ballast"));
        files.sort();
        // Databases and their logs more often than what lies beside them.
        let content = |file: &&PathBuf| file.extension().is_some_and(|end| end == "db" || end == "db-wal");
        files.extend(files.clone().iter().filter(content).cloned());
        let file = files.swap_remove(rng.random_range(0..files.len()));
        let size = fs::metadata(&file)?.len() as usize;
        anyhow::ensure!(size > 0, "{} is empty", file.display());
        let at = rng.random_range(0..size);
        let kind = match rng.random_range(0..4) {
            0 => DamageKind::Bit { at },
            1 => DamageKind::Sector { at },
            2 => DamageKind::Zeros { at },
            _ => DamageKind::Cut { at },
        };
        Ok(Damage { file, kind })
    }

    fn apply(&self, rng: &mut StdRng) -> Result<()> {
        let mut bytes = fs::read(&self.file)?;
        let sector = |at: usize, size: usize| at / 512 * 512..(at / 512 * 512 + 512).min(size);
        let size = bytes.len();
        match self.kind {
            DamageKind::Bit { at } => bytes[at] ^= 1 << rng.random_range(0..8),
            DamageKind::Sector { at } => rng.fill(&mut bytes[sector(at, size)]),
            DamageKind::Zeros { at } => bytes[sector(at, size)].fill(0),
            DamageKind::Cut { at } => bytes.truncate(at),
        }
        Ok(fs::write(&self.file, bytes)?)
    }
}

fn state(cache: &mut Cache) -> Result<CacheState> {
    let rows = cache.rows(EntityKind::Task)?;
    let mut rows: Vec<_> = rows.into_iter().map(|row| (row.id, row.version, row.data)).collect();
    rows.sort();
    Ok(CacheState { cursor: cache.load()?.cursor, rows })
}

fn feed_page(page: u64) -> Result<CacheWrite> {
    let item = |row: u64| -> Result<Item> {
        let data = format!("{{\"page\":{page},\"text\":\"{}\"}}", "x".repeat(700));
        Ok(Item {
            entity: EntityType("task".to_owned()),
            id: Uuid::from_u128(row.into()),
            version: page,
            op: "put".to_owned(),
            data: Some(RawValue::from_string(data)?),
            at: now(),
            cause: None,
        })
    };
    // Every page changes some rows of the one before.
    let rows = page * ROWS_PER_PAGE / 2..page * ROWS_PER_PAGE / 2 + ROWS_PER_PAGE;
    let items = rows.map(item).collect::<Result<_>>()?;
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
        id: CommandId(Uuid::from_u128(number.into())),
        body: CommandBody::TaskNote { task: TaskId(Uuid::from_u128(1)), text },
        if_match: None,
        valid_until: None,
        depends_on: None,
    }
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}

fn key() -> Key {
    Key::from_bytes([7; 32])
}

/// The campaign's own time: nothing in it depends on the machine's.
fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + chrono::TimeDelta::days(20_000)
}
