//! `kill -9` of a real desk's backend, over and over, on the same files.
//!
//! A desk lives many short lives: each is a process with the real controller and both databases open, that takes commands as fast as
//! it can and is killed at a random moment: while its files are made or migrated, while a snapshot is swapped in, in the middle of a
//! commit. What its user was told is kept has to be in its outbox or at the server, and at the server once; both files have to pass
//! their check, and the cache must not claim to stand where it does not.

mod keys;
mod life;
mod office;
mod remains;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use chrono::{DateTime, Utc};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use sync::{Clock as _, SystemClock};

use keys::FolderKeys;
pub use life::live;
use life::{Assignment, Life};
use office::{Company, Office};
use remains::Remains;

/// Lives of one desk; then another one begins in a company of its own.
const LIVES: usize = 50;
/// A little more than the first lives need to open, milliseconds; it adapts.
const FIRST_LIMIT_MS: u64 = 400;

/// What the campaign does.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Lives, in all.
    pub loops: usize,
    /// What is drawn: the moments, and what kind of life it is.
    pub seed: u64,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Figures {
    /// Lives that were killed.
    pub loops: usize,
    /// Those in which somebody was signed in before the end.
    pub opened: usize,
    /// Commands whose user was told that they are kept.
    pub acked: usize,
    /// Those that are neither in an outbox nor at the server.
    pub lost: usize,
    /// Those that are at the server more than once.
    pub duplicated: usize,
    /// Files that did not pass their check, or did not open.
    pub corrupt: usize,
    /// Caches that claimed to stand further than their rows.
    pub ahead: usize,
    /// What went wrong, in words.
    pub stories: Vec<String>,
}

impl Figures {
    /// Nothing went wrong.
    pub fn is_clean(&self) -> bool {
        self.lost + self.duplicated + self.corrupt + self.ahead == 0 && self.stories.is_empty()
    }
}

/// What kind of life is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// On the desk's files.
    Ordinary,
    /// The server's history was rewritten meanwhile: a snapshot is read and swapped in.
    NewHistory,
    /// On no files: they are being made.
    NewDesk,
    /// On files of older builds: they are being migrated.
    OldFiles,
}

/// Kills as often as asked. `victim` starts a process that does nothing but [`live`].
///
/// # Errors
/// When the campaign itself can't go on: no server, no processes.
pub async fn run(size: Size, victim: &dyn Fn() -> Command, tell: &dyn Fn(String)) -> Result<Figures> {
    let mut campaign = Campaign {
        rng: StdRng::seed_from_u64(size.seed),
        office: Office::open().await?,
        victim,
        folder: tempfile::tempdir()?,
        limit_ms: FIRST_LIMIT_MS,
        numbers: 0,
        figures: Figures::default(),
    };
    let mut desks = 0;
    while campaign.figures.loops < size.loops {
        let lives = LIVES.min(size.loops - campaign.figures.loops);
        campaign.one_desk(desks, lives).await?;
        desks += 1;
        let Figures { loops, opened, acked, lost, duplicated, corrupt, .. } = &campaign.figures;
        tell(format!(
            "{loops} killed, {opened} of them at work, {acked} commands: lost={lost} duplicated={duplicated} corrupt={corrupt}"
        ));
    }
    Ok(campaign.figures)
}

struct Campaign<'a> {
    rng: StdRng,
    office: Office,
    victim: &'a dyn Fn() -> Command,
    folder: tempfile::TempDir,
    limit_ms: u64,
    numbers: u64,
    figures: Figures,
}

/// A desk with its company, over many lives.
struct OneDesk {
    data: PathBuf,
    company: Company,
    /// What its user was told.
    acked: BTreeSet<String>,
}

