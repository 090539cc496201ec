use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use domain::resource::Resource;
use domain::task::Actor;
use domain::{CommandId, ResourceId, TaskId};
use protocol::durable::NewCommand;
use protocol::entity::{Entity, EntityKind};
use protocol::view::{
    DeskErrorCode, DeskRequest, DeskResponse, Dispute, Meanwhile, QueuedState, ReviewView, ViewEvent,
};
use protocol::wire::{CommandBody, Rejection, TaskDraft, TaskField};
use store::{Key, MemoryKeyStore, Outbox};

use crate::office::{Desk, Office, draft, fresh, now};
use crate::screen::Screen;

/// Two people have edited the same task, one of them without a server.
struct Clash {
    office: Office,
    desk: Desk,
    screen: Screen,
    lift: TaskId,
    n: u64,
}

fn edit(office: &Office, task: TaskId, change: impl Fn(&mut TaskDraft)) -> DeskRequest {
    let base = Box::new(TaskDraft::of(&office.stored_task(task)));
    let mut draft = (*base).clone();
    change(&mut draft);
    DeskRequest::EditTask { task, draft, base }
}

async fn stuck(screen: &mut Screen, state: QueuedState) -> u64 {
    let found =
        |screen: &Screen| screen.queue.iter().find(|queued| queued.state == state).map(|queued| queued.n);
    screen.until("the command that needs a decision", |screen| found(screen).is_some()).await;
    found(screen).expect("just seen")
}

async fn reviewed(desk: &Desk, n: u64) -> ReviewView {
    let answer = desk.ask(DeskRequest::ReviewCommand { n }).await;
    let DeskResponse::Review(review) = answer else { panic!("no review: {answer:?}") };
    *review
}

impl Clash {
    /// The dispatcher wants a title and an hour of work; meanwhile the manager writes a title, a customer and a remark.
    async fn happens() -> Self {
        let mut office = Office::open().await;
        let lift = office.task("Lift stuck", None);
        let keys = Arc::new(MemoryKeyStore::default());
        let desk = office.desk(&keys);
        let mut screen = desk.sign_in(&office, "dispatcher").await;
        screen.until("the task", |screen| screen.tasks.contains_key(&lift)).await;
        let mine = edit(&office, lift, |draft| {
            draft.title = "Lift stuck, two people".to_owned();
            draft.planned_minutes = 60;
        });
        office.stop_server().await;
        screen.until("being offline", Screen::is_offline).await;
        desk.ask(mine).await;
        desk.desk.stop().await;

        office.start_server().await;
        let (other, mut others) = office.signed_in("manager").await;
        others.until("the task", |screen| screen.tasks.contains_key(&lift)).await;
        other
            .ask(edit(&office, lift, |draft| {
                draft.title = "Lift out of order".to_owned();
                draft.customer = "Hotel".to_owned();
            }))
            .await;
        other.ask(DeskRequest::AddNote { task: lift, text: "spare part ordered".to_owned() }).await;
        let is_done = |screen: &Screen| {
            let view = &screen.tasks[&lift];
            view.task.customer == "Hotel" && view.task.notes.len() == 1 && !view.pending
        };
        others.until("both to be done", is_done).await;
        other.desk.stop().await;

        let desk = office.desk(&keys);
        let mut screen = desk.sign_in(&office, "dispatcher").await;
        let n = stuck(&mut screen, QueuedState::Conflict).await;
        Clash { office, desk, screen, lift, n }
    }

