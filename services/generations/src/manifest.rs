use std::{collections::BTreeMap, fmt::Write};

use routing::{ChunkPlace, KEYS_PER_CHUNK, KeyRange, TableName, range_of};

use crate::{Checksum, ChunkHash};

/// The first line of the text form; another form has another number.
const HEADING: &str = "dialplane manifest 1";
/// Longest name a table of another release may have, as the databases limit it.
const TABLE_NAME_MAX: usize = 64;

/// One chunk of a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Entry {
    pub place: ChunkPlace,
    /// How many rows it holds, 1 to 1,024.
    pub rows: u32,
    pub hash: ChunkHash,
}

/// Rows and name of a chunk whose place is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Content {
    rows: u32,
    hash: ChunkHash,
}

/// Every chunk of one configuration.
///
/// A manifest of another release may list tables this one does not know. They are not among the entries, so nothing is
/// read from them, but they stay in the text and thereby in the checksum: what this release passes on is whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    entries: BTreeMap<ChunkPlace, Content>,
    foreign: BTreeMap<(Box<str>, KeyRange), Content>,
}

/// Why a text is not a manifest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    #[error("the first line must be `{HEADING}`")]
    Heading,
    #[error("line {0} of the manifest must be `table range rows hash`, each in its one spelling")]
    Line(usize),
    #[error("line {0} of the manifest must come after the one before it, by table and then by range")]
    Order(usize),
    #[error("the last line of the manifest was cut")]
    Cut,
}

impl Manifest {
    /// Every chunk of the tables this release knows, by table and range.
    pub fn entries(&self) -> impl Iterator<Item = Entry> {
        self.entries.iter().map(|(place, content)| entry(*place, *content))
    }

    pub fn get(&self, place: ChunkPlace) -> Option<Entry> {
        self.entries.get(&place).map(|content| entry(place, *content))
    }

    /// The chunks of one table, by range.
    pub fn entries_of(&self, table: TableName) -> impl Iterator<Item = Entry> {
        let place = |range| ChunkPlace { table, range };
        let range = self.entries.range(place(KeyRange::MIN)..=place(KeyRange::MAX));
        range.map(|(place, content)| entry(*place, *content))
    }

    /// How many rows a table has.
    pub fn rows(&self, table: TableName) -> u64 {
        self.entries_of(table).map(|entry| u64::from(entry.rows)).sum()
    }

    /// The chunks it takes to read the configuration, those of tables this release does not know included: a copy with
    /// all of them is whole for every release.
    pub fn hashes(&self) -> impl Iterator<Item = ChunkHash> {
        self.entries.values().chain(self.foreign.values()).map(|content| content.hash)
    }

    /// The places at which the two differ, of the tables this release knows.
    pub fn changed(&self, other: &Self) -> Vec<ChunkPlace> {
        let here = self.entries.iter().filter(|(place, content)| other.entries.get(place) != Some(content));
        let gone = other.entries.keys().filter(|place| !self.entries.contains_key(place));
        let mut changed: Vec<_> = here.map(|(place, _)| *place).chain(gone.copied()).collect();
        changed.sort_unstable();
        changed
    }

    /// This configuration with the layers of another one: what a rollback to this one activates.
    #[must_use]
    pub fn with_layers_of(&self, other: &Self) -> Self {
        let layer = |place: &ChunkPlace| place.table.layer().is_some();
        let own = self.entries.iter().filter(|(place, _)| !layer(place));
        let others = other.entries.iter().filter(|(place, _)| layer(place));
        let entries = own.chain(others).map(|(place, content)| (*place, *content)).collect();
        Self { entries, foreign: self.foreign.clone() }
    }

    /// The canonical text: equal configurations have equal texts.
    pub fn encode(&self) -> String {
        let known = self.entries.iter();
        let known = known.map(|(place, content)| (place.table.as_str(), place.range, content));
        let foreign = self.foreign.iter().map(|((table, range), content)| (&**table, *range, content));
        // By name, not by the order in which this release happens to list its tables.
        let mut lines: Vec<_> = known.chain(foreign).collect();
        lines.sort_unstable_by_key(|(table, range, _)| (*table, *range));
        let mut text = format!("{HEADING}\n");
        for (table, range, Content { rows, hash }) in lines {
            writeln!(text, "{table} {range} {rows} {hash}").expect("memory takes every line");
        }
        text
    }

