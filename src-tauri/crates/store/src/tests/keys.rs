//! Custody of the key.

use crate::key::{DATABASE_KEY, PassphraseError, PassphraseWrap, REFRESH_TOKEN};
use crate::{Key, KeyStore, KeyStoreError, MemoryKeyStore, Secret};

#[test]
fn a_key_is_made_once_and_found_again() {
    let keys = MemoryKeyStore::default();
    let key = Key::of_store(&keys).expect("a new key");
    assert_eq!(Key::of_store(&keys).expect("the key"), key, "the second start finds the first one's key");
    keys.delete(DATABASE_KEY).expect("delete");
    assert_ne!(Key::of_store(&keys).expect("a new key"), key, "keys are random");
}

#[test]
fn something_else_under_the_keys_name_is_not_overwritten() {
    let keys = MemoryKeyStore::default();
    keys.set(DATABASE_KEY, &Secret::new("short")).expect("set");
    assert_eq!(Key::of_store(&keys), Err(KeyStoreError::Garbled), "five bytes are no key");
    let kept = keys.get(DATABASE_KEY).expect("get").expect("secret");
    assert_eq!(kept.expose_text(), Some("short"), "whatever it is, it stays");
}

#[test]
fn a_store_that_forgets_is_found_out_before_anything_is_encrypted() {
    struct Sieve;
    impl KeyStore for Sieve {
        fn get(&self, _: &str) -> Result<Option<Secret>, KeyStoreError> {
            Ok(None)
        }
        fn set(&self, _: &str, _: &Secret) -> Result<(), KeyStoreError> {
            Ok(())
        }
        fn delete(&self, _: &str) -> Result<(), KeyStoreError> {
            Ok(())
        }
    }
    assert_eq!(
        Key::of_store(&Sieve),
        Err(KeyStoreError::NotKept),
        "a key that was not kept must not be used"
    );
}

#[test]
fn secrets_do_not_get_into_logs() {
    let shown = format!("{:?} {:?}", Key::from_bytes([0x41; 32]), Secret::new("hunter2"));
    assert_eq!(shown, "Key Secret", "debug texts tell nothing");
    let keys = MemoryKeyStore::default();
    keys.set(REFRESH_TOKEN, &Secret::new("hunter2")).expect("set");
    assert!(!format!("{keys:?}").contains("hunter2"), "nor does a store of them");
}

#[test]
fn a_passphrase_opens_what_it_closed_and_another_one_does_not() {
    let dir = tempfile::tempdir().expect("folder");
    let (wrap, key) = (PassphraseWrap::cheap(dir.path()), Key::from_bytes([9; 32]));
    assert!(!wrap.exists(), "nothing is wrapped yet");
    wrap.wrap(&key, "correct horse").expect("wrap");
    assert!(wrap.exists(), "the wrapped key is a file");
    assert_eq!(wrap.unwrap("correct horse").expect("unwrap"), key, "the passphrase gives the key");
    let wrong = wrap.unwrap("correct house");
    assert!(matches!(wrong, Err(PassphraseError::Wrong)), "another passphrase gives nothing: {wrong:?}");
    let file = std::fs::read(dir.path().join("key.wrapped")).expect("file");
    assert!(!file.windows(32).any(|bytes| bytes == [9; 32]), "the key is not in the file");
    wrap.wrap(&key, "battery staple").expect("a new passphrase");
    assert_eq!(wrap.unwrap("battery staple").expect("unwrap"), key, "changing the passphrase keeps the key");
}

#[test]
fn a_garbled_wrap_is_told_from_a_wrong_passphrase() {
    let dir = tempfile::tempdir().expect("folder");
    let wrap = PassphraseWrap::cheap(dir.path());
    let missing = wrap.unwrap("x");
    assert!(matches!(missing, Err(PassphraseError::File(_))), "no file yet: {missing:?}");
    let path = dir.path().join("key.wrapped");
    let greedy = format!(
        r#"{{"format":1,"cost":{{"memory_kib":4294967295,"passes":1,"lanes":1}},"salt":{0:?},"hidden":{1:?},"proof":{1:?}}}"#,
        [0; 16], [0; 32]
    );
    for text in ["", "{}", "not JSON", greedy.as_str()] {
        std::fs::write(&path, text).expect("write");
        let garbled = wrap.unwrap("x");
        assert!(matches!(garbled, Err(PassphraseError::Garbled)), "{text:?} is no wrapped key: {garbled:?}");
    }
}

#[cfg(all(feature = "os-keyring", target_os = "linux"))]
#[test]
fn a_key_store_that_hangs_costs_a_thread_and_not_the_caller() {
    let (hold, held) = std::sync::mpsc::channel::<()>();
    let hung = crate::key::within(std::time::Duration::from_millis(20), move || {
        let _ = held.recv();
        Ok(())
    });
    assert_eq!(hung, Err(KeyStoreError::NoAnswer), "the caller goes on");
    drop(hold);
}
