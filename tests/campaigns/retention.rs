//! Retention: what should be gone is searched for, byte by byte, in everything that a desk and its server have on disk.
//!
//! Every type of data that has a limit carries marks: words in texts, and coordinates as text and as eight-byte numbers. Three times
//! nothing may be left of them: after the purge, after somebody has gone private, after the sign-out. Encrypted pages are opened one by
//! one ([`pages`]), so that free pages, the slack of pages and the log count; the files as they lie there are searched too. Before each
//! purge the search has to find every mark, or it would prove nothing.
//!
//! Deliberately absent: the cache of the web view, which the suite of the real window searches.

pub mod pages;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use domain::alert::{Alert, AlertKind, AlertState, Severity};
use domain::attendance::{AttendanceEntry, AttendanceKind};
use domain::bid::{Bid, BidLine, BidLineStatus, BidStatus, Offer};
use domain::form::{FormValue, Submission};
use domain::position::Fix;
use domain::task::{Actor, Choice, ChoiceMade, Note, OverrideReason};
use domain::{AlertId, BidId, EntryGuid, FormId, LonLat, ResourceId, SubmissionId, TaskId, UserId};
use field::FieldApi;
use protocol::view::DeskRequest;

use super::workplace::{Keys, Seat, Workplace, fresh, task};

const COMPANY: &str = "Riviera";
/// Past every limit that a company has by default.
const LONG: TimeDelta = TimeDelta::days(91);

/// What is searched for: a name for the report, and the bytes.
type Marks = Vec<(String, Vec<u8>)>;

/// What came of it.
#[derive(Debug, Default)]
pub struct Figures {
    /// Marks found where none may be.
    pub markers: usize,
    /// Each of them: when, which, where.
    pub stories: Vec<String>,
    /// Marks found where the search had to find them.
    pub found_before: usize,
}

/// Runs the campaign; `progress` gets a line per step.
///
/// # Errors
/// When the campaign itself could not go on, or its search finds nothing where something is.
pub async fn run(progress: &dyn Fn(&str)) -> Result<Figures> {
    let mut stage = Stage::open().await?;
    progress("everything has been aged");
    stage.after_the_purge().await?;
    progress("the purge was searched");
    stage.after_privacy().await?;
    progress("privacy was searched");
    stage.after_the_sign_out().await?;
    progress("the sign-out was searched");
    Ok(stage.figures)
}

struct Stage {
    place: Workplace,
    keys: Arc<Keys>,
    ana: (ResourceId, FieldApi),
    figures: Figures,
}

impl Stage {
    /// A desk that has seen everything, stopped; then ninety-one days.
    async fn open() -> Result<Self> {
        let mut place = Workplace::open(COMPANY).await?;
        let keys = Arc::new(Keys::default());
        let ana = place.person("MARK-PERSON").await?;
        let old = put_everything(&place, ana.0)?;
        is_at(&place, &ana.1, mark_at(1)?).await?;
        let mut seat = Seat::start(place.desk_folder(), &keys, &place.machine).await;
        seat.sign_in(place.form(COMPANY)).await?;
        seat.until("a dot", |seat| seat.dots > 0).await?;
        place.stop_server().await;
        seat.ask(DeskRequest::AddNote { task: old, text: "MARK-NOTE-OF-DESK".to_owned() }).await?;
        seat.until("a command that waits", |seat| seat.queue > 0).await?;
        seat.ask(DeskRequest::ExportQueue).await?;
        let mut stage = Stage { place, keys, ana, figures: Figures::default() };
        stage.must_find("in the queue", &words(&["MARK-NOTE-OF-DESK"]))?;
        stage.place.start_server().await?;
        seat.ask(DeskRequest::ReconnectNow).await?;
        seat.until("an empty queue", |seat| seat.queue == 0 && seat.is_live()).await?;
        stage.must_find("before the purge", &dated_marks()?)?;
        seat.desk.stop().await;
        stage.place.machine.set(LONG);
        Ok(stage)
    }

    /// The desk's own first. The server knows the last place for a quarter of an hour longer, so that it is left out until then.
    async fn after_the_purge(&mut self) -> Result<()> {
        let seat = self.seat().await?;
        let but_the_dot = dated_marks()?.into_iter().filter(|(name, _)| !name.starts_with("dot")).collect();
        self.search_desk("after the desk's purge", &but_the_dot).await?;
        self.place.admin()?.run_due_jobs()?;
        self.search_server("after the server's purge", &dated_marks()?)?;
        seat.desk.stop().await;
        let mut seat = self.seat().await?;
        self.search_desk("after both purges", &dated_marks()?).await?;
        seat.watch(Duration::from_secs(1)).await;
        seat.desk.stop().await;
        self.search_desk("after both purges, stopped", &dated_marks()?).await
    }

