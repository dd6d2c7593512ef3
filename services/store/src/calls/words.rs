//! The words of records as they stand in columns.

use calls::{Direction, Disposition, Flaw, GapReason, HangupBy};

use crate::{
    column::Scalar,
    driver::{Cells, Value},
    error::Impossible,
};

/// Closed sets of values, each of which stands as its word.
macro_rules! words {
    ($($type:ty),+) => {$(
        impl Scalar for $type {
            fn value(scalar: Option<&Self>) -> Value<'_> {
                Value::Text(scalar.map(|value| value.as_str().into()))
            }

            fn read(row: &impl Cells, at: usize) -> Result<Option<Self>, Impossible> {
                Ok(row.text(at)?.map(str::parse).transpose()?)
            }
        }
    )+};
}

words!(Direction, Disposition, HangupBy, GapReason);

/// The flaws of a record in one cell.
pub(super) struct Flaws(pub(super) Vec<Flaw>);

pub(super) fn flaws_value<'a>(flaws: &[Flaw]) -> Value<'a> {
    Value::Text(Some(Flaw::list(flaws).into()))
}

impl Scalar for Flaws {
    fn value(scalar: Option<&Self>) -> Value<'_> {
        scalar.map_or(Value::Text(None), |flaws| flaws_value(&flaws.0))
    }

    fn read(row: &impl Cells, at: usize) -> Result<Option<Self>, Impossible> {
        let Some(list) = row.text(at)? else { return Ok(None) };
        let words = list.split(',').filter(|word| !word.is_empty());
        Ok(Some(Self(words.map(str::parse).collect::<Result<_, _>>()?)))
    }
}
