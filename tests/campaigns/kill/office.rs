//! The server of the campaign, and what it has.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use chrono_tz::Tz;
use domain::access::Role;
use domain::task::Task;
use domain::{CompanyId, DeviceId, TaskId};
use protocol::entity::{Entity, EntityKind};
use protocol::wire::{ChangesPage, Cursor, SignInRequest};
use protocol::{API_VERSION, API_VERSION_HEADER};
use reqwest::StatusCode;
use server::{NewCompany, NewUser, RunningServer, ServerConfig};
use sync::BaseUrl;
use uuid::Uuid;

use super::life::{PASSWORD, USER};

/// A real server, with a company for each desk of the campaign, so that tables stay small.
pub struct Office {
    server: RunningServer,
    http: reqwest::Client,
}

/// One company.
pub struct Company {
    /// The name to sign in with.
    pub name: String,
    id: CompanyId,
    access: String,
}

impl Office {
    /// Starts the server.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn open() -> Result<Self> {
        let server = server::start(ServerConfig::in_memory(), Arc::new(server::SystemClock)).await?;
        Ok(Office { server, http: reqwest::Client::new() })
    }

    /// `http://127.0.0.1:…`
    pub fn url(&self) -> &str {
        self.server.url()
    }

    /// Another company with its user, and somebody who watches its feed.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn company(&self, number: usize) -> Result<Company> {
        let (admin, name) = (self.server.admin(), format!("Riviera {number}"));
        let (currency, region) = ("EUR".to_owned(), "monaco".to_owned());
        let id = admin.add_company(NewCompany {
            name: name.clone(),
            zone: Tz::Europe__Monaco,
            currency,
            region,
        })?;
        let (login, password) = (USER.to_owned(), PASSWORD.to_owned());
        let (company, role, groups) = (id, Role::Dispatcher, Vec::new());
        admin.add_user(NewUser { company, login, name: "Dora".to_owned(), password, role, groups })?;
        let request = SignInRequest {
            company: name.clone(),
            user: USER.to_owned(),
            password: PASSWORD.to_owned(),
            device: DeviceId(Uuid::from_u128(number as u128 + 1)),
            device_epoch: 1,
        };
        let tokens = sync::sign_in(&BaseUrl::parse(self.url())?, &request).await?;
        Ok(Company { name, id, access: tokens.access })
    }

    /// What somebody restored a backup of the server's would do: every desk reads everything anew.
    ///
    /// # Errors
    /// When the server refuses.
    pub fn rewrite_history(&self, company: &Company) -> Result<()> {
        Ok(self.server.admin().rewrite_history(company.id)?)
    }

    /// The tasks.
    ///
    /// # Errors
    /// When the server refuses.
    pub fn tasks(&self, company: &Company) -> Result<BTreeMap<TaskId, Task>> {
        let rows = self.server.admin().rows(company.id, EntityKind::Task)?;
        let tasks =
            rows.into_iter().filter_map(|row| if let Entity::Task(task) = row { Some(task) } else { None });
        Ok(tasks.map(|task| (task.id, task)).collect())
    }

    /// Ids of what has changed since `cursor`; `None` when its history is gone.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn changed_since(&self, company: &Company, cursor: Cursor) -> Result<Option<BTreeSet<Uuid>>> {
        let (mut at, mut changed) = (cursor, BTreeSet::new());
        loop {
            let url = format!("{}/v1/changes?cursor={at}&limit=500", self.url());
            let request = self.http.get(url).bearer_auth(&company.access);
            let answer = request.header(API_VERSION_HEADER, API_VERSION.to_string()).send().await?;
            if answer.status() == StatusCode::GONE {
                return Ok(None);
            }
            ensure!(answer.status().is_success(), "the feed: {}", answer.status());
            let page: ChangesPage = serde_json::from_slice(&answer.bytes().await?).context("a page")?;
            changed.extend(page.items.iter().map(|item| item.id));
            if page.to == page.head || page.to == at {
                return Ok(Some(changed));
            }
            at = page.to;
        }
    }
}

/// What the commands have brought about, with how often.
pub fn texts(tasks: &BTreeMap<TaskId, Task>) -> BTreeMap<&str, usize> {
    let mut texts = BTreeMap::new();
    for task in tasks.values() {
        for text in std::iter::once(&task.title).chain(task.notes.iter().map(|note| &note.text)) {
            *texts.entry(text.as_str()).or_default() += 1;
        }
    }
    texts
}
