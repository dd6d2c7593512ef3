//! Who may see whose number.

use domain::ApiRole;

/// Fewest digits that are taken for somebody's number: shorter ones are extensions and services.
const NUMBER_DIGITS_MIN: usize = 7;
/// Digits at the end that nobody sees who may not see numbers.
const HIDDEN_DIGITS: usize = 4;
/// Digits at the beginning that everybody sees, as far as they are not among the hidden ones: country and area.
const SHOWN_DIGITS_MAX: usize = 7;

/// Whether numbers are shown whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbers {
    Shown,
    Masked,
}

impl Numbers {
    /// What a role sees: analysts and those above them numbers, viewers masked ones.
    pub fn of(role: ApiRole) -> Self {
        if role >= ApiRole::Analyst { Self::Shown } else { Self::Masked }
    }

    /// A text somebody's number may stand in, as it is shown.
    pub(crate) fn show(self, text: &str) -> String {
        match self {
            Self::Shown => text.to_owned(),
            Self::Masked => masked(text),
        }
    }
}

/// Hides a number wherever it stands in a text, however it is written: where a text has seven digits or more, all but its
/// first seven become `*`, and its last four in any case. What has fewer digits is nobody's number.
pub fn masked(text: &str) -> String {
    let digits = text.chars().filter(|char| char.is_numeric()).count();
    if digits < NUMBER_DIGITS_MIN {
        return text.to_owned();
    }
    let shown = (digits - HIDDEN_DIGITS).min(SHOWN_DIGITS_MAX);
    let mut seen = 0;
    let mask = |char: char| {
        seen += usize::from(char.is_numeric());
        if char.is_numeric() && seen > shown { '*' } else { char }
    };
    text.chars().map(mask).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_last_digits_are_hidden() {
        for (text, shown) in [
            ("12025550100", "1202555****"),
            ("+44 20 7946 0123", "+44 20 794* ****"),
            ("5550100", "555****"),
            ("1000", "1000"),
            ("", ""),
            ("anonymous", "anonymous"),
            ("SIP/westcall/12025550100;x=9999", "SIP/westcall/1202555****;x=****"),
            ("١٢٣٤٥٦٧٨", "١٢٣٤****"),
        ] {
            assert_eq!(masked(text), shown);
        }
    }

    #[test]
    fn roles_see_what_they_may() {
        let seen = |role| Numbers::of(role).show("12025550100");
        assert_eq!(seen(ApiRole::Viewer), "1202555****");
        for role in [ApiRole::Analyst, ApiRole::Operator, ApiRole::Admin] {
            assert_eq!(seen(role), "12025550100");
        }
    }

    proptest! {
        #[test]
        fn no_more_than_seven_digits_are_ever_seen(text in "\\PC{0,60}") {
            let seen = masked(&text).chars().filter(|char| char.is_numeric()).count();
            prop_assert!(seen <= SHOWN_DIGITS_MAX);
            prop_assert_eq!(masked(&text).chars().count(), text.chars().count());
        }
    }
}
