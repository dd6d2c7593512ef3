//! The bytes a chunk's name is the hash of: one JSON object per row and line, fields in the order of the struct, rows
//! in the order of their keys.
//!
//! Names of columns are repeated in every row on purpose: a router of an older release passes over columns it does not
//! know, one of a newer release takes the defaults for those it misses. Compression makes the repetition cheap.

use std::{io::Write, sync::Arc};

use routing::{Chunk, ChunkPlace, Row};
use serde::{Serialize, de::DeserializeOwned};

use crate::{ChunkHash, Damage, Entry, Packed, packed::Unpackable};

/// The name of a chunk and its packed rows.
pub fn encode<R: Row + Serialize>(chunk: &Chunk<R>) -> (ChunkHash, Packed) {
    let bytes = canonical(chunk);
    (ChunkHash::of(&bytes), Packed::compress(&bytes))
}

fn canonical<R: Serialize + Row>(chunk: &Chunk<R>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for row in chunk.rows() {
        serde_json::to_writer(&mut bytes, row).expect("a row is a struct of texts, numbers and flags");
        bytes.write_all(b"\n").expect("memory takes every byte");
    }
    bytes
}

/// The rows of a chunk, if the bytes are the ones its entry in the manifest names.
pub fn decode<R: Row + DeserializeOwned>(entry: &Entry, packed: &Packed) -> Result<Arc<Chunk<R>>, Damage> {
    let place = entry.place;
    if place.table != R::TABLE {
        return Err(Damage::Table { place, asked: R::TABLE });
    }
    let bytes = verified(place, entry.hash, packed)?;
    let rows = rows(place, &bytes)?;
    let ordered = rows.windows(2).all(|pair: &[R]| pair[0].key() < pair[1].key());
    let counted = u32::try_from(rows.len()) == Ok(entry.rows);
    let chunk = Some(rows).filter(|_| ordered && counted).and_then(|rows| Chunk::new(place.range, rows));
    chunk.map(Arc::new).ok_or(Damage::Rows { place })
}

/// The canonical bytes, if they are the ones the hash names.
pub(crate) fn verified(place: ChunkPlace, hash: ChunkHash, packed: &Packed) -> Result<Vec<u8>, Damage> {
    let bytes = packed.decompress().map_err(|error| match error {
        Unpackable::TooLarge => Damage::TooLarge { place },
        Unpackable::Broken => Damage::Compression { place },
    })?;
    if ChunkHash::of(&bytes) == hash { Ok(bytes) } else { Err(Damage::Hash { place }) }
}

fn rows<R: DeserializeOwned>(place: ChunkPlace, bytes: &[u8]) -> Result<Vec<R>, Damage> {
    // Checked once for all rows, which is a quarter faster than in every text of every row.
    let text = std::str::from_utf8(bytes).map_err(|_| Damage::Rows { place })?;
    // The last line ends like every other; without its end the bytes were cut.
    let lines = text.strip_suffix('\n').ok_or(Damage::Rows { place })?;
    let rows = lines.split('\n').zip(1..).map(|(line, row)| {
        serde_json::from_str(line).map_err(|error| Damage::Row { place, row, reason: reason(&error) })
    });
    rows.collect()
}

