//! What phones do.

use super::{END, REFUSED, SDP, respond, scenario, send};
use crate::phones::{Call, Then};

/// Every answer a call may get in place of a connection.
const REFUSALS: [u16; 18] =
    [401, 400, 403, 404, 408, 410, 480, 484, 486, 487, 488, 500, 501, 502, 503, 600, 603, 604];
const PROVISIONAL: [u16; 5] = [100, 180, 181, 182, 183];

/// Follows a call to whatever end; with a secret the phone is challenged first and authenticates.
pub(crate) fn phone(call: &Call<'_>) -> String {
    let cseq = if call.secret.is_some() { 2 } else { 1 };
    scenario(
        &[
            call.secret.map_or_else(|| invite(call, 1, ""), |secret| challenged(call, secret)),
            PROVISIONAL.map(|code| receive(code, "")).concat(),
            REFUSALS.map(|code| receive(code, REFUSED)).concat(),
            answered("first"),
            Request { call, method: "ACK", cseq, extra: "", body: "" }.in_dialog(),
            once_answered(call, cseq + 1),
            format!("<label id=\"{REFUSED}\"/>\n"),
            acknowledge(call, cseq),
            format!("<label id=\"{END}\"/>\n"),
        ]
        .concat(),
    )
}

/// Keeps the tag of the other side under a name.
fn answered(name: &str) -> String {
    format!(
        "<recv response=\"200\"><action>\n\
         <ereg regexp=\";tag=([^;]*)\" search_in=\"hdr\" header=\"To:\" assign_to=\"{name}-found,{name}\"/>\n\
         </action></recv>\n<Reference variables=\"{name}-found,{name}\"/>\n"
    )
}

fn once_answered(call: &Call<'_>, cseq: u8) -> String {
    let pause = "<pause/>\n";
    match call.then {
        Then::HangUp => format!("{pause}{}", hang_up(call, cseq)),
        Then::Stay => format!(
            "<recv request=\"BYE\"/>\n{}<nop next=\"{END}\"/>\n",
            respond("200 OK", "[last_CSeq:]", "")
        ),
        Then::Refer(number) => format!("{pause}{}", transfer(call, cseq, number)),
        Then::Attend(number) => format!("{pause}{}", attend(call, cseq, number)),
    }
}

fn hang_up(call: &Call<'_>, cseq: u8) -> String {
    Request { call, method: "BYE", cseq, extra: "", body: "" }.in_dialog()
        + &format!("<recv response=\"200\" next=\"{END}\"/>\n")
}

/// Leaves as soon as the other side has taken the transfer on.
fn transfer(call: &Call<'_>, cseq: u8, number: &str) -> String {
    let extra =
        format!("Refer-To: <sip:{number}@[remote_ip]>\nReferred-By: <sip:{}@[remote_ip]>\n", call.phone);
    Request { call, method: "REFER", cseq, extra: &extra, body: "" }.in_dialog()
        + &format!("<recv response=\"202\" next=\"{END}\"/>\n")
}

/// Calls a number while the first call is up, has the node put the two others together, and leaves. SIPp takes both
/// dialogs for one call: whatever stands before three slashes it does not compare.
fn attend(call: &Call<'_>, cseq: u8, number: &str) -> String {
    let second = Call { to: number, from: Some(format!("<sip:{}@[remote_ip]>", call.phone)), ..call.clone() };
    let in_second = |request: String| {
        request.replace("Call-ID: ", "Call-ID: second///").replace("tag=[pid]lab", "tag=[pid]second")
    };
    let acknowledge = Request { call: &second, method: "ACK", cseq: 2, extra: "", body: "" };
    let refer_to = format!(
        "Refer-To: <sip:{number}@[remote_ip]?Replaces=second%2F%2F%2F[call_id]%3Bto-tag%3D[$second]\
         %3Bfrom-tag%3D[pid]second[call_number]>\nReferred-By: <sip:{}@[remote_ip]>\n",
        call.phone
    );
    let refer = Request { call, method: "REFER", cseq, extra: &refer_to, body: "" };
    [
        in_second(challenged(&second, call.secret.unwrap_or_default())),
        PROVISIONAL.map(|code| receive(code, "")).concat(),
        answered("second"),
        in_second(acknowledge.in_dialog()),
        refer.with_via(NEW_VIA, ";tag=[$first]"),
        format!("<recv response=\"202\" next=\"{END}\"/>\n"),
    ]
    .concat()
}

