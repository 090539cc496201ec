//! A refresh of many people and the engine that is asked: how many questions it gets.

use super::*;
use engines::Layered;
use eta::TravelSource;
use peers::{Asked, Manner, Pretender};
use protocol::view::{EngineKind, EngineSettings};

const PEOPLE: usize = 200;
const STOPS: usize = 3;
/// Everything is east of here by thousandths of a degree.
const WEST: i32 = 7_400;

fn place(n: usize) -> LonLat {
    LonLat::from_e7((WEST + n as i32) * 10_000, 437_300_000)
}

/// Somebody at their place, with three stops of their own.
fn somebody(n: usize, at: Place) -> ChainQuestion {
    let stops = (0..STOPS).map(|stop| Stop { at: place(PEOPLE + n * STOPS + stop), ..chain_of(1).stops[0] });
    ChainQuestion {
        resource: ResourceId(Uuid::from_u128(n as u128)),
        fix: Fix::Seen { place: at, time: DateTime::UNIX_EPOCH },
        stops: stops.collect(),
        ..chain_of(0)
    }
}

/// The whole company, each so many metres north of their place.
fn company(north_m: f64) -> impl Iterator<Item = ChainQuestion> {
    (0..PEOPLE).map(move |n| somebody(n, place(n).destination(0.0, north_m).into()))
}

/// The coordinates of both sides of a table.
fn sides(asked: &Asked) -> (Vec<&str>, Vec<&str>) {
    let (path, query) = asked.path.split_once('?').expect("a query");
    let all: Vec<&str> = path.rsplit('/').next().expect("coordinates").split(';').collect();
    let sources = query.split('&').find_map(|part| part.strip_prefix("sources=")).expect("sources");
    let (from, to) = all.split_at(sources.split(';').count());
    (from.to_vec(), to.to_vec())
}