    async fn after_privacy(&mut self) -> Result<()> {
        let mut seat = self.seat().await?;
        is_at(&self.place, &self.ana.1, mark_at(2)?).await?;
        seat.until("a dot", |seat| seat.dots > 0).await?;
        let marks = coordinate("last place", mark_at(2)?);
        self.must_find("before privacy", &marks)?;
        self.ana.1.privacy(true).await?;
        self.search_desk("after privacy", &marks).await?;
        seat.desk.stop().await;
        self.search_desk("after privacy, stopped", &marks).await
    }

    async fn after_the_sign_out(&mut self) -> Result<()> {
        let mut seat = self.seat().await?;
        let marks = words(&["MARK-PERSON", "MARK-OPEN"]);
        self.must_find("before the sign-out", &marks)?;
        seat.ask(DeskRequest::SignOut { discard_queue: true }).await?;
        seat.watch(Duration::from_millis(200)).await;
        self.search_desk("after the sign-out", &marks).await?;
        seat.desk.stop().await;
        self.search_desk("after the sign-out, stopped", &marks).await
    }

    async fn seat(&self) -> Result<Seat> {
        let mut seat = Seat::start(self.place.desk_folder(), &self.keys, &self.place.machine).await;
        seat.sign_in(self.place.form(COMPANY)).await?;
        Ok(seat)
    }

    /// The search works: every mark is somewhere in the desk's files.
    fn must_find(&mut self, when: &str, marks: &Marks) -> Result<()> {
        let searched = self.desk_bytes()?;
        let found: BTreeSet<&str> = searched.values().flat_map(|bytes| marks_in(bytes, marks)).collect();
        let missed = marks.iter().find(|(name, _)| !found.contains(name.as_str()) && !is_number(name));
        ensure!(missed.is_none(), "{when}: the search does not find {missed:?}, which is there");
        self.figures.found_before += found.len();
        Ok(())
    }