    async fn is_settled(&mut self) {
        let lift = self.lift;
        self.screen
            .until("the decision", |screen| {
                screen.queue.is_empty() && !screen.tasks[&lift].pending && !screen.tasks[&lift].attention
            })
            .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mine_on_top_of_theirs_takes_nothing_back_that_only_they_changed() {
    let mut clash = Clash::happens().await;
    let lift = clash.lift;
    clash.screen.until("the mark on the row", |screen| screen.tasks[&lift].attention).await;
    assert!(!clash.screen.tasks[&lift].pending, "nothing is on its way");
    let review = reviewed(&clash.desk, clash.n).await;
    let Dispute::Edit { base, mine, theirs, clashes } = &review.dispute else {
        panic!("an edit: {review:?}")
    };
    assert_eq!(clashes, &[TaskField::Title], "only the title was changed twice");
    let titles = [&base.title, &mine.title, &theirs.title].map(String::as_str);
    assert_eq!(titles, ["Lift stuck", "Lift stuck, two people", "Lift out of order"], "all three titles");
    let manager = Actor::Office(clash.office.user("manager"));
    let note = Meanwhile::Note { text: "spare part ordered".to_owned(), by: manager };
    assert!(review.meanwhile.iter().any(|did| did.what == note), "the remark: {:?}", review.meanwhile);
    assert!(review.may_retry, "it can be done again");

    clash.desk.ask(DeskRequest::RetryCommand { n: clash.n }).await;
    clash.is_settled().await;
    let stored = clash.office.stored_task(lift);
    assert_eq!(stored.title, "Lift stuck, two people", "mine, where both had written");
    assert_eq!((stored.customer.as_str(), stored.planned_minutes), ("Hotel", 60), "both, elsewhere");
    assert_eq!(stored.notes.len(), 1, "and the remark is still there");
    clash.desk.desk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn theirs_leaves_the_task_as_they_made_it() {
    let mut clash = Clash::happens().await;
    clash.desk.ask(DeskRequest::DiscardCommand { n: clash.n }).await;
    clash.is_settled().await;
    let stored = clash.office.stored_task(clash.lift);
    assert_eq!((stored.title.as_str(), stored.planned_minutes), ("Lift out of order", 30), "nothing of mine");
    let gone = clash.desk.refused(DeskRequest::ReviewCommand { n: clash.n }).await;
    assert_eq!(gone.code, DeskErrorCode::Refused(Rejection::NotFound), "there is nothing left to decide");
    clash.desk.desk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revised_edit_goes_with_the_values_of_the_review() {
    let mut clash = Clash::happens().await;
    let review = reviewed(&clash.desk, clash.n).await;
    let Dispute::Edit { theirs, .. } = review.dispute else { panic!("an edit") };
    let other_task = DeskRequest::ReviseEdit { n: clash.n, draft: draft("Another"), base: theirs.clone() };
    assert_eq!(clash.desk.refused(other_task).await.code, DeskErrorCode::BadInput, "not for another task");
    let both = TaskDraft { title: "Lift out of order, two people inside".to_owned(), ..(*theirs).clone() };
    clash.desk.ask(DeskRequest::ReviseEdit { n: clash.n, draft: both.clone(), base: theirs }).await;
    clash.is_settled().await;
    let stored = clash.office.stored_task(clash.lift);
    assert_eq!(stored.title, both.title, "the words of both");
    assert_eq!((stored.customer.as_str(), stored.planned_minutes), ("Hotel", 30), "theirs elsewhere");
    clash.desk.desk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_server_refuses_is_shown_with_the_reason_until_somebody_gives_it_up() {
    let mut office = Office::open().await;
    let ana = office.person("Ana Rossi", office.north).await;
    let lift = office.task("Lift stuck", None);
    let (desk, mut screen) = office.signed_in("dispatcher").await;
    screen.until("the task", |screen| screen.tasks.contains_key(&lift)).await;
    office.stop_server().await;
    screen.until("being offline", Screen::is_offline).await;
    desk.ask(DeskRequest::AssignTask { task: lift, resource: Some(ana.id), choice: None }).await;
    office.start_server().await;
    let Some(Entity::Resource(card)) = office.row(EntityKind::Resource, ana.id.0) else { panic!("a card") };
    office.put(Resource { disabled: true, ..card });
    desk.ask(DeskRequest::ReconnectNow).await;
    let n = stuck(&mut screen, QueuedState::Rejected { reason: Rejection::ResourceDisabled }).await;
    screen.until("the card", |screen| screen.resources[&ana.id].card.disabled).await;
    let review = reviewed(&desk, n).await;
    assert_eq!(review.dispute, Dispute::Assignment { mine: Some(ana.id), theirs: None }, "mine and theirs");
    assert!(!review.may_retry, "the same would be refused again");
    let again = desk.refused(DeskRequest::RetryCommand { n }).await;
    assert_eq!(again.code, DeskErrorCode::Refused(Rejection::ResourceDisabled), "at once, with the reason");
    desk.ask(DeskRequest::DiscardCommand { n }).await;
    screen.until("an empty queue", |screen| screen.queue.is_empty() && !screen.tasks[&lift].attention).await;
    desk.desk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ran_out_of_time_can_be_done_again_with_as_much_time() {
    let office = Office::open().await;
    let ana = office.person("Ana Rossi", office.north).await;
    let lift = office.task("Lift stuck", None);
    let keys = Arc::new(MemoryKeyStore::default());
    let desk = office.desk(&keys);
    desk.sign_in(&office, "dispatcher").await;
    desk.desk.stop().await;
    late_assignment(&office, &keys, lift, ana.id);

    let desk = office.desk(&keys);
    let mut screen = desk.sign_in(&office, "dispatcher").await;
    let n = stuck(&mut screen, QueuedState::Expired).await;
    let review = reviewed(&desk, n).await;
    assert_eq!(review.dispute, Dispute::Assignment { mine: Some(ana.id), theirs: None }, "nobody has it yet");
    assert!(review.may_retry, "only its time was over");
    desk.ask(DeskRequest::RetryCommand { n }).await;
    screen.until("the assignment", |screen| screen.queue.is_empty()).await;
    assert_eq!(office.stored_task(lift).resource, Some(ana.id), "with a deadline of its own, it got through");
    desk.desk.stop().await;
}

/// An assignment made an hour ago, for half an hour.
fn late_assignment(office: &Office, keys: &MemoryKeyStore, task: TaskId, resource: ResourceId) {
    let key = Key::of_store(keys).expect("the key");
    let mut outbox = Outbox::open(&office.session_folder(), &key).expect("the queue");
    let made_at: DateTime<Utc> = now() - TimeDelta::hours(1);
    let new = NewCommand {
        id: CommandId(fresh()),
        body: CommandBody::TaskAssign { task, resource: Some(resource), choice: None },
        if_match: Some(1),
        valid_until: Some(made_at + TimeDelta::minutes(30)),
        depends_on: None,
    };
    outbox.push(&new, made_at).expect("stored");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_confirmed_change_never_flickers() {
    let office = Office::open().await;
    let ana = office.person("Ana Rossi", office.north).await;
    let lift = office.task("Lift stuck", None);
    let (desk, mut screen) = office.signed_in("dispatcher").await;
    screen.until("the task", |screen| screen.tasks.contains_key(&lift)).await;
    desk.ask(DeskRequest::AssignTask { task: lift, resource: Some(ana.id), choice: None }).await;
    screen
        .until("the confirmation", |screen| {
            let view = &screen.tasks[&lift];
            view.version > 1 && !view.pending && screen.queue.is_empty()
        })
        .await;
    let told = screen.raw.iter().filter_map(|message| serde_json::from_slice::<ViewEvent>(message).ok());
    let tasks = told.flat_map(|event| {
        let (ViewEvent::Reset(set) | ViewEvent::Changed(set)) = event else { return Vec::new() };
        set.tasks
    });
    let mut seen: Vec<_> =
        tasks.filter(|view| view.task.id == lift).map(|view| (view.task.resource, view.pending)).collect();
    seen.dedup();
    assert_eq!(
        seen,
        [(None, false), (Some(ana.id), true), (Some(ana.id), false)],
        "the mark goes with the change that confirms it, and nothing else is seen in between"
    );
    desk.desk.stop().await;
}
