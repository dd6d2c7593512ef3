//! `HASH(name)` filled in as few round trips as possible.

use super::{
    Command, CommandError,
    command::{Escapes, Setting},
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
    let mut commands = Vec::with_capacity(4);
    let mut rest = pairs;
    while let [(key, value), others @ ..] = rest {
        let group = Group::of(hash, rest)?;
        if group.count > 1 {
            rest = &rest[group.count..];
            commands.extend([group.keys.finish()?, group.values.finish()?]);
        } else {
            rest = others;
            let name = format!("HASH({hash},{})", key.as_ref());
            commands.push(Command::set_variable(&name, value.as_ref())?);
        }
    }
    Ok(commands)
}

fn is_key(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
}

/// The pairs that share two commands.
struct Group {
    count: usize,
    keys: Setting,
    values: Setting,
}

impl Group {
    /// As many of the pairs as fit.
    fn of<K: AsRef<str>, V: AsRef<str>>(hash: &str, pairs: &[(K, V)]) -> Result<Self, CommandError> {
        let (mut keys, mut values) = (Setting::of(KEYS)?, Setting::of(&format!("HASH({hash})"))?);
        for (count, (key, value)) in pairs.iter().take(MAX_KEYS).enumerate() {
            let before = (keys.len(), values.len());
            if count > 0 {
                keys.push(",", Escapes::VALUE)?;
                values.push(",", Escapes::VALUE)?;
            }
            keys.push(key.as_ref(), Escapes::VALUE)?;
            values.push(value.as_ref(), Escapes::ITEM)?;
            if !keys.fits() || !values.fits() {
                keys.truncate(before.0);
                values.truncate(before.1);
                return Ok(Self { count, keys, values });
            }
        }
        Ok(Self { count: pairs.len().min(MAX_KEYS), keys, values })
    }
}