impl Campaign<'_> {
    async fn one_desk(&mut self, number: usize, lives: usize) -> Result<()> {
        let data = self.folder.path().join(format!("desk-{number}"));
        let mut desk = OneDesk { data, company: self.office.company(number).await?, acked: BTreeSet::new() };
        self.drain(&desk).await?;
        for _ in 0..lives {
            match self.draw() {
                Kind::Ordinary => self.life(&mut desk).await?,
                Kind::NewHistory => {
                    self.office.rewrite_history(&desk.company)?;
                    self.life(&mut desk).await?;
                }
                Kind::NewDesk => self.aside(&desk, false).await?,
                Kind::OldFiles => self.aside(&desk, true).await?,
            }
            self.figures.loops += 1;
        }
        self.drain(&desk).await?;
        self.settle(&desk)
    }

    fn draw(&mut self) -> Kind {
        match self.rng.random_range(0..100) {
            0..10 => Kind::NewHistory,
            10..15 => Kind::NewDesk,
            15..20 => Kind::OldFiles,
            _ => Kind::Ordinary,
        }
    }

    /// One more life of the desk, and a look at what it leaves.
    async fn life(&mut self, desk: &mut OneDesk) -> Result<()> {
        let life = self.begin(&desk.data, &desk.company, false).await?;
        desk.acked.extend(life.acked);
        let Some(remains) = self.remains(&desk.data)? else { return Ok(()) };
        let tasks = self.office.tasks(&desk.company)?;
        let at_server = office::texts(&tasks);
        let queued: BTreeSet<&str> = remains.texts().collect();
        let lost = desk
            .acked
            .iter()
            .filter(|text| !at_server.contains_key(text.as_str()) && !queued.contains(text.as_str()));
        for text in lost {
            self.figures.lost += 1;
            self.figures.stories.push(format!("{text} is nowhere"));
        }
        for queued in remains.queue.iter().filter(|queued| !queued.state.is_pending()) {
            self.figures.stories.push(format!("nobody touched what {queued:?} is about"));
        }
        let Some(cursor) = remains.cursor else { return Ok(()) };
        let Some(changed) = self.office.changed_since(&desk.company, cursor).await? else { return Ok(()) };
        let ahead =
            tasks.iter().find(|(id, task)| !changed.contains(&id.0) && remains.tasks.get(id) != Some(*task));
        if let Some((id, _)) = ahead {
            self.figures.ahead += 1;
            self.figures.stories.push(format!("the cache at {cursor} has not the task {id} of that time"));
        }
        Ok(())
    }

    /// A life on files of its own: new ones, or those of older builds.
    async fn aside(&mut self, desk: &OneDesk, old: bool) -> Result<()> {
        let data = tempfile::tempdir_in(self.folder.path())?;
        if old {
            old_files(desk, data.path())?;
        }
        let life = self.begin(data.path(), &desk.company, false).await?;
        let Some(remains) = self.remains(data.path())? else { return Ok(()) };
        let tasks = self.office.tasks(&desk.company)?;
        let (at_server, queued) = (office::texts(&tasks), remains.texts().collect::<BTreeSet<_>>());
        let mut due = life.acked;
        if old {
            due.extend(OLD_COMMANDS.iter().map(ToString::to_string));
        }
        for text in due
            .iter()
            .filter(|text| !at_server.contains_key(text.as_str()) && !queued.contains(text.as_str()))
        {
            self.figures.lost += 1;
            self.figures.stories.push(format!("{text} is nowhere; old files: {old}"));
        }
        Ok(())
    }

    async fn begin(&mut self, data: &Path, company: &Company, drains: bool) -> Result<Life> {
        self.numbers += 1;
        let assignment = Assignment {
            data: data.to_owned(),
            server_url: self.office.url().to_owned(),
            company: company.name.clone(),
            number: self.numbers,
            drains,
        };
        let (command, after) =
            ((self.victim)(), Duration::from_millis(self.rng.random_range(0..self.limit_ms)));
        let life = tokio::task::spawn_blocking(move || life::begin(command, &assignment, after)).await??;
        if drains {
            return Ok(life);
        }
        // About half should get to work, none for long.
        self.limit_ms =
            if life.acked.len() > 8 { self.limit_ms * 15 / 16 } else { self.limit_ms * 33 / 32 + 1 };
        self.figures.opened += usize::from(life.opened);
        self.figures.acked += life.acked.len();
        if let Some(Err(words)) = &life.ended {
            self.figures.corrupt += 1;
            self.figures.stories.push(format!("it ended by itself: {words}"));
        }
        Ok(life)
    }

    fn remains(&mut self, data: &Path) -> Result<Option<Remains>> {
        let Some(session) = life::session_folder(data) else { return Ok(None) };
        let keys = FolderKeys::in_folder(&data.join("keys"))?;
        match Remains::of(&session, &keys, now())? {
            Ok(remains) => Ok(Some(remains)),
            Err(error) => {
                self.figures.corrupt += 1;
                self.figures.stories.push(format!("{error}"));
                Ok(None)
            }
        }
    }

    /// A life that ends by itself, with all at home.
    async fn drain(&mut self, desk: &OneDesk) -> Result<()> {
        let life = self.begin(&desk.data, &desk.company, true).await?;
        match life.ended {
            Some(Ok(())) => Ok(()),
            Some(Err(words)) => anyhow::bail!("what waits did not get home: {words}"),
            None => anyhow::bail!("a life that drains is not killed"),
        }
    }

    /// After the last life: everything has reached the server once, and the cache has what the server has.
    fn settle(&mut self, desk: &OneDesk) -> Result<()> {
        let remains = self.remains(&desk.data)?.context("files that can be read")?;
        let tasks = self.office.tasks(&desk.company)?;
        let at_server = office::texts(&tasks);
        for text in &desk.acked {
            let times = at_server.get(text.as_str()).copied().unwrap_or(0);
            self.figures.lost += usize::from(times == 0);
            if times != 1 {
                self.figures.stories.push(format!("{text} is at the server {times} times"));
            }
        }
        self.figures.duplicated += at_server.values().filter(|times| **times > 1).count();
        if remains.tasks != tasks || remains.mismatches > 0 {
            self.figures.ahead += 1;
            let mismatches = remains.mismatches;
            self.figures
                .stories
                .push(format!("the tables differ in the end; {mismatches} mismatches before"));
        }
        ensure!(remains.queue.is_empty(), "it said that everything is at home: {:?}", remains.queue);
        Ok(())
    }
}

/// What waits in the store's old outbox. A sixth one was done already.
const OLD_COMMANDS: [&str; 5] = ["remark 1", "remark 2", "remark 4", "remark 5", "remark 6"];

/// The files that the store's first versions wrote, where this desk would look for them.
fn old_files(desk: &OneDesk, data: &Path) -> Result<()> {
    let session = life::session_folder(&desk.data).context("the desk has lived")?;
    let folder = data.join("sessions").join(session.file_name().context("a name")?);
    std::fs::create_dir_all(&folder)?;
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../src-tauri/crates/store/src/tests/fixtures");
    for (fixture, file) in [("cache-v2.db", "cache.db"), ("outbox-v1.db", "outbox.db")] {
        std::fs::copy(fixtures.join(fixture), folder.join(file))?;
    }
    FolderKeys::in_folder(&data.join("keys"))?.keep_key_of_old_files()?;
    Ok(())
}

fn now() -> DateTime<Utc> {
    SystemClock::new().now().wall
}