fn challenged(call: &Call<'_>, secret: &str) -> String {
    let challenge = "<recv response=\"100\" optional=\"true\"/>\n<recv response=\"401\" auth=\"true\"/>\n";
    let proof = format!("[authentication username={} password={secret}]\n", call.phone);
    [&invite(call, 1, ""), challenge, &acknowledge(call, 1), &invite(call, 2, &proof)].concat()
}

fn receive(code: u16, next: &str) -> String {
    let next = if next.is_empty() { String::new() } else { format!(" next=\"{next}\"") };
    format!("<recv response=\"{code}\" optional=\"true\"{next}/>\n")
}

fn invite(call: &Call<'_>, cseq: u8, extra: &str) -> String {
    Request { call, method: "INVITE", cseq, extra, body: SDP }.with_via(NEW_VIA, "")
}

/// The ACK of a refusal belongs to the transaction of its INVITE: the same branch.
fn acknowledge(call: &Call<'_>, cseq: u8) -> String {
    Request { call, method: "ACK", cseq, extra: "", body: "" }.with_via("[last_Via:]", FAR_TAG)
}

const NEW_VIA: &str = "Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]";
const FAR_TAG: &str = "[peer_tag_param]";

struct Request<'a> {
    call: &'a Call<'a>,
    method: &'a str,
    cseq: u8,
    /// Header lines of this request alone.
    extra: &'a str,
    body: &'a str,
}

impl Request<'_> {
    fn in_dialog(&self) -> String {
        self.with_via(NEW_VIA, FAR_TAG)
    }

    fn with_via(&self, via: &str, to_tag: &str) -> String {
        let Self { call, method, cseq, extra, body } = self;
        let own = || format!("\"{0}\" <sip:{0}@[remote_ip]>", call.phone);
        let (to, from) = (literal(call.to), call.from.as_deref().map_or_else(own, literal));
        let headers: String = call.headers.iter().map(|line| literal(line) + "\n").collect();
        let kind = if body.is_empty() { "" } else { "Content-Type: application/sdp\n" };
        // A node that is busy drops requests and relies on this.
        let until_answered = if *method == "ACK" { "<send>" } else { "<send retrans=\"500\">" };
        send(&format!(
            "{method} sip:{to}@[remote_ip]:[remote_port]{} SIP/2.0\n{via}\nFrom: {from};tag=[pid]lab[call_number]\n\
             To: <sip:{to}@[remote_ip]:[remote_port]>{to_tag}\nCall-ID: [call_id]\nCSeq: {cseq} {method}\n\
             Contact: <sip:{}@[local_ip]:[local_port]>\nMax-Forwards: 70\n{headers}{extra}{kind}\
             Content-Length: [len]\n\n{body}",
            call.parameters, call.phone
        ))
        .replace("<send>", until_answered)
    }
}

/// Registers a phone that is reached at `contact`, user part and all.
pub(crate) fn registration(phone: &str, secret: &str, contact: &str) -> String {
    let register = |cseq: u8, extra: &str| {
        send(&format!(
            "REGISTER sip:[remote_ip]:[remote_port] SIP/2.0\n{NEW_VIA}\n\
             From: <sip:{phone}@[remote_ip]>;tag=[pid]lab[call_number]\nTo: <sip:{phone}@[remote_ip]>\n\
             Call-ID: [call_id]\nCSeq: {cseq} REGISTER\nContact: <sip:{contact}>\nMax-Forwards: 70\n\
             Expires: 300\n{extra}Content-Length: 0\n\n"
        ))
    };
    let proof = format!("[authentication username={phone} password={secret}]\n");
    scenario(
        &[
            &register(1, ""),
            "<recv response=\"100\" optional=\"true\"/>\n<recv response=\"401\" auth=\"true\"/>\n",
            &register(2, &proof),
            "<recv response=\"100\" optional=\"true\"/>\n<recv response=\"200\"/>\n",
        ]
        .concat(),
    )
}

/// Text SIPp must not read keywords in.
fn literal(text: &str) -> String {
    text.replace('[', "\\x5B")
}