    /// The manifest of a canonical text; any other text is refused, so that a manifest has one text and one checksum.
    pub fn decode(text: &str) -> Result<Self, ManifestError> {
        let text = text.strip_suffix('\n').ok_or(ManifestError::Cut)?;
        let mut lines = text.split('\n').zip(1..);
        if lines.next().is_none_or(|(heading, _)| heading != HEADING) {
            return Err(ManifestError::Heading);
        }
        let mut manifest = Self::default();
        let mut last: Option<(&str, KeyRange)> = None;
        for (line, number) in lines {
            let (table, range, content) = parsed(line).ok_or(ManifestError::Line(number))?;
            if last.is_some_and(|last| last >= (table, range)) {
                return Err(ManifestError::Order(number));
            }
            last = Some((table, range));
            manifest.add(table, range, content);
        }
        Ok(manifest)
    }

    fn add(&mut self, table: &str, range: KeyRange, content: Content) {
        match table.parse() {
            Ok(table) => drop(self.entries.insert(ChunkPlace { table, range }, content)),
            Err(routing::NoSuchTable) => drop(self.foreign.insert((table.into(), range), content)),
        }
    }

    /// SHA-256 of the canonical text.
    pub fn checksum(&self) -> Checksum {
        Checksum::of(self.encode().as_bytes())
    }
}

/// Entries in any order; of two at one place the later one stays.
impl FromIterator<Entry> for Manifest {
    fn from_iter<I: IntoIterator<Item = Entry>>(entries: I) -> Self {
        let contents = entries.into_iter().map(|Entry { place, rows, hash }| (place, Content { rows, hash }));
        Self { entries: contents.collect(), foreign: BTreeMap::new() }
    }
}

fn entry(place: ChunkPlace, Content { rows, hash }: Content) -> Entry {
    Entry { place, rows, hash }
}

fn parsed(line: &str) -> Option<(&str, KeyRange, Content)> {
    let mut fields = line.split(' ');
    let (table, range, rows, hash) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
    let content = Content { rows: canonical_number(rows)?, hash: hash.parse().ok()? };
    let range = canonical_number(range)?;
    let legal = fields.next().is_none()
        && is_table_name(table)
        && (range_of(i64::MIN)..=range_of(i64::MAX)).contains(&range)
        && (1..=KEYS_PER_CHUNK).contains(&i64::from(content.rows));
    legal.then_some((table, range, content))
}

fn canonical_number<N: std::str::FromStr + ToString>(text: &str) -> Option<N> {
    text.parse().ok().filter(|number: &N| number.to_string() == text)
}

