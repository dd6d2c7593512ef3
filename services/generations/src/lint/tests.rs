//! Every rule on tables where it strikes and on tables where it nearly does. The tables of every case compile, so that
//! no rule repeats what compiling tells.

use routing::{ChunkedTables, Generation, Snapshot, tables::Tables};

use super::*;
use crate::sample;

pub(super) fn base() -> Tables {
    toml::from_str(include_str!("base.toml")).unwrap()
}

/// What is found after an edit, as `rule key`.
pub(super) fn found(edit: impl FnOnce(&mut Tables)) -> Vec<String> {
    let mut tables = base();
    edit(&mut tables);
    let compiled = Snapshot::compile(tables.clone().into(), Generation::of_working_copy(0));
    assert!(compiled.is_ok(), "{}", compiled.unwrap_err());
    lint(&tables.into()).iter().map(|finding| format!("{} {}", finding.rule, finding.key)).collect()
}

pub(super) type Case = (&'static [&'static str], fn(&mut Tables));

pub(super) fn check(cases: &[Case]) {
    for (at, (expected, edit)) in cases.iter().enumerate() {
        let (mut found, mut expected) = (found(edit), expected.to_vec());
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected, "case {at}, counted from 0");
    }
}

#[test]
fn nothing_is_found_where_nothing_is_wrong() {
    check(&[(&[], |_| ())]);
    assert!(lint(&ChunkedTables::default()).is_empty());
}

#[test]
fn the_example_has_no_errors() {
    let example = include_str!("../../../store/example/article.toml");
    let tables: Tables = toml::from_str(example).unwrap();
    let findings = lint(&tables.into());
    let errors: Vec<_> = findings.iter().filter(|finding| finding.severity == Severity::Error).collect();
    assert!(errors.is_empty(), "{errors:?}");
    let voicebuy = "warning: providers 11 has no enabled address calls come from: calls to its 2 enabled incoming \
                    numbers are refused [provider-not-recognised]";
    assert!(findings.iter().any(|finding| finding.to_string() == voicebuy), "{findings:#?}");
}

#[test]
fn errors_come_first_then_tables_rules_and_keys() {
    let found = found(|t| {
        t.servers[1].iax2 = None;
        t.node_tokens.clear();
        t.provider_addresses[1].domainname = "64.0.0.0/7".parse().unwrap();
        t.routes[0].weight = 0;
    });
    let expected = [
        "network-too-wide 2",
        "route-weight-zero 1",
        "node-without-token 1",
        "node-without-token 2",
        "server-without-path 2",
    ];
    assert_eq!(found, expected);
}

#[test]
fn faults_of_the_compiler_are_errors() {
    let mut tables = base();
    tables.servers.clear();
    let faults = Snapshot::compile(tables.clone().into(), Generation::of_working_copy(0)).unwrap_err();
    let finding = Finding::from(faults.0[0].clone());
    let text =
        "error: numbers 1 cannot be used: server_id points to 1, which does not exist [does-not-compile]";
    assert_eq!(finding.to_string(), text);
    let json = r#"{"severity":"error","table":"numbers","key":"1","rule":"does-not-compile","message":"cannot be used: server_id points to 1, which does not exist"}"#;
    assert_eq!(serde_json::to_string(&finding).unwrap(), json);
    assert!(lint(&tables.into()).iter().all(|finding| finding.severity == Severity::Warning));
}

#[test]
fn findings_end_and_are_counted() {
    let tables =
        ChunkedTables { numbers: (1..=5000).map(sample::number).collect(), ..ChunkedTables::default() };
    let findings = lint(&tables);
    let of_rule: Vec<_> = findings.iter().filter(|finding| finding.rule == "number-without-server").collect();
    assert_eq!(of_rule.len(), LISTED_FINDINGS_MAX + 1);
    assert_eq!(of_rule[0].key, "5");
    let last = of_rule.last().unwrap().to_string();
    assert_eq!(last, "warning: numbers … and 900 more rows alike [number-without-server]");
}
