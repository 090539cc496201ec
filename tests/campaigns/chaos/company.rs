//! The company of a campaign: a real server on loopback with its data in a file, that can be stopped and started.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use chrono_tz::Tz;
use domain::access::Role;
use domain::position::Trigger;
use domain::resource::Profile;
use domain::{CompanyId, GroupId, LonLat, ProfileId, ResourceId, UserId};
use field::FieldApi;
use protocol::entity::{Entity, EntityKind};
use protocol::field::ActivateRequest;
use protocol::wire::Cursor;
use rand::Rng;
use rand::rngs::StdRng;
use server::{Admin, NewCompany, NewUser, RunningServer, ServerConfig};
use uuid::Uuid;

use crate::plain;

const NAME: &str = "Riviera";
const PASSWORD: &str = "correct horse";

/// The company.
pub struct Company {
    folder: PathBuf,
    address: SocketAddr,
    server: Option<RunningServer>,
    id: CompanyId,
    groups: [GroupId; 2],
    profile: ProfileId,
    supervisor: Option<UserId>,
}

/// Somebody's way to sign in.
#[derive(Debug, Clone)]
pub struct Login {
    /// The tenant's name.
    pub company: String,
    /// The user's login.
    pub user: String,
    /// The password.
    pub password: String,
    /// Who that is.
    pub id: UserId,
}

impl Company {
    /// Opens the company in `folder`.
    ///
    /// # Errors
    /// When the server can't be started.
    pub async fn open(folder: &Path, rng: &mut StdRng) -> Result<Company> {
        let address = lasting_address(rng).await;
        let server = start(address, folder).await?;
        let admin = server.admin();
        let new = NewCompany {
            name: NAME.to_owned(),
            zone: Tz::Europe__Monaco,
            currency: "EUR".to_owned(),
            region: "monaco".to_owned(),
        };
        let id = admin.add_company(new)?;
        let groups = [admin.add_group(id, "North")?, admin.add_group(id, "South")?];
        let profile = Profile {
            id: ProfileId(fresh(rng)),
            name: "Field".to_owned(),
            location_triggers: Trigger::SEVEN.to_vec(),
            live_tracking_secs: Some(5),
            privacy_allowed: true,
        };
        let profile_id = profile.id;
        admin.put(id, profile)?;
        let (folder, server, profile) = (folder.to_owned(), Some(server), profile_id);
        Ok(Company { folder, address, server, id, groups, profile, supervisor: None })
    }

    /// The server's own address: what the field and the campaign's own questions use.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:…`, past every proxy.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Which company.
    pub fn id(&self) -> CompanyId {
        self.id
    }

    /// The office's own tools.
    ///
    /// # Errors
    /// When the server is stopped.
    pub fn admin(&self) -> Result<&Admin> {
        Ok(self.server.as_ref().context("the server is stopped")?.admin())
    }

    /// Where the feed ends.
    ///
    /// # Errors
    /// When the server can't be read.
    pub fn head(&self) -> Result<Cursor> {
        Ok(self.admin()?.head(self.id)?)
    }

    /// All rows of a kind.
    ///
    /// # Errors
    /// When the server can't be read.
    pub fn rows(&self, kind: EntityKind) -> Result<Vec<Entity>> {
        Ok(self.admin()?.rows(self.id, kind)?)
    }

    /// The server goes away and comes back with its data.
    ///
    /// # Errors
    /// When it does not come back.
    pub async fn restart(&mut self) -> Result<()> {
        if let Some(server) = self.server.take() {
            server.stop().await;
        }
        self.server = Some(start(self.address, &self.folder).await?);
        Ok(())
    }

    /// Every cursor is worth nothing any more.
    ///
    /// # Errors
    /// When the server can't be written.
    pub fn rewrite_history(&self) -> Result<()> {
        Ok(self.admin()?.rewrite_history(self.id)?)
    }

    /// The user who sees one group only, if there is one.
    pub fn supervisor(&self) -> Option<UserId> {
        self.supervisor
    }

    /// A supervisor's team changes from one group to the other, as seen from `round`: their desk has to start over.
    ///
    /// # Errors
    /// When the server can't be written.
    pub fn move_supervisor(&self, user: UserId, round: usize) -> Result<()> {
        Ok(self.admin()?.set_groups(user, vec![self.groups[(round + 1) % 2]])?)
    }

    /// Another user: every fourth sees one group only.
    ///
    /// # Errors
    /// When the user can't be added.
    pub fn add_user(&mut self, number: usize) -> Result<Login> {
        let (role, groups) = match number % 4 {
            3 => (Role::Supervisor, vec![self.groups[0]]),
            _ => (Role::Dispatcher, Vec::new()),
        };
        let user = format!("desk{number}");
        let new = NewUser {
            company: self.id,
            login: user.clone(),
            name: user.to_uppercase(),
            password: PASSWORD.to_owned(),
            role,
            groups,
        };
        let id = self.admin()?.add_user(new)?;
        self.supervisor = if role == Role::Supervisor { Some(id) } else { self.supervisor };
        Ok(Login { company: NAME.to_owned(), user, password: PASSWORD.to_owned(), id })
    }

    /// Somebody with an activated phone.
    ///
    /// # Errors
    /// When the phone can't be activated.
    pub async fn add_phone(&self, number: usize, rng: &mut StdRng) -> Result<(ResourceId, FieldApi)> {
        let phone = format!("+377 6 {number:08}");
        let name = format!("Resource {number}");
        let card =
            plain::card(ResourceId(fresh(rng)), &name, &phone, (self.groups[number % 2], self.profile));
        let id = card.id;
        let code = self.admin()?.add_resource(self.id, card)?;
        let request = ActivateRequest { connection_code: code.0, msisdn: phone, device: fresh(rng).into() };
        let (api, _) = FieldApi::activate(field::http_client()?, &self.url(), &request).await?;
        Ok((id, api))
    }

    /// The end.
    pub async fn close(mut self) {
        if let Some(server) = self.server.take() {
            server.stop().await;
        }
    }
}

/// Somewhere in town.
///
/// # Errors
/// Never, as long as the town stays where it is.
pub fn somewhere(rng: &mut StdRng) -> Result<LonLat> {
    LonLat::new(rng.random_range(7.40..7.44), rng.random_range(43.72..43.75)).context("a coordinate")
}

/// An id that nobody has had.
pub fn fresh(rng: &mut StdRng) -> Uuid {
    uuid::Builder::from_random_bytes(rng.random()).into_uuid()
}

async fn start(address: SocketAddr, folder: &Path) -> Result<RunningServer> {
    let config = ServerConfig::in_file(address, folder.join("server.db"));
    server::start(config, Arc::new(server::SystemClock)).await.context("the server starts")
}

/// An address that is still free after the server was away: ports that the system hands out may be taken meanwhile.
async fn lasting_address(rng: &mut StdRng) -> SocketAddr {
    loop {
        let port = 20_000 + ((std::process::id() ^ rng.random::<u32>()) % 10_000) as u16;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        if tokio::net::TcpListener::bind(address).await.is_ok() {
            return address;
        }
    }
}
