//! Contact data as shown to those who may not read it.

use domain::resource::Resource;

/// The card with phone and e-mail masked: enough to tell two apart, not enough to call. Same input, same output.
pub(crate) fn masked(resource: &Resource) -> Resource {
    Resource {
        phone: masked_phone(&resource.phone),
        email: masked_email(&resource.email),
        ..resource.clone()
    }
}

/// The last two digits stay; everything else that isn't punctuation becomes a dot.
fn masked_phone(phone: &str) -> String {
    let keep_from = phone.chars().count().saturating_sub(2);
    let mask = |(index, letter): (usize, char)| {
        if index < keep_from && letter.is_alphanumeric() { '•' } else { letter }
    };
    phone.chars().enumerate().map(mask).collect()
}

/// The first letter and the domain stay.
fn masked_email(email: &str) -> String {
    match email.split_once('@') {
        Some((name, domain)) => {
            let first: String = name.chars().take(1).collect();
            format!("{first}•••@{domain}")
        }
        None => "•".repeat(email.chars().count().min(3)),
    }
}

/// The digits of a phone number: how two spellings of one number are compared.
pub(crate) fn digits(phone: &str) -> String {
    phone.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_number_can_be_told_apart_but_not_called() {
        assert_eq!(masked_phone("+377 6 12 34 56 78"), "+••• • •• •• •• 78", "two digits stay");
        assert_eq!(masked_email("ana.rossi@example.com"), "a•••@example.com", "the domain stays");
        assert_eq!(masked_email("nonsense"), "•••", "what is no address shows nothing");
        assert_eq!(masked_phone(""), "", "nothing to hide");
    }

    #[test]
    fn spelling_does_not_matter() {
        assert_eq!(digits("+377 (6) 12-34"), "37761234", "digits only");
    }
}
