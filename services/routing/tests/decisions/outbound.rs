//! Outgoing calls decided from the article's tables, case by case.

use crate::common::{Question, article, compiled};
use domain::{Class, Presentation};
use routing::{HopQuestion, MAX_ATTEMPTS, Outcome, Verb, tables::Tables};

fn changed(change: impl FnOnce(&mut Tables)) -> routing::Snapshot {
    let mut tables = article();
    change(&mut tables);
    compiled(&tables)
}

fn provider<'t>(tables: &'t mut Tables, name: &str) -> &'t mut routing::tables::Provider {
    tables.providers.iter_mut().find(|row| row.providername == name).unwrap()
}

#[test]
fn russian_traffic_goes_through_russian_carriers_first() {
    let snapshot = compiled(&article());
    let answer = Question::to("84957777777").answer(&snapshot);
    assert_eq!(
        answer[..2],
        ["SIP/westcall/74957777777 as 74951815000", "SIP/sip_peer_msm_2301/+74957777777 as 74957952301",]
    );
    let mut foreign = answer[2..].to_vec();
    foreign.sort();
    assert_eq!(
        foreign,
        [
            "SIP/sbc.voxbeam.com/001110174957777777 as 74951815000",
            "SIP/sip.voicebuy.com/999274957777777 as 74951815000",
        ]
    );
}

#[test]
fn other_traffic_goes_through_foreign_carriers_only() {
    let snapshot = compiled(&article());
    let mut answer = Question::to("810442038070121").answer(&snapshot);
    answer.sort();
    assert_eq!(
        answer,
        [
            "SIP/sbc.voxbeam.com/0011101442038070121 as 74951815000",
            "SIP/sip.voicebuy.com/9992442038070121 as 74951815000",
        ]
    );
}

#[test]
fn the_class_selects_the_prefix() {
    let snapshot = compiled(&article());
    for (class, prefixes) in [(Class::NonCli, ["0011103", "9991"]), (Class::Premium, ["0011102", "9993"])] {
        let question = Question { class: Some(class), ..Question::to("810442038070121") };
        let answer = question.answer(&snapshot).join(" ");
        for prefix in prefixes {
            assert!(answer.contains(&format!("/{prefix}442038070121")), "{answer}");
        }
    }
}

#[test]
fn a_class_without_a_prefix_is_not_sold_where_another_has_one() {
    let snapshot = changed(|tables| provider(tables, "Voxbeam").premcli_prefix = None);
    let question = Question { class: Some(Class::Premium), ..Question::to("810442038070121") };
    assert_eq!(question.answer(&snapshot), ["SIP/sip.voicebuy.com/9993442038070121 as 74951815000"]);
}

#[test]
fn a_pool_shows_its_own_numbers_or_the_fallback() {
    let snapshot = compiled(&article());
    let showing =
        |cli: &str| Question { cli: Some(cli.into()), ..Question::to("84957777777") }.answer(&snapshot);
    assert_eq!(showing("74951815002")[0], "SIP/westcall/74957777777 as 74951815002");
    // Zadarma's number is none of Westcall's.
    assert_eq!(showing("74951339501")[0], "SIP/westcall/74957777777 as 74951815283");
}

#[test]
fn a_number_that_only_receives_is_not_shown_by_a_pool() {
    let snapshot = changed(|tables| {
        for number in &mut tables.numbers {
            number.direction = domain::Direction::In;
        }
    });
    let answer = Question::to("84957777777").answer(&snapshot);
    assert_eq!(answer[0], "SIP/westcall/74957777777 as 74951815283");
    // IPport shows only its own numbers, and none of them may go out now.
    assert!(answer.iter().all(|line| !line.contains("msm")), "{answer:?}");
}

#[test]
fn carriers_that_allow_it_show_any_number() {
    let snapshot = compiled(&article());
    let question = Question { cli: Some("442038070121".into()), ..Question::to("810442038070123") };
    assert!(question.answer(&snapshot).iter().all(|line| line.ends_with(" as 442038070121")));
}

#[test]
fn without_any_number_to_show_nobody_carries_the_call() {
    let snapshot = changed(|tables| tables.extensions[0].number_id = None);
    assert_eq!(Question::to("810442038070121").answer(&snapshot), ["no_route: no_provider_takes_it"]);
}

