//! nftables: one table of ours, changed in one transaction.
//!
//! A table that is deleted and made anew in a transaction loses packets: its rules come into force a moment before its sets
//! are filled. So the table, its sets and chains stay what they are, and are emptied and filled again.

use std::{fmt::Write, mem};

use crate::{
    Elements, Ruleset, Set, Tool, ToolError,
    ruleset::{one_line, unquoted},
};

/// The table that is ours alone.
const TABLE: &str = "inet dialplane";
/// The set that says what is loaded, by its comment: that of a table cannot be changed.
const ABOUT: &str = "about";
/// What parts an address from what stands beside it.
const SEPARATOR: &str = " . ";

/// Our table as the tool prints it, without what counts up; nothing when there is none.
pub(crate) async fn read(nft: &Tool) -> Result<Option<String>, ToolError> {
    let tables = nft.run(&["list", "tables"], "").await?;
    let heading = format!("table {TABLE}");
    if !tables.lines().any(|line| line.trim() == heading) {
        return Ok(None);
    }
    nft.run(&["--stateless", "list", "table", "inet", "dialplane"], "").await.map(Some)
}

/// Whether the tool and the kernel would take it, without doing it.
pub(crate) async fn check(nft: &Tool, text: &str) -> Result<(), ToolError> {
    nft.run(&["--check", "--file", "-"], text).await.map(drop)
}

pub(crate) async fn load(nft: &Tool, text: &str) -> Result<(), ToolError> {
    nft.run(&["--file", "-"], text).await.map(drop)
}

/// Brings back what was there before, or takes the table away.
pub(crate) async fn restore(nft: &Tool, before: &str) -> Result<(), ToolError> {
    // Made first, so that it can be taken away whether or not it was there.
    let anew = format!("table {TABLE}\ndelete table {TABLE}\n{before}");
    if before.is_empty() {
        return load(nft, &anew).await;
    }
    let now = read(nft).await?.unwrap_or_default();
    let restored = match load(nft, &over(before, &now)).await {
        Ok(()) => read(nft).await?.unwrap_or_default(),
        Err(_) => now,
    };
    // What other hands had put there may be more than we know of.
    if restored == before { Ok(()) } else { load(nft, &anew).await }
}

/// What makes a file of ours of what is loaded, or of nothing.
pub(crate) fn over(text: &str, loaded: &str) -> String {
    let (meant, there) = (parse(text), parse(loaded));
    let mut file = String::new();
    // Writing to a String does not fail.
    if !can_stay(&meant, &there, loaded) {
        let _ = writeln!(file, "table {TABLE}\ndelete table {TABLE}");
        return file + &over(text, "");
    }
    declare(&meant, &mut file);
    for name in meant.chains.keys().chain(there.chains.keys()) {
        let _ = writeln!(file, "flush chain {TABLE} {name}");
    }
    for (name, set) in &meant.sets {
        let _ = writeln!(file, "flush set {TABLE} {name}");
        let elements: Vec<_> = set.elements.written().collect();
        if !elements.is_empty() {
            let _ = writeln!(file, "add element {TABLE} {name} {{ {} }}", elements.join(", "));
        }
    }
    for (name, lines) in &meant.chains {
        for rule in lines.iter().filter(|line| !is_hook(line)) {
            let _ = writeln!(file, "add rule {TABLE} {name} {rule}");
        }
    }
    for name in there.chains.keys().filter(|name| !meant.chains.contains_key(*name)) {
        let _ = writeln!(file, "delete chain {TABLE} {name}");
    }
    file
}

/// Whether what is there needs only to be emptied and filled.
fn can_stay(meant: &Ruleset, there: &Ruleset, loaded: &str) -> bool {
    let is_same = |(name, set): (&String, &Set)| {
        meant.sets.get(name).is_some_and(|meant| meant.declaration == set.declaration)
    };
    let hook = |lines: &Vec<String>| lines.iter().find(|line| is_hook(line)).cloned();
    let has_same_hook = |(name, lines): (&String, &Vec<String>)| {
        // Anything but a chain, such as a map, is kept under all of its words.
        let is_chain = !name.is_empty() && !name.contains(' ');
        is_chain && meant.chains.get(name).is_none_or(|meant| hook(meant) == hook(lines))
    };
    // The comment of the table would stay for good.
    let has_comment = loaded.lines().any(|line| line.starts_with("\tcomment "));
    !has_comment && there.sets.iter().all(is_same) && there.chains.iter().all(has_same_hook)
}

fn is_hook(line: &str) -> bool {
    line.starts_with("type ") && line.contains(" hook ")
}

