use std::fmt;

/// Why a text is not a value of some type: what was expected, the rule it broke, and what was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// The kind of value that was expected, as a person would call it.
    pub what: &'static str,
    /// The rule that was broken, to be read after "must be".
    pub rule: &'static str,
    /// What was seen, shortened and with everything unprintable escaped.
    pub value: String,
}

impl Invalid {
    pub fn new(what: &'static str, rule: &'static str, value: &str) -> Self {
        Self { what, rule, value: shortened(value) }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} must be {}, not `{}`", self.what, self.rule, self.value)
    }
}

impl std::error::Error for Invalid {}

/// Longest piece of foreign text that an error or a log line repeats.
const SHOWN_CHARS: usize = 24;

/// Makes foreign text safe to show: control and non-ASCII characters escaped, the tail cut, and the middle
/// of anything that could be a subscriber's number masked.
pub fn shortened(value: &str) -> String {
    let digits = value.chars().filter(|char| char.is_numeric()).count();
    // A long number keeps its country and area, a short one next to nothing.
    let kept = if digits >= 10 { 4 } else { 2 };
    let mut shown = String::new();
    let mut digits_seen = 0;
    for (position, char) in value.chars().enumerate() {
        if position == SHOWN_CHARS {
            shown.push('…');
            break;
        }
        if char.is_numeric() {
            digits_seen += 1;
            let masked = digits >= 7 && digits_seen > kept && digits_seen + 2 <= digits;
            shown.push(if masked || !char.is_ascii() { '*' } else { char });
        } else {
            shown.extend(char.escape_default());
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_is_cut_escaped_and_masked() {
        assert_eq!(shortened("abc\r\ndef"), "abc\\r\\ndef");
        assert_eq!(shortened("74957777777"), "7495*****77");
        assert_eq!(shortened("4951234x"), "49***34x");
        assert_eq!(shortened("٧٤٩٥"), "****");
        assert_eq!(shortened("1000"), "1000");
        assert_eq!(shortened(&"x".repeat(300)).chars().count(), SHOWN_CHARS + 1);
    }
}
