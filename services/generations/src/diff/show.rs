use std::fmt;

use super::{Change, Diff, FieldDiff, RowDiff, TableDiff};

/// Longest text of a field that is shown in full.
const SHOWN_CHARS: usize = 80;

impl fmt::Display for Diff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("no differences\n");
        }
        self.tables.iter().try_for_each(|table| table.fmt(f))
    }
}

impl fmt::Display for TableDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, added, removed, changed, rows } = self;
        writeln!(f, "{table}: {added} added, {removed} removed, {changed} changed")?;
        rows.iter().try_for_each(|row| writeln!(f, "  {row}"))?;
        match self.unlisted() {
            0 => Ok(()),
            more => writeln!(f, "  … and {more} more"),
        }
    }
}

impl fmt::Display for RowDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = match self.change {
            Change::Added => '+',
            Change::Removed => '-',
            Change::Changed => '~',
        };
        write!(f, "{sign} {}", self.key)?;
        for (position, field) in self.fields.iter().enumerate() {
            f.write_str(if position == 0 { ": " } else { ", " })?;
            f.write_str(&shown(self.change, field))?;
        }
        Ok(())
    }
}

fn shown(change: Change, FieldDiff { field, before, after }: &FieldDiff) -> String {
    let (before, after) = (or_nothing(before.as_deref()), or_nothing(after.as_deref()));
    match change {
        Change::Added => format!("{field} {after}"),
        Change::Removed => format!("{field} {before}"),
        Change::Changed => format!("{field} {before} → {after}"),
    }
}

fn or_nothing(value: Option<&str>) -> String {
    value.map_or_else(|| "nothing".to_owned(), for_terminal)
}

/// Text that moves no cursor and reverses no line, and ends.
fn for_terminal(value: &str) -> String {
    let mut shown: String = value.chars().take(SHOWN_CHARS).flat_map(char::escape_debug).collect();
    if value.chars().count() > SHOWN_CHARS {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use routing::TableName;

    use super::*;

    #[test]
    fn people_read_one_line_per_row() {
        let field = |field: &str, before: Option<&str>, after: Option<&str>| FieldDiff {
            field: field.into(),
            before: before.map(Into::into),
            after: after.map(Into::into),
        };
        let comment = "two\nlines \u{1b}[2J\u{202e}".to_owned() + &"x".repeat(SHOWN_CHARS);
        let rows = vec![
            RowDiff { key: 1, change: Change::Removed, fields: vec![field("iso", Some("RUB"), None)] },
            RowDiff {
                key: 2,
                change: Change::Changed,
                fields: vec![
                    field("enabled", Some("true"), Some("false")),
                    field("server_id", None, Some("3")),
                ],
            },
            RowDiff { key: 3, change: Change::Added, fields: vec![field("comment", None, Some(&comment))] },
        ];
        let table = TableDiff { table: TableName::Server, added: 7, removed: 1, changed: 1, rows };
        let shown = Diff { tables: vec![table] }.to_string();
        let (lines, rest) = shown.split_once("  + ").unwrap();
        assert_eq!(
            lines,
            "servers: 7 added, 1 removed, 1 changed\n  - 1: iso RUB\n  ~ 2: enabled true → false, server_id nothing → 3\n"
        );
        assert!(rest.starts_with(r"3: comment two\nlines \u{1b}[2J\u{202e}xxx"), "{rest}");
        assert!(rest.ends_with("x…\n  … and 6 more\n"), "{rest}");
        assert_eq!(Diff::default().to_string(), "no differences\n");
    }
}
