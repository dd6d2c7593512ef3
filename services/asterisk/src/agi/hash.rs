//! `HASH(name)` filled in as few round trips as possible.

use super::{
    Command, CommandError, MAX_COMMAND_BYTES,
    command::{frame_len, push_escaped, quoted_len},
};

/// The list of keys that a `HASH(name)` set as a whole takes its values for: `CURL` and `ODBC` fill it the same way.
const KEYS: &str = "~ODBCFIELDS~";
/// Asterisk reads at most 99 from a list.
const MAX_KEYS: usize = 90;

/// Commands that set `HASH(hash,key)` for each pair, in this order. As many pairs as fit share two commands: their keys,
/// then their values. A pair that stands alone needs only one.
pub fn fill_hash<K: AsRef<str>, V: AsRef<str>>(
    hash: &str,
    pairs: &[(K, V)],
) -> Result<Vec<Command>, CommandError> {
    if !pairs.iter().all(|(key, _)| is_key(key.as_ref())) {
        return Err(CommandError::BadName);
    }
    let whole = format!("HASH({hash})");
    let mut commands = Vec::with_capacity(4);
    let mut rest = pairs;
    while !rest.is_empty() {
        let (group, more) = rest.split_at(group_size(&whole, rest));
        rest = more;
        if let [(key, value)] = group {
            let name = format!("HASH({hash},{})", key.as_ref());
            commands.push(Command::set_variable(&name, value.as_ref())?);
        } else {
            let keys = list(group.iter().map(|(key, _)| key.as_ref()));
            let values = list(group.iter().map(|(_, value)| value.as_ref()));
            commands.push(Command::set_variable(KEYS, &keys)?);
            commands.push(Command::set_variable(&whole, &values)?);
        }
    }
    Ok(commands)
}

fn is_key(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
}

/// How many pairs share two commands; at least one, which [`Command::set_variable`] may still refuse.
fn group_size<K: AsRef<str>, V: AsRef<str>>(whole: &str, pairs: &[(K, V)]) -> usize {
    let mut keys_len = frame_len(KEYS);
    let mut values_len = frame_len(whole);
    let fits = |(key, value): &&(K, V)| {
        // With a comma each.
        keys_len += key.as_ref().len() + 1;
        values_len += item_len(value.as_ref()) + 1;
        keys_len.max(values_len) <= MAX_COMMAND_BYTES
    };
    pairs.iter().take(MAX_KEYS).take_while(fits).count().max(1)
}

/// A comma-separated list. Brackets hide commas from Asterisk's splitter, even an open one in a far-off item, and it
/// eats quotes and backslashes: a backslash before each makes it mean itself.
fn list<'i>(items: impl Iterator<Item = &'i str>) -> String {
    let mut list = String::with_capacity(MAX_COMMAND_BYTES);
    for (position, item) in items.enumerate() {
        if position > 0 {
            list.push(',');
        }
        push_escaped(&mut list, item, splits);
    }
    list
}

fn splits(byte: u8) -> bool {
    matches!(byte, b',' | b'(' | b')' | b'[' | b']' | b'"' | b'\\')
}

/// Bytes an item takes up in a list that is quoted: its backslashes are escaped once more.
fn item_len(item: &str) -> usize {
    quoted_len(item) + 2 * item.bytes().filter(|byte| splits(*byte)).count()
}