    /// What a desk does in the back may take a moment; what is left then is counted.
    async fn search_desk(&mut self, when: &str, marks: &Marks) -> Result<()> {
        for _ in 0..20 {
            if count(&self.desk_bytes()?, marks).is_empty() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        let searched = self.desk_bytes()?;
        self.note(when, count(&searched, marks));
        Ok(())
    }

    fn search_server(&mut self, when: &str, marks: &Marks) -> Result<()> {
        let paths = files_below(self.place.folder.path())?;
        let paths = paths.into_iter().filter(|path| !path.starts_with(self.place.desk_folder()));
        let searched = paths.map(|path| Ok((path.display().to_string(), std::fs::read(&path)?)));
        let searched = searched.collect::<Result<BTreeMap<_, _>>>()?;
        ensure!(
            searched.keys().any(|path| path.ends_with("server.db")),
            "no database of the server: {searched:?}"
        );
        self.note(when, count(&searched, marks));
        Ok(())
    }

    fn note(&mut self, when: &str, found: Vec<String>) {
        self.figures.markers += found.len();
        self.figures.stories.extend(found.into_iter().map(|found| format!("{when}: {found}")));
    }

    /// All files of the desk as they are, and the databases among them once more, readable: with every key there ever was, since a
    /// deleted key is no deleted text.
    fn desk_bytes(&self) -> Result<BTreeMap<String, Vec<u8>>> {
        let keys = self.keys.all_bytes();
        let mut searched = BTreeMap::new();
        for path in files_below(&self.place.desk_folder())? {
            let Ok(bytes) = std::fs::read(&path) else { continue }; // gone meanwhile
            let name = path.display().to_string();
            if name.ends_with(".db") && !bytes.is_empty() {
                searched.insert(format!("{name}, opened"), opened(&path, &keys)?);
            }
            searched.insert(name, bytes);
        }
        Ok(searched)
    }
}

/// Which key is whose is the desk's affair: the one that fits opens it.
fn opened(path: &Path, keys: &[[u8; 32]]) -> Result<Vec<u8>> {
    let mut tried = keys.iter().filter_map(|key| pages::readable(path, key).ok());
    tried.next().with_context(|| format!("none of {} keys opens {}", keys.len(), path.display()))
}

async fn is_at(place: &Workplace, phone: &FieldApi, at: LonLat) -> Result<()> {
    let (fix_time, accuracy_m) = (place.machine.wall(), Some(5.0));
    let fix = Fix { at, fix_time, accuracy_m, speed_mps: None, heading_deg: None };
    let taken = phone.positions(&[fix]).await?;
    if taken.refused > 0 { bail!("the fix was not taken") } else { Ok(()) }
}

/// A place that is nowhere else.
fn mark_at(number: u8) -> Result<LonLat> {
    Ok(LonLat::new(7.421_357_1 + f64::from(number) / 1_000.0, 43.735_491_7 + f64::from(number) / 2_000.0)?)
}

/// One row of each type that goes, over for a day, and one that stays; answers the task that goes.
fn put_everything(place: &Workplace, who: ResourceId) -> Result<TaskId> {
    let over = place.machine.wall() - TimeDelta::days(1);
    let mut old = task("MARK-TITLE", over, Some(over))?;
    (old.description, old.address, old.customer) =
        ("MARK-DESCRIPTION".to_owned(), "MARK-ADDRESS".to_owned(), "MARK-CUSTOMER".to_owned());
    old.at = mark_at(3)?;
    old.notes = vec![Note { at: over, by: Actor::Server, text: "MARK-REMARK".to_owned() }];
    old.choices = vec![choice(who, over)];
    let id = old.id;
    place.put(old)?;
    place.put(task("MARK-OPEN", over, None)?)?;
    place.put(bid(id, who, over))?;
    place.put(AttendanceEntry {
        guid: EntryGuid(fresh()),
        resource: who,
        kind: AttendanceKind::SignOut,
        event_time: over - TimeDelta::days(1),
        entry_time: over,
        at: Some(mark_at(4)?),
    })?;
    place.put(Submission {
        id: SubmissionId(fresh()),
        form: FormId(fresh()),
        form_version: 1,
        task: Some(id),
        resource: who,
        event_time: over,
        values: BTreeMap::from([("remark".to_owned(), FormValue::Text("MARK-ANSWER".to_owned()))]),
    })?;
    place.put(Alert {
        id: AlertId(fresh()),
        kind: AlertKind::DeviceSilent { resource: who },
        severity: Severity::Info,
        event_time: over,
        raised_at: over,
        at: Some(mark_at(5)?),
        state: AlertState::New,
        rule: None,
        escalated_at: None,
        correction: None,
        history: Vec::new(),
    })?;
    Ok(id)
}

fn choice(who: ResourceId, over: DateTime<Utc>) -> Choice {
    let (reason, note) = (Some(OverrideReason::Other), "MARK-CHOICE".to_owned());
    let first = ResourceId(fresh());
    let made = ChoiceMade { chosen: who, rank: 2, of: 2, first, later_secs: None, reason, note };
    Choice { at: over, by: UserId(fresh()), made }
}

fn bid(task: TaskId, who: ResourceId, over: DateTime<Utc>) -> Bid {
    let offer = Offer { eta_secs: Some(60), price_minor: None, comment: "MARK-OFFER".to_owned() };
    let line = BidLine { resource: who, status: BidLineStatus::Lost, offer: Some(offer), changed_at: over };
    Bid {
        id: BidId(fresh()),
        task,
        created_by: UserId(fresh()),
        created_at: over,
        deadline: over,
        status: BidStatus::Expired,
        lines: vec![line],
    }
}

/// All that goes with time.
fn dated_marks() -> Result<Marks> {
    let mut marks = words(&[
        "MARK-TITLE",
        "MARK-DESCRIPTION",
        "MARK-ADDRESS",
        "MARK-CUSTOMER",
        "MARK-REMARK",
        "MARK-CHOICE",
        "MARK-OFFER",
        "MARK-ANSWER",
        "MARK-NOTE-OF-DESK",
    ]);
    for (number, what) in
        [(1, "dot"), (3, "task's place"), (4, "place of the sign-out"), (5, "alert's place")]
    {
        marks.extend(coordinate(what, mark_at(number)?));
    }
    Ok(marks)
}

fn words(words: &[&str]) -> Marks {
    words.iter().map(|word| ((*word).to_owned(), word.as_bytes().to_vec())).collect()
}

/// The ways a coordinate may be written down.
fn coordinate(what: &str, at: LonLat) -> Marks {
    let mut marks = Marks::new();
    for (axis, value) in [("longitude", at.lon()), ("latitude", at.lat())] {
        marks.push((format!("{what}, {axis}"), value.to_string().into_bytes()));
        marks.push((format!("{what}, {axis} as a number"), value.to_le_bytes().to_vec()));
        marks.push((format!("{what}, {axis} as a number, reversed"), value.to_be_bytes().to_vec()));
    }
    marks
}

/// A desk writes coordinates as text: its numbers need not be found.
fn is_number(name: &str) -> bool {
    name.contains("as a number")
}

fn count(searched: &BTreeMap<String, Vec<u8>>, marks: &Marks) -> Vec<String> {
    let mut found = Vec::new();
    for (path, bytes) in searched {
        found.extend(marks_in(bytes, marks).into_iter().map(|name| format!("{name} in {path}")));
    }
    found
}

/// The names of the marks in `bytes`, each once; in one pass, since files are large and marks are many.
fn marks_in<'m>(bytes: &[u8], marks: &'m Marks) -> BTreeSet<&'m str> {
    let mut begins: Vec<Vec<&(String, Vec<u8>)>> = vec![Vec::new(); 256];
    for mark in marks {
        begins[usize::from(mark.1[0])].push(mark);
    }
    let mut found = BTreeSet::new();
    for (at, byte) in bytes.iter().enumerate() {
        let here = begins[usize::from(*byte)].iter().filter(|(_, mark)| bytes[at..].starts_with(mark));
        found.extend(here.map(|(name, _)| name.as_str()));
    }
    found
}

fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { files.extend(files_below(&path)?) } else { files.push(path) }
    }
    Ok(files)
}
