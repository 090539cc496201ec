//! The office's own tools: what an administrator does on the server's machine, without HTTP.
//!
//! All methods block (they write, and hashing a password takes its time): in async code call them from `spawn_blocking`, or where a few
//! milliseconds do not matter.

use std::sync::Arc;

use chrono_tz::Tz;
use domain::access::Role;
use domain::company::{Company, Retention, User};
use domain::position::Fix;
use domain::resource::{Group, Resource, Skill};
use domain::task::Task;
use domain::{CompanyId, GroupId, ResourceId, SkillId, TaskId, UserId};
use protocol::entity::{Entity, EntityKind};
use protocol::wire::Cursor;
use uuid::Uuid;

use crate::auth::password;
use crate::auth::token::TokenHash;
use crate::contact::digits;
use crate::core::Core;
use crate::jobs;
use crate::retention;
use crate::secret;
use crate::seed;
use crate::storage::{AuditRow, CredentialRow, PhoneRow, StorageError, Tx, WebhookRow};
use crate::watching;
use crate::webhooks::{self, WebhookUrlError};

/// A tenant to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCompany {
    /// The name people sign in with; unique, case does not matter.
    pub name: String,
    /// Zone of the workplace.
    pub zone: Tz,
    /// ISO 4217 code of prices.
    pub currency: String,
    /// The map region that its desks open with.
    pub region: String,
}

/// A user to be.
#[derive(Clone, PartialEq, Eq)]
pub struct NewUser {
    /// Tenant.
    pub company: CompanyId,
    /// Name to sign in with; unique within the company, case does not matter.
    pub login: String,
    /// Name to show.
    pub name: String,
    /// The password.
    pub password: String,
    /// What the user may do.
    pub role: Role,
    /// The user's own groups; empty means all of them.
    pub groups: Vec<GroupId>,
}

/// A one-time code that ties a phone to a card.
#[derive(Clone, PartialEq, Eq)]
pub struct ConnectionCode(pub String);

impl std::fmt::Debug for ConnectionCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ConnectionCode")
    }
}

impl std::fmt::Debug for NewUser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewUser")
            .field("login", &self.login)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

/// What proves to a webhook that a message is the server's: the key of its signature.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookSecret(pub String);

impl std::fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WebhookSecret")
    }
}

