//! No value becomes a second line, a second action or a second variable.

use asterisk::ami::{
    Action, ActionError, ActionId, Application, Classes, Filter, Login, MAX_ACTION_HEADERS,
    MAX_ACTION_LINE_BYTES, Originate, OriginateTarget, challenge_key,
};
use proptest::prelude::*;

fn id() -> ActionId {
    ActionId::from(7)
}

fn wire(action: Result<Action, ActionError>) -> String {
    String::from_utf8(action.unwrap().as_bytes().to_vec()).unwrap()
}

const CALL: Originate<'_> = Originate {
    channel: "PJSIP/1001",
    target: OriginateTarget::Exten { context: "phones", exten: "1002", priority: 1 },
    timeout_ms: 10_000,
    caller_id: None,
    account: None,
    variables: &[],
    channel_id: None,
    other_channel_id: None,
};

/// RFC 1321 knows the digest of `message digest`.
#[test]
fn a_challenge_is_answered() {
    assert_eq!(challenge_key("message ", "digest"), "f96b697d7cb7938d525a2f31aaf161d0");
    assert_eq!(challenge_key("", ""), "d41d8cd98f00b204e9800998ecf8427e");
    let login = Login { username: "u", secret: "digest", challenge: Some("message "), events: Classes::All };
    let text = wire(Action::login(&id(), &login));
    assert!(
        text.contains("AuthType: MD5\r\nKey: f96b697d7cb7938d525a2f31aaf161d0\r\nEvents: on\r\n\r\n"),
        "{text}"
    );
    assert!(!text.contains("Secret"));
}

#[test]
fn actions_look_like_this() {
    let login =
        Login { username: "u", secret: "s", challenge: None, events: Classes::Of(&["call", "system"]) };
    let criteria = Filter::Criteria { criteria: "name(Hangup),action(include)", text: "" };
    let cases = [
        (Action::challenge(&id()), "Challenge", "AuthType: MD5\r\n"),
        (Action::login(&id(), &login), "Login", "Username: u\r\nSecret: s\r\nEvents: call,system\r\n"),
        (Action::logoff(&id()), "Logoff", ""),
        (Action::ping(&id()), "Ping", ""),
        (Action::events(&id(), Classes::None), "Events", "EventMask: off\r\n"),
        (
            Action::filter(&id(), Filter::Expression("!Event: CEL")),
            "Filter",
            "Operation: Add\r\nFilter: !Event: CEL\r\n",
        ),
        (
            Action::filter(&id(), criteria),
            "Filter",
            "Operation: Add\r\nMatchCriteria: name(Hangup),action(include)\r\nFilter: \r\n",
        ),
        (Action::core_status(&id()), "CoreStatus", ""),
        (Action::core_settings(&id()), "CoreSettings", ""),
        (Action::core_show_channels(&id()), "CoreShowChannels", ""),
        (Action::status(&id(), None, &[]), "Status", ""),
        (Action::status(&id(), Some("a"), &["X", "Y(z)"]), "Status", "Channel: a\r\nVariables: X,Y(z)\r\n"),
        (Action::bridge_list(&id()), "BridgeList", ""),
        (Action::bridge_info(&id(), "b"), "BridgeInfo", "BridgeUniqueid: b\r\n"),
        (Action::queue_status(&id(), None), "QueueStatus", ""),
        (Action::command(&id(), "core show version"), "Command", "Command: core show version\r\n"),
        (Action::hangup(&id(), "a", 21), "Hangup", "Channel: a\r\nCause: 21\r\n"),
        (
            Action::redirect(&id(), "a", "c", "e", 1),
            "Redirect",
            "Channel: a\r\nContext: c\r\nExten: e\r\nPriority: 1\r\n",
        ),
        (Action::getvar(&id(), None, "X"), "Getvar", "Variable: X\r\n"),
        (
            Action::setvar(&id(), Some("a"), "X", "1,2"),
            "Setvar",
            "Channel: a\r\nVariable: X\r\nValue: 1,2\r\n",
        ),
        (Action::user_event(&id(), "N", &[("A", "b: c")]), "UserEvent", "UserEvent: N\r\nA: b: c\r\n"),
        (
            Action::queue_add(&id(), "q", "PJSIP/1", 2, true),
            "QueueAdd",
            "Queue: q\r\nInterface: PJSIP/1\r\nPenalty: 2\r\nPaused: true\r\n",
        ),
        (Action::queue_remove(&id(), "q", "i"), "QueueRemove", "Queue: q\r\nInterface: i\r\n"),
        (
            Action::queue_pause(&id(), None, "i", false, Some("r")),
            "QueuePause",
            "Interface: i\r\nPaused: false\r\nReason: r\r\n",
        ),
    ];
    for (action, name, rest) in cases {
        assert_eq!(wire(action), format!("Action: {name}\r\nActionID: 7\r\n{rest}\r\n"));
    }
}

