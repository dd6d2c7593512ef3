//! Configuration of Asterisk, proxies and fail2ban.

use super::{network, words};

/// Sections of `key=value`; `;` begins a comment.
pub(super) fn pjsip(text: &str) -> Vec<Vec<String>> {
    let mut statements: Vec<Vec<String>> = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with(';') && !line.is_empty()) {
        assert!(!line.contains(';'), "{line}");
        match line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            Some(section) => statements.push(vec![section.to_owned()]),
            None => statements.last_mut().expect("a section comes first").extend(option(line)),
        }
    }
    statements
}

fn option(line: &str) -> [String; 2] {
    let (key, value) = line.split_once('=').unwrap_or_else(|| panic!("no option: {line:?}"));
    match key {
        "match" | "permit" | "deny" => drop(network(value)),
        "type" => assert!(["identify", "acl"].contains(&value), "{line}"),
        "endpoint" => {}
        _ => panic!("no such option: {line:?}"),
    }
    [key.to_owned(), value.to_owned()]
}

/// `address_file` of the module permissions: numbers end at what is no digit, texts at a blank or `#`.
pub(super) fn kamailio(text: &str) -> Vec<Vec<String>> {
    let row = |line: &str| {
        assert!(line.len() < 1023, "Kamailio reads lines of 1023 bytes");
        let words = words(line.split('#').next().unwrap_or_default());
        let [group, address, bits, port, tag] = words.as_slice() else { panic!("five fields: {line}") };
        assert!(["1", "2"].contains(&group.as_str()) && port == "0" && !tag.is_empty(), "{line}");
        network(&format!("{address}/{bits}"));
        words
    };
    text.lines().filter(|line| !line.starts_with('#')).map(row).collect()
}

/// A file of `db_text`: the columns, then rows of fields between colons, which a backslash makes ordinary.
pub(super) fn opensips(text: &str) -> Vec<Vec<String>> {
    let mut lines = text.lines();
    let columns = words(lines.next().unwrap());
    let names: Vec<_> = columns.iter().map(|column| column.split('(').next().unwrap()).collect();
    assert_eq!(names, ["id", "grp", "ip", "mask", "port", "proto", "pattern", "context_info"]);
    let row = |line: &str| {
        let mut fields = fields(line);
        assert_eq!(fields.len(), columns.len(), "{line}");
        for (column, field) in columns.iter().zip(&fields) {
            assert!(!column.contains("(int") || field.parse::<u32>().is_ok(), "{column}: {field}");
            assert!(column.contains("null") || !field.is_empty(), "{column} is empty");
        }
        network(&format!("{}/{}", fields[2], fields[3]));
        assert!(fields[7].len() <= 64 && fields[5] == "any");
        fields.truncate(6);
        fields
    };
    lines.map(row).collect()
}

fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut chars = line.chars();
    while let Some(char) = chars.next() {
        match char {
            ':' => fields.push(String::new()),
            '\\' => match chars.next() {
                Some(escaped @ (':' | '\\')) => fields.last_mut().unwrap().push(escaped),
                other => panic!("an escape that is none: {other:?}"),
            },
            char => fields.last_mut().unwrap().push(char),
        }
    }
    fields
}

/// What Python's configparser reads: a line that begins with blanks goes on with the value before.
pub(super) fn fail2ban(text: &str) -> Vec<Vec<String>> {
    let lines: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(lines[..2], ["[asterisk]", "ignoreip = %(known/ignoreip)s"]);
    let rest = lines[2..].iter().map(|line| {
        assert!(line.starts_with("    "), "{line:?}");
        vec![network(line.trim())]
    });
    rest.collect()
}