fn is_table_name(text: &str) -> bool {
    (1..=TABLE_NAME_MAX).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn place(table: TableName, range: KeyRange) -> ChunkPlace {
        ChunkPlace { table, range }
    }

    fn sample(table: TableName, range: KeyRange, rows: u32) -> Entry {
        let text = format!("{table}{range}{rows}");
        Entry { place: place(table, range), rows, hash: ChunkHash::of(text.as_bytes()) }
    }

    fn manifest(entries: &[Entry]) -> Manifest {
        entries.iter().copied().collect()
    }

    #[test]
    fn the_text_form_is_pinned() {
        let hash = ChunkHash::of(b"");
        let at = |table, range, rows| Entry { place: place(table, range), rows, hash };
        let text =
            format!("dialplane manifest 1\ngates -1 1 {hash}\nnumbers 7 2 {hash}\nnumbers 10 3 {hash}\n");
        let entries = [at(TableName::Number, 10, 3), at(TableName::Number, 7, 2), at(TableName::Gate, -1, 1)];
        assert_eq!(manifest(&entries).encode(), text);
        let empty = Manifest::default().encode();
        assert_eq!(empty, "dialplane manifest 1\n");
        assert_eq!(Checksum::of(empty.as_bytes()), Manifest::default().checksum());
    }

    #[test]
    fn rows_are_counted_by_table() {
        let manifest = manifest(&[
            sample(TableName::Route, i64::MAX >> 10, 5),
            sample(TableName::Number, 0, 1024),
            sample(TableName::Number, 3, 6),
        ]);
        let tables = [TableName::Route, TableName::Number, TableName::Gate];
        assert_eq!(tables.map(|table| manifest.rows(table)), [5, 1030, 0]);
        assert_eq!(manifest.get(place(TableName::Number, 3)).map(|entry| entry.rows), Some(6));
        assert_eq!(manifest.get(place(TableName::Gate, 3)), None);
    }

    #[test]
    fn changed_places_are_those_that_differ_either_way() {
        let before = manifest(&[sample(TableName::Number, 0, 1), sample(TableName::Number, 1, 1)]);
        let after = manifest(&[
            sample(TableName::Number, 1, 2),
            sample(TableName::Gate, 0, 1),
            sample(TableName::Number, 2, 1),
        ]);
        let expected = [
            place(TableName::Number, 0),
            place(TableName::Number, 1),
            place(TableName::Number, 2),
            place(TableName::Gate, 0),
        ];
        assert_eq!(before.changed(&after), expected);
        assert_eq!(after.changed(&before), expected);
        assert!(after.changed(&after).is_empty());
    }

    #[test]
    fn layers_stay_when_everything_else_goes_back() {
        let old = manifest(&[
            sample(TableName::Number, 0, 1),
            sample(TableName::NodeToken, 0, 1),
            sample(TableName::ApiToken, 4, 1),
            sample(TableName::ResolvedAddress, 0, 1),
        ]);
        let layers = [sample(TableName::NodeToken, 0, 2), sample(TableName::ResolvedAddress, 3, 7)];
        let active = manifest(&[[sample(TableName::Number, 0, 2)].as_slice(), &layers].concat());
        let back = manifest(&[[sample(TableName::Number, 0, 1)].as_slice(), &layers].concat());
        assert_eq!(old.with_layers_of(&active), back);
    }

    #[test]
    fn tables_of_another_release_are_passed_on_and_passed_over() {
        let hash = ChunkHash::of(b"");
        let text = format!("{HEADING}\nfaxes 3 9 {hash}\nnumbers 0 1 {hash}\nzones 0 1 {hash}\n");
        let manifest = Manifest::decode(&text).unwrap();
        assert_eq!(
            manifest.entries().map(|entry| entry.place).collect::<Vec<_>>(),
            [place(TableName::Number, 0)]
        );
        assert_eq!(manifest.encode(), text);
        assert_eq!(manifest.hashes().count(), 3);
    }

    #[test]
    fn what_is_not_canonical_is_no_manifest() {
        let hash = ChunkHash::of(b"");
        let bad = [
            format!("numbers 0 1 {hash}"),
            format!("numbers 0 1 {hash} \n"),
            format!("numbers  0 1 {hash}\n"),
            format!("numbers +0 1 {hash}\n"),
            format!("numbers 00 1 {hash}\n"),
            format!("numbers -0 1 {hash}\n"),
            format!("numbers 0 0 {hash}\n"),
            format!("numbers 0 1025 {hash}\n"),
            format!("numbers 9007199254740992 1 {hash}\n"),
            format!("Numbers 0 1 {hash}\n"),
            format!(" 0 1 {hash}\n"),
            format!("{} 0 1 {hash}\n", "x".repeat(65)),
            format!("numbers 0 1 {hash}\r\n"),
            format!("numbers 0 1 {}\n", hash.to_string().to_uppercase()),
            format!("numbers 0 1 {hash}\nnumbers 0 1 {hash}\n"),
            format!("numbers 1 1 {hash}\nnumbers 0 1 {hash}\n"),
            format!("numbers 0 1 {hash}\ngates 0 1 {hash}\n"),
            "\n".to_owned(),
        ];
        for bad in bad {
            let decoded = Manifest::decode(&format!("{HEADING}\n{bad}"));
            assert!(decoded.is_err(), "{bad:?}");
        }
        for bad in ["", "\n", "dialplane manifest 2\n", HEADING] {
            assert!(Manifest::decode(bad).is_err(), "{bad:?}");
        }
    }

    fn entries() -> impl Strategy<Value = Vec<Entry>> {
        let table = proptest::sample::select(TableName::ALL.to_vec());
        let entry =
            (table, -5i64..5, 1u32..=1024).prop_map(|(table, range, rows)| sample(table, range, rows));
        proptest::collection::vec(entry, 0..40)
    }

    proptest! {
        #[test]
        fn manifests_read_back_equal(entries in entries()) {
            let manifest = manifest(&entries);
            prop_assert_eq!(Manifest::decode(&manifest.encode()), Ok(manifest));
        }

        #[test]
        fn any_text_is_refused_or_reads_back_equal(text in "\\PC{0,60}", lines in "([a-z]{1,3} -?[0-9]{1,3} [0-9]{1,4} [0-9a-f]{64}\n){0,3}") {
            for text in [text, format!("{HEADING}\n{lines}")] {
                if let Ok(manifest) = Manifest::decode(&text) {
                    prop_assert_eq!(manifest.encode(), text);
                }
            }
        }
    }
}
