//! The servers the other stories stand on.

use libtest_mimic::Trial;

pub(crate) fn trials() -> Vec<Trial> {
    vec![Trial::test("databases::every_caller_gets_a_fresh_one", || {
        let start: [fn() -> String; 4] =
            [laboratory::postgres, laboratory::mariadb, laboratory::sqlite, laboratory::redis];
        for fresh in start {
            assert_ne!(fresh(), fresh());
        }
        Ok(())
    })]
}
