//! Whatever is in the rows: each format gives it back.

use exports::{Format, Row};
use proptest::{collection::vec, prelude::*};

use crate::{
    reading::{exported, read, told},
    samples::{attempt, call, leg},
};

fn comes_back<R: Row>(rows: &[R]) -> Result<(), TestCaseError> {
    for format in Format::ALL {
        let bytes = exported(format, rows);
        prop_assert!(read::<R>(format, &bytes) == told(rows), "{}", format.as_str());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn calls_come_back(rows in vec(call(), 0..8)) {
        comes_back(&rows)?;
    }

    #[test]
    fn legs_come_back(rows in vec(leg(), 0..8)) {
        comes_back(&rows)?;
    }

    #[test]
    fn attempts_come_back(rows in vec(attempt(), 0..8)) {
        comes_back(&rows)?;
    }
}
