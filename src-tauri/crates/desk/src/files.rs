//! Small files beside the databases: which session was the last one, and the preferences of this desk. Nothing secret.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use protocol::view::{EngineSettings, NotificationSettings, SignInForm};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Which databases and secrets belong together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// The server's address as it was typed, trimmed.
    pub server_url: String,
    /// The company's name.
    pub company: String,
    /// The user's login.
    pub user: String,
}

impl Identity {
    /// Whom a sign-in form means.
    pub fn of(form: &SignInForm) -> Self {
        Self {
            server_url: form.server_url.trim().trim_end_matches('/').to_owned(),
            company: form.company.trim().to_owned(),
            user: form.user.trim().to_owned(),
        }
    }

    /// Whose choice of an engine it is: everybody's of a company in that region.
    fn engine_key(&self, region: &str) -> String {
        format!("{}|{}|{region}", self.server_url, self.company)
    }

    /// A folder's name: the same for the same three, and nothing can be read from it.
    pub fn folder(&self) -> String {
        let mut hash = Sha256::new();
        for part in [&self.server_url, &self.company, &self.user] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        hash.finalize().iter().take(12).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// What is kept in `desk.json`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    /// The last session.
    last: Option<Identity>,
    /// Preferences by key.
    preferences: BTreeMap<String, String>,
    /// What users want to be told, by the folder of their identity. As it was written: another build's settings must not make the whole
    /// file unreadable.
    notifications: BTreeMap<String, serde_json::Value>,
    /// The engine that is asked for travel times, by server, company and region; as it was written, too.
    engines: BTreeMap<String, serde_json::Value>,
}

/// The small settings of this desk, in memory and (where there is a folder) in a file.
#[derive(Debug)]
pub struct Settings {
    path: Option<PathBuf>,
    kept: Kept,
}

impl Settings {
    /// Reads the settings; a file that can't be read is set aside, not overwritten.
    pub fn open(data_dir: Option<&Path>) -> Self {
        let path = data_dir.map(|dir| dir.join("desk.json"));
        let kept = path.as_deref().map(read).unwrap_or_default();
        Self { path, kept }
    }

    /// The last session.
    pub fn last(&self) -> Option<&Identity> {
        self.kept.last.as_ref()
    }

    /// Remembers or forgets the last session.
    pub fn set_last(&mut self, last: Option<Identity>) -> io::Result<()> {
        self.kept.last = last;
        self.save()
    }

