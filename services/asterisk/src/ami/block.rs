use std::fmt;

use bytes::Bytes;

use super::value::Value;

/// Marks the end of a line that is no header, whatever it holds: the output of a command before Asterisk 14. No offset
/// needs this bit: [`super::Limits::BLOCK_BYTES_MAX`].
pub(super) const BARE: u32 = 1 << 31;

/// The lines between two empty ones, as they came: every byte, the order and the repetitions of headers.
///
/// Cloning and slicing share the memory the socket was read into, so a block kept for long keeps that much alive: take
/// out what must stay.
#[derive(Clone, PartialEq, Eq)]
pub struct Block {
    bytes: Bytes,
    /// Where each line ends, its line end included, and whether it is [`BARE`]. Where a name ends is found when somebody
    /// asks for it: most headers nobody ever asks for.
    ends: Box<[u32]>,
}

/// One line of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header<'a> {
    /// Empty for a line without a colon, as in the output of a command before Asterisk 14.
    pub name: Value<'a>,
    /// Without the one blank after the colon.
    pub value: Value<'a>,
}

/// A line, and what follows it in its block.
#[derive(Clone, Copy)]
struct Line<'a> {
    /// With its end.
    text: &'a [u8],
    rest: &'a [u8],
    is_bare: bool,
}

impl<'a> Line<'a> {
    /// How far beyond a short line its colon is looked for: below 32 bytes a search goes byte by byte.
    const WINDOW: usize = 64;

    /// Without its end.
    #[inline]
    fn text(self) -> &'a [u8] {
        let text = self.text.strip_suffix(b"\n").unwrap_or(self.text);
        text.strip_suffix(b"\r").unwrap_or(text)
    }

    /// The value, if the name is `prefix` and `name` together. Neither holds a colon, so there is none to look for.
    #[inline]
    fn value(self, prefix: &str, name: &str) -> Option<Value<'a>> {
        let length = prefix.len() + name.len();
        let found = self.text.get(length) == Some(&b':') && !self.is_bare && {
            let (head, tail) = self.text[..length].split_at(prefix.len());
            tail.eq_ignore_ascii_case(name.as_bytes()) && head.eq_ignore_ascii_case(prefix.as_bytes())
        };
        found.then(|| Value::new(without_blank(&self.text()[length + 1..])))
    }

    /// Cut at the first colon. A line that begins with one has no name either, and keeps it.
    #[inline]
    fn header(self) -> Header<'a> {
        let text = self.text();
        let window = self.rest.get(..Self::WINDOW).filter(|_| text.len() < Self::WINDOW).unwrap_or(text);
        let colon = memchr::memchr(b':', window).filter(|colon| (1..text.len()).contains(colon));
        match colon.filter(|_| !self.is_bare) {
            Some(colon) => Header {
                name: Value::new(&text[..colon]),
                value: Value::new(without_blank(&text[colon + 1..])),
            },
            None => Header { name: Value::default(), value: Value::new(text) },
        }
    }
}

fn without_blank(text: &[u8]) -> &[u8] {
    text.strip_prefix(b" ").unwrap_or(text)
}

impl Block {
    pub(super) fn new(bytes: Bytes, ends: &[u32]) -> Self {
        Self { bytes, ends: ends.into() }
    }

