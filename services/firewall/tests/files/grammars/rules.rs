//! Packet filters.

use super::{network, words};

fn without_comments(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty())
}

/// Read by the tool itself in a story; here only apart from what it says of itself.
pub(super) fn nftables(text: &str) -> Vec<Vec<String>> {
    let lines = without_comments(text).filter(|line| !line.trim().starts_with("comment \""));
    let statements: Vec<_> = lines.map(|line| words(&line.replace(',', ""))).collect();
    let depth = text.matches('{').count().abs_diff(text.matches('}').count());
    assert_eq!(depth, 0, "braces: {text}");
    statements
}

pub(super) fn ipset(text: &str) -> Vec<Vec<String>> {
    let statement = |line: &str| {
        let words = words(line);
        match (words[0].as_str(), words.len()) {
            ("create", 8) => assert_eq!(words[2..4], ["hash:net", "family"]),
            ("add", 3) => drop(network(&words[2])),
            ("flush" | "destroy", 2) | ("swap", 3) => {}
            _ => panic!("no command: {line}"),
        }
        assert!(words[1].len() <= 31, "a name is too long: {line}");
        words
    };
    without_comments(text).map(statement).collect()
}

pub(super) fn iptables(text: &str) -> Vec<Vec<String>> {
    let lines: Vec<_> = without_comments(text).collect();
    assert_eq!((lines.first(), lines.last()), (Some(&"*filter"), Some(&"COMMIT")));
    let rules = lines[1..lines.len() - 1].iter();
    rules.map(|line| if line.starts_with(':') { chain(line) } else { rule(line) }).collect()
}

fn chain(line: &str) -> Vec<String> {
    let words = words(line);
    assert_eq!(words[1..], ["-", "[0:0]"], "{line}");
    assert!(words[0].len() <= 29, "a name is too long: {line}");
    words
}

/// Every line is an argument list, quotes and all signs of a shell aside.
pub(super) fn freepbx(text: &str) -> Vec<Vec<String>> {
    assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-./: \n".contains(&byte)), "{text}");
    text.lines().map(rule).collect()
}

fn rule(line: &str) -> Vec<String> {
    let mut words = words(line);
    if let Some(at) = words.iter().position(|word| word == "--comment") {
        words.drain(at..at + 2);
    }
    assert!(matches!(words[0].as_str(), "-A" | "-N" | "-F" | "-D" | "-I"), "{line}");
    for (option, value) in words.iter().zip(&words[1..]) {
        match option.as_str() {
            "-s" => drop(network(value)),
            "-p" => assert!(["udp", "tcp"].contains(&value.as_str())),
            "--dport" => assert!(value.split(':').all(|port| port.parse::<u16>().is_ok())),
            _ => {}
        }
    }
    words
}

/// pf.conf(5): tables and rules without macros. Backslash at the end of a line joins it to the next.
pub(super) fn pf(text: &str) -> Vec<Vec<String>> {
    let joined = text.replace("\\\n", " ");
    let statement = |line: &str| {
        let words = words(&line.replace(['{', '}', ','], " "));
        let listed = line.contains('{');
        match words[0].as_str() {
            "table" => {
                assert_eq!(words[2], "persist");
                assert!(is_table(&words[1]), "{line}");
                assert_eq!(words.len() > 3, listed, "an empty list: {line}");
                words[3..].iter().for_each(|net| drop(network(net)));
            }
            "block" => {
                assert_eq!(words[..7], ["block", "drop", "in", "quick", "on", "!", "lo0"]);
                assert!(words[7] == "proto" && ["udp", "tcp"].contains(&words[8].as_str()), "{line}");
                assert!(words[9..11] == ["from", "!"] && is_table(&words[11]), "{line}");
                assert_eq!(words[12..15], ["to", "any", "port"]);
                assert!(words.len() > 15, "{line}");
            }
            _ => panic!("no statement: {line}"),
        }
        words
    };
    without_comments(&joined).map(statement).collect()
}

fn is_table(word: &str) -> bool {
    let name = word.strip_prefix('<').and_then(|word| word.strip_suffix('>'));
    name.is_some_and(|name| name.len() <= 31 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
}

/// RouterOS: a path, or a command in it. Brackets, braces and quotes close on the line they open on.
pub(super) fn mikrotik(text: &str) -> Vec<Vec<String>> {
    let statement = |line: &str| {
        for (open, close) in [("[", "]"), ("{", "}"), ("(", ")")] {
            assert_eq!(line.matches(open).count(), line.matches(close).count(), "{line}");
        }
        assert_eq!(line.matches('"').count() % 2, 0, "{line}");
        assert!(!line.contains(['$', '\\', ';']), "{line}");
        let mut words = words(line);
        match words[0].as_str() {
            "/ip" | "/ipv6" => assert_eq!(words[1..], ["firewall", "address-list"]),
            ":if" => {
                assert!(
                    words[1] == "([:len" && words[2] == "[find" && words[3].starts_with("list="),
                    "{line}"
                );
                let address = words[4].strip_prefix("address=").and_then(|word| word.strip_suffix("]]"));
                network(address.unwrap_or_else(|| panic!("no address: {line}")));
            }
            "remove" => assert!(words[1] == "[find" && words[2].starts_with("list~"), "{line}"),
            _ => panic!("no command: {line}"),
        }
        // What it says of itself, in quotes.
        words.retain(|word| !word.contains("comment") && !word.starts_with("generation-"));
        words
    };
    without_comments(text).map(statement).collect()
}
