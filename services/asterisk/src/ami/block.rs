use std::fmt;

use bytes::Bytes;

use super::value::Value;

/// Where a header lies in its block. Offsets are `u32`: [`super::Limits`] caps a block far below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: u32,
    /// End of the name; equal to `start` for a line that has none.
    pub(super) name_end: u32,
    pub(super) value: u32,
    pub(super) end: u32,
}

/// The lines between two empty ones, as they came: every byte, the order and the repetitions of headers.
///
/// Cloning and slicing share the memory the socket was read into, so a block kept for long keeps that much alive: take
/// out what must stay.
#[derive(Clone, PartialEq, Eq)]
pub struct Block {
    bytes: Bytes,
    spans: Box<[Span]>,
}

/// One line of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header<'a> {
    /// Empty for a line without a colon, as in the output of a command before Asterisk 14.
    pub name: Value<'a>,
    /// Without the one blank after the colon.
    pub value: Value<'a>,
}

impl Block {
    pub(super) fn new(bytes: Bytes, spans: &[Span]) -> Self {
        Self { bytes, spans: spans.into() }
    }

    /// The bytes as they came, with the empty line: what a journal keeps, and a [`super::Decoder`] reads again.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// All headers, in their order.
    pub fn headers(&self) -> impl ExactSizeIterator<Item = Header<'_>> {
        self.spans.iter().map(|span| self.header(*span))
    }

    /// The first header of this name, whatever its case.
    pub fn value(&self, name: &str) -> Option<Value<'_>> {
        self.find("", name)
    }

    /// Every header of this name, in their order.
    pub fn values(&self, name: &str) -> impl Iterator<Item = Value<'_>> {
        self.headers().filter(move |header| header.is(name)).map(|header| header.value)
    }

    /// The first header named `prefix` and `name` together.
    pub(super) fn find(&self, prefix: &str, name: &str) -> Option<Value<'_>> {
        let wanted = prefix.len() + name.len();
        let span = self.spans.iter().find(|span| {
            (span.name_end - span.start) as usize == wanted
                && is_composed(self.cut(span.start, span.name_end), prefix, name)
        })?;
        Some(Value::new(self.cut(span.value, span.end)))
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
        self.spans.iter().filter_map(move |span| {
            let line = self.cut(span.start, span.end);
            let (head, rest) = line.split_at_checked(role.len())?;
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
        self.spans.first().map(|span| Value::new(self.cut(span.value, span.end)))
    }

    /// When Asterisk made the event, microseconds since 1970; only with `timestampevents = yes`.
    pub fn timestamp_us(&self) -> Option<i64> {
        self.value("Timestamp")?.seconds_as_us()
    }

    pub(super) fn header(&self, span: Span) -> Header<'_> {
        Header {
            name: Value::new(self.cut(span.start, span.name_end)),
            value: Value::new(self.cut(span.value, span.end)),
        }
    }

    fn cut(&self, start: u32, end: u32) -> &[u8] {
        // u32 to usize: lossless wherever this runs, and spans are made from offsets into these very bytes.
        &self.bytes[start as usize..end as usize]
    }
}

/// Whether a name of the right length is `prefix` and `name` together.
fn is_composed(found: &[u8], prefix: &str, name: &str) -> bool {
    let (head, tail) = found.split_at(prefix.len());
    tail.eq_ignore_ascii_case(name.as_bytes()) && head.eq_ignore_ascii_case(prefix.as_bytes())
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
    Some(Value::new(text.strip_prefix(b" ").unwrap_or(text)).assignment())
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
        write!(f, "Block({name:?}, {} headers, {} bytes)", self.spans.len(), self.bytes.len())
    }
}
