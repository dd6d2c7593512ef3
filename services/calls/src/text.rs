//! Text off the wire, capped: what a channel is called must not decide how much memory a call takes.

use std::borrow::Cow;

use asterisk::ami::{Channel, Value};

/// Longest text kept, bytes. Asterisk's own limit is 149 for ids and 79 for names of channels.
const MAX_BYTES: usize = 512;

pub(crate) fn capped(bytes: &[u8]) -> Cow<'_, str> {
    if bytes.len() <= MAX_BYTES {
        return String::from_utf8_lossy(bytes);
    }
    String::from_utf8_lossy(&bytes[..MAX_BYTES])
}

pub(crate) fn boxed(bytes: &[u8]) -> Box<str> {
    capped(bytes).into()
}

pub(crate) fn of(value: Option<Value<'_>>) -> Option<Box<str>> {
    value.map(|value| boxed(value.as_bytes()))
}

pub(crate) fn unique_id<'a>(channel: &Channel<'a>) -> Option<Cow<'a, str>> {
    channel.unique_id().map(|id| capped(id.as_bytes()))
}

pub(crate) fn linked_id<'a>(channel: &Channel<'a>) -> Option<Cow<'a, str>> {
    channel.linked_id().map(|id| capped(id.as_bytes()))
}
