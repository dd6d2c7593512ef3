//! CSV (RFC 4180) that no spreadsheet program computes anything of.
//!
//! UTF-8, a header, lines that end in CR LF. Every text stands in quotes, so nothing between two commas is what is not
//! known and `""` is what is known to be empty. Flags are `true` and `false`, instants as RFC 3339 has them.
//!
//! Callers choose their numbers, and a program that opens the file takes `=HYPERLINK(…)` for an order. So an apostrophe
//! stands before each character that may begin a formula where a cell may begin: at the start of a text, and after
//! whatever a program that was told another separator takes for one. An apostrophe that was there gets one, too; so
//! [`unguarded`] gives back exactly what it was.

use crate::{
    cell::{Cell, Column},
    instant,
    rows::Row,
};

pub(crate) fn push_header(columns: &[Column], line: &mut Vec<u8>) {
    for (at, column) in columns.iter().enumerate() {
        push_comma(at, line);
        line.extend_from_slice(column.name.as_bytes());
    }
    line.extend_from_slice(b"\r\n");
}

pub(crate) fn push_row<R: Row>(row: &R, line: &mut Vec<u8>) {
    for (at, cell) in row.cells().enumerate() {
        push_comma(at, line);
        match cell {
            Cell::Null => {}
            Cell::Text(text) => push_text(text, line),
            Cell::Integer(number) => line.extend_from_slice(number.to_string().as_bytes()),
            Cell::Flag(flag) => line.extend_from_slice(if flag { b"true" } else { b"false" }),
            Cell::Instant(us) => instant::push(us, "", line),
        }
    }
    line.extend_from_slice(b"\r\n");
}

/// The text that stands in a field, as any reader of CSV gives it.
pub fn unguarded(field: &str) -> String {
    let mut text = String::with_capacity(field.len());
    let mut chars = field.chars();
    let mut begins = true;
    while let Some(mut char) = chars.next() {
        if begins && char == GUARD {
            let Some(guarded) = chars.next() else { break };
            char = guarded;
        }
        text.push(char);
        begins = begins_after(begins, char);
    }
    text
}

const GUARD: char = '\'';

fn push_comma(at: usize, line: &mut Vec<u8>) {
    if at > 0 {
        line.push(b',');
    }
}

fn push_text(text: &str, line: &mut Vec<u8>) {
    line.push(b'"');
    if is_harmless(text) {
        line.extend_from_slice(text.as_bytes());
    } else {
        push_guarded(text, line);
    }
    line.push(b'"');
}

fn push_guarded(text: &str, line: &mut Vec<u8>) {
    let mut begins = true;
    for char in text.chars() {
        if begins && is_guarded(char) {
            line.extend_from_slice(GUARD.encode_utf8(&mut [0; 4]).as_bytes());
        }
        if char == '"' {
            line.push(b'"');
        }
        line.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
        begins = begins_after(begins, char);
    }
}

/// Whether a text can stand as it is; of most this is seen at a glance.
fn is_harmless(text: &str) -> bool {
    // The second byte of no control character is below 0x80 but those of one byte; 0xc2 leads the others.
    let is_quiet = |byte: u8| byte >= b' ' && !matches!(byte, b'"' | b',' | b';' | b'|' | 0x7f | 0xc2);
    text.bytes().all(is_quiet)
        && text.chars().next().is_none_or(|first| !is_guarded(first) && !is_skipped(first))
}

/// What begins a formula somewhere, in its full-width and small forms as well; and what guards.
fn is_guarded(char: char) -> bool {
    matches!(char, GUARD | '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '﹦' | '﹢' | '﹣' | '﹫')
        || char.is_control()
}

/// Whether a cell may begin after a character, given whether one may have begun before it.
fn begins_after(begins: bool, char: char) -> bool {
    matches!(char, ',' | ';' | '|') || char.is_control() || begins && is_skipped(char)
}

/// What somebody may skip at the beginning of a cell.
fn is_skipped(char: char) -> bool {
    char.is_whitespace()
        || matches!(char, '"' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn guarded(text: &str) -> String {
        let mut line = Vec::new();
        push_text(text, &mut line);
        let quoted = String::from_utf8(line).unwrap();
        quoted[1..quoted.len() - 1].replace("\"\"", "\"")
    }

    #[test]
    fn formulas_are_guarded_and_ordinary_texts_are_not() {
        for (text, stands) in [
            ("=cmd()", "'=cmd()"),
            ("+12025550100", "'+12025550100"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("＝cmd()", "'＝cmd()"),
            ("\t=1", "'\t'=1"),
            (" =1", " '=1"),
            ("'=1", "''=1"),
            ("x;=1", "x;'=1"),
            ("x\r\n=1", "x\r'\n'=1"),
            ("12025550100", "12025550100"),
            ("PJSIP/carrier-00000001", "PJSIP/carrier-00000001"),
            ("12025550100@carrier", "12025550100@carrier"),
            ("O'Hara", "O'Hara"),
            ("", ""),
        ] {
            assert_eq!(guarded(text), stands);
        }
    }

    /// Texts of what matters here, and any others.
    fn texts() -> impl Strategy<Value = String> {
        let matters = prop::sample::select(
            "=+-@'＝＋\"',;|\t\r\n\0 x1\u{feff}\u{a0}\u{85}🔔".chars().collect::<Vec<_>>(),
        );
        prop_oneof![prop::collection::vec(matters, 0..24).prop_map(String::from_iter), any::<String>(),]
    }

    proptest! {
        #[test]
        fn what_is_guarded_is_given_back(text in texts()) {
            prop_assert_eq!(unguarded(&guarded(&text)), text);
        }

        /// However somebody splits it.
        #[test]
        fn no_cell_begins_with_a_formula(text in texts()) {
            let guarded = guarded(&text);
            for cell in guarded.split([',', ';', '|', '\t', '\r', '\n']) {
                let cell = cell.trim_start_matches(is_skipped);
                prop_assert!(!cell.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']), "{guarded:?}");
            }
        }

        #[test]
        fn nothing_stops_what_takes_fields_apart(field in any::<String>()) {
            unguarded(&field);
        }
    }
}
