//! nftables: one table of ours, replaced in one transaction.

use std::mem;

use crate::{
    Elements, Ruleset, Set, Tool, ToolError,
    ruleset::{one_line, unquoted},
};

/// The table that is ours alone.
const TABLE: &str = "inet dialplane";

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
pub(crate) async fn restore(nft: &Tool, before: Option<&str>) -> Result<(), ToolError> {
    // Made first, so that it can be taken away whether or not it was there.
    let text = format!("table {TABLE}\ndelete table {TABLE}\n{}", before.unwrap_or_default());
    load(nft, &text).await
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
        if let Some(label) = line.strip_prefix("comment ") {
            self.ruleset.label = Some(label.trim_matches(['"', ';', ' ']).to_owned());
            return Place::Table;
        }
        let named =
            |kind: &str| line.strip_prefix(kind)?.strip_suffix('{').map(|name| name.trim().to_owned());
        if let Some(name) = named("set ") {
            return Place::Set { name, set: Set::default(), open: None };
        }
        let name = named("chain ").or_else(|| line.strip_suffix('{').map(one_line));
        match name {
            Some(name) => Place::Chain { name, lines: Vec::new() },
            None => {
                self.ruleset.chains.entry(String::new()).or_default().push(one_line(line));
                Place::Table
            }
        }
    }

    fn set(&mut self, name: String, mut set: Set, open: Option<String>, line: &str) -> Place {
        let begun = match (open, line.strip_prefix("elements = {")) {
            (Some(begun), _) => begun + " " + line,
            (None, Some(begun)) => begun.to_owned(),
            (None, None) if line == "}" => {
                self.ruleset.sets.insert(name, set);
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
        let written = ["192.0.2.1", "198.51.100.0/24", "203.0.113.4/31", "203.0.113.6"];
        assert_eq!(carriers.elements.written(SEPARATOR), written);
        let written = ["2001:db8::/48 . 5060", "2001:db8:1::1 . 5061"];
        assert_eq!(ruleset.sets["peers6"].elements.written(SEPARATOR), written);
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
        }
    }
}
