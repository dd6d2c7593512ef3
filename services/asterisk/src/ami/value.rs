use std::{borrow::Cow, fmt};

/// What stands in a header: bytes, UTF-8 mostly, never checked.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Value<'a>(&'a [u8]);

/// What Asterisk writes where it has nothing to say.
const BLANKS: [&[u8]; 6] = [b"", b"<unknown>", b"<none>", b"<null>", b"(null)", b"unknown"];

impl<'a> Value<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The bytes as they came.
    pub const fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    /// As text; what is no UTF-8 becomes U+FFFD.
    pub fn to_text(self) -> Cow<'a, str> {
        String::from_utf8_lossy(self.0)
    }

    /// Without the backslashes Asterisk puts before `'`, `"`, `\` and, as `n`, a line break in the values of variables
    /// and in names of callers.
    pub fn unescaped(self) -> Cow<'a, [u8]> {
        let Some(first) = memchr::memchr(b'\\', self.0) else { return Cow::Borrowed(self.0) };
        let (plain, rest) = self.0.split_at(first);
        let mut text = plain.to_vec();
        let mut bytes = rest.iter().copied();
        while let Some(byte) = bytes.next() {
            text.push(if byte == b'\\' { bytes.next().map_or(byte, unescape) } else { byte });
        }
        Cow::Owned(text)
    }

    /// Whether this is one of the ways to say nothing: empty, `<unknown>`, `<none>`, `<null>`, `unknown`.
    pub fn is_blank(self) -> bool {
        BLANKS.contains(&self.0)
    }

    /// Itself, unless blank.
    pub fn known(self) -> Option<Self> {
        (!self.is_blank()).then_some(self)
    }

    /// Whether it is this word, whatever the case.
    pub fn is(self, word: &str) -> bool {
        self.0.eq_ignore_ascii_case(word.as_bytes())
    }

    /// `1`, `yes`, `true` and `on` of all versions; everything else is no.
    pub fn is_yes(self) -> bool {
        ["1", "yes", "true", "on"].iter().any(|word| self.is(word))
    }

    /// A plain decimal number, with a sign if the type has one.
    pub fn number<T: std::str::FromStr>(self) -> Option<T> {
        std::str::from_utf8(self.0).ok()?.parse().ok()
    }

    /// `sec.usec` as microseconds, without passing through a float. `12.5` is 12.500000.
    pub(super) fn seconds_as_us(self) -> Option<i64> {
        let point = memchr::memchr(b'.', self.0).unwrap_or(self.0.len());
        let (seconds, fraction) = self.0.split_at(point);
        let fraction = fraction.get(1..).unwrap_or_default();
        if seconds.is_empty() || fraction.len() > 6 {
            return None;
        }
        let digit = |byte: &u8| byte.is_ascii_digit().then(|| i64::from(byte - b'0'));
        let number = |digits: &[u8]| {
            digits.iter().try_fold(0_i64, |sum, byte| sum.checked_mul(10)?.checked_add(digit(byte)?))
        };
        let micros = (fraction.len()..6).fold(number(fraction)?, |micros, _| micros * 10);
        number(seconds)?.checked_mul(1_000_000)?.checked_add(micros)
    }

    /// `HH:MM:SS` or plain seconds.
    pub(super) fn clock_as_seconds(self) -> Option<u64> {
        let text = std::str::from_utf8(self.0).ok()?;
        text.split(':')
            .try_fold(0_u64, |seconds, part| seconds.checked_mul(60)?.checked_add(part.parse().ok()?))
    }

    /// `NAME=value` cut in two.
    pub(super) fn assignment(self) -> (Self, Self) {
        match memchr::memchr(b'=', self.0) {
            Some(place) => (Self(&self.0[..place]), Self(&self.0[place + 1..])),
            None => (self, Self(b"")),
        }
    }
}

fn unescape(byte: u8) -> u8 {
    match byte {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        other => other,
    }
}

/// Values are numbers and names of people as often as not: only the length shows.
impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Value({} bytes)", self.0.len())
    }
}

/// Identifiers look alike on the wire and mean different things: one type each, borrowed from a frame and owned.
macro_rules! identifier {
    ($(#[$doc:meta])* $borrowed:ident, $owned:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $borrowed<'a>(&'a [u8]);

        #[doc = concat!("An owned [`", stringify!($borrowed), "`].")]
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $owned(Box<[u8]>);

        impl<'a> $borrowed<'a> {
            /// None where Asterisk says that there is none.
            pub(super) fn of(value: Value<'a>) -> Option<Self> {
                value.known().map(|value| Self(value.as_bytes()))
            }

            /// The bytes; nothing promises that they are UTF-8.
            pub const fn as_bytes(self) -> &'a [u8] {
                self.0
            }

            /// To be kept beyond the frame.
            pub fn to_owned(self) -> $owned {
                $owned(self.0.into())
            }
        }
        impl $owned {
            pub fn borrowed(&self) -> $borrowed<'_> {
                $borrowed(&self.0)
            }
        }
        /// So that a map of owned identifiers is asked by the bytes of a borrowed one.
        impl std::borrow::Borrow<[u8]> for $owned {
            fn borrow(&self) -> &[u8] {
                &self.0
            }
        }
        impl fmt::Display for $borrowed<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&String::from_utf8_lossy(self.0))
            }
        }
        impl fmt::Debug for $borrowed<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($owned))
            }
        }
        impl fmt::Display for $owned {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.borrowed().fmt(f)
            }
        }
        impl fmt::Debug for $owned {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.borrowed(), f)
            }
        }
    };
}

identifier! {
    /// What Asterisk calls a channel for as long as it lives: `[systemname-]epoch.counter`, or whatever the sender of
    /// an Originate chose. Unique on one node between two restarts only.
    UniqueIdRef, UniqueId
}
identifier! {
    /// The uniqueid of the oldest channel a channel has had to do with. It **changes** when calls meet (pickup, parking,
    /// transfer), so the last one seen counts, and it does not cross to another node.
    LinkedIdRef, LinkedId
}
identifier! {
    /// What Asterisk calls a bridge.
    BridgeIdRef, BridgeId
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone() {
        let cases: [(&[u8], &[u8]); 5] = [
            (b"plain", b"plain"),
            (br#"O\'Neil \"The\" Boss"#, br#"O'Neil "The" Boss"#),
            (br"a\\nb\nc", b"a\\nb\nc"),
            (br"ends\", br"ends\"),
            (b"\xff\\\xff", b"\xff\xff"),
        ];
        for (wire, text) in cases {
            assert_eq!(&*Value::new(wire).unescaped(), text);
        }
    }

    #[test]
    fn times_are_exact() {
        let us = |text: &str| Value::new(text.as_bytes()).seconds_as_us();
        assert_eq!(us("1795244857.240552"), Some(1_795_244_857_240_552));
        assert_eq!(us("12.5"), Some(12_500_000));
        assert_eq!(us("12"), Some(12_000_000));
        for text in
            ["", ".5", "-1.0", "1.0000001", "1.x", "1e3", "99999999999999999999.0", "9223372036854.999999"]
        {
            assert_eq!(us(text), None, "{text}");
        }
        let seconds = |text: &str| Value::new(text.as_bytes()).clock_as_seconds();
        assert_eq!((seconds("01:00:02"), seconds("7"), seconds("x")), (Some(3_602), Some(7), None));
    }

    #[test]
    fn there_are_many_ways_to_say_nothing() {
        for blank in BLANKS {
            assert!(Value::new(blank).is_blank() && UniqueIdRef::of(Value::new(blank)).is_none());
        }
        assert!(!Value::new(b"0").is_blank());
    }
}
