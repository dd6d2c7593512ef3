//! How what stands in records is shown to people.

use serde::Serialize;

/// The word of a closed set as JSON has it; none for nothing.
pub(super) fn word(value: &impl Serialize) -> Option<String> {
    serde_json::to_value(value).ok()?.as_str().map(str::to_owned)
}

/// Callers write their numbers themselves, and a terminal must not obey them.
pub(in crate::commands) fn printable(text: &str) -> String {
    let hidden = |char: char| {
        char.is_control()
            || matches!(char, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    let mut shown = String::with_capacity(text.len());
    for char in text.chars() {
        if hidden(char) {
            shown.extend(char.escape_unicode());
        } else {
            shown.push(char);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_is_shown_no_orders() {
        assert_eq!(printable("+1 202 555 0100 ы"), "+1 202 555 0100 ы");
        assert_eq!(printable("\x1b[2J\r\n\u{202e}"), "\\u{1b}[2J\\u{d}\\u{a}\\u{202e}");
    }
}