#[test]
fn a_number_bound_to_a_gate_elsewhere_hops_to_its_server() {
    let snapshot = compiled(&article());
    // 74957952302 belongs to extension 1001 on asterisk-msm, but its gate is on asterisk-macomnet.
    let question = from_msm("84957777777");
    let answer = question.answer(&snapshot);
    assert_eq!(
        answer[..2],
        ["SIP/westcall/74957777777 as 74951815283", "IAX2/macomnet/74957777777 as 74957952302",]
    );
    let Outcome::Dial { attempts, .. } = question.ask(&snapshot).outcome else { panic!("no attempts") };
    assert_eq!(attempts[1].asks, Some(HopQuestion { verb: Verb::Outbound, class: Some(Class::Cli) }));
    // The other server's Dial must run out first.
    assert_eq!((attempts[0].timeout_s, attempts[1].timeout_s), (60, 65));
    assert!(attempts[1].stop_rule.to_string().contains("q17"));
}

fn from_msm(to: &str) -> Question {
    Question { node: "asterisk-msm".parse().unwrap(), endpoint: "1001".into(), ..Question::to(to) }
}

/// What asterisk-macomnet asks when asterisk-msm hands a call over.
fn handed_over(to: &str, cli: &str) -> Question {
    Question {
        endpoint: "msm".into(),
        cli: Some(cli.into()),
        class: Some(Class::Cli),
        hops: Some(1),
        ..Question::to(to)
    }
}

#[test]
fn the_server_of_the_gate_dials_that_gate_and_nothing_else() {
    let snapshot = compiled(&article());
    let answer = handed_over("74957777777", "74957952302").answer(&snapshot);
    assert_eq!(answer, ["SIP/sip_peer_msm_2302/+74957777777 as 74957952302"]);
    // A number without a gate here was not worth a hop.
    assert_eq!(
        handed_over("74957777777", "442038070121").answer(&snapshot),
        ["no_route: no_provider_takes_it"]
    );
}

#[test]
fn only_our_servers_are_believed_that_a_call_was_handed_over() {
    let snapshot = compiled(&article());
    // A phone that claims a hop is a phone, and its call goes the way of all its calls.
    let phone = Question { hops: Some(9), ..Question::to("84957777777") };
    assert_eq!(phone.answer(&snapshot), Question::to("84957777777").answer(&snapshot));
    assert!(!phone.ask(&snapshot).hopped);
    let silent = Question { hops: None, ..handed_over("74957777777", "74957952302") };
    assert_eq!(silent.answer(&snapshot), ["reject: bad_hop"]);
    let again = Question { hops: Some(2), ..handed_over("74957777777", "74957952302") };
    assert_eq!(again.answer(&snapshot), ["reject: hop_limit"]);
}

#[test]
fn a_gate_that_passes_no_number_on_carries_no_class_that_promises_one() {
    let snapshot = changed(|tables| tables.gates.iter_mut().for_each(|gate| gate.cid_support = false));
    let answer =
        |class| Question { class: Some(class), ..Question::to("84957777777") }.answer(&snapshot).join(" ");
    assert!(answer(Class::NonCli).contains("sip_peer_msm_2301"));
    assert!(!answer(Class::Cli).contains("sip_peer_msm_2301"));
}

#[test]
fn a_provider_may_refuse_numbers_of_the_called_country() {
    let abroad = |cli: &str| Question { cli: Some(cli.into()), ..Question::to("810442038070123") };
    let snapshot = changed(|tables| {
        provider(tables, "Voxbeam").domestic_caller_id = false;
        provider(tables, "Voicebuy").domestic_caller_id = false;
        provider(tables, "Voicebuy").dynamic_calls_caller_id = Some("74951815000".parse().unwrap());
    });
    // A London number to London: Voxbeam has nothing else to show, Voicebuy shows its fallback.
    assert_eq!(
        abroad("442038070121").answer(&snapshot),
        ["SIP/sip.voicebuy.com/9992442038070123 as 74951815000"]
    );
    assert_eq!(abroad("74951815000").answer(&snapshot).len(), 2);
}

#[test]
fn emergency_calls_go_out_for_everybody() {
    let snapshot = changed(|tables| {
        tables.service_numbers.clear();
        for (id, (provider, dialled_as)) in (1..).zip([(16, None), (7, Some("9112"))]) {
            tables.service_numbers.push(routing::tables::ServiceNumber {
                id: domain::ServiceNumberId(id),
                country: "RU".parse().unwrap(),
                number: "112".parse().unwrap(),
                provider_id: domain::ProviderId(provider),
                dialled_as: dialled_as.map(|digits: &str| digits.parse().unwrap()),
                priority: 100 - u16::try_from(provider).unwrap(),
            });
        }
        tables.extensions[0].enabled = false;
    });
    let unknown = Question {
        endpoint: "nobody".into(),
        presentation: Presentation::Prohibited,
        class: Some(Class::Premium),
        ..Question::to("112")
    };
    assert_eq!(
        unknown.answer(&snapshot),
        ["SIP/sip.n1.ipport.net/112 as ", "SIP/westcall/9112 as 74951815283"]
    );
    assert_eq!(Question::to("112").answer(&snapshot).len(), 2);
    let closed = changed(|tables| tables.providers.iter_mut().for_each(|row| row.enabled = false));
    assert_eq!(Question::to("112").answer(&closed), ["no_route: no_provider_takes_it"]);
    // The same digits mean nothing where no row says so.
    assert_eq!(Question::to("911").answer(&snapshot), ["reject: unknown_endpoint"]);
}

