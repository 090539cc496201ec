//! Passwords: Argon2id with the crate's default costs (19 MiB, 2 passes).

use argon2::Argon2;
use argon2::password_hash::{Error, PasswordHash, PasswordHasher, PasswordVerifier, SaltString};

use crate::secret;

/// The PHC string of a password.
pub fn hash(password: &str) -> Result<String, Error> {
    let salt = SaltString::encode_b64(&secret::salt())?;
    Ok(Argon2::default().hash_password(password.as_bytes(), &salt)?.to_string())
}

/// Whether `password` is the one behind `stored`. Without a `stored` hash (nobody of that name) it takes the same time and
/// answers no, so that names can't be found out by the clock.
pub fn is_right(password: &str, stored: Option<&str>) -> bool {
    let Some(parsed) = stored.and_then(|stored| PasswordHash::new(stored).ok()) else {
        let _spent_the_time = hash(password);
        return false;
    };
    Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_password_itself_is_right() {
        let stored = hash("grand prix").expect("hashes");
        assert!(stored.starts_with("$argon2id$"), "Argon2id, by name: {stored}");
        assert!(is_right("grand prix", Some(&stored)), "the password");
        assert!(!is_right("Grand Prix", Some(&stored)), "not with other letters");
        assert!(!is_right("grand prix", None), "not where there is no user");
    }
}