/// Everything there is to be, empty; what is there already stays as it is.
fn declare(meant: &Ruleset, file: &mut String) {
    let _ = writeln!(file, "table {TABLE} {{");
    for (name, set) in &meant.sets {
        let _ = writeln!(file, "\tset {name} {{\n\t\t{}\n\t}}", set.declaration.join("\n\t\t"));
    }
    let _ = writeln!(file, "\tset {ABOUT} {{\n\t\ttype mark\n\t}}");
    for (name, lines) in &meant.chains {
        let hook = lines.iter().find(|line| is_hook(line)).map(String::as_str).unwrap_or_default();
        let _ = writeln!(file, "\tchain {name} {{\n\t\t{hook}\n\t}}");
    }
    let label = meant.label.as_deref().unwrap_or_default();
    let _ = writeln!(file, "}}\ndelete set {TABLE} {ABOUT}");
    let _ = writeln!(file, "add set {TABLE} {ABOUT} {{ type mark; comment \"{label}\"; }}");
}

/// Reads a file of ours, or what the tool prints of it. Whatever else stands there is kept as a line of its place.
pub(crate) fn parse(text: &str) -> Ruleset {
    let mut reader = Reader::default();
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).for_each(|line| {
        reader.take(line);
    });
    reader.ruleset
}

/// Where in a file a line stands.
#[derive(Debug, Default)]
enum Place {
    #[default]
    Outside,
    Table,
    Set {
        name: String,
        set: Set,
        /// What has been read of elements whose end is not there yet.
        open: Option<String>,
    },
    Chain {
        name: String,
        lines: Vec<String>,
    },
}

#[derive(Debug, Default)]
struct Reader {
    ruleset: Ruleset,
    place: Place,
}

impl Reader {
    fn take(&mut self, line: &str) {
        self.place = match mem::take(&mut self.place) {
            Place::Outside => outside(line),
            Place::Table => self.table(line),
            Place::Chain { name, mut lines } => {
                if line == "}" {
                    self.ruleset.chains.insert(name, lines);
                    Place::Table
                } else {
                    lines.push(one_line(line));
                    Place::Chain { name, lines }
                }
            }
            Place::Set { name, set, open } => self.set(name, set, open, line),
        };
    }

    fn table(&mut self, line: &str) -> Place {
        if line == "}" {
            return Place::Outside;
        }
        if let Some(label) = label(line) {
            self.ruleset.label = Some(label);
            return Place::Table;
        }
        let named =
            |kind: &str| line.strip_prefix(kind)?.strip_suffix('{').map(|name| name.trim().to_owned());
        if let Some(name) = named("set ") {
            return Place::Set { name, set: Set::default(), open: None };
        }
        let name = named("chain ").or_else(|| line.strip_suffix('{').map(one_line));
        if let Some(name) = name {
            return Place::Chain { name, lines: Vec::new() };
        }
        self.ruleset.chains.entry(String::new()).or_default().push(one_line(line));
        Place::Table
    }

    fn set(&mut self, name: String, mut set: Set, open: Option<String>, line: &str) -> Place {
        let begun = match (open, line.strip_prefix("elements = {")) {
            (Some(begun), _) => begun + " " + line,
            (None, Some(begun)) => begun.to_owned(),
            (None, None) if line == "}" => {
                self.finish(name, set);
                return Place::Table;
            }
            (None, None) => {
                set.declaration.push(one_line(line));
                return Place::Set { name, set, open: None };
            }
        };
        let open = match elements(&begun) {
            Some(elements) => {
                set.elements = elements;
                None
            }
            None => Some(begun),
        };
        Place::Set { name, set, open }
    }

    fn finish(&mut self, name: String, set: Set) {
        if name == ABOUT {
            self.ruleset.label = set.declaration.iter().find_map(|line| label(line));
        } else {
            self.ruleset.sets.insert(name, set);
        }
    }
}

fn label(line: &str) -> Option<String> {
    line.strip_prefix("comment ").map(|label| label.trim_matches(['"', ';', ' ']).to_owned())
}

fn outside(line: &str) -> Place {
    let heading = line.strip_suffix('{').map(one_line);
    if heading.is_some_and(|heading| heading == format!("table {TABLE}")) {
        Place::Table
    } else {
        Place::Outside
    }
}

/// What stands up to the closing brace; nothing if that is still to come.
fn elements(text: &str) -> Option<Elements> {
    // Looked for from its end, or a list that is read line by line would be read again with every line.
    if !text.trim_end().trim_end_matches(';').ends_with('}') {
        return None;
    }
    let listed = unquoted(text, '}').next()?;
    let keys: Vec<String> = unquoted(listed, ',').map(key).collect();
    Some(Elements::of(keys.iter().map(String::as_str).filter(|key| !key.is_empty()), SEPARATOR))
}

