use std::{net::UdpSocket, time::Duration};

use laboratory::{
    solo::{SIP, SoloNode},
    wait_until,
};

use super::{export, installation};

const MODULES: &str = "res_sorcery_config res_sorcery_memory res_sorcery_astdb res_pjproject res_pjsip \
    res_pjsip_session res_pjsip_endpoint_identifier_ip res_pjsip_acl";
const LIMIT: Duration = Duration::from_mins(1);

/// The file is included as it is, beside the endpoints it names.
pub(super) fn story() {
    let file = export(&installation(), "pjsip", &[]);
    let named = file.lines().filter_map(|line| line.strip_prefix("endpoint="));
    let endpoint = |name: &str| {
        format!("[{name}]\ntype=endpoint\ncontext=lab\ndisallow=all\nallow=ulaw\nidentify_by=ip\n")
    };
    let endpoints: Vec<_> = named.map(endpoint).collect();
    let transport = format!("[udp]\ntype=transport\nprotocol=udp\nbind={}:5060\n", SIP.address);
    let configuration = format!("{transport}{}\n#include dialplane.conf\n", endpoints.concat());
    let node = SIP.start_with(MODULES, &[("pjsip.conf", &configuration), ("dialplane.conf", &file)]);

    let identified = wait_until("its sections are known", LIMIT, || {
        Some(node.cli("pjsip show identifies")).filter(|text| text.contains("dialplane-lab/lab"))
    });
    for address in ["195.94.225.2", "203.0.113.0/25", "2001:db8:53::/64", "185.45.152.129"] {
        assert!(identified.contains(address), "no {address}: {identified}");
    }
    assert_eq!(
        identified.matches("Identify:").count(),
        endpoints.len() + 1,
        "one each, and the header: {identified}"
    );
    assert!(!node.cli("pjsip show endpoints").contains("evil"));

    assert_eq!(
        asked(&node, "203.0.113.7"),
        "SIP/2.0 404",
        "whom it knows it answers: there is no such extension"
    );
    assert_eq!(asked(&node, "198.51.100.66"), "SIP/2.0 403", "strangers are not even asked who they are");
    node.cli("module reload res_pjsip.so");
    assert_eq!(asked(&node, "203.0.113.7"), "SIP/2.0 404");
}

/// The status of an answer to somebody at an address.
fn asked(node: &SoloNode, from: &str) -> String {
    let socket = UdpSocket::bind((from, 5060)).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
    let (to, mut call) = (node.solo.address, 0);
    wait_until(&format!("an answer to {from}"), LIMIT, || {
        call += 1;
        let request = format!(
            "OPTIONS sip:100@{to} SIP/2.0\r\nVia: SIP/2.0/UDP {from}:5060;branch=z9hG4bK-{call}\r\nMax-Forwards: 70\r\n\
             From: <sip:x@{from}>;tag={call}\r\nTo: <sip:100@{to}>\r\nCall-ID: {call}@{from}\r\nCSeq: 1 OPTIONS\r\n\
             Contact: <sip:x@{from}>\r\nContent-Length: 0\r\n\r\n"
        );
        socket.send_to(request.as_bytes(), (to, 5060)).unwrap();
        let mut answer = [0; 2048];
        let (length, _) = socket.recv_from(&mut answer).ok()?;
        Some(String::from_utf8_lossy(&answer[..length.min(11)]).into_owned())
    })
}
