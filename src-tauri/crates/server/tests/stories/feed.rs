use std::collections::BTreeMap;

use super::office::{Office, task};
use chrono::TimeDelta;
use domain::TaskId;
use domain::access::Role;
use protocol::entity::{Entity, EntityType};
use protocol::wire::{Checksums, Command, CommandBody, Cursor, ErrorCode, Item, op, row_hash};
use uuid::Uuid;

/// A desk's copy, as the protocol says it is kept.
#[derive(Default)]
struct Copy(BTreeMap<(EntityType, Uuid), u64>);

impl Copy {
    fn apply(&mut self, items: Vec<Item>) {
        for item in items {
            let key = (item.entity, item.id);
            if item.op == op::PUT {
                self.0.insert(key, item.version)
            } else {
                self.0.remove(&key)
            };
        }
    }

    fn checksums(&self) -> Checksums {
        let mut sums = Checksums::new();
        for ((kind, id), version) in &self.0 {
            let sum = sums.entry(kind.clone()).or_default();
            *sum = sum.wrapping_add(row_hash(*id, *version));
        }
        sums
    }
}

#[tokio::test]
async fn a_long_snapshot_is_pinned_while_the_world_moves_on() {
    let office = Office::open().await;
    let tasks: Vec<Entity> = (0..2_500).map(|n| task(&format!("Task {n}"), office.now()).into()).collect();
    office.admin().put_all(office.company, tasks).expect("tasks");
    let desk = office.sign_in("dispatcher").await;
    let first: protocol::wire::SnapshotPage = desk.get("/v1/snapshot").await.expect("first page");
    assert_eq!(first.items.len(), 1_000, "a page has a thousand rows");
    let late = office.task("Came meanwhile", None);
    let mut copy = Copy::default();
    copy.apply(first.items);
    let mut token = first.next_page_token;
    while let Some(next) = token {
        let page: protocol::wire::SnapshotPage =
            desk.get(&format!("/v1/snapshot?page_token={next}")).await.expect("page");
        assert_eq!(page.at, first.at, "every page stands for the same cursor");
        copy.apply(page.items);
        token = page.next_page_token;
    }
    let key = (EntityType("task".to_owned()), late.0);
    assert!(!copy.0.contains_key(&key), "what came later is not in it");
    let page = desk.changes(first.at).await.expect("changes");
    copy.apply(page.items);
    assert!(copy.0.contains_key(&key), "it comes with the changes");
    assert_eq!(page.checksums, Some(copy.checksums()), "and the sums agree");
    let forged = desk
        .get::<protocol::wire::SnapshotPage>("/v1/snapshot?page_token=zero.1000")
        .await
        .err()
        .map(|e| e.code);
    assert_eq!(forged, Some(ErrorCode::Gone), "an unknown page token means: start over");
}

#[tokio::test]
async fn changes_come_in_pages_to_the_head() {
    let office = Office::open().await;
    let desk = office.sign_in("dispatcher").await;
    let (start, items) = desk.snapshot().await;
    let mut copy = Copy::default();
    copy.apply(items);
    for n in 0..25 {
        office.task(&format!("Task {n}"), if n % 5 == 0 { Some(office.ben.id) } else { None });
    }
    let (mut cursor, mut pages) = (start, 0);
    loop {
        let page: protocol::wire::ChangesPage =
            desk.get(&format!("/v1/changes?cursor={cursor}&limit=8")).await.expect("page");
        assert_eq!(page.from, cursor, "from where it was asked");
        assert!(page.checksums.is_some() == (page.to == page.head), "sums exactly at the head");
        let done = page.to == page.head;
        cursor = page.to;
        copy.apply(page.items);
        pages += 1;
        if done {
            assert_eq!(page.checksums, Some(copy.checksums()), "the sums agree");
            break;
        }
    }
    assert_eq!(
        (pages, cursor.seq - start.seq),
        (3, 25),
        "20 visible of 25 in pages of 8; the cursor passes the others"
    );
}