    /// The bytes as they came, with the empty line: what a journal keeps, and a [`super::Decoder`] reads again.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    #[inline]
    fn lines(&self) -> impl ExactSizeIterator<Item = Line<'_>> {
        let mut start = 0;
        self.ends.iter().map(move |end| {
            // u32 to usize: lossless wherever this runs.
            let next = (end & !BARE) as usize;
            let rest = &self.bytes[start..];
            let line = Line { text: &rest[..next - start], rest, is_bare: end & BARE != 0 };
            start = next;
            line
        })
    }

    /// All headers, in their order.
    pub fn headers(&self) -> impl ExactSizeIterator<Item = Header<'_>> {
        self.lines().map(Line::header)
    }

    /// The first header of this name, whatever its case.
    pub fn value(&self, name: &str) -> Option<Value<'_>> {
        self.find("", name)
    }

    /// Every header of this name, in their order.
    pub fn values(&self, name: &str) -> impl Iterator<Item = Value<'_>> {
        self.lines().filter_map(move |line| line.value("", name))
    }

    /// The first header named `prefix` and `name` together.
    pub(super) fn find(&self, prefix: &str, name: &str) -> Option<Value<'_>> {
        self.lines().find_map(|line| line.value(prefix, name))
    }

    /// Whether the first header has this name: it alone says what a block is.
    pub(super) fn begins_with(&self, name: &str) -> bool {
        self.lines().next().is_some_and(|line| line.value("", name).is_some())
    }

    /// Headers of the form `name: VARIABLE=value` as (variable, value); what has no `=` is a variable without a value.
    pub fn assignments(&self, name: &str) -> impl Iterator<Item = (Value<'_>, Value<'_>)> {
        self.values(name).map(Value::assignment)
    }

    /// The variables that `channelvars` in manager.conf adds for the channel of this name and role: `ChanVariable:`
    /// since Asterisk 12, `ChanVariable(channel):` before, and in the events 12 and later write by hand.
    pub(super) fn channel_variables<'a>(
        &'a self,
        role: &'a str,
        channel: Option<Value<'a>>,
    ) -> impl Iterator<Item = (Value<'a>, Value<'a>)> {
        self.lines().filter_map(move |line| {
            let (head, rest) = line.text().split_at_checked(role.len())?;
            let (name, rest) = rest.split_at_checked(CHAN_VARIABLE.len())?;
            if !head.eq_ignore_ascii_case(role.as_bytes()) || !name.eq_ignore_ascii_case(CHAN_VARIABLE) {
                return None;
            }
            assignment_of(rest, channel)
        })
    }

    /// What the action that caused this block was called by its sender.
    pub fn action_id(&self) -> Option<Value<'_>> {
        self.value("ActionID")
    }

    /// The name of an event, the verdict of a response: the value of the first header.
    pub fn name(&self) -> Option<Value<'_>> {
        self.headers().next().map(|header| header.value)
    }

    /// When Asterisk made the event, microseconds since 1970; only with `timestampevents = yes`.
    pub fn timestamp_us(&self) -> Option<i64> {
        self.value("Timestamp")?.seconds_as_us()
    }
}

const CHAN_VARIABLE: &[u8] = b"ChanVariable";

/// What follows `ChanVariable`: `: NAME=value` or `(channel): NAME=value`. A channel's name may hold colons.
fn assignment_of<'a>(rest: &'a [u8], channel: Option<Value<'a>>) -> Option<(Value<'a>, Value<'a>)> {
    let text = if let Some(named) = rest.strip_prefix(b"(") {
        let end = memchr::memmem::find(named, b"):")?;
        channel.filter(|channel| channel.as_bytes() == &named[..end])?;
        &named[end + 2..]
    } else {
        rest.strip_prefix(b":")?
    };
    Some(Value::new(without_blank(text)).assignment())
}

impl Header<'_> {
    /// Whether it has this name, whatever the case.
    pub fn is(&self, name: &str) -> bool {
        self.name.as_bytes().eq_ignore_ascii_case(name.as_bytes())
    }

    /// Whether the line had no colon.
    pub fn is_bare(&self) -> bool {
        self.name.as_bytes().is_empty()
    }
}

/// Blocks hold numbers of callers: only the name and the size show.
impl fmt::Debug for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name().map(Value::to_text).unwrap_or_default();
        let name: String = name.chars().take(40).collect();
        write!(f, "Block({name:?}, {} headers, {} bytes)", self.ends.len(), self.bytes.len())
    }
}
