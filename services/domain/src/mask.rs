//! What is shown of a number to whoever may not see it. Reports and the masking of old records say the same in SQL, and a
//! test compares them with this.

/// Fewest digits that are taken for somebody's number: shorter ones are extensions and services.
pub const NUMBER_DIGITS_MIN: usize = 7;
/// Digits at the end that nobody sees who may not see numbers.
pub const HIDDEN_DIGITS: usize = 4;
/// Digits at the beginning that everybody sees, as far as they are not among the hidden ones: country and area.
pub const SHOWN_DIGITS_MAX: usize = 7;

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

    proptest! {
        #[test]
        fn no_more_than_seven_digits_are_ever_seen(text in "\\PC{0,60}") {
            let seen = masked(&text).chars().filter(|char| char.is_numeric()).count();
            prop_assert!(seen <= SHOWN_DIGITS_MAX);
            prop_assert_eq!(masked(&text).chars().count(), text.chars().count());
        }
    }
}
