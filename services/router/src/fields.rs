//! The fields of a question, as a dialplan posts them: `application/x-www-form-urlencoded`.

use std::borrow::Cow;

/// Longest question that is read, bytes.
pub(crate) const MAX_QUESTION_BYTES: usize = 8 * 1024;
/// Longest value of a field that is looked at, bytes.
const MAX_VALUE_BYTES: usize = 512;
/// Most fields of a question.
const MAX_FIELDS: usize = 40;

/// The known fields of version 1; unknown ones are ignored.
#[derive(Debug, Default)]
pub(crate) struct Fields<'q> {
    pub(crate) node: Cow<'q, str>,
    pub(crate) token: Cow<'q, str>,
    /// The version of the dialplan that asks.
    pub(crate) dp: Cow<'q, str>,
    pub(crate) call: Cow<'q, str>,
    pub(crate) endpoint: Cow<'q, str>,
    pub(crate) source: Cow<'q, str>,
    pub(crate) to: Cow<'q, str>,
    pub(crate) from: Cow<'q, str>,
    pub(crate) cli: Option<Cow<'q, str>>,
    pub(crate) pres: Cow<'q, str>,
    pub(crate) class: Cow<'q, str>,
    pub(crate) hop: Cow<'q, str>,
    /// What to explain: the verb of the question.
    pub(crate) verb: Cow<'q, str>,
    pub(crate) dialstatus: Cow<'q, str>,
}

/// Why a text is no question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FieldError {
    TooManyFields,
    TooLong,
    Duplicate,
}

impl FieldError {
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::TooManyFields => "too_many_fields",
            Self::TooLong => "field_too_long",
            Self::Duplicate => "duplicate_field",
        }
    }
}

impl<'q> Fields<'q> {
    pub(crate) fn parse(question: &'q [u8]) -> Result<Self, FieldError> {
        let mut fields = Self::default();
        let mut seen = 0u32;
        for (position, (name, value)) in form_urlencoded::parse(question).enumerate() {
            if position == MAX_FIELDS {
                return Err(FieldError::TooManyFields);
            }
            if value.len() > MAX_VALUE_BYTES {
                return Err(FieldError::TooLong);
            }
            let Some((place, bit)) = fields.place(&name) else { continue };
            if seen & bit != 0 {
                return Err(FieldError::Duplicate);
            }
            seen |= bit;
            *place = value;
        }
        Ok(fields)
    }

    /// Where a field is kept, and a bit of its own to notice it twice.
    fn place(&mut self, name: &str) -> Option<(&mut Cow<'q, str>, u32)> {
        Some(match name {
            "node" => (&mut self.node, 1),
            "token" => (&mut self.token, 1 << 1),
            "call" => (&mut self.call, 1 << 2),
            "endpoint" => (&mut self.endpoint, 1 << 3),
            "to" => (&mut self.to, 1 << 4),
            "cli" => (self.cli.get_or_insert_default(), 1 << 5),
            "pres" => (&mut self.pres, 1 << 6),
            "class" => (&mut self.class, 1 << 7),
            "dialstatus" => (&mut self.dialstatus, 1 << 8),
            "source" => (&mut self.source, 1 << 9),
            "from" => (&mut self.from, 1 << 10),
            "hop" => (&mut self.hop, 1 << 11),
            "verb" => (&mut self.verb, 1 << 12),
            "dp" => (&mut self.dp, 1 << 13),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_fields_are_decoded_and_unknown_ones_ignored() {
        let fields = Fields::parse(b"node=a&to=%2B7495%20777&new=1&cli=").unwrap();
        assert_eq!((&*fields.node, &*fields.to, fields.cli.as_deref()), ("a", "+7495 777", Some("")));
    }

    #[test]
    fn a_field_is_said_once() {
        assert_eq!(Fields::parse(b"to=1&to=2").unwrap_err(), FieldError::Duplicate);
    }

    #[test]
    fn lengths_and_counts_are_capped() {
        let long = format!("to={}", "9".repeat(MAX_VALUE_BYTES + 1));
        assert_eq!(Fields::parse(long.as_bytes()).unwrap_err(), FieldError::TooLong);
        let many = "x=1&".repeat(MAX_FIELDS + 1);
        assert_eq!(Fields::parse(many.as_bytes()).unwrap_err(), FieldError::TooManyFields);
    }
}