/// An OSRM that knows every way: two hours and 180 km, which may be true of any two places here.
fn good(asked: &Asked) -> Manner {
    let (from, to) = sides(asked);
    let rows = |cell: &str| vec![format!("[{}]", vec![cell; to.len()].join(",")); from.len()].join(",");
    let at = |side: &[&str]| {
        side.iter().map(|at| format!(r#"{{"location":[{at}]}}"#)).collect::<Vec<_>>().join(",")
    };
    let body = format!(
        r#"{{"code":"Ok","durations":[{}],"distances":[{}],"sources":[{}],"destinations":[{}]}}"#,
        rows("7200.0"),
        rows("180000.0"),
        at(&from),
        at(&to)
    );
    Manner::Says { status: 200, body }
}

/// Over the straight line; the server may take so long.
fn layered(server: &Pretender, timeout_ms: u32) -> Arc<Layered> {
    let settings = EngineSettings { kind: EngineKind::Osrm, url: server.url(), timeout_ms };
    Arc::new(Layered::new(Arc::new(GreatCircle), settings, Arc::new(|| DateTime::UNIX_EPOCH)))
}

fn started(travel: Arc<Layered>) -> (EtaThread, mpsc::Receiver<Vec<Answer>>) {
    EtaThread::start(move || Arc::new(travel.moment()))
}

/// Asks, and takes everybody's answer.
async fn refreshed(
    (thread, answers): &mut (EtaThread, mpsc::Receiver<Vec<Answer>>),
    questions: impl Iterator<Item = ChainQuestion>,
) -> Vec<ChainEta> {
    questions.for_each(|question| thread.ask(Job::Chain(question)));
    let mut chains = Vec::new();
    while chains.len() < PEOPLE {
        chains.extend(answers.recv().await.expect("answers come").into_iter().map(arrivals));
    }
    chains
}

fn all_from(chains: &[ChainEta], source: TravelSource) -> bool {
    let etas = || chains.iter().flat_map(|chain| &chain.stops);
    etas().count() == PEOPLE * STOPS && etas().all(|stop| stop.eta.is_ok_and(|eta| eta.source == source))
}

#[tokio::test]
async fn a_refresh_of_the_whole_company_takes_few_tables() {
    let server = Pretender::start(good).expect("a port");
    let mut thread = started(layered(&server, 10_000));
    let chains = refreshed(&mut thread, company(0.0)).await;
    assert!(all_from(&chains, TravelSource::Osrm), "every arrival by the engine's word");
    let first = server.asked().len();
    // What was in the inbox when the thread looked decides how many go together.
    assert!(first <= 60, "600 drives of 200 people in a few tables: {first}");
    assert!(
        server.asked().iter().map(sides).all(|(from, to)| from.len() * to.len() <= 2_500),
        "none is large"
    );
    let chains = refreshed(&mut thread, company(40.0)).await;
    assert!(all_from(&chains, TravelSource::Osrm), "again by the engine's word");
    let asked = server.asked();
    let again = &asked[first..];
    assert!(again.len() <= 30, "200 first drives in fewer tables: {}", again.len());
    let starts: usize = again.iter().map(|asked| sides(asked).0.len()).sum();
    assert_eq!(
        starts, PEOPLE,
        "everybody's first drive is asked once, and those between stops are remembered"
    );
}

#[tokio::test]
async fn an_engine_that_is_slow_holds_a_refresh_up_once() {
    let server = Pretender::start(|_| Manner::Stalls).expect("a port");
    let mut thread = started(layered(&server, 300));
    let chains = refreshed(&mut thread, company(0.0)).await;
    assert!(all_from(&chains, TravelSource::StraightLine), "everybody has an arrival that says what it is");
    assert_eq!(server.asked().len(), 1, "the first table had its time, then the engine was left alone");
}

/// An engine that knows every way, and counts what it is asked.
#[derive(Default)]
struct Engine {
    together: AtomicUsize,
    alone: AtomicUsize,
}

impl Engine {
    /// How many drives together, how many one by one, since the last look.
    fn asked(&self) -> (usize, usize) {
        (self.together.swap(0, Ordering::Relaxed), self.alone.swap(0, Ordering::Relaxed))
    }
}

impl TravelTimes for Engine {
    fn estimate(&self, from: Place, to: Place, trip: Trip) -> Option<Estimate> {
        self.alone.fetch_add(1, Ordering::Relaxed);
        GreatCircle.estimate(from, to, trip)
    }

    fn has_engine(&self) -> bool {
        true
    }

    fn told(&self, ways: &[(Place, Place)], mode: TravelMode) -> Vec<Option<Estimate>> {
        self.together.fetch_add(ways.len(), Ordering::Relaxed);
        let trip = Trip { mode, leaves: DateTime::UNIX_EPOCH };
        ways.iter().map(|(from, to)| GreatCircle.estimate(*from, *to, trip)).collect()
    }
}

/// An engine that says nothing until it is let.
struct Held {
    asked: Mutex<std::sync::mpsc::Sender<()>>,
    let_go: Mutex<std::sync::mpsc::Receiver<()>>,
}

impl TravelTimes for Held {
    fn estimate(&self, from: Place, to: Place, trip: Trip) -> Option<Estimate> {
        GreatCircle.estimate(from, to, trip)
    }

    fn has_engine(&self) -> bool {
        true
    }

    fn told(&self, ways: &[(Place, Place)], mode: TravelMode) -> Vec<Option<Estimate>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).send(()).ok(); // else the test is over
        self.let_go.lock().unwrap_or_else(PoisonError::into_inner).recv().ok();
        Engine::default().told(ways, mode)
    }
}

#[tokio::test]
async fn what_is_known_is_told_before_a_slow_engine_is_asked_again() {
    let ((asks, asked), (let_go, held)) = (std::sync::mpsc::channel(), std::sync::mpsc::channel());
    let times = Held { asked: Mutex::new(asks), let_go: Mutex::new(held) };
    let times: SharedTimes = Arc::new(times);
    let (thread, mut answers) = EtaThread::start(move || times.clone());
    let first = MOST_TOGETHER - 5;
    // The engine holds the thread at somebody's question; meanwhile the others come.
    thread.ask(Job::Chain(somebody(0, place(0).into())));
    asked.recv_timeout(std::time::Duration::from_secs(10)).expect("the engine is asked");
    let bid = |n: usize| Job::Drives {
        bid: BidId(Uuid::from_u128(n as u128)),
        from: Vec::new(),
        to: place(n),
        now: DateTime::UNIX_EPOCH,
    };
    (1..first).for_each(|n| thread.ask(bid(n)));
    thread.ask(Job::Chain(somebody(1, place(1).into())));
    let_go.send(()).expect("the thread waits for it");
    let mut told = 0;
    while told < first {
        let batch = tokio::time::timeout(std::time::Duration::from_secs(10), answers.recv()).await;
        told += batch.expect("the engine has the next question, these are ready").expect("answers").len();
    }
    assert_eq!(told, first, "all but the one that the engine is asked about");
    let_go.send(()).expect("the thread waits for it");
    assert_eq!(answers.recv().await.map(|batch| batch.len()), Some(1), "that one comes later");
}

