//! Texts that others wrote, in columns.

use std::borrow::Cow;

/// A text as every one of the databases takes it. Postgres refuses NUL, and all refuse what is longer than its column.
pub(crate) fn fitting(text: &str, chars_max: usize) -> Cow<'_, str> {
    if is_fitting(text, chars_max) {
        return text.into();
    }
    let kept = text.chars().take(chars_max);
    kept.map(|char| if char == '\0' { char::REPLACEMENT_CHARACTER } else { char }).collect()
}

/// Whether it stands as it is told.
pub(crate) fn is_fitting(text: &str, chars_max: usize) -> bool {
    !text.contains('\0') && (text.len() <= chars_max || text.chars().count() <= chars_max)
}
