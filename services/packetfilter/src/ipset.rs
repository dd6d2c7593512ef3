//! ipset: sets of ours, each swapped for its next one. The rules that ask them are made once, and not by us.

use std::{collections::BTreeMap, fmt::Write};

use crate::{Elements, Ruleset, Set, Tool, ToolError};

/// What the names of our sets begin with.
const OURS: &str = "dialplane";
/// What the set is called that a restored one is swapped for.
const ASIDE: &str = "dialplane-aside";
/// What parts an address from what stands beside it.
const SEPARATOR: &str = ",";

/// Our sets as the tool saves them; nothing when there are none.
pub(crate) async fn read(ipset: &Tool) -> Result<Option<String>, ToolError> {
    let saved = ipset.run(&["save"], "").await?;
    let ours = saved.lines().filter(|line| line.split(' ').nth(1).is_some_and(|name| name.starts_with(OURS)));
    let ours: String = ours.flat_map(|line| [line, "\n"]).collect();
    Ok(Some(ours).filter(|ours| !ours.is_empty()))
}

pub(crate) async fn load(ipset: &Tool, text: &str) -> Result<(), ToolError> {
    ipset.run(&["-exist", "restore"], text).await.map(drop)
}

/// Brings back what was there before, set by set, and takes away those that were not.
pub(crate) async fn restore(ipset: &Tool, before: &str) -> Result<(), ToolError> {
    let now = read(ipset).await?.unwrap_or_default();
    load(ipset, &restoring(before, &parse(&now))).await
}

fn restoring(before: &str, now: &Ruleset) -> String {
    let mut text = String::new();
    // Writing to a String does not fail.
    for line in before.lines() {
        let Some((name, rest)) = line.strip_prefix("create ").and_then(|rest| rest.split_once(' ')) else {
            continue;
        };
        let added = format!("add {name} ");
        let _ = writeln!(text, "create {name} {rest}\ncreate {ASIDE} {rest}");
        for element in before.lines().filter_map(|line| line.strip_prefix(&added)) {
            let _ = writeln!(text, "add {ASIDE} {element}");
        }
        let _ = writeln!(text, "swap {name} {ASIDE}\ndestroy {ASIDE}");
    }
    let created = |name: &str| before.lines().any(|line| line.starts_with(&format!("create {name} ")));
    for name in now.sets.keys().filter(|name| !created(name)) {
        let _ = writeln!(text, "destroy {name}");
    }
    text
}

/// What a file of commands leaves behind where nothing was before: what the tool saves is such a file too.
pub(crate) fn parse(text: &str) -> Ruleset {
    let mut made: BTreeMap<&str, Made<'_>> = BTreeMap::new();
    for line in text.lines() {
        take(line.trim(), &mut made);
    }
    let sets = made.into_iter().map(|(name, set)| (name.to_owned(), set.finished())).collect();
    let label =
        text.lines().find_map(|line| line.strip_prefix('#').filter(|label| label.contains("generation")));
    Ruleset { label: label.map(|label| label.trim().to_owned()), sets, chains: BTreeMap::new() }
}

/// A set in the making.
#[derive(Debug, Default)]
struct Made<'t> {
    declaration: &'t str,
    elements: Vec<&'t str>,
}

impl Made<'_> {
    fn finished(self) -> Set {
        Set {
            declaration: vec![kind(self.declaration)],
            elements: Elements::of(self.elements.into_iter(), SEPARATOR),
        }
    }
}

fn take<'t>(line: &'t str, made: &mut BTreeMap<&'t str, Made<'t>>) {
    let mut words = line.splitn(3, ' ');
    let (command, name, rest) = (words.next(), words.next(), words.next().unwrap_or_default());
    let Some(name) = name else { return };
    match command {
        Some("create") => drop(made.entry(name).or_insert(Made { declaration: rest, elements: Vec::new() })),
        Some("add") => {
            let element = rest.split(' ').next().unwrap_or_default();
            made.entry(name).or_default().elements.push(element);
        }
        Some("flush") => made.entry(name).or_default().elements.clear(),
        Some("destroy") => drop(made.remove(name)),
        Some("swap") => {
            let other = rest.split(' ').next().unwrap_or_default();
            if let (Some(one), Some(two)) = (made.remove(name), made.remove(other)) {
                made.insert(name, two);
                made.insert(other, one);
            }
        }
        _ => {}
    }
}

/// Type and family; sizes grow by themselves.
fn kind(declaration: &str) -> String {
    let mut words = declaration.split_whitespace();
    let set_type = words.next().unwrap_or_default();
    let family = words.skip_while(|word| *word != "family").nth(1).unwrap_or("inet");
    format!("{set_type} family {family}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Side, deviations};

    /// As `ipset save` prints it.
    const SAVED: &str = "create dialplane-4 hash:net family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x1d55cebb\n\
        add dialplane-4 192.0.2.1\nadd dialplane-4 198.51.100.0/24 comment \"a b\"\n\
        create dialplane-6 hash:net family inet6 hashsize 1024 maxelem 65536 bucketsize 12 initval 0xef79f433\n";

    #[test]
    fn commands_leave_what_the_tool_saves() {
        let commands = "# generation 7\ncreate dialplane-6 hash:net family inet6\ncreate dialplane-4 hash:net family inet\n\
            create dialplane-4-next hash:net family inet maxelem 131072\nflush dialplane-4-next\n\
            add dialplane-4-next 198.51.100.0/24\nadd dialplane-4-next 192.0.2.1\n\
            swap dialplane-4-next dialplane-4\ndestroy dialplane-4-next\n";
        let meant = parse(commands);
        assert_eq!(meant.generation(), Some(7));
        assert_eq!(deviations(&meant, &parse(SAVED)), []);
        let found = deviations(&meant, &parse(&SAVED.replace("add dialplane-4 192.0.2.1\n", "")));
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].side, &*found[0].what), (Side::Missing, "192.0.2.1"));
    }

    #[test]
    fn what_was_saved_is_what_its_restoring_leaves() {
        let restored = restoring(SAVED, &parse("create dialplane-9 hash:net family inet\n"));
        assert!(restored.ends_with("destroy dialplane-9\n"), "{restored}");
        assert_eq!(parse(&restored), parse(SAVED));
        assert_eq!(restoring("", &parse(SAVED)), "destroy dialplane-4\ndestroy dialplane-6\n");
    }

    proptest! {
        #[test]
        fn nothing_that_is_saved_is_too_strange(text in "((create|add|swap|flush|destroy|#) [ -~]{0,12}\n|[ -~]{0,9}\n){0,40}") {
            let ruleset = parse(&text);
            prop_assert_eq!(deviations(&ruleset, &ruleset), []);
            let _ = restoring(&text, &ruleset);
        }
    }
}