#[test]
fn what_waits_is_asked_with_the_next_question_and_answered_from_that() {
    let engine = Engine::default();
    let mut drives = Drives::default();
    let mut questions: Vec<ChainQuestion> = company(0.0).take(3).collect();
    drives.look_ahead(&questions[0], questions[1..].to_vec(), &engine);
    assert_eq!(engine.asked(), (9, 0), "three people, nine drives, one question");
    assert!(!questions.iter().any(|question| drives.is_untold(question, &engine)), "of all three");
    drives.answer(&Job::Chain(questions[0].clone()), &engine);
    drives.answer(&Job::Chain(questions[1].clone()), &engine);
    assert_eq!(engine.asked(), (0, 0), "the answers need nothing more");
    questions[2].fix = Fix::Seen { place: Place::heading(place(2), 90.0), time: DateTime::UNIX_EPOCH };
    assert!(drives.is_untold(&questions[2], &engine), "who has turned meanwhile is looked at again");
    drives.look_ahead(&questions[2], Vec::new(), &engine);
    assert_eq!(engine.asked(), (1, 0), "but for the first drive it is known");
    drives.answer(&Job::Chain(questions[2].clone()), &engine);
    assert!(drives.is_idle(), "nobody waits any more: where they were is not kept");
}

#[test]
fn an_engine_s_word_holds_in_the_next_hour_but_not_for_ever() {
    let engine = Engine::default();
    let mut drives = Drives::default();
    let mut asks = |secs: i64| {
        let now = DateTime::UNIX_EPOCH + TimeDelta::seconds(secs);
        let question = ChainQuestion { now, ..somebody(0, place(0).into()) };
        drives.look_ahead(&question, Vec::new(), &engine);
        drives.answer(&Job::Chain(question), &engine);
        engine.asked()
    };
    assert_eq!(asks(3_590), (3, 0), "all three");
    assert_eq!(asks(3_610), (1, 0), "another hour: engines know none");
    assert_eq!(asks(3_590 + 600), (3, 0), "ten minutes later roads may be other ones");
}

#[test]
fn where_no_engine_is_asked_nobody_looks_ahead() {
    let (times, question) = (Counted::default(), chain_of(2));
    assert!(
        !Drives::default().is_untold(&question, &times),
        "the roads of the region are asked when it is time"
    );
}

#[test]
fn of_whom_nothing_may_be_said_no_engine_is_asked() {
    let engine = Engine::default();
    let mut drives = Drives::default();
    let hidden = [Fix::Private, Fix::None].map(|fix| ChainQuestion { fix, ..chain_of(3) });
    drives.look_ahead(&hidden[0], hidden[1..].to_vec(), &engine);
    assert_eq!(engine.asked(), (0, 0), "not even for the drives between their stops");
}

#[tokio::test]
async fn about_somebody_who_goes_private_meanwhile_an_engine_is_asked_nothing_more() {
    let ((asks, asked), (let_go, held)) = (std::sync::mpsc::channel(), std::sync::mpsc::channel());
    let (asks, held) = (Mutex::new(asks), Mutex::new(held));
    // It takes its time, and then knows no way: each would be asked for by itself.
    let server = Pretender::start(move |table| {
        asks.lock().unwrap_or_else(PoisonError::into_inner).send(()).ok(); // else the test is over
        held.lock().unwrap_or_else(PoisonError::into_inner).recv().ok();
        match good(table) {
            Manner::Says { status, body } => Manner::Says { status, body: body.replace("7200.0", "null") },
            manner @ (Manner::Sends(_) | Manner::Stalls) => manner,
        }
    })
    .expect("a port");
    let travel = layered(&server, 10_000);
    let (thread, mut answers) = started(travel.clone());
    let who = somebody(0, place(0).into());
    thread.ask(Job::Chain(who.clone()));
    asked.recv_timeout(std::time::Duration::from_secs(10)).expect("the engine is asked");
    thread.forget(who.resource);
    travel.forget();
    (0..9).for_each(|_| let_go.send(()).expect("the engine waits for it"));
    answers.recv().await.expect("an answer comes, and the desk leaves it");
    assert_eq!(server.asked().len(), 1, "what was on its way, and nothing after it");
    thread.ask(Job::Chain(somebody(1, place(1).into())));
    answers.recv().await.expect("an answer about somebody else");
    assert!(server.asked().len() > 1, "of whom it may be asked");
}