#[tokio::test]
async fn what_leaves_a_view_is_deleted_there_and_what_enters_it_is_put() {
    let office = Office::open().await;
    let north = office.sign_in("dispatcher").await;
    let everywhere = office.sign_in("everywhere").await;
    let task: TaskId = office.task("Lift stuck", Some(office.ana.id));
    let (start, items) = north.snapshot().await;
    assert!(items.iter().any(|item| item.id == task.0), "the north has it");
    assert!(!items.iter().any(|item| item.id == office.ben.id.0), "the south's people are not the north's");

    let to_ben = CommandBody::TaskAssign { task, resource: Some(office.ben.id), choice: None };
    everywhere.send(Command { if_match: Some(1), ..everywhere.command(1, to_ben) }).await;
    let page = north.changes(start).await.expect("changes");
    let seen: Vec<_> =
        page.items.iter().map(|item| (item.id, item.op.as_str(), item.data.is_some())).collect();
    assert_eq!(seen, [(task.0, op::DEL, false)], "it left: a tombstone without a word of what it is now");

    let to_nobody = CommandBody::TaskAssign { task, resource: None, choice: None };
    everywhere.send(Command { if_match: Some(2), ..everywhere.command(2, to_nobody) }).await;
    let page = north.changes(page.to).await.expect("changes");
    assert_eq!(page.items[0].op, op::PUT, "unassigned again, everybody may see it");

    let card = office.stored_card(office.ana.id);
    let own = office.task("Ana's", Some(office.ana.id));
    let (start, _) = north.snapshot().await;
    office
        .admin()
        .put(office.company, domain::resource::Resource { group: office.south, ..card })
        .expect("moves");
    let page = north.changes(start).await.expect("changes");
    let gone: Vec<Uuid> = page.items.iter().filter(|item| item.op == op::DEL).map(|item| item.id).collect();
    assert_eq!(gone, [office.ana.id.0, own.0], "whoever changes team takes their tasks along");
    let mut copy = Copy::default();
    copy.apply(north.snapshot().await.1);
    assert_eq!(page.checksums, Some(copy.checksums()), "the sums followed");
}

#[tokio::test]
async fn phones_and_addresses_are_masked_by_role() {
    let office = Office::open().await;
    for (login, phone) in
        [("dispatcher", "+••• • •• •• 01"), ("manager", "+••• • •• •• 01"), ("supervisor", "+377 6 00 00 01")]
    {
        let desk = office.sign_in(login).await;
        let (start, items) = desk.snapshot().await;
        let card = items.iter().find(|item| item.id == office.ana.id.0).expect("Ana is there");
        let shown: serde_json::Value =
            serde_json::from_str(card.data.as_ref().expect("data").get()).expect("JSON");
        assert_eq!(shown["phone"], phone, "{login} in the snapshot");
        office.admin().put(office.company, office.stored_card(office.ana.id)).expect("touches");
        let page = desk.changes(start).await.expect("changes");
        let shown: serde_json::Value =
            serde_json::from_str(page.items[0].data.as_ref().expect("data").get()).expect("JSON");
        assert_eq!(shown["phone"], phone, "{login} in the changes");
    }
}

#[tokio::test]
async fn old_cursors_and_rewritten_history_are_gone() {
    let office = Office::open().await;
    let desk = office.sign_in("dispatcher").await;
    let (start, _) = desk.snapshot().await;
    let beyond = Cursor { seq: start.seq + 1_000, ..start };
    assert_eq!(
        desk.changes(beyond).await.err().map(|e| e.code),
        Some(ErrorCode::Gone),
        "a place that does not exist"
    );
    office.admin().rewrite_history(office.company).expect("rewrites");
    assert_eq!(desk.changes(start).await.err().map(|e| e.code), Some(ErrorCode::Gone), "another history");

    let (start, _) = desk.snapshot().await;
    office.task("old", None);
    office.wait(TimeDelta::days(8));
    office.admin().run_due_jobs().expect("jobs");
    let desk = office.sign_in("dispatcher").await;
    assert_eq!(
        desk.changes(start).await.err().map(|e| e.code),
        Some(ErrorCode::Gone),
        "eight days is more than is kept"
    );
    let (now, _) = desk.snapshot().await;
    desk.changes(now).await.expect("a fresh snapshot is where to go on from");
}

#[tokio::test]
async fn another_role_means_another_view() {
    let office = Office::open().await;
    let desk = office.sign_in("dispatcher").await;
    let (start, _) = desk.snapshot().await;
    office.admin().set_role(desk.user(), Role::Administrator).expect("changes");
    assert_eq!(
        desk.changes(start).await.err().map(|e| e.code),
        Some(ErrorCode::Gone),
        "the old view's cursor is worth nothing"
    );
    let (now, items) = desk.snapshot().await;
    assert!(now.seq > start.seq, "a new start");
    assert!(items.iter().any(|item| item.id == office.ben.id.0), "administrators see all cards");
    let (status, _) =
        office.call(reqwest::Method::GET, "/v1/positions", Some(&desk.tokens.access), None).await;
    assert_eq!(status, 403, "but watch nobody");
}