#[test]
fn a_withheld_number_stays_withheld_in_every_attempt() {
    let snapshot = compiled(&article());
    let question = Question { presentation: Presentation::Prohibited, ..Question::to("84957777777") };
    let Outcome::Dial { attempts, .. } = question.ask(&snapshot).outcome else { panic!("no attempts") };
    assert!(attempts.iter().all(|attempt| attempt.presentation == Presentation::Prohibited));
}

#[test]
fn colleagues_on_the_same_server_are_rung_directly() {
    let snapshot = changed(|tables| {
        let mut colleague = tables.extensions[0].clone();
        (colleague.id, colleague.number) = (domain::ExtensionId(99), "1002".parse().unwrap());
        colleague.endpoint = "desk-2".parse().unwrap();
        tables.extensions.push(colleague);
    });
    assert_eq!(Question::to("1002").answer(&snapshot), ["SIP/desk-2 as 1000"]);
    assert_eq!(Question::to("1001").answer(&snapshot), ["IAX2/msm/1001 as 1000"]);
    let unreachable = changed(|tables| tables.servers.iter_mut().for_each(|server| server.iax2 = None));
    assert_eq!(Question::to("1001").answer(&unreachable), ["reject: extension_elsewhere"]);
}

#[test]
fn refusals_name_their_reason() {
    let snapshot = compiled(&article());
    let stranger = Question { endpoint: "evil".into(), ..Question::to("84957777777") };
    assert_eq!(stranger.answer(&snapshot), ["reject: unknown_endpoint"]);
    // Known, but on the other server.
    let elsewhere = Question { endpoint: "1001".into(), ..Question::to("84957777777") };
    assert_eq!(elsewhere.answer(&snapshot), ["reject: unknown_endpoint"]);
    assert_eq!(Question::to("500&PJSIP/x").answer(&snapshot), ["reject: not_a_number"]);
    let odd = Question { cli: Some("1,60,g".into()), ..Question::to("84957777777") };
    assert_eq!(odd.answer(&snapshot), ["reject: bad_caller_id"]);
    let nowhere = Question { node: "nowhere".parse().unwrap(), ..Question::to("84957777777") };
    assert_eq!(nowhere.answer(&snapshot), ["reject: unknown_node"]);
}

#[test]
fn an_answer_holds_nine_attempts_and_three_addresses_of_one_provider() {
    let snapshot = changed(|tables| {
        let row = tables.provider_addresses.iter().find(|row| row.provider_id.0 == 8).unwrap().clone();
        for (id, provider) in (1000..1050).zip([7, 8, 11].into_iter().cycle()) {
            let mut address = row.clone();
            address.id.0 = id;
            address.provider_id.0 = provider;
            address.direction = domain::Direction::Out;
            address.endpoint = Some(format!("sbc-{id}").parse().unwrap());
            tables.provider_addresses.push(address);
        }
        // So that Westcall's shown number is bound to no gate.
        tables.gates.clear();
    });
    let Outcome::Dial { attempts, .. } = Question::to("84957777777").ask(&snapshot).outcome else {
        panic!("no attempts")
    };
    assert_eq!(attempts.len(), MAX_ATTEMPTS);
    let westcall = attempts.iter().take_while(|attempt| attempt.dial.to_string().ends_with("/74957777777"));
    assert_eq!(westcall.count(), 3);
}

#[test]
fn splits_between_equals_follow_their_weights() {
    let snapshot = changed(|tables| {
        for route in &mut tables.routes {
            route.priority = 1;
            route.weight = match route.provider_id.0 {
                8 => 80,
                _ => 20,
            };
        }
    });
    let first_is_voxbeam = |call: u32| {
        let question = Question { call: call.to_string(), ..Question::to("810442038070121") };
        question.answer(&snapshot)[0].contains("voxbeam")
    };
    let share = (0..5_000).filter(|call| first_is_voxbeam(*call)).count();
    assert!((3_850..4_150).contains(&share), "{share} of 5000, 4000 expected");
}