/// Why something of the office's own tools can't be done.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// A company of that name, or a user of that login, is there already.
    #[error("“{0}” exists already")]
    Exists(String),
    /// It isn't there.
    #[error("{0} does not exist")]
    NotFound(&'static str),
    /// A name or a password is empty.
    #[error("{0} may not be empty")]
    Empty(&'static str),
    /// The password can't be hashed.
    #[error("the password can't be hashed: {0}")]
    Password(argon2::password_hash::Error),
    /// An address can't be a webhook's.
    #[error(transparent)]
    Webhook(#[from] WebhookUrlError),
    /// The store failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// The office's own tools.
#[derive(Clone)]
pub struct Admin {
    core: Arc<Core>,
}

impl std::fmt::Debug for Admin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Admin")
    }
}

impl Admin {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Admin { core }
    }

    /// Adds a tenant.
    pub fn add_company(&self, company: NewCompany) -> Result<CompanyId, AdminError> {
        let name = company.name.trim().to_owned();
        if name.is_empty() {
            return Err(AdminError::Empty("the company's name"));
        }
        let id = CompanyId(secret::new_id(self.core.now()));
        self.core.storage.write(
            |tx| match tx.company_named(&name)? {
                Some(_) => Err(AdminError::Exists(name.clone())),
                None => Ok(tx.insert_company(id.0, &name, secret::new_epoch())?),
            },
            |()| (),
        )?;
        let row = Company {
            id,
            name,
            zone: company.zone,
            currency: company.currency,
            region: company.region,
            retention: Retention::default(),
            offline_hours: 72,
        };
        self.core.write(id, None, |ledger| {
            ledger.put(row)?;
            seed::give_rules_once(ledger)
        })?;
        Ok(id)
    }

    /// The tenant of that name.
    pub fn company_named(&self, name: &str) -> Result<CompanyId, AdminError> {
        let found = self.core.storage.read(|rows| rows.company_named(name))?;
        found.map(|company| CompanyId(company.id)).ok_or(AdminError::NotFound("this company"))
    }

    /// Where the company takes messages to its customers from now on; the secret is new each time, and shown only here.
    ///
    /// # Errors
    /// [`AdminError::Webhook`]: neither `https` nor this machine.
    pub fn set_webhook(&self, company: CompanyId, url: &str) -> Result<WebhookSecret, AdminError> {
        let webhook = WebhookRow { url: webhooks::checked(url)?, secret: secret::new_token() };
        self.core.write(company, None, |ledger| {
            ledger.tx().put_webhook(company.0, &webhook)?;
            Ok::<_, AdminError>(ledger.audit(Uuid::nil(), "webhook.set", company.0)?)
        })?;
        Ok(WebhookSecret(webhook.secret))
    }

    /// The company takes no messages any more; those that wait are given up.
    ///
    /// # Errors
    /// [`AdminError::NotFound`]: it had no webhook.
    pub fn clear_webhook(&self, company: CompanyId) -> Result<(), AdminError> {
        self.core.write(company, None, |ledger| {
            if !ledger.tx().delete_webhook(company.0)? {
                return Err(AdminError::NotFound("a webhook of this company"));
            }
            Ok(ledger.audit(Uuid::nil(), "webhook.clear", company.0)?)
        })
    }

    /// Adds a user of the desk.
    pub fn add_user(&self, user: NewUser) -> Result<UserId, AdminError> {
        if user.login.trim().is_empty() || user.password.is_empty() {
            return Err(AdminError::Empty("login and password"));
        }
        let password_hash = password::hash(&user.password).map_err(AdminError::Password)?;
        let id = UserId(secret::new_id(self.core.now()));
        let login = user.login.trim().to_owned();
        self.core.write(user.company, None, |ledger| {
            let company = user.company.0;
            if ledger.tx().credential_of_login(company, &login)?.is_some() {
                return Err(AdminError::Exists(login.clone()));
            }
            let credential =
                CredentialRow { user: id.0, company, password_hash, disabled: false, view_since: 0 };
            ledger.tx().insert_credential(&credential, &login)?;
            let (name, role, groups) = (user.name.clone(), user.role, user.groups.clone());
            ledger.put(User { id, company: user.company, login: login.clone(), name, role, groups })?;
            Ok(ledger.audit(Uuid::nil(), "user.add", id.0)?)
        })?;
        Ok(id)
    }

    /// Adds or replaces a row; answers its new version.
    pub fn put(&self, company: CompanyId, row: impl Into<Entity>) -> Result<u64, AdminError> {
        let row = row.into();
        self.core.write(company, None, |ledger| Ok(ledger.put(row)?.version))
    }

    /// Adds or replaces rows, all in one transaction.
    pub fn put_all(&self, company: CompanyId, rows: Vec<Entity>) -> Result<(), AdminError> {
        self.core.write(company, None, |ledger| {
            rows.into_iter().try_for_each(|row| ledger.put(row).map(drop)).map_err(AdminError::from)
        })
    }

    /// Adds a group.
    pub fn add_group(&self, company: CompanyId, name: &str) -> Result<GroupId, AdminError> {
        let id = GroupId(secret::new_id(self.core.now()));
        self.put(company, Group { id, name: name.to_owned() })?;
        Ok(id)
    }

    /// Adds a skill.
    pub fn add_skill(&self, company: CompanyId, name: &str) -> Result<SkillId, AdminError> {
        let id = SkillId(secret::new_id(self.core.now()));
        self.put(company, Skill { id, name: name.to_owned() })?;
        Ok(id)
    }

    /// Adds a task; its `number` is given here.
    pub fn add_task(&self, company: CompanyId, task: Task) -> Result<TaskId, AdminError> {
        let id = task.id;
        self.core.write(company, None, |ledger| {
            let number = ledger.next_task_number()?;
            ledger.put(Task { number, ..task }).map(drop).map_err(AdminError::from)
        })?;
        Ok(id)
    }

    /// Adds a resource card; the code activates its phone, once.
    pub fn add_resource(&self, company: CompanyId, resource: Resource) -> Result<ConnectionCode, AdminError> {
        let code = secret::new_connection_code();
        self.core.write(company, None, |ledger| {
            put_code(ledger.tx(), company, resource.id, &code)?;
            ledger.put(resource).map(drop).map_err(AdminError::from)
        })?;
        Ok(ConnectionCode(code))
    }

    /// A new code for a card: the old code and the phone that is active now are worth nothing any more.
    pub fn new_connection_code(
        &self,
        company: CompanyId,
        resource: ResourceId,
    ) -> Result<ConnectionCode, AdminError> {
        let code = secret::new_connection_code();
        self.core.write(company, None, |ledger| {
            ledger.load::<Resource>(resource.0)?.ok_or(AdminError::NotFound("this resource"))?;
            put_code(ledger.tx(), company, resource, &code)?;
            Ok::<_, AdminError>(ledger.audit(Uuid::nil(), "phone.code", resource.0)?)
        })?;
        self.core.positions.forget_phone(resource);
        Ok(ConnectionCode(code))
    }

    /// Disables a card: its phone gets 403 from now on and wipes itself; the code is worth nothing.
    pub fn disable_resource(&self, company: CompanyId, resource: ResourceId) -> Result<(), AdminError> {
        self.core.write(company, None, |ledger| {
            let (card, _) =
                ledger.load::<Resource>(resource.0)?.ok_or(AdminError::NotFound("this resource"))?;
            ledger.put(Resource { disabled: true, on_duty: false, ..card })?;
            Ok::<_, AdminError>(ledger.audit(Uuid::nil(), "resource.disable", resource.0)?)
        })
    }

    /// Changes a user's role; their desks are told to start over.
    pub fn set_role(&self, user: UserId, role: Role) -> Result<(), AdminError> {
        self.change_view(user, |user| User { role, ..user })
    }

    /// Changes a user's groups; their desks are told to start over.
    pub fn set_groups(&self, user: UserId, groups: Vec<GroupId>) -> Result<(), AdminError> {
        self.change_view(user, |user| User { groups, ..user })
    }

    fn change_view(&self, user: UserId, change: impl FnOnce(User) -> User) -> Result<(), AdminError> {
        let company = self.company_of(user)?;
        self.core.write(company, None, |ledger| {
            let (row, _) = ledger.load::<User>(user.0)?.ok_or(AdminError::NotFound("this user"))?;
            let written = ledger.put(change(row))?;
            ledger.tx().set_view_since(user.0, written.seq)?;
            Ok::<_, AdminError>(ledger.audit(Uuid::nil(), "user.role", user.0)?)
        })
    }

    /// Bars a user: all their sessions end.
    pub fn disable_user(&self, user: UserId) -> Result<(), AdminError> {
        let company = self.company_of(user)?;
        self.core.write(company, None, |ledger| {
            ledger.tx().set_user_disabled(user.0, true)?;
            ledger.tx().delete_sessions_of(user.0)?;
            Ok::<_, AdminError>(ledger.audit(Uuid::nil(), "user.disable", user.0)?)
        })
    }

    fn company_of(&self, user: UserId) -> Result<CompanyId, AdminError> {
        let found = self.core.storage.read(|rows| rows.credential(user.0))?;
        found.map(|row| CompanyId(row.company)).ok_or(AdminError::NotFound("this user"))
    }

    /// Throws the history away: every desk has to start over with a snapshot.
    pub fn rewrite_history(&self, company: CompanyId) -> Result<(), AdminError> {
        self.core.write(company, None, |ledger| ledger.rewrite_history().map_err(AdminError::from))
    }

    /// Where a company's feed ends now.
    pub fn head(&self, company: CompanyId) -> Result<Cursor, AdminError> {
        let found = self.core.storage.read(|rows| rows.company(company.0))?;
        let row = found.ok_or(AdminError::NotFound("this company"))?;
        Ok(Cursor { epoch: row.epoch, seq: row.head })
    }

    /// All rows of a kind.
    pub fn rows(&self, company: CompanyId, kind: EntityKind) -> Result<Vec<Entity>, AdminError> {
        let rows = self.core.storage.read(|rows| rows.entities(company.0, kind))?;
        rows.iter()
            .map(|row| kind.decode(&row.data).map_err(|error| StorageError::from(error).into()))
            .collect()
    }

    /// One row.
    pub fn row(&self, company: CompanyId, kind: EntityKind, id: Uuid) -> Result<Option<Entity>, AdminError> {
        let row = self.core.storage.read(|rows| rows.entity(company.0, kind, id))?;
        let decode = |data: &str| kind.decode(data).map_err(StorageError::from);
        Ok(row.filter(|row| !row.deleted).map(|row| decode(&row.data)).transpose()?)
    }

    /// Adds past fixes to a resource's track, as if its phone had sent them.
    pub fn add_positions(&self, resource: ResourceId, fixes: &[Fix]) -> Result<(), AdminError> {
        self.core.positions.accept(resource, fixes, self.core.now());
        Ok(self.store_positions()?)
    }

    /// Stores the fixes that are still in memory only.
    pub(crate) fn store_positions(&self) -> Result<(), StorageError> {
        jobs::flush_positions(&self.core)
    }

    /// The company's audit chain, oldest first.
    pub fn audit(&self, company: CompanyId) -> Result<Vec<AuditRow>, AdminError> {
        Ok(self.core.storage.read(|rows| rows.audit(company.0))?)
    }

    /// Takes in at once what waits for the watcher, and what the clock brings.
    pub fn watch_now(&self) -> Result<(), AdminError> {
        Ok(watching::work(&self.core)?)
    }

    /// Does at once what is due by the clock: the watcher's work, bids that run out, alerts that get worse, data that has been kept for
    /// long enough.
    pub fn run_due_jobs(&self) -> Result<(), AdminError> {
        watching::work(&self.core)?;
        jobs::expire_bids(&self.core)?;
        jobs::escalate_alerts(&self.core)?;
        retention::retire_positions_and_feed(&self.core)?;
        Ok(retention::retire_rows(&self.core)?)
    }
}

fn put_code(tx: &Tx<'_>, company: CompanyId, resource: ResourceId, code: &str) -> Result<(), StorageError> {
    let before = tx.phone(resource.0)?;
    tx.put_phone(&PhoneRow {
        resource: resource.0,
        company: company.0,
        code: Some(code_hash(code)),
        token: None,
        seq: before.as_ref().map_or(0, |phone| phone.seq),
        location_requested: false,
        last_attendance: before.map_or(chrono::DateTime::UNIX_EPOCH, |phone| phone.last_attendance),
    })
}

/// The hash that a connection code is found by; case and dashes do not matter.
pub(crate) fn code_hash(code: &str) -> TokenHash {
    let plain: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    TokenHash::of(&plain.to_ascii_uppercase())
}

/// The key that a phone's failed activations are counted by.
pub(crate) fn phone_key(msisdn: &str) -> TokenHash {
    TokenHash::of(&format!("phone {}", digits(msisdn)))
}
