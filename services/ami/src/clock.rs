/// What this machine's clock shows, UTC microseconds. It is told to others; nothing here is decided by it.
#[expect(
    clippy::disallowed_methods,
    reason = "when bytes were read is a fact of this machine; tests look at the order only"
)]
pub(crate) fn now_us() -> i64 {
    let now = time::OffsetDateTime::now_utc().unix_timestamp_nanos() / 1_000;
    i64::try_from(now).unwrap_or(i64::MAX)
}