#[test]
fn a_call_is_made() {
    let call = Originate {
        caller_id: Some("A <1>"),
        account: Some("x"),
        variables: &[("__ID", "1"), ("DIAL", r#"PJSIP/1,30,b(c^d) "q" \ [x]"#)],
        channel_id: Some("c1"),
        ..CALL
    };
    let wanted = "Action: Originate\r\nActionID: 7\r\nChannel: PJSIP/1001\r\nContext: phones\r\nExten: 1002\r\n\
        Priority: 1\r\nTimeout: 10000\r\nAsync: true\r\nCallerID: A <1>\r\nAccount: x\r\nChannelId: c1\r\n\
        Variable: __ID=1\r\nVariable: DIAL=PJSIP/1\\,30\\,b\\(c^d\\) \\\"q\\\" \\\\ \\[x\\]\r\n\r\n";
    assert_eq!(wire(Action::originate(&id(), &call)), wanted);
    let application = Application { name: "Playback", data: "beep" };
    let call = Originate { target: OriginateTarget::Application(application), ..CALL };
    assert!(wire(Action::originate(&id(), &call)).contains("Application: Playback\r\nData: beep\r\n"));
}

#[test]
fn line_breaks_are_refused_and_never_shown() {
    for evil in ["a\r\nAction: Logoff", "a\n", "\r", "a\0b"] {
        let login = Login { username: "u", secret: evil, challenge: None, events: Classes::All };
        let error = Action::login(&id(), &login).unwrap_err();
        assert_eq!(error, ActionError::LineBreak { header: "Secret" });
        assert_eq!(error.to_string(), "Secret cannot hold a line break or a NUL");
        assert_eq!(Action::command(&id(), evil).unwrap_err(), ActionError::LineBreak { header: "Command" });
        let call = Originate { variables: &[("X", evil)], ..CALL };
        assert_eq!(
            Action::originate(&id(), &call).unwrap_err(),
            ActionError::LineBreak { header: "Variable" }
        );
        assert!(Action::user_event(&id(), "x", &[(evil, "y")]).is_err());
        assert!(evil.parse::<ActionId>().is_err());
    }
    let login = Login { username: "user", secret: "hunter2", challenge: None, events: Classes::All };
    let shown = format!("{login:?} {:?}", Action::login(&id(), &login));
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[test]
fn what_asterisk_would_read_otherwise_is_refused() {
    let illegal = |header| ActionError::Illegal { header };
    assert_eq!(Action::hangup(&id(), "/.*/", 0).unwrap_err(), illegal("Channel"));
    assert_eq!(Action::hangup(&id(), "", 0).unwrap_err(), ActionError::Empty { header: "Channel" });
    for name in ["", "A=B", "A,B", "a b"] {
        let call = Originate { variables: &[(name, "1")], ..CALL };
        assert_eq!(Action::originate(&id(), &call).unwrap_err(), illegal("Variable"));
    }
    assert_eq!(Action::status(&id(), None, &["A,B"]).unwrap_err(), illegal("Variables"));
    assert_eq!(Action::events(&id(), Classes::Of(&["call,all"])).unwrap_err(), illegal("EventMask"));
    assert!(Action::events(&id(), Classes::Of(&[])).is_err());
    for name in ["ActionID", "action", "a:b", "", "a b", "é"] {
        assert!(Action::user_event(&id(), "x", &[(name, "y")]).is_err(), "{name}");
    }
    for text in ["", "a b", "a:b", "é", &"x".repeat(65)] {
        assert!(text.parse::<ActionId>().is_err(), "{text}");
    }
}

#[test]
fn lines_and_headers_are_capped() {
    let room = MAX_ACTION_LINE_BYTES - "Command: \r\n".len();
    assert!(Action::command(&id(), &"x".repeat(room)).is_ok());
    let error = Action::command(&id(), &"x".repeat(room + 1)).unwrap_err();
    assert_eq!(error, ActionError::LineTooLong { header: "Command" });
    // Escapes count.
    let call = |value: &str| Action::originate(&id(), &Originate { variables: &[("X", value)], ..CALL });
    assert!(call(&"x".repeat(600)).is_ok() && call(&",".repeat(600)).is_err());

    let room = MAX_ACTION_HEADERS - 3;
    let headers = vec![("A", "b"); room + 1];
    let text = wire(Action::user_event(&id(), "x", &headers[1..]));
    assert_eq!(text.lines().count(), MAX_ACTION_HEADERS + 1);
    assert_eq!(Action::user_event(&id(), "x", &headers).unwrap_err(), ActionError::TooManyHeaders);
}

proptest! {
    #![proptest_config(crate::config())]

    #[test]
    fn whatever_is_put_in_it_stays_one_action(texts in prop::collection::vec(".{0,300}|[a-z,=\r\n]{0,9}", 8)) {
        let [a, b, c, d, e, f, g, h] = &texts[..] else { unreachable!() };
        let call = Originate {
            channel: a,
            target: OriginateTarget::Exten { context: b, exten: c, priority: 1 },
            caller_id: Some(d),
            account: Some(e),
            variables: &[("X", f), ("Y", g)],
            channel_id: Some(h),
            ..CALL
        };
        let actions = [
            (Action::originate(&id(), &call), 13),
            (Action::setvar(&id(), Some(a), b, c), 5),
            (Action::user_event(&id(), a, &[("A", b), ("B", c)]), 5),
            (Action::queue_pause(&id(), Some(a), b, true, Some(c)), 6),
        ];
        for (action, lines) in actions {
            let Ok(action) = action else { continue };
            let text = std::str::from_utf8(action.as_bytes()).unwrap();
            let (block, rest) = text.split_once("\r\n\r\n").unwrap();
            prop_assert_eq!(rest, "");
            prop_assert_eq!(block.split("\r\n").count(), lines);
            prop_assert!(!block.replace("\r\n", "").contains(['\r', '\n', '\0']));
            prop_assert!(block.split("\r\n").all(|line| line.len() + 2 <= MAX_ACTION_LINE_BYTES));
        }
    }
}
