use std::time::SystemTime;

/// What this machine's clock shows, UTC microseconds: a fact to be written down, never one to decide by.
#[expect(clippy::disallowed_methods, reason = "the one place where the wall clock is read")]
pub fn now_us() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}