/// An element without what may stand behind it: a comment, a counter, a time.
fn key(element: &str) -> String {
    let mut words = element.split_whitespace();
    let mut key = words.next().unwrap_or_default().to_owned();
    while let (Some("."), Some(next)) = (words.next(), words.next()) {
        key = key + SEPARATOR + next;
    }
    key
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Side, deviations};

    /// As `nft --stateless list table` prints it.
    const PRINTED: &str = r#"table inet dialplane {
	comment "dialplane generation 7"
	set carriers4 {
		type ipv4_addr
		flags interval
		comment "a } b, c"
		elements = { 192.0.2.1, 198.51.100.0/24 comment "x, } y",
			     203.0.113.4-203.0.113.6 }
	}

	set peers6 {
		type ipv6_addr . inet_service
		elements = { 2001:db8::/48 . 5060 counter packets 0 bytes 0,
			     2001:db8:1::1 . 5061 }
	}

	chain input {
		type filter hook input priority filter - 10; policy accept;
		udp dport { 5060, 5061 } ip saddr @carriers4 accept
		udp dport 5060 drop
	}
}
"#;

    #[test]
    fn what_the_tool_prints_is_read() {
        let ruleset = parse(PRINTED);
        assert_eq!(ruleset.generation(), Some(7));
        let carriers = &ruleset.sets["carriers4"];
        assert_eq!(carriers.declaration, ["type ipv4_addr", "flags interval", "comment \"a } b, c\""]);
        let written = ["192.0.2.1", "198.51.100.0/24", "203.0.113.4-203.0.113.6"];
        assert!(carriers.elements.written().eq(written));
        let written = ["2001:db8:1::1 . 5061", "2001:db8::/48 . 5060"];
        assert!(ruleset.sets["peers6"].elements.written().eq(written));
        assert_eq!(ruleset.chains["input"][2], "udp dport 5060 drop");
        assert_eq!(ruleset.chains.len(), 1);
    }

    #[test]
    fn what_differs_is_named() {
        let meant = parse(PRINTED);
        let loaded = parse(
            &PRINTED
                .replace("192.0.2.1, ", "192.0.2.2, ")
                .replace("\t\tudp dport 5060 drop\n", "")
                .replace("generation 7", "generation 8"),
        );
        let found = deviations(&meant, &loaded);
        let found: Vec<_> = found.iter().map(|one| (&*one.place, one.side, &*one.what)).collect();
        let wanted = [
            ("carriers4", Side::Missing, "192.0.2.1"),
            ("input", Side::Missing, "udp dport 5060 drop"),
            ("carriers4", Side::Extra, "192.0.2.2"),
        ];
        assert_eq!(found, wanted);
        assert_eq!(deviations(&meant, &parse("")).len(), 3);
        let turned = PRINTED
            .replace("5060 drop", "SWAP")
            .replace("udp dport { 5060, 5061 } ip saddr @carriers4 accept", "udp dport 5060 drop");
        let turned = turned.replace("udp dport SWAP", "udp dport { 5060, 5061 } ip saddr @carriers4 accept");
        assert_eq!(deviations(&meant, &parse(&turned)).len(), 1, "order matters");
    }

    #[test]
    fn what_is_there_stays_and_is_filled_anew() {
        let plain = PRINTED.replace("\tcomment \"dialplane generation 7\"\n", "");
        let next = PRINTED.replace("generation 7", "generation 8").replace("192.0.2.1, ", "");
        let file = over(&next, &plain);
        assert!(
            !file.contains("delete table") && file.contains("flush set inet dialplane carriers4\n"),
            "{file}"
        );
        assert!(
            file.contains("add set inet dialplane about { type mark; comment \"dialplane generation 8\"; }")
        );
        assert!(
            file.contains(
                "add element inet dialplane carriers4 { 198.51.100.0/24, 203.0.113.4-203.0.113.6 }"
            )
        );
        assert!(file.contains("add rule inet dialplane input udp dport 5060 drop\n"), "{file}");
        assert!(over(&next, "").starts_with("table inet dialplane {\n"));
        let more = plain.replace("\tchain input {", "\tchain other {\n\t\taccept\n\t}\n\n\tchain input {");
        assert!(over(&next, &more).ends_with("delete chain inet dialplane other\n"));
        for otherwise in [
            PRINTED.to_owned(),
            plain.replace("priority filter - 10", "priority filter"),
            plain.replace("type ipv6_addr", "type ipv4_addr"),
            plain.replace("set peers6", "map peers6"),
        ] {
            let file = over(&next, &otherwise);
            assert!(file.starts_with("table inet dialplane\ndelete table inet dialplane\n"), "{file}");
        }
    }

    #[test]
    fn a_wording_of_the_tool_is_taken_over_only_line_by_line() {
        let meant = parse(PRINTED);
        let worded = parse(&PRINTED.replace("filter - 10", "-10"));
        assert_eq!(deviations(&meant.worded_as(&worded), &worded), []);
        let shorter = parse(&PRINTED.replace("\t\tudp dport 5060 drop\n", "").replace("filter - 10", "-10"));
        assert!(!deviations(&meant.worded_as(&shorter), &shorter).is_empty());
    }

    proptest! {
        #[test]
        fn nothing_that_is_printed_is_too_strange(text in "(table inet dialplane \\{\n)?([ -~\n\t]|set x \\{\n|elements = \\{|chain y \\{\n|\\}\n){0,80}") {
            let ruleset = parse(&text);
            prop_assert_eq!(deviations(&ruleset, &ruleset), []);
            let _ = over(&text, &text);
        }
    }
}