/// What is wrong, without the value that was seen: of a column that changed its type that could be anything.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.split_once(": ") {
        Some((kind, _)) if kind.starts_with("invalid ") => kind.to_owned(),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use routing::{
        TableName,
        tables::{Currency, Number},
    };

    use super::*;
    use crate::sample;

    const PLACE: ChunkPlace = ChunkPlace { table: TableName::Currency, range: 0 };

    fn entry(bytes: &[u8], rows: u32) -> Entry {
        Entry { place: PLACE, rows, hash: ChunkHash::of(bytes) }
    }

    /// What becomes of these bytes where so many currencies are expected.
    fn decoded(bytes: &str, rows: u32) -> Result<Vec<i64>, Damage> {
        let chunk = decode::<Currency>(&entry(bytes.as_bytes(), rows), &Packed::compress(bytes.as_bytes()))?;
        Ok(chunk.rows().iter().map(Row::key).collect())
    }

    fn row(id: i64) -> String {
        format!(r#"{{"id":{id},"iso":"RUB","numcode":643,"name":"Russian ruble"}}"#) + "\n"
    }

    #[test]
    fn the_canonical_bytes_are_pinned() {
        let rows = [2, 1].map(|id| Currency { name: "R\n\"Ω".into(), ..sample::currency(id) });
        let (hash, packed) = encode(&Chunk::new(0, rows.into()).unwrap());
        let bytes = concat!(
            r#"{"id":1,"iso":"RUB","numcode":643,"name":"R\n\"Ω"}"#,
            "\n",
            r#"{"id":2,"iso":"RUB","numcode":643,"name":"R\n\"Ω"}"#,
            "\n"
        );
        assert_eq!(String::from_utf8(packed.decompress().unwrap()).unwrap(), bytes);
        assert_eq!(hash, ChunkHash::of(bytes.as_bytes()));
    }

    #[test]
    fn columns_left_out_take_their_defaults() {
        let text = concat!(r#"{"id":5,"number":"74951815000","provider_id":7,"direction":"IN"}"#, "\n");
        let place = ChunkPlace { table: TableName::Number, range: 0 };
        let entry = Entry { place, rows: 1, hash: ChunkHash::of(text.as_bytes()) };
        let chunk = decode::<Number>(&entry, &Packed::compress(text.as_bytes())).unwrap();
        assert!(chunk.rows()[0].enabled && chunk.rows()[0].server_id.is_none());
    }

    #[test]
    fn rows_are_those_the_entry_speaks_of_or_none() {
        assert_eq!(decoded(&(row(1) + &row(2)), 2), Ok(vec![1, 2]));
        let wrong = [
            (row(1) + &row(2), 1),
            (row(1), 2),
            (row(2) + &row(1), 2),
            (row(1) + &row(1), 2),
            (row(1024), 1),
            (row(-1), 1),
            (row(1).trim_end().to_owned(), 1),
            (String::new(), 0),
        ];
        for (bytes, rows) in wrong {
            assert_eq!(decoded(&bytes, rows), Err(Damage::Rows { place: PLACE }), "{bytes:?}");
        }
    }

    #[test]
    fn a_row_that_cannot_be_read_is_counted_and_its_value_not_repeated() {
        let bad = row(1) + &row(2).replace("643", "\"12025550100\"");
        let error = decoded(&bad, 2).unwrap_err();
        assert_eq!(error, Damage::Row { place: PLACE, row: 2, reason: "invalid type".into() });
        for bad in ["\n", "{}\n", "x\n", "[1]\n", "{\"id\":1}\n"] {
            assert!(matches!(decoded(bad, 1), Err(Damage::Row { row: 1, .. })), "{bad:?}");
        }
    }

    #[test]
    fn other_bytes_than_the_named_ones_are_refused() {
        let packed = Packed::compress(row(1).as_bytes());
        let damage = |entry: &Entry, packed: &Packed| decode::<Currency>(entry, packed).unwrap_err();
        assert_eq!(damage(&entry(b"else", 1), &packed), Damage::Hash { place: PLACE });
        let entry = entry(row(1).as_bytes(), 1);
        assert_eq!(damage(&entry, &Packed::from(&b"else"[..])), Damage::Compression { place: PLACE });
        let bomb = Packed::compress(&vec![b'\n'; crate::MAX_CANONICAL_BYTES + 1]);
        assert_eq!(damage(&entry, &bomb), Damage::TooLarge { place: PLACE });
        let asked = decode::<Number>(&entry, &packed).unwrap_err();
        assert_eq!(asked, Damage::Table { place: PLACE, asked: TableName::Number });
    }

    proptest! {
        #[test]
        fn any_bytes_are_rows_or_damage(bytes in proptest::collection::vec(any::<u8>(), 0..200), rows in 0u32..3) {
            let entry = entry(&bytes, rows);
            prop_assert!(decode::<Currency>(&entry, &Packed::from(bytes.clone())).is_err());
            prop_assert!(decode::<Currency>(&entry, &Packed::compress(&bytes)).is_err());
        }

        #[test]
        fn a_flipped_bit_of_a_frame_never_gives_other_rows(bit in any::<prop::sample::Index>()) {
            let bytes = row(1) + &row(2);
            let mut frame = Packed::compress(bytes.as_bytes()).as_bytes().to_vec();
            let bit = bit.index(frame.len() * 8);
            frame[bit / 8] ^= 1 << (bit % 8);
            let rows = decode::<Currency>(&entry(bytes.as_bytes(), 2), &Packed::from(frame));
            prop_assert!(rows.is_err() || rows.is_ok_and(|chunk| chunk.rows().len() == 2));
        }
    }
}