    /// All preferences.
    pub fn preferences(&self) -> Vec<(String, String)> {
        self.kept.preferences.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    /// Keeps or forgets a preference.
    pub fn set_preference(&mut self, key: String, value: Option<String>) -> io::Result<()> {
        match value {
            Some(value) => drop(self.kept.preferences.insert(key, value)),
            None => drop(self.kept.preferences.remove(&key)),
        }
        self.save()
    }

    /// What this user wants to be told.
    pub fn notifications(&self, identity: &Identity) -> NotificationSettings {
        let Some(kept) = self.kept.notifications.get(&identity.folder()) else {
            return NotificationSettings::default();
        };
        serde_json::from_value(kept.clone()).unwrap_or_else(|error| {
            tracing::warn!(%error, "the notification settings can't be read: the usual ones");
            NotificationSettings::default()
        })
    }

    /// Keeps what this user wants to be told.
    pub fn set_notifications(
        &mut self,
        identity: &Identity,
        settings: &NotificationSettings,
    ) -> io::Result<()> {
        self.kept.notifications.insert(identity.folder(), serde_json::to_value(settings)?);
        self.save()
    }

    /// Which engine is asked for travel times in this region of this identity's company.
    pub fn engine(&self, identity: &Identity, region: &str) -> EngineSettings {
        let Some(kept) = self.kept.engines.get(&identity.engine_key(region)) else {
            return EngineSettings::default();
        };
        serde_json::from_value(kept.clone()).unwrap_or_else(|error| {
            tracing::warn!(%error, "the engine for travel times can't be read: the region's own roads");
            EngineSettings::default()
        })
    }

    /// Keeps which engine is asked for travel times in this region of this identity's company.
    pub fn set_engine(
        &mut self,
        identity: &Identity,
        region: &str,
        settings: &EngineSettings,
    ) -> io::Result<()> {
        self.kept.engines.insert(identity.engine_key(region), serde_json::to_value(settings)?);
        self.save()
    }

    fn save(&self) -> io::Result<()> {
        let Some(path) = &self.path else { return Ok(()) };
        if let Some(dir) = path.parent() {
            fs::create_dir_all(dir)?;
        }
        let text = serde_json::to_vec_pretty(&self.kept)?;
        let temporary = path.with_extension("json.new");
        fs::write(&temporary, text)?;
        fs::rename(temporary, path)
    }
}

fn read(path: &Path) -> Kept {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Kept::default(),
        Err(error) => {
            tracing::warn!(%error, "the settings can't be read");
            return Kept::default();
        }
    };
    serde_json::from_slice(&text).unwrap_or_else(|error| {
        tracing::warn!(%error, "the settings are damaged: set aside");
        if let Err(error) = fs::rename(path, path.with_extension("json.damaged")) {
            tracing::warn!(%error, "the damaged settings stay where they are");
        }
        Kept::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::view::EngineKind;

    fn somebody(user: &str) -> Identity {
        Identity { server_url: "https://x".to_owned(), company: "Demo".to_owned(), user: user.to_owned() }
    }

    #[test]
    fn settings_outlive_the_desk() {
        let dir = tempfile::tempdir().expect("a folder");
        let mut settings = Settings::open(Some(dir.path()));
        settings.set_preference("theme".to_owned(), Some("dark".to_owned())).expect("kept");
        settings.set_last(Some(somebody("ana"))).expect("kept");
        let again = Settings::open(Some(dir.path()));
        assert_eq!(again.preferences(), [("theme".to_owned(), "dark".to_owned())], "the preference is there");
        assert_eq!(again.last(), Some(&somebody("ana")), "and who was here last");
    }

    #[test]
    fn everybody_is_told_what_they_want_and_a_newer_builds_wishes_cost_nothing() {
        let dir = tempfile::tempdir().expect("a folder");
        let mut settings = Settings::open(Some(dir.path()));
        let discreet = NotificationSettings { discreet: true, ..NotificationSettings::default() };
        settings.set_notifications(&somebody("ana"), &discreet).expect("kept");
        let again = Settings::open(Some(dir.path()));
        assert_eq!(again.notifications(&somebody("ana")), discreet, "hers");
        assert_eq!(
            again.notifications(&somebody("ben")),
            NotificationSettings::default(),
            "his are the usual ones"
        );
        let path = dir.path().join("desk.json");
        let newer = fs::read_to_string(&path).expect("text").replace("discreet", "by_pigeon");
        fs::write(&path, newer).expect("written");
        let mut older = Settings::open(Some(dir.path()));
        assert_eq!(older.notifications(&somebody("ana")), NotificationSettings::default(), "not understood");
        older.set_last(Some(somebody("ana"))).expect("kept");
        assert!(fs::read_to_string(&path).expect("text").contains("by_pigeon"), "and not lost");
    }

    #[test]
    fn each_region_of_a_company_has_its_engine_and_what_can_t_be_read_is_none() {
        let dir = tempfile::tempdir().expect("a folder");
        let mut settings = Settings::open(Some(dir.path()));
        let url = "https://roads.example.org".to_owned();
        let osrm = EngineSettings { kind: EngineKind::Osrm, url, timeout_ms: 500 };
        let ana = somebody("ana");
        settings.set_engine(&ana, "monaco", &osrm).expect("kept");
        let path = dir.path().join("desk.json");
        let again = Settings::open(Some(dir.path()));
        assert_eq!(again.engine(&ana, "monaco"), osrm, "as it was set");
        assert_eq!(again.engine(&somebody("ben"), "monaco"), osrm, "for a colleague too");
        assert_eq!(again.engine(&ana, "oslo"), EngineSettings::default(), "another region has its own roads");
        let other = Identity { company: "Other".to_owned(), ..ana.clone() };
        assert_eq!(
            again.engine(&other, "monaco"),
            EngineSettings::default(),
            "another company chooses itself"
        );
        let newer = fs::read_to_string(&path).expect("text").replace("osrm", "teleport");
        fs::write(&path, newer).expect("written");
        let mut older = Settings::open(Some(dir.path()));
        assert_eq!(
            older.engine(&ana, "monaco"),
            EngineSettings::default(),
            "a kind this build does not know"
        );
        older.set_last(Some(ana)).expect("kept");
        assert!(fs::read_to_string(&path).expect("text").contains("teleport"), "and it is not lost");
    }

    #[test]
    fn damaged_settings_are_set_aside() {
        let dir = tempfile::tempdir().expect("a folder");
        fs::write(dir.path().join("desk.json"), "{oops").expect("written");
        assert!(Settings::open(Some(dir.path())).last().is_none(), "nothing is known");
        assert!(dir.path().join("desk.json.damaged").exists(), "but nothing is lost");
    }

    #[test]
    fn everybody_has_their_own_folder() {
        assert_ne!(somebody("ana").folder(), somebody("ben").folder(), "another user");
        let moved = Identity { company: "Dem".to_owned(), user: "oana".to_owned(), ..somebody("") };
        assert_ne!(somebody("ana").folder(), moved.folder(), "letters do not move from one to the other");
    }
}
