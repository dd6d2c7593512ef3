//! The AGI grammar from the outside: torn and hostile bytes in, and what Asterisk makes of the commands that come out.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod commands;
mod res_agi;
mod torn;

/// `PROPTEST_CASES` as everywhere, with a cap: each case here tears its bytes at every place.
fn config() -> proptest::prelude::ProptestConfig {
    let config = proptest::prelude::ProptestConfig::default();
    let cases = config.cases.min(50_000);
    proptest::prelude::ProptestConfig { cases, failure_persistence: None, ..config }
}
