use super::*;

fn file(node: &str) -> String {
    let tables: Tables = toml::from_str(store::ARTICLE).unwrap();
    let snapshot = Snapshot::compile(tables.clone().into(), Generation::of_working_copy(0)).unwrap();
    fallback(&tables, &snapshot, &node.parse().unwrap(), 0).unwrap()
}

#[test]
fn the_gate_of_the_node_carries_every_way_to_dial() {
    let file = file("asterisk-macomnet");
    for line in [
        "exten => _8XXXXXXXXXX,1,NoOp()",
        " same => n,Set(CALLERID(num)=74957952302)",
        " same => n,Dial(SIP/sip_peer_msm_2302/+7${EXTEN:1},60,i)",
        " same => n,Dial(SIP/sip_peer_msm_2302/+${FILTER(0-9,${EXTEN:3})},60,i)",
        "exten => 1000,1,Dial(SIP/1000,60)",
        "exten => 74951815000,1,Dial(SIP/1000,60)",
    ] {
        assert!(file.lines().any(|found| found == line), "no `{line}` in\n{file}");
    }
}

#[test]
fn numbers_are_known_as_the_country_writes_them() {
    let file = file("asterisk-macomnet");
    for line in ["exten => 84951815000,1,Goto(74951815000,1)", "exten => 4951815000,1,Goto(74951815000,1)"] {
        assert!(file.lines().any(|found| found == line), "no `{line}` in\n{file}");
    }
}

#[test]
fn a_number_leased_as_it_stands_is_nobodys_national_form() {
    let mut tables: Tables = toml::from_str(store::ARTICLE).unwrap();
    let like = tables.numbers.iter().find(|row| row.number == "74951815000".parse().unwrap());
    let mut foreign = like.unwrap().clone();
    (foreign.id, foreign.number) = (domain::NumberId(9_000), "4951815000".parse().unwrap());
    tables.numbers.push(foreign);
    let snapshot = Snapshot::compile(tables.clone().into(), Generation::of_working_copy(0)).unwrap();
    let file = fallback(&tables, &snapshot, &"asterisk-macomnet".parse().unwrap(), 0).unwrap();
    assert!(!file.contains("exten => 4951815000,1,Goto"), "{file}");
    assert!(file.contains("exten => 84951815000,1,Goto(74951815000,1)"), "{file}");
}

fn way_out(change: impl FnOnce(&mut Tables)) -> Option<String> {
    let mut tables: Tables = toml::from_str(store::ARTICLE).unwrap();
    change(&mut tables);
    let snapshot = Snapshot::compile(tables.clone().into(), Generation::of_working_copy(0)).unwrap();
    let file = fallback(&tables, &snapshot, &"asterisk-macomnet".parse().unwrap(), 0).unwrap();
    let rule = file.split("exten => _8XXXXXXXXXX,1,NoOp()\n").nth(1)?;
    rule.lines().find(|line| line.contains("Dial(")).map(|line| line.trim().to_owned())
}

#[test]
fn a_gate_that_passes_no_number_on_comes_last_and_only_for_the_class_that_promises_none() {
    let through =
        |gate: &str, user: &str| Some(format!("same => n,Dial(SIP/{gate}/{user}${{EXTEN:1}},60,i)"));
    let first = way_out(|_| {});
    assert_eq!(first, through("sip_peer_msm_2302", "+7"));
    let silent = |tables: &mut Tables| tables.gates.iter_mut().for_each(|gate| gate.cid_support = false);
    assert_eq!(way_out(silent), first, "its provider sells every class plainly");
    let tariffs = |tables: &mut Tables, noncli: Option<&str>| {
        let mut sellers = tables.providers.iter_mut();
        sellers.by_ref().for_each(|provider| {
            provider.cli_prefix = Some("111".parse().unwrap());
            provider.noncli_prefix = noncli.map(|prefix| prefix.parse().unwrap());
        });
    };
    assert_eq!(way_out(|tables| tariffs(tables, Some("222"))), through("sip_peer_msm_2302", "1117"));
    let both = |tables: &mut Tables, noncli| {
        silent(tables);
        tariffs(tables, noncli);
    };
    assert_eq!(way_out(|tables| both(tables, Some("222"))), through("sip_peer_msm_2302", "2227"));
    assert_eq!(way_out(|tables| both(tables, None)), None);
}

#[test]
fn where_a_phone_registered_is_never_pasted_into_a_dial() {
    let mut tables: Tables = toml::from_str(store::ARTICLE).unwrap();
    tables.servers.iter_mut().for_each(|server| server.sip_driver = SipDriver::Pjsip);
    let snapshot = Snapshot::compile(tables.clone().into(), Generation::of_working_copy(0)).unwrap();
    let file = fallback(&tables, &snapshot, &"asterisk-macomnet".parse().unwrap(), 0).unwrap();
    assert!(!file.contains("PJSIP_DIAL_CONTACTS"), "{file}");
    let ring = "exten => 1000,1,Set(DP_DIAL=)\n same => n,Gosub(service,contacts,1(1000))\n \
                same => n,GotoIf($[\"${DP_DIAL}\"=\"\"]?absent)\n same => n,Dial(${DP_DIAL},60)\n";
    assert!(file.contains(ring), "{file}");
}

#[test]
fn a_node_without_a_gate_says_so_and_refuses() {
    let file = file("asterisk-corbina");
    assert!(file.contains("; No gate here leads out."), "{file}");
    assert!(file.contains("exten => _[+0-9].,1,Hangup(38)"));
}
