//! What other programs read as data.

use firewall::AddressSet;
use serde_json::Value;

use super::network;

/// A CloudFormation template of `AWS::EC2::PrefixList`.
pub(super) fn aws(text: &str) -> Vec<Vec<String>> {
    let template: Value = serde_json::from_str(text).unwrap();
    assert_eq!(template["AWSTemplateFormatVersion"], "2010-09-09");
    assert!(template["Description"].as_str().unwrap().len() <= 1024);
    let resources = template["Resources"].as_object().unwrap();
    assert!((1..=500).contains(&resources.len()) && template["Outputs"].as_object().unwrap().len() <= 200);
    let list = |(id, resource): (&String, &Value)| {
        assert!(id.len() <= 255 && id.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{id}");
        assert_eq!(resource["Type"], "AWS::EC2::PrefixList");
        let properties = &resource["Properties"];
        let entries = properties["Entries"].as_array().unwrap();
        let places = usize::try_from(properties["MaxEntries"].as_u64().unwrap()).unwrap();
        assert!(!entries.is_empty() && entries.len() <= places && places <= 1000);
        let family = properties["AddressFamily"].as_str().unwrap();
        let cidrs = entries.iter().map(|entry| {
            let cidr = entry["Cidr"].as_str().unwrap();
            assert!(cidr.contains('/') && (family == "IPv6") == cidr.contains(':'), "{family} {cidr}");
            network(cidr)
        });
        [id.clone(), family.to_owned()].into_iter().chain(cidrs).collect()
    };
    resources.iter().map(list).collect()
}

/// JSON configuration syntax: `//` is a comment, the values of `locals` are expressions.
pub(super) fn terraform(text: &str) -> Vec<Vec<String>> {
    let file: Value = serde_json::from_str(text).unwrap();
    let keys: Vec<_> = file.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["//", "locals"]);
    let mut statements = Vec::new();
    for (name, value) in file["locals"].as_object().unwrap() {
        assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{name}");
        assert!(!value.to_string().contains(['$', '%']), "a template: {value}");
        statements.push(vec![name.clone(), value.to_string()]);
    }
    statements
}

pub(super) fn json(text: &str) -> Vec<Vec<String>> {
    let set = AddressSet::from_json(text).unwrap();
    let document: Value = serde_json::from_str(text).unwrap();
    let networks = document["networks"].to_string();
    let entries =
        set.entries().iter().map(|entry| vec![network(&entry.network.to_string()), entry.origin.to_string()]);
    entries.chain([vec![networks]]).collect()
}

/// No field has quotes, so none has what would need them; none begins a formula.
pub(super) fn csv(text: &str) -> Vec<Vec<String>> {
    let rows = text.strip_suffix("\r\n").unwrap().split("\r\n").map(|line| {
        let mut fields: Vec<_> = line.split(',').map(str::to_owned).collect();
        assert_eq!(fields.len(), 16, "{line}");
        assert!(!line.contains(['"', '\r', '\n', ';', '|', '\t']), "{line}");
        assert!(fields.iter().all(|field| !field.starts_with(['=', '+', '-', '@', '\''])), "{line}");
        // The name and the comment.
        fields.remove(9);
        fields.remove(7);
        fields
    });
    rows.collect()
}

pub(super) fn plain(text: &str) -> Vec<Vec<String>> {
    text.lines().filter(|line| !line.starts_with('#')).map(|line| vec![network(line)]).collect()
}
