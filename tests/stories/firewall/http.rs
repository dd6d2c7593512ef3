use ::firewall::AddressSet;
use laboratory::{
    fleet::{self, Fleet, Member},
    wait_until,
};

use super::{
    super::api::{Reply, check, request, token},
    export, installation,
};

struct Asker<'f> {
    api: &'f Member,
    token: String,
}

impl Asker<'_> {
    fn get(&self, path: &str, head: &str) -> Reply {
        let Self { api, token } = self;
        request(
            api,
            &format!("GET /api/v1/firewall/{path} HTTP/1.1\r\nAuthorization: Bearer {token}\r\n{head}"),
        )
    }

    fn ok(&self, path: &str) -> Reply {
        let reply = self.get(path, "");
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply
    }
}

pub(super) fn story() {
    let fleet = installation();
    let tokens = ["operator", "analyst"].map(|role| token(&fleet, role));
    let api = fleet.api("files", &[]);
    let [operator, analyst] = tokens.map(|token| Asker { api: &api, token });
    for format in ["nftables", "json", "csv", "kamailio"] {
        assert_eq!(operator.ok(format).text, export(&fleet, format, &[]), "{format}");
    }
    let of_server = operator.ok("plain?server=asterisk-msm&direction=IN&protocol=sip").text;
    let said =
        export(&fleet, "plain", &["--server", "asterisk-msm", "--direction", "IN", "--protocol", "SIP"]);
    assert_eq!(of_server, said);
    assert!(operator.ok("iptables?family=6").text.contains("2001:db8:53::/64"));
    assert!(!operator.ok("pf?rules=sets_only").text.contains("block"));
    assert!(operator.ok("csv").head.contains("content-type: text/csv; charset=utf-8"));
    assert!(AddressSet::from_json(&operator.ok("json").text).is_ok());
    analyst.get("plain", "").problem(403, "forbidden");
    same_file_is_not_sent_twice(&fleet, &operator);
    nonsense_is_named(&operator);
    a_guard_is_a_conflict(&fleet, &operator);
}

fn tag(reply: &Reply) -> String {
    let tag = reply.head.lines().find_map(|line| line.strip_prefix("etag: "));
    tag.unwrap_or_else(|| panic!("no tag: {}", reply.head)).to_owned()
}

fn same_file_is_not_sent_twice(fleet: &Fleet, operator: &Asker<'_>) {
    let known = tag(&operator.ok("plain"));
    assert!(known.starts_with('"'), "it is a strong one: {known}");
    for condition in [known.clone(), format!("W/{known}"), format!("\"x\", {known}"), "*".to_owned()] {
        let same = operator.get("plain", &format!("If-None-Match: {condition}\r\n"));
        assert_eq!((same.status, same.text.as_str(), tag(&same)), (304, "", known.clone()), "{condition}");
    }
    assert_ne!(tag(&operator.ok("csv")), known);
    fleet.must(&["rows", "set", "provider_addresses", "44", "ipaddress=195.94.225.3"]);
    let condition = format!("If-None-Match: {known}\r\n");
    let changed = wait_until("the next generation is served", fleet::LIMIT, || {
        Some(operator.get("plain", &condition)).filter(|reply| reply.status == 200)
    });
    assert!(changed.text.contains("195.94.225.3\n"), "{}", changed.text);
}

fn nonsense_is_named(operator: &Asker<'_>) {
    for (path, parameter, one) in [
        ("cisco", "format", "nftables"),
        ("plain?direction=UP", "direction", "IN/OUT"),
        ("plain?protocol=MGCP", "protocol", "IAX2"),
        ("plain?purpose=FUN", "purpose", "BOTH"),
        ("plain?family=5", "family", "6"),
        ("plain?rules=none", "rules", "sets_only"),
        ("plain?colour=red", "parameter", "server"),
    ] {
        let problem = operator.get(path, "").problem(400, "bad-parameter");
        assert_eq!(problem["parameter"], parameter);
        assert!(problem["allowed"].as_array().unwrap().contains(&one.into()), "{problem}");
    }
    operator.get("plain?server=nowhere", "").problem(400, "bad-parameter");
    operator.get("plain?server=a%20b", "").problem(400, "bad-parameter");
}

fn a_guard_is_a_conflict(fleet: &Fleet, operator: &Asker<'_>) {
    operator.get("plain?protocol=H323", "").problem(409, "refused");
    let moved = ["rows", "set", "provider_addresses", "901", "domainname=64.0.0.0/12"];
    fleet.must(&moved);
    let refused = wait_until("the next generation is refused", fleet::LIMIT, || {
        Some(operator.get("plain", "")).filter(|reply| reply.status != 200)
    });
    let problem = refused.problem(409, "refused");
    assert_eq!((&problem["table"], &problem["row"]), (&"provider_addresses".into(), &901.into()));
    assert_eq!((&problem["field"], &problem["rule"]), (&"domainname".into(), &"is wider than /16".into()));
    let document = request(operator.api, "GET /api/v1/openapi.json HTTP/1.1\r\n").body;
    let responses = &document["paths"]["/api/v1/firewall/{format}"]["get"]["responses"];
    check(&document, &responses["409"]["content"]["application/problem+json"]["schema"], &problem, "409");
}
